"""Waiting for a caller to come into the waiting bridge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from acd.core.ids import CallId


class Coming:
    """Who is waited for. ``is_held`` says whether a caller is in the waiting bridge now."""

    def __init__(self, is_held: Callable[[CallId], bool]) -> None:
        self._is_held = is_held
        self._awaited: dict[CallId, asyncio.Future[None]] = {}

    async def comes(self, call: CallId, timeout_s: float) -> bool:
        """Wait for the caller at most so long; True when the caller is in the bridge."""
        if self._is_held(call):
            return True
        awaited = self._awaited.get(call)
        if awaited is None:
            awaited = self._awaited[call] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.shield(awaited)
        except TimeoutError:
            return False
        finally:
            if self._awaited.get(call) is awaited:
                del self._awaited[call]
        return self._is_held(call)

    def seen(self, call: CallId) -> None:
        """Something happened to this channel: whoever waits for it shall look."""
        awaited = self._awaited.get(call)
        if awaited is not None and not awaited.done():
            awaited.set_result(None)

    def give_up(self) -> None:
        """The connection is gone: nobody can be seen coming."""
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_result(None)
