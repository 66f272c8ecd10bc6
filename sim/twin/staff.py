"""Who is at work: operators come and go at the borders of the periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from acd.core.commands import Command
from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentLoggedOut, AgentReadied
from agents.state import AgentState

Follow = Callable[[Sequence[Command], float], None]


class Staff:
    """The operators of all groups. ``leaving``: how many of a group leave when they finish."""

    def __init__(self, engine: Engine, people: Sequence[Sequence[AgentId]], follow: Follow) -> None:
        self._engine = engine
        self._people = people
        self._follow = follow
        self._at_work = [0] * len(people)
        self.leaving = [0] * len(people)

    def change(self, wanted: Sequence[int], now: float) -> None:
        """From now on so many of each group are to work."""
        for group, number in enumerate(wanted):
            more = number - (self._at_work[group] - self.leaving[group])
            if more > 0:
                stay = min(more, self.leaving[group])
                self.leaving[group] -= stay
                self._come(group, more - stay, now)
            elif more < 0:
                self._go(group, -more, now)

    def leaves(self, group: int, seat: int, now: float) -> None:
        """One who has just finished, or finishes this instant, goes home."""
        self.leaving[group] -= 1
        self._out(group, self._people[group][seat], now)

    def settle(self, now: float) -> None:
        """Who should have left, and is idle again after a missed ring, leaves."""
        for group, number in enumerate(self.leaving):
            if number:
                self.leaving[group] = 0
                self._go(group, number, now)

    def _come(self, group: int, number: int, now: float) -> None:
        """The first who are at home come and take calls."""
        agents = self._engine.agents
        home = [each for each in self._people[group] if agents[each].state is AgentState.LOGGED_OUT]
        for person in home[:number]:
            self._at_work[group] += 1
            self._engine.handle(AgentLoggedIn(person), now)
            self._follow(self._engine.handle(AgentReadied(person), now).commands, now)

    def _go(self, group: int, number: int, now: float) -> None:
        """Who is idle goes at once, the shortest idle first; the others when they finish."""
        agents = self._engine.agents
        idle = [each for each in self._people[group] if agents[each].state is AgentState.READY]
        idle.sort(key=lambda each: agents[each].idle_number, reverse=True)
        for person in idle[:number]:
            self._out(group, person, now)
        self.leaving[group] += number - min(number, len(idle))

    def _out(self, group: int, person: AgentId, now: float) -> None:
        self._at_work[group] -= 1
        self._follow(self._engine.handle(AgentLoggedOut(person), now).commands, now)
