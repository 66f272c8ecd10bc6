"""The world with menus, telephones that ring, rings that nobody answers, and breaks.

A world of its own: where a scenario has none of these, :class:`sim.twin.world.World` alone plays
it, several times as fast as it would if it asked for them at each call.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC
from heapq import heappop, heappush

import numpy as np

from acd.core.commands import Command, OfferCall
from acd.core.engine import Engine
from acd.core.ids import AgentId, OfferId
from acd.core.inputs import AgentPaused, AgentReadied, CallArrived, CallerHungUp, QueueRequested
from agents.state import AgentState, NotReadyReason
from sim.inputs.draws import Draws, HabitDraws
from sim.inputs.scenario import Habits, Scenario
from sim.records import Outcome, Records
from sim.twin.apart import WatchedEngine
from sim.twin.book import OPEN
from sim.twin.plan_of import NEVER_S
from sim.twin.world import GIVES_UP, RANG, STAFF, SWITCH, TIMER, WITHHELD, World

#: What may be next besides what the plain world knows; after those at the same instant.
MENU_ENDS, BREAK_DUE, BREAK_OVER = range(7, 10)
_LEFT, _ABANDONED = int(Outcome.LEFT_IN_MENU), int(Outcome.ABANDONED)


class LivelyWorld(World):
    """One engine and everybody who telephones, with their habits."""

    def __init__(self, scenario: Scenario, draws: Draws, habits: Habits, drawn: HabitDraws) -> None:
        super().__init__(scenario, draws, ring_s=0.0)
        self.timed = True
        self._habits, self._drawn = habits, drawn
        self._menu_s = [0.0] * len(self.book.came)
        #: By call: how many of its rings nobody answered.
        self._missed: dict[int, int] = {}
        self._persons = list(self.mapped.seats)
        #: Operators whose next break is planned, and those who take theirs when they finish.
        self._planned: set[AgentId] = set()
        self._due: dict[AgentId, None] = {}

    def _engine(self) -> Engine:
        self._watched = WatchedEngine(self.mapped.plan, UTC)
        return self._watched

    def records(self) -> Records:
        """All calls as arrays, and when operators were apart."""
        apart_s = self._watched.apart(self.mapped.seats, self.scenario.day_s)
        menu_s = np.array(self._menu_s)
        return dataclasses.replace(self.book.records(), menu_s=menu_s, apart_s=apart_s)

    def _next(self) -> None:
        now, kind, number = self.heap[0]
        if kind < MENU_ENDS:
            super()._next()
            if kind in (STAFF, TIMER):
                self.staff.settle(now)
                self._plan_breaks(now)
            for person in list(self._due):
                self._begin_break(person, now)
            return
        heappop(self.heap)
        if kind == MENU_ENDS:
            self._menu_ends(number, now)
        elif kind == BREAK_DUE:
            self._break_due(self._persons[number], now)
        else:
            self._break_over(self._persons[number], now)

    # -- callers ------------------------------------------------------------------------------

    def _arrive(self, source: int, now: float) -> None:
        number = self.book.open(source, now)
        if number == len(self._menu_s):
            self._menu_s.append(0.0)
        call = self.book.call[number]
        arrived = CallArrived(call, SWITCH, "PJSIP/trunk", "trunk", "1", WITHHELD)
        full = self.handle(arrived, now).commands
        if full:
            self._follow(full, now)
        elif self._habits.menu is None:
            self._menu_ends(number, now)
        else:
            heappush(self.heap, (now + float(self._drawn.menu_s[source]), MENU_ENDS, number))

    def _menu_ends(self, number: int, now: float) -> None:
        """The caller hangs up in the menu, or comes to the queue."""
        book = self.book
        source, call = book.source[number], book.call[number]
        self._menu_s[number] = now - book.came[number]
        if self._drawn.leaves[source]:
            book.outcome[number] = _LEFT
            self._follow(self.handle(CallerHungUp(call), now).commands, now)
            return
        asked = QueueRequested(call, *self.asks[book.skills[source]])
        self._follow(self.handle(asked, now).commands, now)
        if book.outcome[number] == OPEN:
            patience_s = book.patience_s(number)
            if patience_s != NEVER_S:
                heappush(self.heap, (now + patience_s, GIVES_UP, number))

    def _answered(self, number: int, offer: OfferId, now: float) -> None:
        super()._answered(number, offer, now)
        self.book.wait[number] -= self._menu_s[number]

    def _lost(self, number: int, now: float, outcome: int) -> None:
        super()._lost(number, now, outcome)
        if outcome == _ABANDONED:
            self.book.wait[number] -= self._menu_s[number]

    # -- telephones ---------------------------------------------------------------------------

    def _follow(self, commands: Sequence[Command], now: float) -> None:
        """Do what was commanded; telephones ring a while."""
        for command in commands:
            if isinstance(command, OfferCall):
                self._ring(command, now)
        super()._follow([each for each in commands if not isinstance(each, OfferCall)], now)

    def _ring(self, offer: OfferCall, now: float) -> None:
        """Somebody picks up after a while, or the engine finds that nobody did."""
        number = int(offer.call)
        source = self.book.source[number]
        self.book.seat[number] = self.mapped.seats[offer.agent]
        missed = self._missed.get(number, 0)
        # A ring that would last longer than it may is missed, and the next lasts what is left.
        too_long, ring_s = divmod(float(self._drawn.ring_s[source]), self._habits.ring_timeout_s)
        if missed < self._drawn.unanswered[source] + too_long:
            self._missed[number] = missed + 1
        else:
            self.ringing[number] = offer.offer
            heappush(self.heap, (now + ring_s, RANG, number))

    # -- breaks -------------------------------------------------------------------------------

    def _plan_breaks(self, now: float) -> None:
        """Who has come to work takes the first break in turn, not all at once."""
        every_s = self._habits.break_every_s
        if every_s is None:
            return
        agents = self.engine.agents
        for number, person in enumerate(self._persons):
            if person in self._planned or agents[person].state is AgentState.LOGGED_OUT:
                continue
            group, seat = self.mapped.seats[person]
            turn = (seat + 1) / len(self.mapped.people[group])
            self._planned.add(person)
            self._plan_break(number, now + every_s * turn)

    def _plan_break(self, number: int, due_s: float) -> None:
        """Nobody takes a break after the day: who is still there only finishes."""
        if due_s < self.scenario.day_s:
            heappush(self.heap, (due_s, BREAK_DUE, number))

    def _break_due(self, person: AgentId, now: float) -> None:
        state = self.engine.agents[person].state
        if state is AgentState.LOGGED_OUT:
            self._planned.discard(person)
            return
        self._due[person] = None
        # Who writes up does so to the end.
        if state is not AgentState.WRAP_UP:
            self._pause(person, now)
            self._begin_break(person, now)

    def _pause(self, person: AgentId, now: float) -> None:
        paused = AgentPaused(person, NotReadyReason.BREAK)
        self._follow(self.handle(paused, now).commands, now)

    def _begin_break(self, person: AgentId, now: float) -> None:
        """From the moment in which the operator is free."""
        agent = self.engine.agents[person]
        if agent.state is AgentState.NOT_READY and agent.reason is NotReadyReason.BREAK:
            del self._due[person]
            over_s = now + self._habits.break_length_s
            heappush(self.heap, (over_s, BREAK_OVER, self._persons.index(person)))
        elif agent.state is AgentState.LOGGED_OUT:
            del self._due[person]
            self._planned.discard(person)

    def _break_over(self, person: AgentId, now: float) -> None:
        group, seat = self.mapped.seats[person]
        if self.engine.agents[person].state is AgentState.LOGGED_OUT:
            self._planned.discard(person)
        elif self.staff.leaving[group]:
            self._planned.discard(person)
            self.staff.leaves(group, seat, now)
        else:
            self._follow(self.handle(AgentReadied(person), now).commands, now)
            again_s = now + (self._habits.break_every_s or 0.0)
            self._plan_break(self._persons.index(person), again_s)

    def _wrote_up(self, number: int, now: float) -> None:
        group, seat = self.book.seat[number]
        person = self.mapped.people[group][seat]
        if person in self._due and not self.staff.leaving[group]:
            self._pause(person, now)
        else:
            super()._wrote_up(number, now)
