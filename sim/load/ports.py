"""Free ports on loopback, so that several loads and centres can run beside one another."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from acd.errors import LimitExceeded

_TRIES = 200


def free_ports(count: int, host: str = "127.0.0.1", spread: int = 4) -> list[int]:
    """Ports that are free for UDP and TCP now, each with the ``spread`` - 1 above it free for UDP
    (RTP comes in pairs, and SIPp takes two pairs).

    Nothing keeps them free until they are used: ask shortly before.
    """
    found: list[int] = []
    with ExitStack() as held:
        for _ in range(_TRIES):
            if len(found) == count:
                return found
            port = _take(held, host, spread)
            if port is not None:
                found.append(port)
    raise LimitExceeded(f"there are no {count} free ports on {host}: stop something and try again")


def _take(held: ExitStack, host: str, spread: int) -> int | None:
    """Hold a port and its neighbours until all are found; ``None`` when a neighbour is taken."""
    with ExitStack() as now:
        try:
            tcp = now.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            tcp.bind((host, 0))
            port = int(tcp.getsockname()[1])
            for offset in range(spread):
                udp = now.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                udp.bind((host, port + offset))
        except (OSError, OverflowError):
            return None
        held.enter_context(now.pop_all())
        return port
