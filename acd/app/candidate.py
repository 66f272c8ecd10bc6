"""One controller of a cluster at work on the lease: puts its questions, keeps its times.

::

    candidate = Candidate(store, Leader("a", times, draw), ask_timeout_s=0.5)
    tasks.create_task(candidate.run())
    while True:
        token = await candidate.elected()
        ...                                 # lead, asking candidate.holds() before each act
        ended = await candidate.over()      # asked to step down, or deposed
        ...                                 # stop everything, hand over
        await candidate.stopped()           # only now may another one begin at once

What is decided is in :mod:`acd.app.leader`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from enum import StrEnum

import structlog

from acd.app.leader import Acquire, Leader, LeaderState, Look, Question, Release, Renew
from acd.errors import StoreError
from acd.ports_cluster import Lease, LeaseStore

_log = structlog.get_logger("madoguchi.lease")

#: Timers of a loop may fire a moment too early: what is due at a time is looked at a bit later.
_LATER_S = 0.001


class Ended(StrEnum):
    """Why a tenure is over."""

    ASKED = "asked"
    DEPOSED = "deposed"


class Candidate:
    """A Leadership that is won and lost; :meth:`run` until cancelled, after which it never holds.

    ``clock`` is monotonic seconds. ``on_change`` is told each new state, on the loop; it must not
    block. ``ask_timeout_s``: a question without an answer for so long has failed.
    """

    def __init__(
        self,
        store: LeaseStore,
        leader: Leader,
        *,
        ask_timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
        on_change: Callable[[LeaderState], None] = lambda state: None,
    ) -> None:
        self._store, self._leader = store, leader
        self._timeout_s, self._clock, self._on_change = ask_timeout_s, clock, on_change
        self._told = leader.state
        self._changed = asyncio.Event()
        self._wake = asyncio.Event()
        self._reached = True

    # -- what a writer asks ------------------------------------------------------------------

    @property
    def token(self) -> int:
        """The token of the present tenure; 0 outside of one."""
        return self._leader.token

    def holds(self) -> bool:
        """Whether this controller may act at this moment."""
        return self._leader.holds(self._clock())

    # -- what health and metrics ask ---------------------------------------------------------

    @property
    def state(self) -> LeaderState:
        """Where this controller stands."""
        return self._leader.state

    @property
    def reached(self) -> bool:
        """Whether the store answered when it was last asked."""
        return self._reached

    # -- what the role loop does -------------------------------------------------------------

    async def elected(self) -> int:
        """Return the token when this controller is to lead."""
        await self._until(lambda: self.state is LeaderState.LEADING)
        return self.token

    async def over(self) -> Ended:
        """Return when the tenure is over. It is not while merely suspended: see :meth:`holds`."""
        await self._until(lambda: self.state is LeaderState.STEPPING_DOWN)
        return Ended.ASKED if self._leader.has_record else Ended.DEPOSED

    def stand_aside(self, aside: bool = True) -> None:
        """Do not take the lease, or do again: for a standby that is not ready."""
        self._leader.willing = not aside
        self._wake.set()

    def refused(self, token: int) -> None:
        """A fence knows ``token`` of somebody else: deposed, if it is not below ours."""
        self._leader.refused(token)
        self._notice()

    def step_down(self, heir: str = "") -> None:
        """End the tenure in good order; ``heir`` may take over at once when all has stopped."""
        self._leader.step_down(heir)
        self._notice()

    async def stopped(self) -> None:
        """Everything that acts has stopped: give the lease back and stand by.

        Waits until the store knows, or for the time of two questions.
        """
        self._leader.stopped()
        self._notice()
        self._wake.set()
        try:
            async with asyncio.timeout(self._timeout_s * 2):
                await self._until(lambda: not self._leader.releasing)
        except TimeoutError:
            _log.warning("lease_not_given_back")  # it runs out by itself

    async def run(self) -> None:
        """Ask and keep time until cancelled."""
        try:
            while True:
                now_s = self._clock()
                self._leader.tick(now_s)
                self._notice()
                question = self._leader.ask(now_s)
                if question is not None:
                    await self._put(question)
                    _heed_cancelling()
                    continue
                await self._sleep(self._leader.wake_s - now_s)
        finally:
            self._leader.end()
            self._notice()

    # -- inside ------------------------------------------------------------------------------

    async def _put(self, question: Question) -> None:
        # The lease may run out while an answer is awaited, and must be noticed then.
        loop, left_s = asyncio.get_running_loop(), self._leader.until_s - question.sent_s
        timer = loop.call_later(left_s + _LATER_S, self._tick) if 0 < left_s < math.inf else None
        try:
            async with asyncio.timeout(self._timeout_s):
                record = await self._answer(question)
        except (StoreError, TimeoutError) as error:
            self._say_reached(False, getattr(error, "code", "timeout"))
            self._leader.failed(question, self._clock())
        else:
            self._say_reached(True, "")
            self._leader.answered(question, record, self._clock(), self._store.connection)
        finally:
            if timer is not None:
                timer.cancel()
        self._notice()

    async def _answer(self, question: Question) -> Lease | None:
        match question:
            case Look():
                return await self._store.look()
            case Acquire():
                return await self._store.acquire(question.seen, question.wanted)
            case Renew():
                return await self._store.renew(question.mine, restore=question.restore)
            case Release():
                await self._store.release(question.mine, question.heir)
                return None

    async def _sleep(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(max(seconds, _LATER_S) if seconds < math.inf else None):
                await self._wake.wait()
        except TimeoutError:
            return

    def _tick(self) -> None:
        self._leader.tick(self._clock())
        self._notice()

    def _notice(self) -> None:
        """Tell whoever waits when something may have changed."""
        state = self._leader.state
        if state is not self._told:
            self._told = state
            _log.info("role", state=state.value, token=self.token)
            self._on_change(state)
        self._changed.set()
        self._changed = asyncio.Event()

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._changed.wait()

    def _say_reached(self, reached: bool, fault: str) -> None:
        if reached is not self._reached:
            self._reached = reached
            (_log.info if reached else _log.warning)("lease_store", reached=reached, fault=fault)


def _heed_cancelling() -> None:
    """End if that was asked while a question was under way: the store's library may take a
    cancellation for the end of one of its own time limits, and answer as if nothing were."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
