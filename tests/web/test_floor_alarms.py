"""Alarms: seen by one supervisor, seen for all, who and when kept; what happens again is back."""

from __future__ import annotations

import pytest

from acd.core import inputs as i
from acd.core.ids import AgentId
from acd.ports_people import OperationKind
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.test_live import open_screen
from web.floor_alarms import KEPT, FloorAlarms

pytestmark = pytest.mark.requirement("S12")


def help_wanted(centre: Centre) -> None:
    centre.do(i.HelpRequested(AgentId("op09")))


@pytest.fixture
def talking(centre: Centre) -> Centre:
    """Somebody talks, and asks for help."""
    centre.do(i.AgentLoggedIn(AgentId("op09")))
    centre.do(i.AgentReadied(AgentId("op09")))
    centre.connect(centre.call(1))
    return centre


async def test_an_alarm_that_one_supervisor_saw_is_seen_on_every_screen(
    api: Api, talking: Centre, log: KnownOperations
) -> None:
    one, other = await open_screen(api, "supervisor"), await open_screen(api, "admin")
    help_wanted(talking)
    (alarm,) = (await one.take())["alerts"]
    assert (alarm["kind"], alarm["seen_by"]) == ("harassment", "")
    await other.take()
    status, seen = await api.post(f"/api/floor/alarms/{alarm['id']}/seen", "supervisor")
    assert (status, seen["seen_by"] != "") == (200, True)
    for screen in (one, other):
        (again,) = (await screen.take())["alerts"]
        assert (again["id"], again["seen_by"]) == (alarm["id"], seen["seen_by"])
        assert again["seen_s"] >= alarm["at_s"]
    (kept,) = [each for each in log.entries if each.kind is OperationKind.ALARM_SEEN]
    assert (kept.who, kept.subject) == (seen["seen_by"], alarm["id"])
    # Who was first stays; a new screen knows it too.
    _, again = await api.post(f"/api/floor/alarms/{alarm['id']}/seen", "admin")
    assert again["seen_by"] == seen["seen_by"]
    (known,) = (await open_screen(api, "supervisor")).state["alerts"]
    assert known["seen_by"] == seen["seen_by"]


async def test_what_happens_again_is_another_alarm(api: Api, talking: Centre) -> None:
    screen = await open_screen(api, "supervisor")
    help_wanted(talking)
    (alarm,) = (await screen.take())["alerts"]
    await api.post(f"/api/floor/alarms/{alarm['id']}/seen", "supervisor")
    await screen.take()
    help_wanted(talking)
    (again,) = (await screen.take())["alerts"]
    assert (again["kind"], again["seen_by"]) == ("harassment", "")
    assert again["id"] != alarm["id"]


async def test_an_alarm_that_nobody_knows_and_somebody_who_may_not(
    api: Api, talking: Centre
) -> None:
    status, answer = await api.post("/api/floor/alarms/harassment-1-1/seen", "supervisor")
    assert (status, answer["error"]["code"]) == (404, "unknown_alarm")
    assert (await api.post("/api/floor/alarms/harassment-1-1/seen", "op09"))[0] == 403


def test_the_oldest_that_was_seen_goes_first() -> None:
    alarms = FloorAlarms()
    for number in range(KEPT):
        alarms.add(float(number), "harassment", f"op{number}")
    second = alarms.all()[1]
    alarms.seen(second["id"], "boss", 60.0)
    alarms.add(61.0, "harassment", "op99")
    assert second["id"] not in [each["id"] for each in alarms.all()]
    assert len(alarms.all()) == KEPT
