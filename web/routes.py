"""The access table: every route, who may use it, what it takes. What is not here is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from web.api import bodies, handlers
from web.api.handlers import Ask
from web.auth import Identity, Role
from web.views import Json, own_agent

_AGENT = "/api/agents/{agent:[a-z0-9][a-z0-9_-]{0,31}}"

PEOPLE = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN})
FLOOR = frozenset({Role.SUPERVISOR, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})
EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Route:
    """One route. ``roles`` may use it; an operator only where the path names that operator
    (if it names one at all)."""

    method: str
    path: str
    roles: frozenset[Role]
    handler: Callable[[Ask], Awaitable[Json]]
    body: type[bodies.Body] | None = None

    def allows(self, who: Identity, names: dict[str, str]) -> bool:
        """Whether this person may do this."""
        if who.role not in self.roles:
            return False
        agent = names.get("agent")
        if agent is None or who.role is not Role.OPERATOR:
            return True
        return own_agent(agent, who)


def _own(path: str, handler: Callable[[Ask], Awaitable[Json]], body: type[bodies.Body]) -> Route:
    return Route("POST", _AGENT + path, frozenset({Role.OPERATOR, Role.ADMIN}), handler, body)


#: Routes that answer JSON; the others (live, metrics, health, the document) are in `web.server`.
ROUTES = (
    Route("GET", "/api/me", PEOPLE, handlers.me),
    Route("GET", "/api/state", PEOPLE, handlers.state),
    _own("/login", handlers.log_in, bodies.LogIn),
    Route("POST", _AGENT + "/logout", PEOPLE, handlers.log_out, bodies.Nothing),
    _own("/ready", handlers.ready, bodies.Nothing),
    Route("POST", _AGENT + "/not-ready", PEOPLE, handlers.not_ready, bodies.NotReady),
    _own("/reserve", handlers.reserve, bodies.Reserve),
    _own("/wrap-up/extend", handlers.extend_wrap_up, bodies.Extend),
    _own("/wrap-up/end", handlers.end_wrap_up, bodies.Nothing),
    _own("/hang-up", handlers.hang_up, bodies.Nothing),
    _own("/transfer", handlers.transfer, bodies.Transfer),
    _own("/disposition", handlers.disposition, bodies.Disposition),
    Route("POST", "/api/reload", ADMIN, handlers.reload, bodies.Nothing),
    Route("GET", "/api/explain/{offer:o[0-9]{12}}", FLOOR, handlers.explain),
)
