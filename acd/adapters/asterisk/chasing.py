"""Hanging up legs that did not exist yet when they were to be hung up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from acd.adapters.asterisk.actions import hang_up_leg
from acd.adapters.asterisk.codec import Action
from acd.core.ids import OfferId
from acd.errors import SwitchError

#: When the hang-up of a leg that is still being made is tried again, after the first try.
HANG_UP_AGAIN_S = (0.05, 0.2, 1.0, 3.0)


class Chasing:
    """Legs that are being hunted. ``try_to`` sends actions and says whether the leg was there."""

    def __init__(self, try_to: Callable[[tuple[Action, ...]], Awaitable[bool]]) -> None:
        self._try_to = try_to
        self._tasks: set[asyncio.Task[None]] = set()

    def chase(self, offer: OfferId) -> None:
        """Hang up this leg as soon as there is one."""
        task = asyncio.ensure_future(self._hunt(offer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hunt(self, offer: OfferId) -> None:
        for wait_s in HANG_UP_AGAIN_S:
            await asyncio.sleep(wait_s)
            try:
                if await self._try_to((hang_up_leg(offer),)):
                    return
            except SwitchError:
                continue

    def stop(self) -> None:
        """Let all of them be."""
        for task in self._tasks:
            task.cancel()
