"""One operator, one screen at work: of several pages of an operator one has the seat."""

from __future__ import annotations

from collections.abc import Callable

from acd.core.ids import AgentId

#: Told when the seat of an operator changes hands.
Told = Callable[[AgentId, str], None]


class Seats:
    """Who has which seat. A page has it until another takes it, or until its connection is gone
    and another comes: nobody is thrown out by a page that is merely opened."""

    def __init__(self) -> None:
        self._holders: dict[AgentId, str] = {}
        self._told: Told = lambda agent, seat: None

    def follow(self, told: Told) -> None:
        """Whom to tell about changes."""
        self._told = told

    def of(self, agent: AgentId) -> str | None:
        """The page at work, if there is one."""
        return self._holders.get(agent)

    def arrive(self, agent: AgentId, page: str, connected: set[str]) -> None:
        """A page connects and would work; ``connected`` are the operator's other pages."""
        holder = self._holders.get(agent)
        if holder is None or (holder != page and holder not in connected):
            self.take(agent, page)

    def take(self, agent: AgentId, page: str) -> None:
        """A page takes the seat."""
        self._holders[agent] = page
        self._told(agent, page)
