"""What only the operator's panel asks: earlier calls, the alarm, and which page is at work."""

from __future__ import annotations

from typing import TypedDict

from acd.core.events import CallOutcome
from acd.core.ids import CallId
from acd.errors import NotFound
from acd.ports_people import OperationKind
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.api.panel_bodies import Seat
from web.own_views import own_number
from web.roles import Role
from web.route import AGENT, Route
from web.views import Operator

#: Earlier calls that are shown.
EARLIER = 8
OPERATORS = frozenset({Role.OPERATOR})


class Earlier(TypedDict):
    """An earlier call; ``agent`` spoke last, null when nobody did."""

    at_s: float
    queue: str | None
    outcome: CallOutcome
    agent: str | None
    talk_s: float
    disposition: str
    note: str


class History(TypedDict):
    """Earlier calls of the same number, the newest first."""

    earlier: list[Earlier]


class OfAgent(TypedDict):
    """It was done for this operator."""

    agent: str


async def call_history(ask: Ask) -> History:
    """Earlier calls of the same number, the newest first; only of the call that is your own."""
    call = CallId(ask.names["call"])
    number = own_number(ask.wiring.engine(), call, ask.who.agent) if ask.who.agent else None
    if number is None:
        # Said alike for calls of others and calls that never were.
        raise NotFound("there is no such call of yours", code="unknown_call")
    found = await ask.wiring.history.of_number(number, call, EARLIER)
    return {
        "earlier": [
            {
                "at_s": each.at_ms / 1000,
                "queue": each.queue or None,
                "outcome": each.outcome,
                "agent": each.agent or None,
                "talk_s": each.talk_ms / 1000,
                "disposition": each.disposition,
                "note": each.note,
            }
            for each in found
        ]
    }


async def alarm(ask: Ask) -> Operator:
    """Tell the supervisors at once that the caller threatens or insults."""
    return ask.answer(await ask.wiring.desk.call_for_help(ask.agent))


async def seat(ask: Ask) -> OfAgent:
    """Make the asking page the one at work; the operator's other pages stop."""
    ask.wiring.seats.take(ask.agent, ask.body_as(Seat).seat)
    return {"agent": ask.agent}


ROUTES = (
    Route(
        "GET",
        "/api/calls/{call:[A-Za-z0-9][A-Za-z0-9._-]{0,79}}/history",
        OPERATORS,
        call_history,
        None,
        OperationKind.HISTORY_VIEWED,
    ),
    Route("POST", AGENT + "/alarm", OPERATORS, alarm, Nothing),
    Route("POST", AGENT + "/seat", OPERATORS, seat, Seat),
)
