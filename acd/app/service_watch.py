"""Writes down, every few seconds, whether callers can be served: what availability is made of.

The record grows while all is well and says nothing when it is not: a controller that is killed
leaves a gap by itself. While the database is away the stretches wait here, and are kept when it is
back; what a process takes with it into its grave counts as not available.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from acd.errors import StoreError
from metrics.availability import FRESH_MS, ServiceState, Stretch

#: Seconds between two looks.
EVERY_S = 5.0
#: Two looks further apart than this prove nothing of the time between them.
GAP_MS = 15_000
#: Stretches that wait for the database; beyond it the oldest are given up.
WAITING = 1_000

_log = structlog.get_logger("madoguchi.service")
assert GAP_MS < FRESH_MS


class ServiceBook(Protocol):
    """Where stretches are kept; raises a StoreError."""

    async def keep(self, stretches: Sequence[Stretch]) -> None:
        """Keep new stretches, and how far those reach by now that are kept already."""
        ...


def service_state(
    switch_up: bool, trunks: Sequence[str], down: Mapping[str, float | None]
) -> ServiceState:
    """Whether callers can be served: there is a switch, and not every trunk is known to be down.

    >>> service_state(True, ["a", "b"], {"a": 1.0, "b": 0.0}).value
    'in_service'
    >>> service_state(True, ["a"], {"a": 1.0}).value
    'no_carrier'
    """
    if not switch_up:
        return ServiceState.NO_SWITCH
    if trunks and all(down.get(trunk) for trunk in trunks):
        return ServiceState.NO_CARRIER
    return ServiceState.IN_SERVICE


class ServiceWatch:
    """One per controller; ``node`` is its id. ``now`` is Unix seconds, ``leads`` whether it may
    say anything at all. ``told`` hears of each stretch as it begins and grows."""

    def __init__(
        self,
        book: ServiceBook,
        node: str,
        now: Callable[[], float],
        state: Callable[[], ServiceState],
        leads: Callable[[], bool] = lambda: True,
        told: Callable[[Stretch], None] = lambda _: None,
    ) -> None:
        self._told, self._news = told, asyncio.Event()
        self._book, self._node, self._now = book, node, now
        self._state, self._leads = state, leads
        self._current: Stretch | None = None
        self._waiting: dict[tuple[int, str], Stretch] = {}
        self._failing = False

    async def run(self) -> None:
        """Look and write until cancelled. A database that takes its time delays no look: what is
        not looked at counts as not available."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._writing())
            while True:
                if self._leads():
                    self.look()
                    self._news.set()
                await asyncio.sleep(EVERY_S)

    async def _writing(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self.write()

    def look(self) -> None:
        """Lengthen the stretch of now, or begin another where the state changed or time is
        missing. One state lasts until the next is seen."""
        now_ms, state, last = round(self._now() * 1000), self._state(), self._current
        if last is not None and 0 <= now_ms - last.to_ms <= GAP_MS:
            self._put(Stretch(last.from_ms, now_ms, self._node, last.state))
            if last.state is state:
                return
        self._put(Stretch(now_ms, now_ms, self._node, state))

    def _put(self, stretch: Stretch) -> None:
        self._current = stretch
        self._told(stretch)
        self._waiting[stretch.from_ms, stretch.node] = stretch
        while len(self._waiting) > WAITING:
            del self._waiting[next(iter(self._waiting))]

    async def write(self) -> None:
        """Hand what waits to the database; what it does not take is tried again."""
        waiting = dict(self._waiting)
        try:
            await self._book.keep(list(waiting.values()))
        except StoreError as error:
            if not self._failing:
                _log.warning("service_not_recorded", code=error.code)
            self._failing = True
            return
        self._failing = False
        for key, stretch in waiting.items():
            if self._waiting.get(key) == stretch:
                del self._waiting[key]
