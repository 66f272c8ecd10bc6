"""Keeps the engine's timers: a heap, one sleeper, and no more entries than are wanted."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable

from acd.core.commands import StartTimer
from acd.core.ids import TimerToken
from acd.core.inputs import TimerFired
from acd.ports import Clock, Deliver

#: The wheel looks at least this often: a timer that is due later needs no waking of it.
LOOK_S = 1.0
#: Entries that the engine has forgotten are swept out once they outnumber this and the living.
SWEEP_ABOVE = 1_000
#: Woken so much too late, this process stood still: what happened meanwhile has not been read yet.
STALLED_S = 0.5
#: So long it gets to be read first. A ring that is overdue may have been answered.
CATCH_UP_S = 0.25


class TimerWheel:
    """Delivers ``TimerFired`` when due. ``wanted`` says whether a token still means anything."""

    def __init__(self, clock: Clock, deliver: Deliver, wanted: Callable[[TimerToken], bool]):
        self._clock = clock
        self._deliver = deliver
        self._wanted = wanted
        self._heap: list[tuple[float, TimerToken]] = []
        self._sooner = asyncio.Event()
        self._sweep_at = SWEEP_ABOVE
        self._looks_at_s = 0.0
        self._hearing: set[asyncio.Task[None]] = set()
        #: What has to be waited for before a timer fires, if anything: a ring that is overdue may
        #: have been answered a moment ago.
        self.first: Callable[[TimerToken], Awaitable[object] | None] = lambda _: None

    def __len__(self) -> int:
        return len(self._heap)

    def start(self, timer: StartTimer) -> None:
        """Keep a timer."""
        heapq.heappush(self._heap, (timer.at_s, timer.token))
        if timer.at_s < self._looks_at_s:
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
        try:
            await self._turn()
        finally:
            for task in self._hearing:
                task.cancel()

    async def _turn(self) -> None:
        while True:
            if self._looks_at_s and self._clock.now() - self._looks_at_s > STALLED_S:
                await asyncio.sleep(CATCH_UP_S)
            self._fire_due()
            self._sooner.clear()
            latest_s = self._clock.now() + LOOK_S
            self._looks_at_s = min(self._heap[0][0], latest_s) if self._heap else latest_s
            sleeper = asyncio.ensure_future(self._clock.sleep_until(self._looks_at_s))
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
            if not self._wanted(token):
                continue
            first = self.first(token)
            if first is None:
                self._deliver(TimerFired(token))
            else:
                task = asyncio.ensure_future(self._fire_after(first, token))
                self._hearing.add(task)
                task.add_done_callback(self._hearing.discard)
        # What nobody wants any more need not be waited for.
        while self._heap and not self._wanted(self._heap[0][1]):
            heapq.heappop(self._heap)

    async def _fire_after(self, first: Awaitable[object], token: TimerToken) -> None:
        await first
        if self._wanted(token):
            self._deliver(TimerFired(token))
