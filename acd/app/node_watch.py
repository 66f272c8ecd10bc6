"""A switch that is silent for too long: what became of its calls is decided without it.

The engine only knows that nothing can be offered there. When the link is back in time, the sweep
over the switch's channels says what is true. When it stays away, the calls of that switch are given
up for lost, once: they end in the ledger with their place and their wait, and operators who talked
there are free for callers of the other switches (docs/adr/0032).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn, Protocol

import structlog

from acd.app.reconcile import corrections
from acd.core.engine import Engine
from acd.core.ids import SwitchId
from acd.core.inputs import Input

#: How often it is looked at, in seconds.
LOOK_EVERY_S = 0.5

_log = structlog.get_logger("madoguchi.nodes")


class Watched(Protocol):
    """One switch, as far as its silence goes."""

    @property
    def up(self) -> bool:
        """Whether commands can be carried out there."""
        ...


class NodeWatch:
    """Gives up the calls of switches that say nothing.

    ``lost_after_s``: by switch, how long it may be silent. ``gone`` is told of a switch that was
    given up, again and again until it says that all is done. ``tells``: whether a switch that is
    not up is connected, so that what is true there will be known. Times are seconds of ``now``.
    """

    def __init__(
        self,
        switches: Mapping[SwitchId, Watched],
        lost_after_s: Mapping[SwitchId, float],
        engine: Callable[[], Engine],
        submit: Callable[[Input], Awaitable[object]],
        gone: Callable[[SwitchId], Awaitable[bool]],
        now: Callable[[], float],
        tells: Callable[[SwitchId], bool],
    ) -> None:
        self._switches, self._lost_after_s = switches, lost_after_s
        self._engine, self._submit, self._gone, self._now = engine, submit, gone, now
        self._tells = tells
        self._silent_from: dict[SwitchId, float] = {}
        #: The switches whose calls were given up, until they are back, and those of them of which
        #: nothing is left to be done.
        self.given_up: set[SwitchId] = set()
        self._done: set[SwitchId] = set()

    async def run(self) -> NoReturn:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Look once."""
        for switch, watched in self._switches.items():
            if watched.up:
                self._silent_from.pop(switch, None)
                self.given_up.discard(switch)
                self._done.discard(switch)
                continue
            since_s = self._silent_from.setdefault(switch, self._now())
            # To hear all that is on a busy switch takes its time, and then it says what is true.
            silent = not self._tells(switch) and self._now() - since_s >= self._lost_after_s[switch]
            if silent and switch not in self.given_up:
                self.given_up.add(switch)
                await self._give_up(switch)
            if switch in self.given_up - self._done and await self._gone(switch):
                self._done.add(switch)

    async def _give_up(self, switch: SwitchId) -> None:
        lost = corrections(self._engine(), switch, (), lost=lambda _: True)
        _log.warning("switch_given_up", switch=switch, corrections=len(lost))
        for happened in lost:
            await self._submit(happened)
