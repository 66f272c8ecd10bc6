"""Links between processes of this world, and what can be done to them with iptables."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from acd.errors import Refused
from tools.chaos.world import iptables

_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True)
class Link:
    """Connections to TCP ports of loopback; ``client`` is the group id of the process that opens
    them, or 0 for whoever does (several controllers have one Redis, and each its own link)."""

    name: str
    ports: tuple[int, ...]
    client: int = 0


async def mark_clients(groups: tuple[int, ...]) -> None:
    """From now on each connection bears the group of the process that opened it."""
    for group in groups:
        own = ["-m", "owner", "--gid-owner", str(group), "-m", "conntrack", "--ctstate", "NEW"]
        mark = ["-j", "CONNMARK", "--set-mark", str(group)]
        await rule("-t", "mangle", "-A", "OUTPUT", "-p", "tcp", *own, *mark)


def matches(link: Link, *, answers: bool) -> list[list[str]]:
    """What a rule must match: packets towards the link's ports, or those that come back."""
    whose = ["-m", "connmark", "--mark", str(link.client)] if link.client else []
    side = "--sport" if answers else "--dport"
    return [["-p", "tcp", side, str(port), *whose] for port in link.ports]


async def rule(*words: str) -> None:
    """One call of iptables; raises :class:`Refused` with what it says."""
    program, environment = iptables()
    process = await asyncio.create_subprocess_exec(
        *program,
        "-w",
        *words,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), _DEADLINE_S)
    if process.returncode:
        raise Refused(f"iptables {' '.join(words)}: {said.decode().strip()}")
