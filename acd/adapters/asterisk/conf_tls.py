"""What the configuration says about encryption: of the manager interface, the menus and the SIP of
browsers towards a controller on another machine, and of calls between the switches of a centre.

All of it believes one authority and nobody else (:mod:`acd.adapters.authority`). A switch that
calls another has to show a certificate as well; the digest of ``pjsip_nodes.conf`` is asked for
besides.
"""

from __future__ import annotations

from msgspec import Struct

from acd.adapters.asterisk.conf_tunnel import TUNNEL_FILE, TunnelWay, check_ways, tunnel_text
from acd.adapters.asterisk.confchecks import Checks

CA_FILE, CERTIFICATE_FILE, KEY_FILE = "tls-ca.pem", "tls-certificate.pem", "tls-key.pem"


class LineTls(Struct, frozen=True):
    """Certificate, key and authority as PEM. ``ami_port``: where the manager interface is spoken
    over TLS, which in the clear is then on its own machine alone, and admits nobody there (0: it is
    spoken in the clear). ``ws_port``: the same of browsers' SIP. ``sip_port``: where other switches
    call over TLS (0: nowhere). ``menus``: how the switch's tunnel carries AGI (empty: there is no
    tunnel)."""

    certificate: str
    key: str
    ca: str
    ami_port: int = 0
    ws_port: int = 0
    sip_port: int = 0
    menus: tuple[TunnelWay, ...] = ()

    def __repr__(self) -> str:
        ports = f"ami_port={self.ami_port}, ws_port={self.ws_port}, sip_port={self.sip_port}"
        return f"LineTls({ports})"


def check_tls(tls: LineTls, checks: Checks) -> None:
    """Every value that may not stand in a configuration file, as faults below ``tls``."""
    for name in ("ami_port", "ws_port", "sip_port"):
        port = getattr(tls, name)
        checks.that(f"tls.{name}", port == 0 or 1024 <= port <= 65535, "must be 0, or from 1024")
    for name in ("certificate", "key", "ca"):
        begins = getattr(tls, name).startswith("-----BEGIN ")
        checks.that(f"tls.{name}", begins, "must be PEM")
    check_ways(tls.menus, checks)


def certificate_files(tls: LineTls | None) -> dict[str, str]:
    """The files of the certificate, by name: a switch that runs can take them anew."""
    if tls is None:
        return {}
    return {CA_FILE: tls.ca, CERTIFICATE_FILE: tls.certificate, KEY_FILE: tls.key}


def tls_files(tls: LineTls | None, etc_dir: str, run_dir: str) -> dict[str, str]:
    """The files that the lines below name, and what the tunnel of AGI is to do, by name."""
    files = certificate_files(tls)
    if tls is not None and tls.menus:
        shown = (f"{etc_dir}/{name}" for name in (CERTIFICATE_FILE, KEY_FILE, CA_FILE))
        files[TUNNEL_FILE] = tunnel_text(tls.menus, run_dir, *shown)
    return files


def ami_marks(tls: LineTls | None, host: str, etc_dir: str) -> dict[str, str]:
    """Marks of manager.conf: where it listens in the clear, and where over TLS."""
    if tls is None or not tls.ami_port:
        return {"AMI_HOST": host, "AMI_TLS": ""}
    lines = [
        "; The controller is on another machine: over TLS, and in the clear to nobody.",
        *_served(host, tls.ami_port, etc_dir),
    ]
    return {"AMI_HOST": "127.0.0.1", "AMI_TLS": "\n".join(lines)}


def ws_marks(tls: LineTls | None, host: str, etc_dir: str) -> dict[str, str]:
    """Marks of http.conf: the same."""
    if tls is None or not tls.ws_port:
        return {"WS_HOST": host, "WS_TLS": ""}
    return {"WS_HOST": "127.0.0.1", "WS_TLS": "\n".join(_served(host, tls.ws_port, etc_dir))}


def _served(host: str, port: int, etc_dir: str) -> list[str]:
    return [
        "tlsenable = yes",
        f"tlsbindaddr = {host}:{port}",
        f"tlscertfile = {etc_dir}/{CERTIFICATE_FILE}",
        f"tlsprivatekey = {etc_dir}/{KEY_FILE}",
        "tlsdisablev1 = yes",
        "tlsdisablev11 = yes",
    ]


def sip_transport(tls: LineTls | None, host: str, etc_dir: str) -> str:
    """The transport by which other switches call: who has no certificate of our authority does
    not get as far as SIP, and is not called."""
    if tls is None or not tls.sip_port:
        return ""
    return (
        "[transport-tls]\ntype = transport\nprotocol = tls\n"
        f"bind = {host}:{tls.sip_port}\nmethod = tlsv1_2\n"
        f"cert_file = {etc_dir}/{CERTIFICATE_FILE}\n"
        f"priv_key_file = {etc_dir}/{KEY_FILE}\n"
        f"ca_list_file = {etc_dir}/{CA_FILE}\n"
        "verify_server = yes\nverify_client = yes\nrequire_client_cert = yes\n\n"
    )
