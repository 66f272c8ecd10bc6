"""Where the menu servers are, as one switch's dialplan finds them.

A switch that speaks TLS finds each at a port of its own loopback, where its tunnel takes what
Asterisk can only say in the clear. The ports go by the controllers' ids, so that whichever of them
writes a switch's configuration writes the same.
"""

from __future__ import annotations

from typing import NamedTuple

from acd.adapters.asterisk.conf_tunnel import TunnelWay
from acd.config.settings import Settings


class Menus(NamedTuple):
    """This controller's menu server, and ``host:port`` of each other one."""

    host: str
    port: int
    others: tuple[str, ...]


def menus_of(settings: Settings) -> Menus:
    """What the dialplan of the switch that ``settings`` are about has to know."""
    agi, cluster = settings.agi, settings.cluster
    if not settings.switch.link_tls:
        others = cluster.other_menus(agi.port) if cluster.on else ()
        return Menus(agi.advertise, agi.port, others)
    ways = _ways(settings)
    own = ways.pop(cluster.node)
    return Menus("127.0.0.1", own.port, tuple(f"127.0.0.1:{way.port}" for way in ways.values()))


def tunnel_ways(settings: Settings) -> tuple[TunnelWay, ...]:
    """How that switch's tunnel carries what it takes; none where it speaks in the clear."""
    return tuple(_ways(settings).values()) if settings.switch.link_tls else ()


def _ways(settings: Settings) -> dict[str, TunnelWay]:
    hosts = settings.cluster.menu_hosts(settings.agi.advertise)
    first, there = settings.switch.tunnel_port, settings.agi.tls_port
    return {
        node: TunnelWay(first + number, hosts[node], there)
        for number, node in enumerate(sorted(hosts))
    }
