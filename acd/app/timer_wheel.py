"""Keeps the engine's timers: a heap, one sleeper, and no more entries than are wanted."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

from acd.core.commands import StartTimer
from acd.core.ids import TimerToken
from acd.core.inputs import TimerFired
from acd.ports import Clock, Deliver

#: Entries that the engine has forgotten are swept out once they outnumber this and the living.
SWEEP_ABOVE = 1_000


class TimerWheel:
    """Delivers ``TimerFired`` when due. ``wanted`` says whether a token still means anything."""

    def __init__(self, clock: Clock, deliver: Deliver, wanted: Callable[[TimerToken], bool]):
        self._clock = clock
        self._deliver = deliver
        self._wanted = wanted
        self._heap: list[tuple[float, TimerToken]] = []
        self._sooner = asyncio.Event()
        self._sweep_at = SWEEP_ABOVE

    def __len__(self) -> int:
        return len(self._heap)

    def start(self, timer: StartTimer) -> None:
        """Keep a timer."""
        heapq.heappush(self._heap, (timer.at_s, timer.token))
        if self._heap[0][1] == timer.token:
            self._sooner.set()
        if len(self._heap) > self._sweep_at:
            self._heap = [entry for entry in self._heap if self._wanted(entry[1])]
            heapq.heapify(self._heap)
            self._sweep_at = max(SWEEP_ABOVE, 2 * len(self._heap))

    def replace(self, timers: list[StartTimer]) -> None:
        """Forget everything and keep these (after a restore)."""
        self._heap = [(timer.at_s, timer.token) for timer in timers]
        heapq.heapify(self._heap)
        self._sooner.set()

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            self._fire_due()
            self._sooner.clear()
            if not self._heap:
                await self._sooner.wait()
                continue
            due_s = self._heap[0][0]
            sleeper = asyncio.ensure_future(self._clock.sleep_until(due_s))
            waker = asyncio.ensure_future(self._sooner.wait())
            try:
                await asyncio.wait({sleeper, waker}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeper.cancel()
                waker.cancel()

    def _fire_due(self) -> None:
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            _, token = heapq.heappop(self._heap)
            if self._wanted(token):
                self._deliver(TimerFired(token))
