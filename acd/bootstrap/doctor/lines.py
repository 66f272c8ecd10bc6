"""Are the lines to and between the Asterisks encrypted, and what do the certificates say that are
shown there at this moment?"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import ssl

from cryptography import x509

from acd.adapters.asterisk.conf_tls import LineTls
from acd.adapters.asterisk.session import believing
from acd.adapters.authority import shown_by
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, nothing, unknown, well
from acd.bootstrap.doctor.nodes import each_node
from acd.bootstrap.doctor.scene import Scene, within
from acd.bootstrap.line_tls import line_tls
from acd.config.settings import is_loopback
from acd.config.switch_settings import SwitchKind

#: A certificate that ends within this is to be made anew, and within this it is high time.
RENEW_DAYS, LATE_DAYS = 60, 14
HANDSHAKE_S = 3.0
#: The running controller's figure of it, for all switches together.
TUNNEL_ENDS = "madoguchi_tunnel_certificate_end_seconds"
_DAY_S = 86_400
_ANEW = Said(
    "設定を書き直して運び (`madoguchi asterisk-conf`)、Asteriskを再起動してください",
    "write its configuration anew and bring it there (`madoguchi asterisk-conf`), and start it "
    "again",
)


_RENEW = Said(
    "証明書を作り直して運んでください (`madoguchi asterisk-conf --certificates`)。通話は切れません",
    "make them anew and bring them there (`madoguchi asterisk-conf --certificates`); no call is "
    "cut by it",
)


async def look(scene: Scene) -> Finding:
    """Every line of each Asterisk that is to be encrypted, by a handshake of our own."""
    return await each_node(scene, _look)


async def _look(scene: Scene, node: str) -> Finding:
    settings = scene.settings.at(node)
    tls = line_tls(settings, scene.secrets)
    if tls is None:
        return _in_the_clear(scene, node)
    switch = settings.switch
    places = [
        ("AMI", switch.host, tls.ami_port),
        ("WebSocket", switch.host, tls.ws_port),
        ("SIP", switch.sip_bind, tls.sip_port),
    ]
    ends = []
    for name, host, port in places:
        if not port:
            continue
        try:
            ends.append(await within(_ends(host, port, tls), HANDSHAKE_S))
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason or "TLS"
            return fault(
                Said(
                    f"{name} {host}:{port} の証明書はこのセンターのものではありません ({why})",
                    f"{name} {host}:{port} shows no certificate of this centre ({why})",
                ),
                _ANEW,
            )
        except (OSError, TimeoutError):
            return unknown(
                f"{name} {host}:{port} にここからつながらないので確かめられません",
                f"{name} {host}:{port} is not reached from here, so it cannot be said",
            )
    if tls.menus:
        # What the tunnel shows is seen by the controller alone.
        shown = (await scene.controller()).figures.get(TUNNEL_ENDS)
        ends += [] if shown is None else [shown]
    return judge(min(ends), scene.now())


def judge(ends_s: float, now_s: float) -> Finding:
    """What to say of the certificate that ends first. Both are Unix seconds."""
    days = math.floor((ends_s - now_s) / _DAY_S)
    until = f"{dt.datetime.fromtimestamp(ends_s, dt.UTC):%Y-%m-%d}"
    if days < RENEW_DAYS:
        ends = Said(f"あと{days}日で期限が切れます ({until})", f"ends in {days} days ({until})")
        return (fault if days < LATE_DAYS else note)(ends, _RENEW)
    return well(
        f"暗号化されています。証明書は {until} まで有効",
        f"encrypted; certificates are valid until {until}",
    )


def _in_the_clear(scene: Scene, node: str) -> Finding:
    switch = scene.settings.nodes[node]
    if scene.settings.switches and not is_loopback(switch.sip_bind):
        return note(
            Said(
                "Asterisk同士の通話は暗号化されずにネットワークを通ります",
                "calls from one Asterisk to another cross the network in the clear",
            ),
            Said(
                "すべてのAsteriskに tls = true を書き、設定を書き直してください",
                "set tls = true for each Asterisk, and write their configurations anew",
            ),
        )
    if switch.kind is SwitchKind.REMOTE and not is_loopback(switch.host):
        return nothing(
            "暗号化なし。設定で専用とされた網 (private_link) に任せています",
            "none of their own: left to the network that the settings call private (private_link)",
        )
    return nothing("このマシンの外に出ません", "they do not leave this machine")


async def _ends(host: str, port: int, tls: LineTls) -> float:
    """When the certificate ends that is shown there; raises SSLError when it is not ours."""
    context = believing(tls.ca)
    # Another switch shows a certificate as well: so do we, or nobody would talk to us.
    shown_by(context, tls.certificate, tls.key)
    _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        seen: ssl.SSLObject = writer.get_extra_info("ssl_object")
        shown = seen.getpeercert(binary_form=True)
        assert shown is not None, "an unverified handshake does not get here"
        return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()
    finally:
        writer.transport.abort()
