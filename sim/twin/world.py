"""The world around the engine: callers, operators and lines that follow what it commands.

Virtual time: the next thing to happen is the next arrival or the first of the heap. The engine is
told what a switch would tell it; an operator answers at once, or after ``ring_s``.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from heapq import heappop, heappush

from acd.core.commands import Command, OfferCall, PlayAnnouncement, StartTimer
from acd.core.engine import Engine
from acd.core.ids import OfferId, SwitchId, TimerToken
from acd.core.inputs import (
    AgentReadied,
    CallArrived,
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    QueueRequested,
    TimerFired,
)
from acd.errors import Refused
from sim.inputs.draws import Draws
from sim.inputs.scenario import Scenario
from sim.records import Outcome, Records
from sim.twin.book import OPEN, Book
from sim.twin.clockless import ClocklessEngine
from sim.twin.plan_of import NEVER_S, plan_of
from sim.twin.staff import Staff

SWITCH = SwitchId("a")
WITHHELD = Caller(CallerKind.WITHHELD)

#: What may be next, in the order in which things happen that are due at the same instant.
STAFF, TALKED, WROTE_UP, RANG, CAME, TIMER, GIVES_UP = range(7)
_ANSWERED, _ABANDONED, _BLOCKED, _ = map(int, Outcome)


def simulate(scenario: Scenario, draws: Draws, ring_s: float = 0.0) -> Records:
    """One day of a scenario through the production engine.

    ``ring_s``: how long a telephone rings before the operator answers; it counts as waiting.

    Raises:
        Refused: the engine cannot express the scenario (the sentence names all that it cannot),
            or a caller without end of patience is served by nobody any more.
    """
    world = _world(scenario, draws, ring_s)
    with collector_at_rest():
        world.play()
    endless = world.book.outcome.count(OPEN)
    if endless:
        raise Refused(
            f'"{scenario.name}": {endless} callers of endless patience wait for ever, since nobody '
            "who serves them is at work any more; give them patience or somebody to serve them",
            code="waits_for_ever",
            ja=f"「{scenario.name}」: あきらめない発信者{endless}人が、対応できる人がいないまま"
            "待ち続けます。がまん時間か、対応する人を設定してください。",
        )
    return world.records()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No looking for cycles: the engine makes none, and the look goes through all calls there
    are, again and again."""
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def _world(scenario: Scenario, draws: Draws, ring_s: float) -> World:
    if scenario.habits is None:
        return World(scenario, draws, ring_s)
    from sim.twin.lively import LivelyWorld

    if draws.habits is None:
        raise Refused("this chance was drawn for a scenario without menus, rings and breaks")
    return LivelyWorld(scenario, draws, scenario.habits, draws.habits)


