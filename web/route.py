"""One line of the access table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

from acd.ports_people import OperationKind
from web.api.ask import Ask
from web.api.bodies import Body
from web.identity import Identity
from web.roles import ADMINISTRATORS, Role, in_order
from web.views import own_agent

#: The operator in a path; routes with it are for that operator where the role is operator.
AGENT = "/api/agents/{agent:[a-z0-9][a-z0-9_-]{0,31}}"

#: What becomes JSON, or an answer made by hand; a handler's annotation says what it is
#: (:mod:`web.answer`).
Answer = object


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
    #: As what it is logged when it is done to oneself.
    logged_own: OperationKind | None = None
    #: As what it is logged when it calls an outside number, whoever asks.
    logged_outside: OperationKind | None = None
    #: As what it is logged when it reads the centre's calls; else it is not.
    logged_reading: OperationKind | None = None
    #: Who may ask for what shows single people; nobody else of ``roles``. None: all of them.
    of_people: frozenset[Role] | None = None
    #: Logged only where single people are shown.
    logged_of_people: bool = False
    #: How long it may take, in seconds; 0: as the settings say.
    within_s: float = 0.0

    @property
    def act(self) -> str:
        """What is done to the operator in the path: ``hang-up``."""
        return self.path.removeprefix(AGENT).strip("/")

    def logged_as(
        self, who: Identity, names: dict[str, str], body: BaseModel | None = None
    ) -> OperationKind | None:
        """As what the operation log says that this person did this; None where it says nothing."""
        if self.logged_of_people and isinstance(body, Body) and not body.shows_people():
            return None
        if self.logged_reading and isinstance(body, Body) and body.reads_calls():
            return self.logged_reading
        if self.logged_outside and isinstance(body, Body) and body.calls_outside():
            return self.logged_outside
        own = self.logged_for_others and names.get("agent") == who.agent
        return self.logged_own if own else self.logged

    def hides(self, who: Identity, body: Body) -> bool:
        """Whether this asks for people whom this person may not see."""
        return self.of_people is not None and body.shows_people() and not who.has(self.of_people)

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


def own_route(
    path: str,
    handler: Callable[[Ask], Awaitable[Answer]],
    body: type[Body],
    logged: OperationKind = OperationKind.AGENT_ACTED_FOR,
    logged_own: OperationKind | None = None,
    logged_outside: OperationKind | None = None,
) -> Route:
    """What operators do for themselves. An administrator may do it for one of them, and then it
    stands in the operation log: the ledger would say that the operator did."""
    roles = frozenset({Role.OPERATOR, *ADMINISTRATORS})
    return Route(
        "POST",
        AGENT + path,
        roles,
        handler,
        body,
        logged,
        logged_for_others=True,
        logged_own=logged_own,
        logged_outside=logged_outside,
    )
