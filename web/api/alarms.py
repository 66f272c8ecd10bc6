"""The alarms: which there are and were, and whether they reach anybody."""

from __future__ import annotations

import msgspec

from acd.app.alarms import Alarms
from acd.errors import NotFound
from acd.ports_people import OperationKind
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.roles import FLOOR
from web.route import Route
from web.views import Json


def _alarms(ask: Ask) -> Alarms:
    if ask.wiring.watching is None:
        raise NotFound("this centre has no alarms", code="no_alarms")
    return ask.wiring.watching.alarms


async def listed(ask: Ask) -> Json:
    """Alarms that last, and those that are over, the newest first."""
    return {"alarms": [msgspec.to_builtins(each) for each in _alarms(ask).listed()]}


async def test(ask: Ask) -> Json:
    """Send a test by every way that is configured, and say what came of each."""
    told = await _alarms(ask).test()
    return {"told": [msgspec.to_builtins(each) for each in told]}


ROUTES = (
    Route("GET", "/api/alarms", FLOOR, listed),
    Route("POST", "/api/alarms/test", FLOOR, test, Nothing, OperationKind.ALARMS_TESTED),
)
