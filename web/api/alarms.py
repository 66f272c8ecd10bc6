"""The alarms: which there are and were, and whether they reach anybody."""

from __future__ import annotations

from typing import TypedDict

from acd.app.alarms import Alarms, ChannelTold, Shown
from acd.errors import NotFound
from acd.ports_people import OperationKind
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.roles import FLOOR
from web.route import Route


class AlarmList(TypedDict):
    """Alarms that last, and those that are over, the newest first."""

    alarms: list[Shown]


class Tested(TypedDict):
    """What came of each way to tell."""

    told: list[ChannelTold]


def _alarms(ask: Ask) -> Alarms:
    if ask.wiring.watching is None:
        raise NotFound("this centre has no alarms", code="no_alarms")
    return ask.wiring.watching.alarms


async def listed(ask: Ask) -> AlarmList:
    """Alarms that last, and those that are over, the newest first."""
    return {"alarms": _alarms(ask).listed()}


async def test(ask: Ask) -> Tested:
    """Send a test by every way that is configured, and say what came of each."""
    return {"told": await _alarms(ask).test()}


ROUTES = (
    Route("GET", "/api/alarms", FLOOR, listed),
    Route("POST", "/api/alarms/test", FLOOR, test, Nothing, OperationKind.ALARMS_TESTED),
)
