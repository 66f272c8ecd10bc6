"""When operators neither wait for calls nor handle any: while it rings, on a break, after a ring
that they missed. Of the engine's own events, so that nothing is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from acd.core.engine import Engine
from acd.core.events import AgentChanged, CallAnswered, CallOffered, Event
from acd.core.ids import AgentId
from acd.core.inputs import Input
from acd.core.plan import Plan
from acd.core.step import Outcome
from agents.state import AgentState


class WatchedEngine(Engine):
    """The engine, with the stretches in which operators were apart. Its caller knows whose group
    an operator is of."""

    def __init__(self, plan: Plan, tz: tzinfo) -> None:
        super().__init__(plan, tz)
        #: Since when who is apart now is, and the stretches that are over.
        self._since: dict[AgentId, float] = {}
        self._over: list[tuple[AgentId, float, float]] = []

    def handle(self, happened: Input, now: float) -> Outcome:
        """Decide on one input; see the engine."""
        outcome = super().handle(happened, now)
        for event in outcome.events:
            self._see(event, now)
        return outcome

    def _see(self, event: Event, now: float) -> None:
        if isinstance(event, AgentChanged):
            self._ends(event.agent, now)
            if event.state is AgentState.NOT_READY:
                self._since[event.agent] = now
        elif isinstance(event, CallOffered):
            self._since[event.agent] = now
        elif isinstance(event, CallAnswered):
            self._ends(event.agent, now)

    def _ends(self, agent: AgentId, now: float) -> None:
        since = self._since.pop(agent, now)
        if since < now:
            self._over.append((agent, since, now))

    def apart(
        self, seats: Mapping[AgentId, tuple[int, int]], until_s: float
    ) -> NDArray[np.float64]:
        """All stretches as rows of group, from and to; who is apart still is so ``until_s``."""
        open_ = [(agent, since, until_s) for agent, since in self._since.items() if since < until_s]
        rows = [(seats[agent][0], since, to) for agent, since, to in (*self._over, *open_)]
        return np.array(rows, np.float64).reshape(-1, 3)
