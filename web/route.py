"""One line of the access table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from acd.ports_people import OperationKind
from web.api.ask import Ask
from web.api.bodies import Body
from web.identity import Identity
from web.roles import Role, in_order
from web.views import Json, own_agent

#: The operator in a path; routes with it are for that operator where the role is operator.
AGENT = "/api/agents/{agent:[a-z0-9][a-z0-9_-]{0,31}}"

#: JSON, or an answer made by hand: a file, a stream.
Answer = Json | web.StreamResponse


@dataclass(frozen=True)
class Route:
    """One route. ``roles`` may use it; an operator only where the path names that operator
    (if it names one at all).

    ``body`` is what a POST takes as JSON, and what a GET takes as its query. ``logged`` writes
    the operation log: who, what, the ids in the path, and the body's ``reason`` if it has one.
    """

    method: str
    path: str
    roles: frozenset[Role]
    handler: Callable[[Ask], Awaitable[Answer]]
    body: type[Body] | None = None
    logged: OperationKind | None = None
    #: Logged only when it is done to somebody else: operators' own states are in the ledger.
    logged_for_others: bool = False
    #: How long it may take, in seconds; 0: as the settings say.
    within_s: float = 0.0

    def allows(self, who: Identity, names: dict[str, str]) -> bool:
        """Whether this person may do this."""
        return bool(self._as_whom(who, names))

    def acting(self, who: Identity, names: dict[str, str]) -> Role:
        """The role in which this person does this, or tries to."""
        return in_order(self._as_whom(who, names) or who.roles)[0]

    def _as_whom(self, who: Identity, names: dict[str, str]) -> frozenset[Role]:
        """The person's roles that allow it."""
        agent = names.get("agent")
        if agent is None or own_agent(agent, who):
            return who.roles & self.roles
        return who.roles & self.roles - {Role.OPERATOR}
