"""What a line between two switches is, as they themselves and a stranger to it find it."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile

from cryptography import x509

from acd.adapters.asterisk.conf_tls import certificate_files
from acd.adapters.asterisk.session import believing
from acd.adapters.authority import LineAuthority, shown_by
from acd.adapters.secrets import Secrets
from acd.bootstrap.line_tls import AUTHORITY, line_tls
from acd.bootstrap.switch import paths_of
from tests.e2e.nodes_kit import CARRIER, NodesKit
from tests.e2e.switch_kit import Ami


async def trunk_is_encrypted(kit: NodesKit) -> bool:
    """Whether each of two switches says so of its channel to the other one: SIP, and sound."""
    said = [await _said(kit, "a", "node-b"), await _said(kit, "b", "node-a")]
    return said == [["1", "1"], ["1", "1"]]


async def _said(kit: NodesKit, node: str, other: str) -> list[str]:
    (channel,) = (
        line.partition("!")[0]
        for line in (await kit.switches[node].cli("core show channels concise")).splitlines()
        if line.startswith(f"PJSIP/{other}-")
    )
    ami = await Ami.open(kit.settings.nodes[node].ami_port, "witness", kit.witness_secret)
    asked = ("CHANNEL(pjsip,secure)", "CHANNEL(rtp,secure)")
    told = [(await ami.act("Getvar", Channel=channel, Variable=each))["Value"] for each in asked]
    await ami.close()
    return told


async def strangers_get_nowhere(kit: NodesKit) -> None:
    """Who has no certificate of this centre's authority is let go before any SIP is read."""
    node = kit.settings.nodes["b"]
    stranger = LineAuthority("s" * 32)
    made = stranger.certify([CARRIER], "s" * 32)
    context = believing(LineAuthority(Secrets(kit.settings.secrets_dir).get(AUTHORITY)).ca)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
        pem.write(made.certificate + made.key)
        pem.flush()
        context.load_cert_chain(pem.name)
    reader, writer = await asyncio.open_connection(node.sip_bind, node.sip_tls_port, ssl=context)
    with contextlib.suppress(OSError):
        writer.write(b"OPTIONS sip:opb@b SIP/2.0\r\nContent-Length: 0\r\n\r\n")
        assert await asyncio.wait_for(reader.read(), 20.0) == b""
    writer.close()


async def renew(kit: NodesKit, node: str) -> None:
    """A new certificate for a switch of this machine, as the commands do that
    ``asterisk-conf --certificates`` prints for one that is elsewhere."""
    settings = kit.settings.at(node)
    etc = paths_of(settings).etc
    for name, text in certificate_files(line_tls(settings, Secrets(settings.secrets_dir))).items():
        (etc / name).write_text(text)  # whose it is stays
    await asyncio.sleep(1.1)  # files are told apart by the second
    await kit.switches[node].cli("module reload res_pjsip.so")


async def sip_certificate(kit: NodesKit, node: str) -> int:
    """The number of the certificate that a switch shows to others."""
    at = kit.settings.nodes[node]
    secrets = Secrets(kit.settings.secrets_dir)
    own = line_tls(kit.settings, secrets)
    assert own is not None
    context = believing(own.ca)
    shown_by(context, own.certificate, own.key)
    _, writer = await asyncio.open_connection(at.sip_bind, at.sip_tls_port, ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(shown).serial_number