class World:
    """One engine and everybody who telephones."""

    def __init__(self, scenario: Scenario, draws: Draws, ring_s: float) -> None:
        self.mapped = plan_of(scenario)
        self.scenario = scenario
        self.draws = draws
        self.ring_s = ring_s
        #: Whether the engine's timers mean anything here.
        self.timed = any(of.overflow for of in scenario.classes)
        self.engine = self._engine()
        self.handle = self.engine.handle
        self.book = Book(draws)
        self.staff = Staff(self.engine, self.mapped.people, self._follow)
        self.heap: list[tuple[float, int, int]] = []
        plans = {queue.id: queue for queue in self.mapped.plan.queues}
        self.writes_up = [plans[queue].wrap_up_s > 0 for queue in self.mapped.queues]
        self.ringing: dict[int, OfferId] = {}
        mapped = self.mapped
        #: What the flow asks for a call of each class.
        self.asks = [
            (queue, None, "ja", needs, prefers, priority)
            for queue, needs, prefers, priority in zip(
                mapped.queues, mapped.needs, mapped.prefers, mapped.priorities, strict=True
            )
        ]

    def _engine(self) -> Engine:
        return (Engine if self.timed else ClocklessEngine)(self.mapped.plan, UTC)

    def play(self) -> None:
        """The whole day, until the last caller is gone."""
        heap, arrive, next_one = self.heap, self._arrive, self._next
        for period in range(self.scenario.periods):
            heappush(heap, (period * self.scenario.period_s, STAFF, period))
        for source, came_s in enumerate(self.draws.came_s.tolist()):
            now = (came_s, CAME, -1)
            while heap and heap[0] < now:
                next_one()
            arrive(source, came_s)
        while heap:
            next_one()

    def records(self) -> Records:
        """All calls as arrays."""
        return self.book.records()

    def _next(self) -> None:
        now, kind, number = heappop(self.heap)
        if kind == TALKED:
            self._talked(number, now)
        elif kind == GIVES_UP:
            if self.book.outcome[number] == OPEN:
                self._lost(number, now, _ABANDONED)
        elif kind == WROTE_UP:
            self._wrote_up(number, now)
        elif kind == CAME:
            self._arrive(number, now)
        elif kind == TIMER:
            if self.engine.wants_timer(TimerToken(number)):
                self._follow(self.handle(TimerFired(TimerToken(number)), now).commands, now)
        elif kind == RANG:
            offer = self.ringing.pop(number, None)
            if offer is not None:
                self._answered(number, offer, now)
        else:
            self.staff.change([group.agents[number] for group in self.scenario.groups], now)

    # -- callers ------------------------------------------------------------------------------

    def _arrive(self, source: int, now: float) -> None:
        book, handle = self.book, self.handle
        number = book.open(source, now) if book.redials else source
        call = book.call[number]
        full = handle(
            CallArrived(call, SWITCH, "PJSIP/trunk", "trunk", "1", WITHHELD), now
        ).commands
        if full:
            self._follow(full, now)
            return
        commands = handle(QueueRequested(call, *self.asks[book.skills[source]]), now).commands
        if self.timed or (commands and type(commands[0]) is not StartTimer):
            self._follow(commands, now)
        if book.outcome[number] == OPEN:
            patience_s = book.patience_s(number) if book.redials else book.patience[source]
            if patience_s != NEVER_S:
                heappush(self.heap, (now + patience_s, GIVES_UP, number))

    def _lost(self, number: int, now: float, outcome: int) -> None:
        """The caller hangs up unserved, and may call again."""
        book = self.book
        book.outcome[number] = outcome
        if outcome == _ABANDONED:
            book.wait[number] = now - book.came[number]
        self.ringing.pop(number, None)
        self._follow(self.handle(CallerHungUp(book.call[number]), now).commands, now)
        again_s = book.again_s(number, now)
        if again_s is not None and again_s < self.scenario.day_s:
            heappush(self.heap, (again_s, CAME, book.source[number]))

    # -- what the engine wants ----------------------------------------------------------------

    def _follow(self, commands: Sequence[Command], now: float) -> None:
        """Do what was commanded, at once."""
        for command in commands:
            if type(command) is OfferCall:
                number = int(command.call)
                self.book.seat[number] = self.mapped.seats[command.agent]
                if self.ring_s > 0:
                    self.ringing[number] = command.offer
                    heappush(self.heap, (now + self.ring_s, RANG, number))
                else:
                    self._answered(number, command.offer, now)
            elif type(command) is StartTimer:
                if self.timed and command.at_s < NEVER_S:
                    heappush(self.heap, (command.at_s, TIMER, command.token))
            elif type(command) is PlayAnnouncement:
                self._lost(int(command.call), now, _BLOCKED)

    def _answered(self, number: int, offer: OfferId, now: float) -> None:
        book = self.book
        self.handle(CallConnected(offer), now)
        book.outcome[number] = _ANSWERED
        book.wait[number] = now - book.came[number]
        heappush(self.heap, (now + book.talks[book.source[number]], TALKED, number))

    # -- operators ----------------------------------------------------------------------------

    def _talked(self, number: int, now: float) -> None:
        """The caller hangs up after the talk; the operator is free, or writes up."""
        book = self.book
        source, (group, seat) = book.source[number], book.seat[number]
        writes_up = self.writes_up[book.skills[source]]
        if not writes_up and self.staff.leaving[group]:
            # Reserved first, so that nothing that waits is offered in between.
            self.staff.leaves(group, seat, now)
        commands = self.handle(CallerHungUp(book.call[number]), now).commands
        if commands:
            self._follow(commands, now)
        if writes_up:
            wrap_s = book.wraps[source]
            if wrap_s > 0:
                heappush(self.heap, (now + wrap_s, WROTE_UP, number))
            else:
                self._wrote_up(number, now)

    def _wrote_up(self, number: int, now: float) -> None:
        group, seat = self.book.seat[number]
        if self.staff.leaving[group]:
            self.staff.leaves(group, seat, now)
        else:
            person = self.mapped.people[group][seat]
            self._follow(self.handle(AgentReadied(person), now).commands, now)
