"""A supervisor's word: priority, queue, taking over, forced states, skills for today."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs as i
from acd.core.commands import CancelOffer, OfferCall
from acd.core.events import OfferResult, RefusalReason, VisitOutcome
from acd.core.explain import explain
from acd.core.explain_text import told
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.inputs_floor import (
    CallMoveRequested,
    PriorityGiven,
    SkillGiven,
    TakeOverRequested,
)
from acd.core.plan import LadderStep, SkillNeed
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue
from tests.engine_world import JST, T0_S

BOSS = "supervisor:boss"
TWO = plan(queue(), queue("waste"), person("sato"), person("mori", "waste"))


def move(desk: Desk, call: str, to: str) -> None:
    desk.tell(CallMoveRequested(CallId(call), QueueId(to), BOSS))


def take_over(desk: Desk, call: str, device: str = "phone-boss") -> None:
    desk.tell(TakeOverRequested(CallId(call), device, BOSS))


def skill(desk: Desk, agent: str, name: str, level: int | None) -> None:
    desk.tell(SkillGiven(AgentId(agent), name, level, BOSS))


def refusal(desk: Desk) -> RefusalReason:
    return desk.event(e.RequestRefused).reason


# -- priority and queue ---------------------------------------------------------------------


def test_a_priority_changes_who_is_next_and_says_who_gave_it() -> None:
    desk = Desk(plan(queue(), person("sato")))
    desk.call("first")
    desk.call("second")
    desk.tell(PriorityGiven(CallId("second"), 9, BOSS))
    assert desk.event(f.PriorityChanged).by == BOSS
    desk.ready("sato")
    assert desk.rings("sato") == "second"


def test_a_priority_is_the_one_asked_for_whatever_the_ladder_added() -> None:
    ladder = (LadderStep(10.0, raise_priority=3), LadderStep(30.0, raise_priority=2))
    desk = Desk(plan(queue(priority=2, ladder=ladder), person("sato")))
    desk.call("1")
    desk.pass_time(10.0)
    desk.tell(PriorityGiven(CallId("1"), 1, BOSS))
    call = desk.engine.calls[CallId("1")]
    assert desk.engine.state.priority(call) == 1
    desk.pass_time(20.0)
    assert desk.engine.state.priority(call) == 3


def test_a_priority_given_while_it_rings_counts_when_it_waits_again() -> None:
    desk = Desk(plan(queue(), person("sato"), person("kato")), "sato")
    desk.call("1")
    desk.tell(PriorityGiven(CallId("1"), 7, BOSS))
    desk.fail("sato", i.OfferFailure.NO_ANSWER)
    call = desk.engine.calls[CallId("1")]
    assert desk.engine.state.priority(call) == 7


@pytest.mark.parametrize("priority", [-1, 10])
def test_a_priority_has_bounds(priority: int) -> None:
    desk = Desk(plan(person("sato")))
    desk.call("1")
    desk.tell(PriorityGiven(CallId("1"), priority, BOSS))
    assert refusal(desk) is RefusalReason.OUT_OF_BOUNDS


def test_only_who_waits_has_a_priority_to_change() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.tell(PriorityGiven(CallId("1"), 3, BOSS))
    assert refusal(desk) is RefusalReason.NOT_WAITING
    desk.tell(PriorityGiven(CallId("9"), 3, BOSS))
    assert refusal(desk) is RefusalReason.UNKNOWN_CALL


def test_a_moved_call_keeps_its_age_and_with_it_its_place() -> None:
    desk = Desk(TWO)
    desk.call("1")
    desk.pass_time(30.0)
    desk.call("2", "waste")
    move(desk, "1", "waste")
    assert (desk.event(f.CallMoved).from_queue, desk.event(f.CallMoved).by) == ("tax", BOSS)
    assert desk.event(e.VisitEnded).outcome is VisitOutcome.WITHDRAWN
    assert desk.event(e.CallQueued).age_from_s == T0_S
    desk.ready("mori")
    assert desk.rings("mori") == "1"


def test_a_call_that_rings_is_taken_back_and_moved_and_the_operator_gets_the_next() -> None:
    desk = Desk(TWO, "sato", "mori")
    desk.call("1")
    desk.call("2")
    move(desk, "1", "waste")
    assert desk.has(CancelOffer)
    assert desk.event(e.OfferEnded).result is OfferResult.WITHDRAWN
    assert (desk.rings("mori"), desk.rings("sato")) == ("1", "2")


def test_a_call_cannot_be_moved_to_nowhere_nor_to_where_it_is() -> None:
    desk = Desk(TWO)
    desk.call("1")
    move(desk, "1", "parks")
    assert refusal(desk) is RefusalReason.UNKNOWN_TARGET
    move(desk, "1", "tax")
    assert refusal(desk) is RefusalReason.NOTHING_TO_CHANGE


# -- taking over ------------------------------------------------------------------------------


def test_a_waiting_call_rings_at_the_supervisors_phone_and_is_answered_there() -> None:
    desk = Desk(plan(queue(wrap_up_s=0.0), person("sato")))
    desk.call("1")
    take_over(desk, "1")
    guest = desk.event(f.CallTakenOver).agent
    assert (guest, desk.command(OfferCall).device) == ("@phone-boss", "phone-boss")
    desk.connect(guest)
    assert desk.state(guest) is AgentState.TALKING
    desk.restart()
    desk.hang_up("1")
    assert AgentId(guest) not in desk.engine.agents
    assert desk.outcome("1") is e.CallOutcome.ANSWERED


def test_a_supervisor_who_does_not_answer_leaves_the_call_its_place() -> None:
    desk = Desk(plan(queue(), person("sato")))
    desk.call("1")
    desk.call("2")
    take_over(desk, "1")
    desk.pass_time(15.0)
    assert AgentId("@phone-boss") not in desk.engine.agents
    desk.ready("sato")
    assert desk.rings("sato") == "1"


def test_a_call_that_rings_is_taken_from_the_operator_who_is_free_for_the_next() -> None:
    desk = Desk(plan(queue(), person("sato")), "sato")
    desk.call("1")
    desk.call("2")
    take_over(desk, "1")
    assert desk.rings("@phone-boss") == "1"
    assert desk.rings("sato") == "2"


def test_a_supervisor_who_is_an_operator_takes_over_as_that_person() -> None:
    desk = Desk(plan(queue(), person("sato"), person("boss", "lead")))
    desk.tell(i.AgentLoggedIn(AgentId("boss")))
    desk.pause("boss", NotReadyReason.MEETING)
    desk.call("1")
    take_over(desk, "1")
    assert desk.event(f.CallTakenOver).agent == "boss"
    take_over(desk, "1")
    assert refusal(desk) is RefusalReason.DEVICE_BUSY
    desk.connect("boss")
    desk.hang_up("1")
    desk.pass_time(10.0)
    assert (desk.state("boss"), desk.reason("boss")) == (
        AgentState.NOT_READY,
        NotReadyReason.MEETING,
    )


def test_a_taken_call_explains_itself() -> None:
    desk = Desk(plan(queue(), person("sato")))
    desk.call("1")
    before = desk.engine.snapshot()
    take_over(desk, "1")
    offer = desk.latest_offer["@phone-boss"]
    found = explain(desk.engine.restore(before, JST), desk.events, desk.now, offer)
    assert found.taken_by == BOSS
    assert told(found).en[0].startswith("supervisor:boss took call 1 over")


def test_what_cannot_be_taken_over_is_refused() -> None:
    desk = Desk(plan(person("sato")), "sato")
    take_over(desk, "9")
    assert refusal(desk) is RefusalReason.UNKNOWN_CALL
    desk.arrive("1")
    take_over(desk, "1")
    assert refusal(desk) is RefusalReason.NOT_WAITING


# -- states and skills ------------------------------------------------------------------------


def test_a_forced_state_says_who_forced_it_and_in_a_talk_comes_after_it() -> None:
    desk = Desk(plan(queue(wrap_up_s=0.0), person("sato")), "sato")
    desk.tell(i.AgentPaused(AgentId("sato"), NotReadyReason.MEETING, BOSS))
    assert desk.event(e.AgentChanged).by == BOSS
    assert desk.engine.agents[AgentId("sato")].by == BOSS
    desk.tell(i.AgentReadied(AgentId("sato"), BOSS))
    desk.call("1")
    desk.connect("sato")
    desk.tell(i.AgentPaused(AgentId("sato"), NotReadyReason.LUNCH, BOSS))
    assert desk.event(e.NextStateReserved).by == BOSS
    assert desk.state("sato") is AgentState.TALKING


def test_a_skill_for_today_serves_who_waits_until_midnight() -> None:
    desk = Desk(plan(queue(), queue("waste"), person("sato")), "sato")
    desk.call("1", "waste")
    assert desk.rings("sato") is None
    skill(desk, "sato", "waste", 3)
    assert desk.event(f.SkillChanged).by == BOSS
    assert desk.rings("sato") == "1"
    desk.connect("sato")
    desk.hang_up("1")
    desk.restart()
    until_s = desk.engine.state.timers.pending[desk.engine.state.floor.midnight].at_s
    assert (until_s + 9 * 3600) % 86_400 == 0
    assert 0 < until_s - desk.now <= 86_400
    desk.pass_time(until_s - desk.now - 1.0)
    desk.call("2", "waste")
    assert desk.rings("sato") == "2"
    desk.fail("sato", i.OfferFailure.ERROR)
    desk.pass_time(2.0)
    assert desk.engine.state.floor.skills == {}
    assert desk.rings("sato") is None


def test_a_skill_taken_away_for_today_is_given_back_by_hand() -> None:
    desk = Desk(plan(queue(), person("sato")), "sato")
    skill(desk, "sato", "tax", 0)
    desk.call("1")
    assert desk.rings("sato") is None
    skill(desk, "sato", "tax", None)
    assert desk.rings("sato") == "1"
    assert desk.engine.state.floor.midnight not in desk.engine.state.timers.pending


def test_skills_of_today_are_seen_in_the_reasons() -> None:
    people = (person("sato"), person("kato", "waste"))
    desk = Desk(plan(queue(needs=(SkillNeed("tax", 4),)), queue("waste"), *people), "sato", "kato")
    skill(desk, "kato", "tax", 5)
    desk.arrive("1")
    before = desk.engine.snapshot()
    desk.tell(i.QueueRequested(CallId("1"), QueueId("tax")))
    engine, offer = desk.engine.restore(before, JST), desk.latest_offer["kato"]
    found = explain(engine, desk.events, desk.now, offer)
    assert "Skills that hold for today only: kato tax 5." in told(found).en


@pytest.mark.parametrize(
    ("agent", "name", "level", "reason"),
    [
        ("nobody", "tax", 1, RefusalReason.UNKNOWN_AGENT),
        ("sato", "flying", 1, RefusalReason.UNKNOWN_SKILL),
        ("sato", "tax", 10, RefusalReason.OUT_OF_BOUNDS),
        ("sato", "tax", 1, RefusalReason.NOTHING_TO_CHANGE),
        ("sato", "tax", None, RefusalReason.NOTHING_TO_CHANGE),
    ],
)
def test_a_skill_that_cannot_be_given_is_refused(
    agent: str, name: str, level: int | None, reason: RefusalReason
) -> None:
    desk = Desk(plan(person("sato")), "sato")
    skill(desk, agent, name, level)
    assert refusal(desk) is reason
