"""A new plan under way, and switches that go and come back."""

from __future__ import annotations

import msgspec
import pytest

from acd.core import events as e
from acd.core import inputs as i
from acd.core.commands import OfferCall
from acd.core.ids import AgentId, CallId, SwitchId
from acd.core.plan import (
    LadderStep,
    OverflowKind,
    OverflowRule,
    QueuePlan,
    SkillNeed,
    Target,
    TargetKind,
)
from agents.state import AgentState
from tests.desk import Desk, person, plan, queue

SWITCH = SwitchId("a")


@pytest.mark.requirement("M3")
def test_a_new_skill_serves_those_who_already_wait_the_first_first() -> None:
    desk = Desk(plan(person("sato", "waste")), "sato")
    desk.call("1")
    desk.pass_time(5.0)
    desk.call("2", priority=9)
    desk.tell(i.PlanChanged(plan(person("sato"))))
    assert desk.rings("sato") == "2"


def test_each_of_those_who_wait_gets_an_operator_by_the_queue_s_strategy() -> None:
    people = ("sato", "mori", "kato")
    desk = Desk(plan(*(person(id_, "waste") for id_ in people)), "mori", "sato", "kato")
    desk.call("1")
    desk.call("2")
    desk.tell(i.PlanChanged(plan(*(person(id_) for id_ in people))))
    assert [desk.rings(id_) for id_ in ("mori", "sato", "kato")] == ["1", "2", None]


@pytest.mark.requirement("M3")
def test_a_new_rule_applies_to_those_who_already_wait() -> None:
    for kind in (OverflowKind.WAIT, OverflowKind.NO_AGENTS):
        rule = OverflowRule(kind, Target(TargetKind.QUEUE, "waste"), 30.0)
        desk = Desk(plan(queue(), queue("waste"), person("sato")))
        desk.call("1")
        desk.pass_time(40.0)
        desk.tell(i.PlanChanged(plan(queue(overflow=(rule,)), queue("waste"), person("sato"))))
        assert desk.queue_of("1") == "waste"


def test_a_new_ladder_counts_from_the_beginning_of_the_wait() -> None:
    def laddered(after_s: float) -> QueuePlan:
        step = LadderStep(after_s, lower=(SkillNeed("tax", 1),))
        return queue(needs=(SkillNeed("tax", 5),), ladder=(step,))

    desk = Desk(plan(laddered(10.0), person("new")))
    desk.call("1")
    desk.pass_time(20.0)
    desk.tell(i.PlanChanged(plan(laddered(60.0), person("new"))))
    desk.ready("new")
    assert desk.rings("new") is None, "the new ladder lowers the level later"
    desk.pass_time(40.0)
    assert desk.rings("new") == "1"


def test_a_queue_that_is_gone_leaves_its_callers_to_the_default_queue() -> None:
    desk = Desk(plan(queue(), queue("waste"), person("sato")))
    desk.call("1", "waste")
    desk.tell(i.PlanChanged(plan(queue(), person("sato"))))
    desk.ready("sato")
    assert desk.rings("sato") == "1"
    desk.serve("sato", "1")
    assert desk.outcome("1") is e.CallOutcome.ANSWERED


@pytest.mark.requirement("M4")
def test_an_operator_who_leaves_the_plan_is_logged_out_after_the_talk() -> None:
    desk = Desk(plan(person("sato"), person("mori")), "sato", "mori")
    desk.call("1")
    desk.connect("sato")
    desk.tell(i.PlanChanged(plan(person("kato"))))
    assert AgentId("mori") not in desk.engine.agents
    assert desk.state("sato") is AgentState.TALKING
    desk.hang_up("1")
    desk.ready("sato")
    assert AgentId("sato") not in desk.engine.agents


def test_an_operator_who_leaves_the_plan_while_it_rings_takes_no_other_call() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1")
    desk.call("2")
    desk.tell(i.PlanChanged(plan(person("kato"))))
    desk.hang_up("1")
    assert AgentId("sato") not in desk.engine.agents
    desk.ready("kato")
    assert desk.rings("kato") == "2"


def test_a_new_priority_step_orders_the_line_anew() -> None:
    desk = Desk(plan(person("sato"), priority_step_s=60.0))
    desk.call("1")
    desk.pass_time(30.0)
    desk.call("2", priority=1)
    assert desk.engine.position(CallId("2")) == 1
    desk.tell(i.PlanChanged(plan(person("sato"), priority_step_s=1.0)))
    assert desk.engine.position(CallId("1")) == 1


def test_a_switch_that_is_gone_offers_nothing_and_talks_go_on() -> None:
    desk = Desk(plan(person("sato"), person("mori")), "sato")
    desk.call("1")
    desk.connect("sato")
    desk.tell(i.SwitchDown(SWITCH))
    assert desk.event(e.AlertRaised).kind is e.AlertKind.SWITCH_DOWN
    desk.call("2")
    desk.ready("mori")
    assert not desk.has(OfferCall)
    assert desk.state("sato") is AgentState.TALKING
    desk.tell(i.SwitchUp(SWITCH))
    assert desk.rings("mori") == "2"


def test_callers_keep_age_and_order_while_the_switch_is_gone() -> None:
    desk = Desk(plan(person("sato")))
    desk.call("1")
    desk.call("2")
    desk.call("3", priority=5)
    desk.tell(i.SwitchDown(SWITCH))
    desk.pass_time(5.0)
    desk.restart()
    desk.ready("sato")
    desk.tell(i.SwitchUp(SWITCH))
    assert desk.rings("sato") == "3"
    assert desk.engine.position(CallId("1")) == 1


def test_an_operator_moved_to_a_switch_that_is_there_takes_calls_at_once() -> None:
    other = msgspec.structs.replace(person("sato"), switch=SwitchId("b"))
    desk = Desk(plan(other), "sato")
    desk.tell(i.SwitchDown(SwitchId("b")))
    desk.call("1")
    assert desk.rings("sato") is None
    desk.tell(i.PlanChanged(plan(person("sato"))))
    assert desk.rings("sato") == "1"


def test_the_caller_who_seemed_gone_is_not_forgotten_when_the_plan_changes() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1")
    desk.fail("sato", i.OfferFailure.CALLER_GONE)
    desk.tell(i.PlanChanged(plan(person("sato"))))
    desk.pass_time(2.0)
    assert desk.rings("sato") == "1"
