"""What the switches of a centre must not share, and what each needs that is on another machine."""

from __future__ import annotations

import ipaddress

from acd.config.faults import Faults
from acd.config.settings import Settings, SwitchKind, SwitchSettings, is_loopback
from acd.core.ids import SwitchId, node_endpoint

FILE = "settings.toml"


def check_switches(settings: Settings, faults: Faults) -> None:
    """Note every address that two would listen on, and what nothing could reach."""
    taken: dict[tuple[str, int], str] = {}
    # What listens on this machine; a port is taken once, on whatever address.
    for where, port in (
        ("switch.sip_port", settings.switch.sip_port),
        ("switch.ami_port", settings.switch.ami_port),
        ("agi.port", settings.agi.port),
        ("api.port", settings.api.port),
        ("softphone.ws_port", settings.softphone.ws_port),
    ):
        _take(taken, "", port, where, faults)
    _take_tls(settings, taken, "switch", faults)
    if any(each.link_tls for each in settings.nodes.values()):
        _take(taken, "", settings.agi.tls_port, "agi.tls_port", faults)
    if settings.switch.kind is SwitchKind.REMOTE:
        _check_remote(settings, "switch", faults)
    for key, switch in settings.switches.items():
        _check_further(settings, key, switch, taken, faults)
    _check_between(settings, faults)


def _take(
    taken: dict[tuple[str, int], str], host: str, port: int, where: str, faults: Faults
) -> None:
    first = taken.setdefault((host, port), where)
    if first != where:
        faults.add(f"{FILE}:{where}", f"is {first} already ({port})")


def _check_further(
    settings: Settings,
    key: str,
    switch: SwitchSettings,
    taken: dict[tuple[str, int], str],
    faults: Faults,
) -> None:
    place = f"switches.{key}"
    seen = settings.at(key)
    host = switch.host if switch.kind is SwitchKind.REMOTE else ""
    _take(taken, host, switch.ami_port, f"{place}.ami_port", faults)
    if settings.softphone.ws_port:
        _take(taken, host, seen.softphone.ws_port, f"{place}.ws_port", faults)
    _take_tls(seen, taken, place, faults)
    if switch.kind is SwitchKind.REMOTE:
        _check_remote(seen, place, faults)


def _take_tls(
    settings: Settings, taken: dict[tuple[str, int], str], place: str, faults: Faults
) -> None:
    """The further ports of a switch that speaks TLS."""
    switch = settings.switch
    if switch.link_tls:
        host = switch.host if switch.further else ""
        _take(taken, host, switch.ami_tls_port, f"{place}.ami_tls_port", faults)
        if settings.softphone.ws_port:
            _take(taken, host, switch.ws_tls_port, f"{place}.ws_tls_port", faults)
        for number in range(len(settings.cluster.menu_hosts(""))):
            _take(taken, host, switch.tunnel_port + number, f"{place}.tunnel_port", faults)
    if switch.tls and settings.switches and switch.sip_tls_port == switch.sip_port:
        faults.add(f"{FILE}:{place}.sip_tls_port", f"is {place}.sip_port already")


def _check_between(settings: Settings, faults: Faults) -> None:
    """SIP and sound of the switches, which reach one another at the addresses they bind."""
    nodes = settings.nodes
    if len(nodes) == 1:
        return
    names = [node_endpoint(SwitchId(key)) for key in nodes]
    for trunk in settings.trunks:
        if trunk in names:
            faults.add(f"{FILE}:trunks.{trunk}", "is how a switch is called at the others")
    places = {key: f"switches.{key}" if each.further else "switch" for key, each in nodes.items()}
    before: list[tuple[str, SwitchSettings]] = []
    for key, switch in nodes.items():
        place = places[key]
        _check_calls_over_tls(settings, key, places, faults)
        for other, known in before:
            if (switch.sip_bind, switch.sip_port) == (known.sip_bind, known.sip_port):
                message = f"is where {places[other]} is already ({switch.sip_bind})"
                faults.add(f"{FILE}:{place}.sip_port", message)
            apart = (
                switch.rtp_to_port < known.rtp_from_port or known.rtp_to_port < switch.rtp_from_port
            )
            if switch.sip_bind == known.sip_bind and not apart:
                message = f"overlaps the ports for sound of {places[other]} on one address"
                faults.add(f"{FILE}:{place}.rtp_from_port", message)
            if switch.tls and switch.sip_bind == known.sip_bind:
                message = f"is that of {places[other]}: over TLS each is known by its address"
                faults.add(f"{FILE}:{place}.sip_bind", message)
            if is_loopback(switch.sip_bind) != is_loopback(known.sip_bind):
                message = f"cannot reach, or be reached from, {places[other]} ({known.sip_bind})"
                faults.add(f"{FILE}:{place}.sip_bind", message)
        before.append((key, switch))


def _check_calls_over_tls(
    settings: Settings, key: str, places: dict[str, str], faults: Faults
) -> None:
    """Over TLS a switch is known to the others by its address alone: the port from which it calls
    is another each time."""
    switch, place = settings.nodes[key], places[key]
    if switch.tls != settings.switch.tls:
        message = "all switches of a centre speak TLS with one another, or none: set it for each"
        faults.add(f"{FILE}:{place}.tls", message)
    if not switch.tls:
        return
    own = ipaddress.ip_address(switch.sip_bind) if _is_ipv4(switch.sip_bind) else None
    for id_, trunk in settings.trunks.items():
        if own and any(own in ipaddress.ip_network(each, strict=False) for each in trunk.match):
            message = f"includes the address of {place}, which would be taken for the carrier"
            faults.add(f"{FILE}:trunks.{id_}.match", message)


def _check_remote(settings: Settings, place: str, faults: Faults) -> None:
    """A switch on another machine: what would only be noticed when nobody can be called."""
    switch, agi = settings.switch, settings.agi
    arrive = switch.incoming_dir or (not switch.further and settings.recording.incoming_dir)
    if settings.recording.enabled and not arrive:
        key = f"{place}.incoming_dir" if switch.further else "recording.incoming_dir"
        message = "must name the folder in which the remote switch's recordings arrive"
        faults.add(f"{FILE}:{key}", message)
    for key, value in ((f"{place}.host", switch.host), ("agi.advertise", agi.advertise)):
        if not _is_ipv4(value):
            message = "must be an IPv4 address: the remote switch listens there, or admits it"
            faults.add(f"{FILE}:{key}", message)
    if is_loopback(switch.host):
        return  # a tunnel on both sides, or another Asterisk of this machine
    if not (switch.private_link or switch.tls):
        faults.add(
            f"{FILE}:{place}.private_link",
            f"must be true: what callers dial and the numbers they call from cross the network to"
            f" {switch.host} in the clear; set {place}.tls = true, or give the two a cable, a VLAN"
            " or a tunnel of their own, and say so",
        )
    for key, value in (
        (f"{place}.sip_bind", switch.sip_bind),
        ("agi.advertise", agi.advertise),
        ("agi.bind", agi.bind),
    ):
        if is_loopback(value):
            message = f"is loopback: nothing gets there from, or to, {switch.host}"
            faults.add(f"{FILE}:{key}", message)


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
