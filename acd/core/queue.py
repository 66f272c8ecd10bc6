"""The waiting room: calls indexed by what they require, idle operators by what they can do.

A :class:`Line` is one requirement (skills with levels, or one named operator) with the calls that
wait under it, in the global order, and the operators who can serve it. A call stands in one line,
or in several when its ladder added a queue. Both sides are kept ready, so that a decision looks at
heads of lines only, however many calls wait.

The global order is the key ``age_from_s − priority × priority_step_s``, then the arrival number.
All calls age alike, so the order of two calls never changes by itself, and no call is ever
overtaken by one that arrived more than ``9 × priority_step_s`` later.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter

from acd.core.call import Call
from acd.core.ids import AgentId, CallId
from acd.core.plan import SkillNeed
from agents.agent import Agent
from agents.skills import can_serve

#: (order key, arrival number, call): compares by key, then number, which is unique.
Entry = tuple[float, int, Call]

#: What a line requires: needs, or the one operator who may take its calls.
Requirement = tuple[SkillNeed, ...] | AgentId

_by_idle_number = attrgetter("idle_number")


class Line:
    """Calls under one requirement, and the operators who can serve them."""

    __slots__ = ("able", "idle", "needs", "only", "waiting")

    def __init__(self, requirement: Requirement) -> None:
        self.only = requirement if isinstance(requirement, str) else None
        self.needs = () if isinstance(requirement, str) else requirement
        self.waiting: list[Entry] = []
        self.able: dict[str, Agent] = {}
        self.idle: dict[str, Agent] = {}

    def serves(self, agent: Agent, levels: dict[str, int]) -> bool:
        """Whether the operator meets this line's requirement."""
        if agent.retired:
            return False
        return agent.id == self.only if self.only is not None else can_serve(levels, self.needs)


class WaitingRoom:
    """All lines, where each waiting call stands, and which operators are idle."""

    __slots__ = ("_lines", "_lines_of", "levels", "placed")

    def __init__(self) -> None:
        self._lines: dict[Requirement, Line] = {}
        self._lines_of: dict[str, list[Line]] = {}
        self.levels: dict[str, dict[str, int]] = {}
        self.placed: dict[CallId, tuple[Entry, list[Line]]] = {}

    def line(self, requirement: Requirement, agents: Iterable[Agent]) -> Line:
        """The line for a requirement, made on first use over all ``agents``."""
        found = self._lines.get(requirement)
        if found is None:
            found = self._lines[requirement] = Line(requirement)
            for agent in agents:
                if found.serves(agent, self.levels[agent.id]):
                    found.able[agent.id] = agent
                    self._lines_of[agent.id].append(found)
            idle = [a for a in found.able.values() if a.available]
            idle.sort(key=_by_idle_number)
            found.idle = {agent.id: agent for agent in idle}
        return found

    def forget_lines(self, agents: Iterable[Agent], levels: dict[str, dict[str, int]]) -> None:
        """Start over with other operators or skills; every call must be placed again."""
        self._lines.clear()
        self.placed.clear()
        self.levels = levels
        self._lines_of = {agent.id: [] for agent in agents}

    def admit(self, agent: Agent) -> None:
        """Somebody who serves no line is here for a moment."""
        self.levels[agent.id] = {}
        self._lines_of[agent.id] = []

    def lines_of(self, agent: Agent) -> list[Line]:
        """The lines that an operator can serve."""
        return self._lines_of[agent.id]

    def place(self, call: Call, key: float, lines: list[Line]) -> None:
        """Let a call wait in these lines at its place in the global order."""
        entry = (key, call.number, call)
        for line in lines:
            insort(line.waiting, entry)
        self.placed[call.id] = (entry, lines)

    def remove(self, call: Call) -> None:
        """Take a call out of its lines, if it stands in any."""
        held = self.placed.pop(call.id, None)
        if held is None:
            return
        entry, lines = held
        for line in lines:
            waiting = line.waiting
            if waiting[0] is entry:
                del waiting[0]
            else:
                del waiting[bisect_left(waiting, entry)]

    def agent_idle(self, agent: Agent) -> None:
        """The operator can be offered calls; ``idle_number`` gives the place among the idle."""
        number = agent.idle_number
        for line in self._lines_of[agent.id]:
            idle = line.idle
            late = idle and next(reversed(idle.values())).idle_number > number
            idle[agent.id] = agent
            if late:
                line.idle = {a.id: a for a in sorted(idle.values(), key=_by_idle_number)}

    def agent_taken(self, agent: Agent) -> None:
        """The operator can be offered nothing at present."""
        for line in self._lines_of[agent.id]:
            line.idle.pop(agent.id, None)

    def waiting_for(self, agent: AgentId) -> list[Call]:
        """Calls that wait for this one operator."""
        line = self._lines.get(agent)
        return [entry[2] for entry in line.waiting] if line is not None else []

    def position(self, call: Call) -> int:
        """Place in the call's longest line: 1 = next; 0 when the call stands in none."""
        held = self.placed.get(call.id)
        if held is None:
            return 0
        entry, lines = held
        return 1 + max(bisect_left(line.waiting, entry) for line in lines)
