"""Free ports on loopback, so that several loads and centres can run beside one another."""

from __future__ import annotations

import os
import random
import socket
from contextlib import ExitStack

from acd.errors import ConfigError, Fault, LimitExceeded

#: Below the ports a system gives to whoever connects (from 32768), and clear of the media ports
#: of our own switches: nobody comes upon one of these by chance between the asking and the use.
FIRST, LAST = 23000, 32700
#: Environment variable "first-last": what this process and those it starts may take instead, so
#: that two at work beside one another do not find the same port free.
SHARE = "MADOGUCHI_LOAD_PORTS"
_given: set[int] = set()
#: Not the order that a test may have fixed for chance: two processes must not go the same way.
_chance = random.SystemRandom()


def free_ports(count: int, host: str = "127.0.0.1", spread: int = 4) -> list[int]:
    """Ports that are free for UDP and TCP now, each with the ``spread`` - 1 above it free for UDP
    (RTP comes in pairs, and SIPp takes two pairs). A process gets one
    again only when it has had all.

    Nothing keeps them free until they are used: ask shortly before. Raises
    :class:`LimitExceeded` when there are not as many.
    """
    first, last = _share()
    blocks = list(range(first, last - spread, spread))
    _chance.shuffle(blocks)
    blocks.sort(key=lambda first: not _given.isdisjoint(range(first, first + spread)))
    found: list[int] = []
    for port in blocks:
        if len(found) == count:
            break
        if _is_free(host, port, spread):
            found.append(port)
    if len(found) < count:
        raise LimitExceeded(f"there are no {count} free ports on {host}: stop something, try again")
    for first in found:
        _given.update(range(first, first + spread))
    return found


def _share() -> tuple[int, int]:
    text = os.environ.get(SHARE, f"{FIRST}-{LAST}")
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) <= 65_535):
        raise ConfigError([Fault(SHARE, f"must be like {FIRST}-{LAST}, not {text[:40]!r}")])
    return int(first), int(last)


def _is_free(host: str, port: int, spread: int) -> bool:
    with ExitStack() as held:
        try:
            tcp = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            tcp.bind((host, port))
            for offset in range(spread):
                udp = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                udp.bind((host, port + offset))
        except OSError:
            return False
    return True
