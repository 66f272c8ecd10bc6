"""What we use of panoramisk: it opens a manager connection and logs in, and does nothing else.

panoramisk 1.4 decodes before it splits (and loses characters cut by the network), sends unanswered
actions again after a reconnect (a phone rings twice), has no deadlines, lets line breaks through,
and drops the connection when a callback raises.
"""

from __future__ import annotations

import asyncio
from typing import Any

from panoramisk.manager import Manager

from acd.errors import MadoguchiError

_Untyped: Any = Manager


class FencedManager(_Untyped):  # type: ignore[misc]
    """panoramisk's connection and login, without its reconnecting, resending and pinging."""

    def connection_made(self, f: asyncio.Task[Any]) -> None:
        """Go on to the login, unless connecting failed: then our caller sees the same task."""
        if not f.cancelled() and f.exception() is None:
            super().connection_made(f)

    def login(self, future: asyncio.Future[Any]) -> object:
        """Go on after the login's answer, unless whoever opened the session gave it up."""
        return None if future.cancelled() else super().login(future)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing: whoever opened the session decides about another."""

    def ping(self) -> None:
        """Nothing: the heartbeat does it, and measures."""

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing is ever sent a second time."""


class LoginReply:
    """What panoramisk's login handler reads of a response; ``error``: why there was none."""

    __slots__ = ("error", "success")

    def __init__(self, success: bool, error: MadoguchiError | None = None) -> None:
        self.success = success
        self.error = error
