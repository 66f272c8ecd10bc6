"""Where this controller's menu server listens: in the clear, and for the tunnels of switches."""

from __future__ import annotations

import ssl

from acd.adapters.asterisk.fastagi import FastAgiServer
from acd.adapters.secrets import Secrets
from acd.bootstrap.line_tls import AUTHORITY
from acd.bootstrap.taken_ports import patiently
from acd.config.cluster_settings import split_address
from acd.config.settings import Settings

#: What the key is derived from that the menu server shows; of several controllers each has its own.
KEY = "line.menus"


async def listen(server: FastAgiServer, settings: Settings, secrets: Secrets) -> None:
    """Bind in the clear for the switches that speak so, and over TLS for the tunnels of the others;
    raises ConfigError when an address cannot be had."""
    agi = settings.agi
    over_tls = {each.link_tls for each in settings.nodes.values()}
    if False in over_tls:
        await patiently(settings, lambda: server.listen(agi.bind, agi.port))
    if True in over_tls:
        context = menu_context(settings, secrets)
        await patiently(settings, lambda: server.listen(agi.bind, agi.tls_port, context))


def menu_context(settings: Settings, secrets: Secrets) -> ssl.SSLContext:
    """What the menu server speaks TLS with: who shows no certificate of the centre's authority is
    let go before anything is read."""
    # A library of some megabytes, which a controller without TLS need not have.
    from acd.adapters.authority import UNWRITTEN_DAYS, LineAuthority, shown_by

    cluster = settings.cluster
    key = f"{KEY}-{cluster.node}" if cluster.on else KEY
    made = LineAuthority(secrets.get(AUTHORITY)).certify(
        _names(settings), secrets.get(key), UNWRITTEN_DAYS
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=made.ca)
    shown_by(context, made.certificate, made.key)
    return context


def _names(settings: Settings) -> list[str]:
    """Every name by which a tunnel may look for this controller: its own word, and the others'."""
    cluster = settings.cluster
    at = [known[cluster.node] for known in (cluster.menus, cluster.peers) if cluster.node in known]
    return list(dict.fromkeys([settings.agi.advertise, *(split_address(each)[0] for each in at)]))
