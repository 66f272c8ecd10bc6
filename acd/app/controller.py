"""The controller: one inbox, one consumer. Stamp, decide, journal, then let it be done.

Whatever came in the same turn of the event loop is one batch (what the switch tells comes in gulps,
see :mod:`acd.adapters.asterisk.session`): each input is stamped and decided in order, all steps are
written in one go, and only then futures resolve, followers are told and commands leave. A disk
that refuses the journal does not stop calls: the journal keeps the steps and reports, the commands
leave.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from acd.app.timer_wheel import TimerWheel
from acd.core.commands import StartTimer, SwitchCommand
from acd.core.engine import Engine
from acd.core.inputs import Input
from acd.core.step import Outcome
from acd.errors import MadoguchiError, StoreError
from acd.ports import Clock, EventSink, Journal, Step
from acd.ports_cluster import Alone, Leadership

#: Inputs that wait in the inbox at most; beyond it requests by persons are refused.
MAX_INBOX = 20_000
#: Inputs decided in one batch at most.
MAX_BATCH = 200
#: How often a controller that may decide nothing asks whether it may again.
SUSPENDED_S = 0.02

_log = structlog.get_logger("madoguchi.controller")


class Overloaded(MadoguchiError):
    """The inbox is full."""

    code = "overloaded"
    retryable = True


class Controller:
    """Drives one engine.

    ``execute`` takes the commands of a batch and returns at once; ``rebuild`` makes the engine
    anew from the journal, should deciding ever fail on an input. ``book`` is the record book's
    snapshot, taken beside the engine's. While ``leadership`` does not hold, nothing is decided:
    what comes in waits.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        clock: Clock,
        *,
        execute: Callable[[SwitchCommand], None],
        rebuild: Callable[[], Engine],
        book: Callable[[], bytes],
        sinks: Sequence[EventSink] = (),
        leadership: Leadership | None = None,
    ) -> None:
        self._leadership: Leadership = leadership or Alone()
        self.engine = engine
        self.clock = clock
        self._journal = journal
        self._execute = execute
        self._rebuild = rebuild
        self._book = book
        self._sinks = list(sinks)
        self._inbox: deque[tuple[Input, asyncio.Future[Outcome] | None]] = deque()
        self._filled = asyncio.Event()
        self.timers = TimerWheel(clock, self.deliver, self._wants_timer)
        self.timers.replace(engine.pending_timers())
        self.rebuilt = 0
        self.journal_failures = 0
        self.journal_failing = False

    # -- the way in -------------------------------------------------------------------------

    def deliver(self, happened: Input) -> None:
        """Something happened; nobody waits for what follows from it."""
        self._inbox.append((happened, None))
        self._filled.set()

    def submit(self, happened: Input) -> asyncio.Future[Outcome]:
        """Something is asked; the future resolves when the decision is in the journal.

        Raises :class:`Overloaded` when the inbox is full.
        """
        if len(self._inbox) >= MAX_INBOX:
            raise Overloaded("the controller is overloaded: try again in a moment")
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._inbox.append((happened, answer))
        self._filled.set()
        return answer

    def follow(self, sink: EventSink) -> None:
        """Tell ``sink`` of every step from now on."""
        self._sinks.append(sink)

    def unfollow(self, sink: EventSink) -> None:
        """Tell ``sink`` no more."""
        self._sinks.remove(sink)

    # -- the one consumer -------------------------------------------------------------------

    async def run(self) -> None:
        """Decide what comes in, for ever; on cancellation what is in the inbox is still decided,
        unless somebody else leads by then."""
        timers = asyncio.create_task(self.timers.run(), name="timers")
        try:
            while True:
                await self._filled.wait()
                # The rest of this turn still delivers; and others get theirs, however fast
                # inputs come.
                await asyncio.sleep(0)
                while not self._leadership.holds():  # noqa: ASYNC110
                    await asyncio.sleep(SUSPENDED_S)
                self.drain()
        finally:
            timers.cancel()
            if self._leadership.holds():
                self.drain()
                self.snapshot()

    def drain(self) -> None:
        """Decide one batch of what is in the inbox now."""
        inbox = self._inbox
        steps: list[Step] = []
        outcomes: list[tuple[asyncio.Future[Outcome] | None, Outcome]] = []
        broken: Exception | None = None
        while inbox and len(steps) < MAX_BATCH:
            happened, answer = inbox.popleft()
            now = self.clock.now()
            try:
                outcome = self.engine.handle(happened, now)
            except Exception as error:
                broken = error
                self._refuse(happened, answer, error)
                break
            if outcome.events or outcome.commands:
                steps.append(Step(now, happened, outcome.events))
            outcomes.append((answer, outcome))
        if not inbox:
            self._filled.clear()
        self._write(steps)
        self._let_go(outcomes)
        self._publish(steps)
        if broken is not None:
            self._start_over()
        elif steps and self._journal.snapshot_due:
            self.snapshot()

    def _refuse(
        self, happened: Input, answer: asyncio.Future[Outcome] | None, error: Exception
    ) -> None:
        _log.error("input_not_decided", input=type(happened).__name__, error=type(error).__name__)
        if answer is not None and not answer.done():
            answer.set_exception(MadoguchiError("this could not be decided"))

    def _start_over(self) -> None:
        """After a defect, or an input that no rule foresees, the engine may be half changed: it
        is made anew from what is safe, and goes on without that input."""
        self.rebuilt += 1
        self.engine = self._rebuild()
        self.timers.replace(self.engine.pending_timers())

    def _write(self, steps: list[Step]) -> None:
        if not steps:
            return
        try:
            self._journal.write(steps)
            self.journal_failing = False
        except StoreError as error:
            self.journal_failures += 1
            self.journal_failing = True
            _log.error("journal_not_written", code=error.code, steps=len(steps))

    def _let_go(self, outcomes: list[tuple[asyncio.Future[Outcome] | None, Outcome]]) -> None:
        for answer, outcome in outcomes:
            for command in outcome.commands:
                if isinstance(command, StartTimer):
                    self.timers.start(command)
                else:
                    self._execute(command)
            if answer is not None and not answer.done():
                answer.set_result(outcome)

    def _publish(self, steps: list[Step]) -> None:
        first = self._journal.last_seq - len(steps) + 1
        for sink in self._sinks:
            for number, step in enumerate(steps):
                try:
                    sink.publish(first + number, step.at_s, step.events)
                except Exception as error:
                    _log.error(
                        "follower_failed",
                        follower=type(sink).__name__,
                        error=type(error).__name__,
                    )

    def snapshot(self) -> None:
        """Keep the present state, so that a restart need not go far back."""
        try:
            self._journal.snapshot(self.engine.snapshot(), self._book(), self._journal.last_seq)
        except StoreError as error:
            self.journal_failures += 1
            _log.error("snapshot_not_written", code=error.code)

    def _wants_timer(self, token: int) -> bool:
        return self.engine.wants_timer(token)  # type: ignore[arg-type]
