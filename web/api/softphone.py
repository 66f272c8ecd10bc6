"""A browser becomes an operator's telephone, and stops being one."""

from __future__ import annotations

from typing import TypedDict

from acd.app.softphones import Lease, Softphones
from acd.errors import Refused
from acd.ports_people import OperationKind
from web.answer import Done
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.api.panel import OfAgent
from web.errors import HttpError
from web.roles import AT_WORK, FLOOR, Role
from web.route import AGENT, Route
from web.sip import PATH
from web.views import own_agent

#: What stands behind the @ in addresses of browsers; nobody looks it up.
DOMAIN = "madoguchi.invalid"


class Telephone(TypedDict):
    """What a page needs to be a telephone: ``ws`` is where its WebSocket goes, ``ice`` the
    addresses of servers that help media through, of which there are none."""

    device: str
    user: str
    password: str
    uri: str
    ws: str
    ice: list[str]


async def begin(ask: Ask) -> Telephone:
    """Make the asking page the operator's telephone; the page before it no longer is.

    The password is told here, once. It is made anew each time and is kept nowhere else.
    """
    if not own_agent(ask.agent, ask.who):
        raise HttpError(403, "forbidden")
    ask.wiring.desk.agent(ask.agent)
    return _told(await _softphones(ask).begin(ask.agent))


async def begin_on_the_floor(ask: Ask) -> Telephone:
    """Make the asking page a supervisor's telephone, for hearing talks and taking calls over."""
    softphones = _softphones(ask)
    return _told(await softphones.begin(softphones.take_seat(ask.who.name)))


async def end_on_the_floor(ask: Ask) -> Done:
    """Give a supervisor's telephone back."""
    softphones = _softphones(ask)
    seat = softphones.seat_of(ask.who.name)
    if seat is not None:
        await softphones.end(seat)
    return {}


def _told(lease: Lease) -> Telephone:
    return {
        "device": lease.user,
        "user": lease.user,
        "password": lease.password,
        "uri": f"sip:{lease.user}@{DOMAIN}",
        "ws": f"{PATH}?lease={lease.id}",
        "ice": [],
    }


async def end(ask: Ask) -> OfAgent:
    """Give the telephone back: secret, registration and line are gone."""
    await _softphones(ask).end(ask.agent)
    return {"agent": ask.agent}


def _softphones(ask: Ask) -> Softphones:
    found = ask.wiring.softphones
    if found is None:
        raise Refused("browsers are no telephones in this centre", code="no_softphones")
    return found


ROUTES = (
    Route("POST", AGENT + "/softphone", frozenset({Role.OPERATOR}), begin, Nothing),
    Route(
        "DELETE",
        AGENT + "/softphone",
        AT_WORK,
        end,
        Nothing,
        OperationKind.AGENT_ACTED_FOR,
        logged_for_others=True,
    ),
    Route("POST", "/api/softphone", FLOOR, begin_on_the_floor, Nothing),
    Route("DELETE", "/api/softphone", FLOOR, end_on_the_floor, Nothing),
)
