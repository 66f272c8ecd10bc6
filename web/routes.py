"""The access table: every route, who may use it, what it takes. What is not here is refused."""

from __future__ import annotations

from dataclasses import dataclass

from acd.ports_people import OperationKind
from web.api import (
    account,
    alarms,
    bodies,
    floor,
    handlers,
    oidc,
    panel,
    people,
    recordings,
    reports,
    sessions,
    softphone,
    studies,
    talk,
    wallboard,
)
from web.roles import ADMINISTRATORS, AT_WORK, EVERYBODY, FLOOR, PERSONS, WATCHERS, Role
from web.route import AGENT, Route, own_route
from web.sip import PATH as SIP_PATH

_OPERATORS = (
    Route("GET", "/api/me", PERSONS, handlers.me),
    Route("GET", "/api/state", AT_WORK, handlers.state),
    own_route("/login", handlers.log_in, bodies.LogIn),
    Route(
        "POST",
        AGENT + "/logout",
        AT_WORK,
        handlers.log_out,
        bodies.Nothing,
        OperationKind.AGENT_LOGGED_OUT,
        logged_for_others=True,
    ),
    own_route("/ready", handlers.ready, bodies.Nothing),
    Route(
        "POST",
        AGENT + "/not-ready",
        AT_WORK,
        handlers.not_ready,
        bodies.NotReady,
        OperationKind.AGENT_FORCED,
        logged_for_others=True,
    ),
    own_route("/reserve", handlers.reserve, bodies.Reserve),
    own_route("/wrap-up/extend", handlers.extend_wrap_up, bodies.Extend),
    own_route("/wrap-up/end", handlers.end_wrap_up, bodies.Nothing),
    own_route("/hang-up", handlers.hang_up, bodies.Nothing),
    own_route("/transfer", handlers.transfer, bodies.Transfer),
    own_route(
        "/disposition",
        handlers.disposition,
        bodies.Disposition,
        OperationKind.RECORD_CHANGED,
        OperationKind.CALL_CLASSIFIED,
    ),
    Route(
        "POST",
        "/api/reload",
        ADMINISTRATORS,
        handlers.reload,
        bodies.Nothing,
        OperationKind.CONFIGURATION_RELOADED,
    ),
    Route(
        "POST",
        "/api/takeover",
        ADMINISTRATORS,
        handlers.take_over,
        bodies.Nothing,
        OperationKind.LEAD_GIVEN,
    ),
    Route("GET", "/api/explain/{offer:o[0-9]{12}}", FLOOR, handlers.explain),
)

#: Routes for somebody who is known, that answer by one set of rules. Each part of the interface has
#: a file with its own.
ROUTES = (
    *sessions.ROUTES,
    *account.ROUTES,
    *_OPERATORS,
    *people.ROUTES,
    *floor.ROUTES,
    *softphone.ROUTES,
    *panel.ROUTES,
    *recordings.ROUTES,
    *reports.ROUTES,
    *studies.ROUTES,
    *alarms.ROUTES,
    *talk.ROUTES,
    *wallboard.ROUTES,
)

#: Routes for strangers.
DOORS = (*sessions.DOORS, *oidc.DOORS, *wallboard.DOORS)


@dataclass(frozen=True)
class Special:
    """A route that answers in a way of its own; ``roles`` is ``None`` where anybody may."""

    method: str
    path: str
    roles: frozenset[Role] | None


LIVE = Special("GET", "/api/live", AT_WORK)
WALLBOARD = Special("GET", "/api/wallboard/live", WATCHERS)
NEWS = Special("GET", "/api/news", PERSONS)
SIP = Special("GET", SIP_PATH, AT_WORK)
DOCUMENT = Special("GET", "/api/openapi.json", EVERYBODY)
METRICS = Special("GET", "/metrics", FLOOR | {Role.MONITOR})
HEALTH = Special("GET", "/healthz", None)
READY = Special("GET", "/readyz", None)

SPECIAL = (LIVE, WALLBOARD, NEWS, SIP, DOCUMENT, METRICS, HEALTH, READY)
