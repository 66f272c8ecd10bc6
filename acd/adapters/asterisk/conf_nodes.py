"""What the configuration says about the other switches of a centre: the trunk between each two.

A switch is known to another by its address and port, and proves itself with a digest in each
direction (two secrets for each pair, made at the first start). What comes from there reaches
telephones only: the context ``from-node`` dials nothing outside (docs/adr/0032).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from acd.adapters.asterisk.confchecks import Checks

#: What the dialplan of several switches uses besides.
MODULES = ("func_pjsip_endpoint.so", "func_devstate.so")
#: What one switch alone joins talks with, packet by packet. Between switches the count of packets
#: must not jump: this bridge hands on the telephone's own count whenever it takes over from the one
#: by frames, and the other switch would take the sound for late and leave it out of the recording
#: and of what a supervisor hears (docs/adr/0032).
BY_PACKETS = "load = bridge_native_rtp.so"
#: What their controller hears besides: where a telephone registers, and where it is gone.
EVENTS = ("ContactStatus",)


class NodeSpec(Struct, frozen=True):
    """Another switch: ``name`` as its endpoint is called here, ``own_name`` as ours is called
    there; where it speaks SIP; the secrets for calls from there (``secret_in``) and to there.
    ``devices`` are the telephones of the fallback queue that are at home there. ``tls``: calls go
    to ``port`` over TLS, with encrypted sound, and come so."""

    name: str
    own_name: str
    host: str
    port: int
    secret_in: str
    secret_out: str
    devices: tuple[str, ...] = ()
    tls: bool = False


def check_nodes(nodes: Sequence[NodeSpec], checks: Checks) -> None:
    """Every value that may not stand in a configuration file, as faults below ``nodes``."""
    for index, node in enumerate(nodes):
        place = f"nodes[{index}]"
        checks.name(f"{place}.name", node.name)
        checks.name(f"{place}.own_name", node.own_name)
        checks.address(f"{place}.host", node.host)
        checks.between(f"{place}.port", node.port, 1024, 65535)
        checks.secret(f"{place}.secret_in", node.secret_in)
        checks.secret(f"{place}.secret_out", node.secret_out)
        for device in node.devices:
            checks.name(f"{place}.devices", device)


def node_sections(nodes: Sequence[NodeSpec]) -> str:
    """The sections of pjsip_nodes.conf, one endpoint for each other switch."""
    return "".join(_sections(node) for node in nodes)


def node_marks(nodes: Sequence[NodeSpec]) -> dict[str, str]:
    """Marks of manager.conf and modules.conf; a single switch hears nothing of registrations."""
    if not nodes:
        return {"NODE_READ": "", "NODE_EVENTS": "", "BY_PACKETS": BY_PACKETS}
    rules = [f"eventfilter(action(include),name({name})) =" for name in EVENTS]
    told = "; of several switches: where a telephone registers, and where it is gone"
    return {"NODE_READ": ",system", "NODE_EVENTS": "\n".join([told, *rules]), "BY_PACKETS": ""}


def fallback_members(nodes: Sequence[NodeSpec]) -> str:
    """Members of the fallback queue who are at home at another switch. Each is rung over there
    only if it is free: the queue here cannot see that."""
    return "".join(
        f"member => Local/{device}@over-{node.name}/n,1,{device}\n"
        for node in nodes
        for device in node.devices
    )


def fallback_ways(nodes: Sequence[NodeSpec]) -> str:
    """The dialplan by which those members are rung."""
    return "".join(
        f"[over-{node.name}]\n"
        f"exten => _[A-Za-z0-9].,1,Dial(PJSIP/${{EXTEN}}@{node.name})\n"
        " same => n,Hangup(${HANGUPCAUSE})\n\n"
        for node in nodes
    )


def _sections(node: NodeSpec) -> str:
    name = node.name
    lines = [f"[{name}](node)", "identify_by = ip", f"aors = {name}"]
    lines += [f"auth = {name}-in", f"outbound_auth = {name}-out"]
    if node.tls:
        # Where the other listens, not where it called from: a broken connection is made anew.
        lines += ["transport = transport-tls", "media_encryption = sdes"]
        lines += ["force_rport = no", "rewrite_contact = no"]
    lines += ["", f"[{name}]", "type = identify", f"endpoint = {name}"]
    # A connection comes from another port each time.
    lines += [f"match = {node.host}/32" if node.tls else f"match = {node.host}:{node.port}/32"]
    lines += ["", f"[{name}](node-aor)"]
    lines += [f"contact = sip:{node.host}:{node.port}{';transport=tls' if node.tls else ''}"]
    # Each side says who it is by the name that the other knows it by.
    lines += ["", f"[{name}-in]", "type = auth", "auth_type = userpass"]
    lines += [f"username = {name}", f"password = {node.secret_in}"]
    lines += ["", f"[{name}-out]", "type = auth", "auth_type = userpass"]
    lines += [f"username = {node.own_name}", f"password = {node.secret_out}"]
    return "\n".join(lines) + "\n\n"
