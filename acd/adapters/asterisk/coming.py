"""Waiting for a caller to come into the waiting bridge, and fetching who does not come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from acd.adapters.asterisk import actions
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.translate import Translator
from acd.core.commands import OfferCall
from acd.core.ids import CallId
from acd.errors import ActionFailed

#: How long a caller on the way to the waiting bridge may come by itself, then after a redirect.
COME_BY_ITSELF_S = 0.15
COME_REDIRECTED_S = 1.0


class Coming:
    """Who is waited for. ``picture`` knows where callers are; ``send`` sends actions and raises
    when one fails."""

    def __init__(
        self, picture: Translator, send: Callable[[tuple[Action, ...]], Awaitable[None]]
    ) -> None:
        self._picture = picture
        self._send = send
        self._awaited: dict[CallId, asyncio.Future[None]] = {}

    async def free(self, call: CallId) -> None:
        """Raise ActionFailed for a caller who is in a talk, and does not come back from it now.
        Asked before an offer is written on the channel: what stands there during a talk says how
        the caller goes on after it."""
        if self._picture.is_talking(call) and not await self.comes(call, COME_BY_ITSELF_S):
            raise _in_a_talk()

    async def bring_back(self, command: OfferCall) -> None:
        """Wait until the caller is in the waiting bridge; redirect who does not come. Raises a
        SwitchError."""
        call = command.call
        if await self.comes(call, COME_BY_ITSELF_S):
            return
        if self._picture.was_given_up(command.offer):
            return
        if self._picture.is_talking(call):
            raise _in_a_talk()
        await self._send((actions.redirect(command.channel, "hold"),))
        if not await self.comes(call, COME_REDIRECTED_S):
            raise ActionFailed("The caller did not come into the waiting bridge.", code="not_held")

    async def comes(self, call: CallId, timeout_s: float) -> bool:
        """Wait for the caller at most so long; True when the caller is in the bridge."""
        if self._picture.is_held(call):
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
        return self._picture.is_held(call)

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


def _in_a_talk() -> ActionFailed:
    # The static queue connected this caller while no controller was there.
    return ActionFailed("The caller is in a talk that must not be cut.", code="in_a_talk")
