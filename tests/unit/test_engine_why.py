"""Why a call still waits: the first reason, who could serve it, and what changes next."""

from __future__ import annotations

import pytest

from acd.core import inputs as i
from acd.core.ids import CallId, SwitchId
from acd.core.plan import LadderStep, SkillNeed
from acd.core.why import Waits, WhyWaits, why_waits
from acd.core.why_text import told_why
from acd.errors import NotFound, Refused
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue


def why(desk: Desk, call: str = "1") -> Waits:
    return why_waits(desk.engine, CallId(call), desk.now)


def test_nobody_in_the_plan_has_the_skill() -> None:
    desk = Desk(plan(queue(), person("mori", "waste")))
    desk.call("1")
    found = why(desk)
    assert (found.why, found.able) == (WhyWaits.NOBODY_HAS_SKILL, ())
    assert "Nobody has the skill." in told_why(found).en


def test_who_could_serve_it_is_not_logged_in_then_away_then_busy() -> None:
    desk = Desk(plan(queue(), person("sato")))
    desk.call("1")
    assert why(desk).why is WhyWaits.NOBODY_LOGGED_IN
    desk.tell(i.AgentLoggedIn(desk.engine.plan.agents[0].id))
    assert why(desk).why is WhyWaits.ALL_AWAY
    desk.ready("sato")
    assert (why(desk).why, why(desk).agent) == (WhyWaits.RINGING, "sato")
    desk.connect("sato")
    with pytest.raises(Refused, match="does not wait"):
        why(desk)
    desk.call("2")
    assert why(desk, "2").why is WhyWaits.ALL_BUSY
    assert why(desk, "2").able[0].state is AgentState.TALKING
    assert told_why(why(desk, "2")).short_ja == "応対できる人が全員応対中です"


def test_who_did_not_answer_is_away_and_a_wrap_up_says_when_it_ends() -> None:
    desk = Desk(plan(queue(), person("sato"), person("kato")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.hang_up("1")
    desk.call("2")
    desk.pass_time(4.0)
    found = why(desk, "2")
    assert found.why is WhyWaits.ALL_BUSY
    assert [each.ready_in_s for each in found.able] == [6.0, None]
    desk.pause("sato", NotReadyReason.LUNCH)
    assert why(desk, "2").why is WhyWaits.ALL_AWAY
    assert "応対できる人: ログオフ 1, 昼休み 1。" in told_why(why(desk, "2")).ja


def test_a_call_rests_waits_for_one_operator_or_for_the_switch() -> None:
    desk = Desk(plan(queue(prefer_last_agent_s=60.0), person("sato"), person("kato")), "sato")
    desk.call("1")
    desk.fail("sato", i.OfferFailure.ERROR)
    assert why(desk).why is WhyWaits.RESTS
    desk.pass_time(2.0)
    desk.connect("sato")
    desk.call("2", prefer_agent="sato")
    assert (why(desk, "2").why, why(desk, "2").agent) == (WhyWaits.WAITS_FOR_OPERATOR, "sato")
    desk.tell(i.SwitchDown(SwitchId("a")))
    assert why(desk, "2").why is WhyWaits.SWITCH_DOWN


def test_place_priority_and_the_next_step_of_the_ladder_are_told() -> None:
    ladder = (LadderStep(30.0, raise_priority=2), LadderStep(90.0, lower=(SkillNeed("tax", 0),)))
    desk = Desk(plan(queue(ladder=ladder), person("sato")))
    desk.call("1")
    desk.call("2")
    desk.pass_time(10.0)
    found = why(desk, "2")
    assert (found.ahead, found.priority, found.next_step_in_s) == (1, 0, 20.0)
    desk.pass_time(25.0)
    found = why(desk, "2")
    assert (found.priority, found.next_step_in_s, found.waited_s) == (2, 55.0, 35.0)
    assert "The queue's ladder makes it easier in 55 s." in told_why(found).en


def test_a_call_that_never_was_has_no_reason() -> None:
    with pytest.raises(NotFound):
        why(Desk(plan(person("sato"))), "9")
