"""The example city's own rules, as its callers meet them."""

from __future__ import annotations

import pytest

from acd.config import load_centre
from acd.core.commands import DialTarget, PlayAnnouncement
from acd.core.ids import CallId
from tests.desk import Desk
from tests.fakes.centre import CENTRE, NUMBER

DEFAULT = "general"


def city() -> Desk:
    return Desk(load_centre(CENTRE).plan)


@pytest.mark.requirement("M8")
@pytest.mark.parametrize("queue", [DEFAULT, "switchboard", "tax", "residents"])
def test_when_nobody_is_logged_in_the_night_desk_is_rung_at_once(queue: str) -> None:
    desk = city()
    desk.call("1", queue, number=NUMBER)
    assert [c.entry for c in desk.commands if isinstance(c, DialTarget)] == ["night-desk"]


@pytest.mark.requirement("M8")
def test_who_waits_when_the_last_operator_goes_home_is_put_through_as_well() -> None:
    desk = city()
    desk.ready("op10")
    desk.pause("op10")
    desk.call("1", DEFAULT, number=NUMBER)
    assert CallId("1") in desk.engine.state.room.placed
    desk.log_out("op10")
    assert [c.entry for c in desk.commands if isinstance(c, DialTarget)] == ["night-desk"]


def test_nobody_waits_in_the_last_queue_for_more_than_a_quarter_of_an_hour() -> None:
    desk = city()
    desk.ready("op10")
    desk.pause("op10")
    desk.call("1", DEFAULT, number=NUMBER)
    desk.pass_time(899.0)
    assert not any(isinstance(each, PlayAnnouncement) for each in desk.commands)
    desk.pass_time(1.0)
    played = [c.announcement for c in desk.commands if isinstance(c, PlayAnnouncement)]
    assert played == ["call_back_taken"]
