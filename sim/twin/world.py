"""The world around the engine: callers, operators and lines that follow what it commands.

Virtual time: the next thing to happen is the next arrival or the first of the heap. The engine is
told what a switch would tell it; an operator answers at once, or after ``ring_s``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from heapq import heappop, heappush

from acd.core.commands import Command, OfferCall, PlayAnnouncement, StartTimer
from acd.core.engine import Engine
from acd.core.ids import CallId, OfferId, SwitchId, TimerToken
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
from sim.twin.plan_of import NEVER_S, plan_of
from sim.twin.staff import Staff

_SWITCH = SwitchId("a")
_WITHHELD = Caller(CallerKind.WITHHELD)

#: What may be next, in the order in which things happen that are due at the same instant.
_STAFF, _TALKED, _WROTE_UP, _RANG, _CAME, _TIMER, _GIVES_UP = range(7)
_ANSWERED, _ABANDONED, _BLOCKED = map(int, Outcome)


def simulate(scenario: Scenario, draws: Draws, ring_s: float = 0.0) -> Records:
    """One day of a scenario through the production engine.

    ``ring_s``: how long a telephone rings before the operator answers; it counts as waiting.

    Raises:
        Refused: the engine cannot express the scenario (the sentence names all that it cannot),
            or a caller without end of patience is served by nobody any more.
    """
    world = World(scenario, draws, ring_s)
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
    return world.book.records()


class World:
    """One engine and everybody who telephones."""

    def __init__(self, scenario: Scenario, draws: Draws, ring_s: float) -> None:
        self.mapped = plan_of(scenario)
        self.scenario = scenario
        self.draws = draws
        self.ring_s = ring_s
        self.engine = Engine(self.mapped.plan, UTC)
        self.handle = self.engine.handle
        self.book = Book(draws)
        self.staff = Staff(self.engine, self.mapped.people, self._follow)
        self.heap: list[tuple[float, int, int]] = []
        self.ladders = any(of.overflow for of in scenario.classes)
        plans = {queue.id: queue for queue in self.mapped.plan.queues}
        self.writes_up = [plans[queue].wrap_up_s > 0 for queue in self.mapped.queues]
        self.ringing: dict[int, OfferId] = {}

    def play(self) -> None:
        """The whole day, until the last caller is gone."""
        heap, arrive, next_one = self.heap, self._arrive, self._next
        for period in range(self.scenario.periods):
            heappush(heap, (period * self.scenario.period_s, _STAFF, period))
        for source, came_s in enumerate(self.draws.came_s.tolist()):
            now = (came_s, _CAME, -1)
            while heap and heap[0] < now:
                next_one()
            arrive(source, came_s)
        while heap:
            next_one()

    def _next(self) -> None:
        now, kind, number = heappop(self.heap)
        if kind == _TALKED:
            self._talked(number, now)
        elif kind == _GIVES_UP:
            if self.book.outcome[number] == OPEN:
                self._lost(number, now, _ABANDONED)
        elif kind == _WROTE_UP:
            self._wrote_up(number, now)
        elif kind == _CAME:
            self._arrive(number, now)
        elif kind == _TIMER:
            if self.engine.wants_timer(TimerToken(number)):
                self._follow(self.handle(TimerFired(TimerToken(number)), now).commands, now)
        elif kind == _RANG:
            offer = self.ringing.pop(number, None)
            if offer is not None:
                self._answered(number, offer, now)
        else:
            self.staff.change([group.agents[number] for group in self.scenario.groups], now)

    # -- callers ------------------------------------------------------------------------------

    def _arrive(self, source: int, now: float) -> None:
        book, mapped = self.book, self.mapped
        number = book.open(source, now)
        call = CallId(str(number))
        arrived = CallArrived(call, _SWITCH, "PJSIP/trunk", "trunk", "1", _WITHHELD)
        full = self.handle(arrived, now).commands
        if full:
            self._follow(full, now)
            return
        skill = book.skills[source]
        asked = QueueRequested(
            call,
            mapped.queues[skill],
            None,
            "ja",
            mapped.needs[skill],
            mapped.prefers[skill],
            mapped.priorities[skill],
        )
        commands = self.handle(asked, now).commands
        if commands:
            self._follow(commands, now)
        if book.outcome[number] == OPEN:
            patience_s = book.patience_s(number)
            if patience_s != NEVER_S:
                heappush(self.heap, (now + patience_s, _GIVES_UP, number))

    def _lost(self, number: int, now: float, outcome: int) -> None:
        """The caller hangs up unserved, and may call again."""
        book = self.book
        book.outcome[number] = outcome
        if outcome == _ABANDONED:
            book.wait[number] = now - book.came[number]
        self.ringing.pop(number, None)
        self._follow(self.handle(CallerHungUp(CallId(str(number))), now).commands, now)
        again_s = book.again_s(number, now)
        if again_s is not None and again_s < self.scenario.day_s:
            heappush(self.heap, (again_s, _CAME, book.source[number]))

    # -- what the engine wants ----------------------------------------------------------------

    def _follow(self, commands: Sequence[Command], now: float) -> None:
        """Do what was commanded, at once."""
        for command in commands:
            if type(command) is OfferCall:
                number = int(command.call)
                if self.ring_s > 0:
                    self.ringing[number] = command.offer
                    heappush(self.heap, (now + self.ring_s, _RANG, number))
                else:
                    self._answered(number, command.offer, now)
                self.book.seat[number] = self.mapped.seats[command.agent]
            elif type(command) is StartTimer:
                if self.ladders and command.at_s < NEVER_S:
                    heappush(self.heap, (command.at_s, _TIMER, command.token))
            elif type(command) is PlayAnnouncement:
                self._lost(int(command.call), now, _BLOCKED)

    def _answered(self, number: int, offer: OfferId, now: float) -> None:
        book = self.book
        self.handle(CallConnected(offer), now)
        book.outcome[number] = _ANSWERED
        book.wait[number] = now - book.came[number]
        heappush(self.heap, (now + book.talks[book.source[number]], _TALKED, number))

    # -- operators ----------------------------------------------------------------------------

    def _talked(self, number: int, now: float) -> None:
        """The caller hangs up after the talk; the operator is free, or writes up."""
        source, (group, seat) = self.book.source[number], self.book.seat[number]
        writes_up = self.writes_up[self.book.skills[source]]
        if not writes_up and self.staff.leaving[group]:
            # Reserved first, so that nothing that waits is offered in between.
            self.staff.leaves(group, seat, now)
        self._follow(self.handle(CallerHungUp(CallId(str(number))), now).commands, now)
        if writes_up:
            wrap_s = self.book.wraps[source]
            if wrap_s > 0:
                heappush(self.heap, (now + wrap_s, _WROTE_UP, number))
            else:
                self._wrote_up(number, now)

    def _wrote_up(self, number: int, now: float) -> None:
        group, seat = self.book.seat[number]
        if self.staff.leaving[group]:
            self.staff.leaves(group, seat, now)
        else:
            person = self.mapped.people[group][seat]
            self._follow(self.handle(AgentReadied(person), now).commands, now)
