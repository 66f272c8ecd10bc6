"""The tunnel by which a switch's AGI gets to controllers on other machines (docs/adr/0037).

Asterisk speaks AGI in the clear alone. It does so on its own loopback, where a stunnel with this
configuration takes it and carries it over TLS, both ends showing certificates of the centre's
authority. Each controller has a port there: the dialplan tries one after another, as without it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from msgspec import Struct

from acd.adapters.asterisk.confchecks import Checks

TUNNEL_FILE = "tunnel.conf"
TUNNEL_PID = "tunnel.pid"

#: Asterisk itself gives up a menu server that it cannot connect with for as long.
CONNECT_S = 2
#: A controller that stands still takes connections, and never shows a certificate.
HANDSHAKE_S = 2
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")


class TunnelWay(Struct, frozen=True):
    """What Asterisk says to ``port`` of its own loopback comes out at ``host``:``there``."""

    port: int
    host: str
    there: int


def check_ways(ways: Sequence[TunnelWay], checks: Checks) -> None:
    """Every value that may not stand in a configuration file, as faults below ``tls.menus``."""
    for index, way in enumerate(ways):
        place = f"tls.menus[{index}]"
        checks.between(f"{place}.port", way.port, 1024, 65535)
        checks.between(f"{place}.there", way.there, 1024, 65535)
        told = "must be an IPv4 address or a host name"
        checks.that(f"{place}.host", _NAME.fullmatch(way.host) is not None, told)


def tunnel_text(
    ways: Sequence[TunnelWay], run_dir: str, certificate: str, key: str, ca: str
) -> str:
    """The whole of stunnel's configuration; the last three are paths on the switch's machine."""
    lines = [
        "; AGI, which Asterisk speaks in the clear on this machine's loopback alone, is carried",
        "; to the controllers over TLS. Who has no certificate of the centre's authority is not",
        "; served there, and is not believed here. SIGHUP: certificates are read again.",
        "foreground = yes",
        f"pid = {run_dir}/{TUNNEL_PID}",
        "debug = warning",
        "client = yes",
        "sslVersionMin = TLSv1.2",
        f"cert = {certificate}",
        f"key = {key}",
        f"CAfile = {ca}",
        "verifyChain = yes",
        f"TIMEOUTconnect = {CONNECT_S}",
        f"TIMEOUTbusy = {HANDSHAKE_S}",
        "socket = l:TCP_NODELAY=1",
        "socket = r:TCP_NODELAY=1",
    ]
    for number, way in enumerate(ways, 1):
        lines += [
            "",
            f"[menus-{number}]",
            f"accept = 127.0.0.1:{way.port}",
            f"connect = {way.host}:{way.there}",
            f"{'checkIP' if _is_address(way.host) else 'checkHost'} = {way.host}",
        ]
    return "\n".join(lines) + "\n"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
