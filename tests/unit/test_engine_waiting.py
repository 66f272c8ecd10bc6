"""Callers who wait: the order, the ladder, the last operator, overflow of each kind, limits."""

from __future__ import annotations

from typing import Any

import pytest

from acd.core import events as e
from acd.core import inputs as i
from acd.core.commands import DialTarget, OfferCall, PlayAnnouncement
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.plan import (
    CalendarPlan,
    LadderStep,
    OverflowKind,
    OverflowRule,
    SkillNeed,
    Strategy,
    Target,
    TargetKind,
)
from tests.desk import Desk, person, plan, queue

TO_WASTE = Target(TargetKind.QUEUE, "waste")
NEVER = CalendarPlan("never", ((),) * 7)


@pytest.mark.requirement("M3")
def test_a_call_waits_for_the_level_it_needs() -> None:
    needs = (SkillNeed("tax", 5),)
    desk = Desk(plan(queue(needs=needs), person("new", "tax:4"), person("old", "tax:5")), "new")
    desk.call("1")
    assert desk.rings("new") is None
    desk.ready("old")
    assert desk.rings("old") == "1"


@pytest.mark.requirement("M3")
def test_a_caller_may_ask_for_more_than_the_queue_and_never_for_less() -> None:
    strict = queue(needs=(SkillNeed("tax", 5),))
    desk = Desk(plan(strict, person("new", "tax:4"), person("en", "tax:6", "english")), "new", "en")
    desk.pause("en")
    desk.call("1", needs=(SkillNeed("tax", 1),))
    desk.call("2", needs=(SkillNeed("english"),))
    assert desk.rings("new") is None
    desk.hang_up("1")
    desk.ready("en")
    assert desk.rings("en") == "2"


@pytest.mark.requirement("M3")
def test_nobody_blocks_the_line_for_somebody_who_can_be_served() -> None:
    desk = Desk(plan(queue(), queue("waste"), person("sato"), person("mori", "waste")), "mori")
    desk.call("1", "tax")
    desk.call("2", "waste")
    assert desk.rings("mori") == "2"


@pytest.mark.requirement("M3")
def test_priority_is_worth_its_step_in_waiting_time() -> None:
    desk = Desk(plan(person("sato"), priority_step_s=60.0))
    desk.call("patient")
    desk.pass_time(59.0)
    desk.call("urgent", priority=1)
    assert desk.engine.position(CallId("urgent")) == 1
    desk.pass_time(2.0)
    desk.call("late", priority=1)
    in_order = sorted(desk.engine.calls, key=desk.engine.position)
    assert in_order == ["urgent", "patient", "late"]
    desk.ready("sato")
    assert desk.rings("sato") == "urgent"


@pytest.mark.requirement("M3")
@pytest.mark.parametrize(
    ("strategy", "first"),
    [
        (Strategy.LONGEST_IDLE, "old"),
        (Strategy.MOST_SKILLED, "pro"),
        (Strategy.FEWEST_CALLS, "pro"),
        (Strategy.ROUND_ROBIN, "pro"),
        (Strategy.LEAST_OCCUPIED, "pro"),
    ],
)
def test_who_of_several_is_asked(strategy: Strategy, first: str) -> None:
    desk = Desk(
        plan(queue(strategy=strategy, wrap_up_s=0.0), person("old"), person("pro", "tax:9")), "old"
    )
    desk.pass_time(1.0)
    desk.call("1")
    desk.connect("old")
    desk.pass_time(5.0)
    desk.hang_up("1")
    desk.pass_time(1.0)
    desk.ready("pro")
    desk.call("2")
    assert desk.rings(first) == "2"


@pytest.mark.parametrize("strategy", [s for s in Strategy if s is not Strategy.RANDOM])
def test_of_two_ready_at_the_same_instant_the_first_to_say_so_is_asked(strategy: Strategy) -> None:
    # The other way round than in the plan, which has no say in it.
    desk = Desk(plan(queue(strategy=strategy), person("sato"), person("mori")), "mori", "sato")
    desk.call("1")
    assert desk.rings("mori") == "1"


def test_preferred_skills_choose_among_the_idle() -> None:
    desk = Desk(plan(person("sato"), person("mori", "tax", "kind")), "sato", "mori")
    desk.call("1", prefers=(SkillNeed("kind"),))
    assert desk.rings("mori") == "1"
    desk.call("2", prefers=(SkillNeed("kind"),))
    assert desk.rings("sato") == "2", "a preference never makes anybody wait"


def test_the_ladder_makes_it_easier_step_by_step() -> None:
    ladder = (
        LadderStep(10.0, lower=(SkillNeed("tax", 3),)),
        LadderStep(20.0, raise_priority=2),
        LadderStep(30.0, add_queue=QueueId("waste")),
    )
    strict = queue(needs=(SkillNeed("tax", 5),), ladder=ladder)
    people = (person("low", "tax:2"), person("mid", "tax:3"), person("mori", "waste"))
    desk = Desk(plan(strict, queue("waste"), *people), "low", "mid", "mori")
    desk.pause("mid")
    desk.call("1")
    desk.pass_time(9.9)
    assert not desk.has(e.LadderStepped)
    desk.pass_time(0.1)
    assert desk.event(e.LadderStepped).step == 0
    desk.call("2", priority=1)
    desk.pass_time(10.0)
    assert desk.engine.position(CallId("1")) == 1
    desk.pass_time(10.0)
    assert desk.rings("mori") == "1"


def test_the_ladder_stands_still_while_it_rings_and_moves_on_before_the_next_offer() -> None:
    ladder = (LadderStep(10.0, lower=(SkillNeed("tax", 1),)),)
    strict = queue(needs=(SkillNeed("tax", 5),), ladder=ladder)
    desk = Desk(plan(strict, person("pro", "tax:5"), person("new", "tax:1")), "pro", "new")
    desk.call("1")
    desk.pass_time(14.9)
    assert not desk.has(e.LadderStepped)
    desk.pass_time(0.1)
    assert desk.rings("new") == "1"


def test_a_caller_waits_a_while_for_the_operator_of_last_time() -> None:
    known = queue(prefer_last_agent_s=20.0, wrap_up_s=0.0)
    desk = Desk(plan(known, person("sato"), person("mori")), "sato")
    desk.call("1", number="0312345678")
    desk.serve("sato", "1")
    desk.pass_time(60.0)
    desk.call("busy")
    desk.ready("mori")
    desk.call("2", number="0312345678")
    assert desk.event(e.CallQueued).prefer_agent == "sato"
    assert desk.rings("mori") is None
    desk.serve("sato", "busy")
    assert desk.rings("sato") == "2"


@pytest.mark.parametrize("how", ["too long", "pause", "log out", "unable"])
def test_nobody_waits_for_the_operator_of_last_time_in_vain(how: str) -> None:
    known = queue(prefer_last_agent_s=20.0, wrap_up_s=0.0)
    planned = plan(known, person("sato"), person("mori"))
    desk = Desk(planned, "sato")
    desk.call("busy")
    desk.connect("sato")
    desk.ready("mori")
    desk.call("2", prefer_agent="sato")
    assert desk.rings("mori") is None
    if how == "too long":
        desk.pass_time(20.0)
    elif how == "unable":
        desk.tell(i.PlanChanged(plan(known, person("sato", "waste"), person("mori"))))
    else:
        desk.pause("sato") if how == "pause" else desk.log_out("sato")
        desk.hang_up("busy")
    assert desk.rings("mori") == "2"


def test_a_withheld_number_has_no_last_operator() -> None:
    desk = Desk(plan(queue(prefer_last_agent_s=20.0, wrap_up_s=0.0), person("sato")), "sato")
    desk.call("1")
    desk.serve("sato", "1")
    desk.call("2")
    assert desk.event(e.CallQueued).prefer_agent is None


def overflowing(kind: OverflowKind, target: Target, threshold: float = 0.0, **more: Any) -> Desk:
    first = queue(overflow=(OverflowRule(kind, target, threshold),), **more)
    people = (person("sato"), person("mori", "waste"))
    return Desk(plan(first, queue("waste"), *people, calendars=(NEVER,)))


@pytest.mark.requirement("M3")
def test_overflow_after_a_wait_keeps_the_age() -> None:
    desk = overflowing(OverflowKind.WAIT, TO_WASTE, 30.0)
    desk.call("1")
    arrived_s = desk.now
    desk.pass_time(29.9)
    assert desk.queue_of("1") == "tax"
    desk.pass_time(0.1)
    assert desk.event(e.VisitEnded).outcome is VisitOutcome.OVERFLOWED
    assert desk.event(e.CallQueued).age_from_s == arrived_s
    desk.ready("mori")
    assert desk.rings("mori") == "1"


@pytest.mark.requirement("M3")
def test_overflow_by_length_counts_those_already_waiting() -> None:
    desk = overflowing(OverflowKind.LENGTH, TO_WASTE, 2)
    for call in ("1", "2", "3"):
        desk.call(call)
    assert [desk.queue_of(call) for call in ("1", "2", "3")] == ["tax", "tax", "waste"]


@pytest.mark.requirement("M3")
def test_overflow_when_nobody_is_logged_in_now_or_any_more() -> None:
    desk = overflowing(OverflowKind.NO_AGENTS, TO_WASTE)
    desk.call("1")
    assert desk.queue_of("1") == "waste"
    desk.ready("sato")
    desk.pause("sato")
    desk.call("2")
    assert desk.queue_of("2") == "tax", "somebody is there, if not ready"
    desk.log_out("sato")
    assert desk.queue_of("2") == "waste"


@pytest.mark.requirement("M3")
def test_overflow_outside_opening_hours() -> None:
    goodbye = Target(TargetKind.ANNOUNCEMENT, "closed-today")
    desk = overflowing(OverflowKind.CLOSED, goodbye, hours="never")
    desk.ready("sato")
    desk.call("1")
    assert desk.command(PlayAnnouncement).announcement == "closed-today"
    assert desk.rings("sato") is None
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.CLOSED


@pytest.mark.requirement("M3")
def test_overflow_by_expected_wait_needs_to_be_sure() -> None:
    desk = overflowing(OverflowKind.EXPECTED_WAIT, TO_WASTE, 40.0, wrap_up_s=0.0)
    desk.call("1")
    desk.call("2")
    assert desk.engine.expected_wait(CallId("2"), desk.now) is None, "nothing is known yet"
    desk.ready("sato")
    for number in range(1, 12):
        desk.call(str(number + 2))
        desk.connect("sato")
        desk.pass_time(20.0)
        desk.hang_up(str(number))
    wait = desk.engine.expected_wait(CallId("13"), desk.now)
    assert wait is not None
    assert 15.0 <= wait.p50_s <= wait.p90_s <= 25.0
    desk.call("14")
    assert desk.queue_of("14") == "tax", "two callers of twenty seconds each are not above forty"
    desk.call("15")
    assert desk.queue_of("15") == "waste"
    desk.pass_time(3_000.0)
    assert desk.engine.expected_wait(CallId("13"), desk.now) is None, "nobody left for too long"


@pytest.mark.requirement("M3")
def test_overflow_to_a_directory_entry_and_to_a_call_back() -> None:
    desk = overflowing(OverflowKind.NO_AGENTS, Target(TargetKind.NUMBER, "city-hall"))
    desk.call("1")
    assert desk.command(DialTarget).entry == "city-hall"
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.SENT_ELSEWHERE
    desk = overflowing(OverflowKind.NO_AGENTS, Target(TargetKind.CALL_BACK))
    desk.call("1")
    assert desk.event(e.CallBackRecorded).call == "1"
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.CALL_BACK


def test_queues_that_overflow_into_each_other_come_to_rest() -> None:
    def rule(target: str) -> tuple[OverflowRule, ...]:
        return (OverflowRule(OverflowKind.WAIT, Target(TargetKind.QUEUE, target), 5.0),)

    desk = Desk(plan(queue(overflow=rule("waste")), queue("waste", overflow=rule("tax"))))
    desk.call("1")
    desk.pass_time(3_599.0)
    assert desk.engine.calls[CallId("1")].visits == 8
    assert len(desk.engine.pending_timers()) == 1
    desk.pass_time(60.0)
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.BLOCKED


@pytest.mark.requirement("M3")
def test_what_a_caller_needs_and_his_urgency_go_along_with_overflow() -> None:
    desk = overflowing(OverflowKind.NO_AGENTS, TO_WASTE)
    desk.call("1", needs=(SkillNeed("english"),), priority=7)
    moved = desk.events[-1]
    assert isinstance(moved, e.CallQueued)
    assert (moved.queue, moved.needs, moved.priority) == ("waste", (SkillNeed("english"),), 7)
    desk.ready("mori")
    assert desk.rings("mori") is None, "mori speaks no English"


def test_those_who_are_left_alone_overflow_in_the_global_order_before_and_after_a_restart() -> None:
    rule = (OverflowRule(OverflowKind.NO_AGENTS, Target(TargetKind.QUEUE, "other")),)
    queues = (queue("tax", overflow=rule), queue("waste", overflow=rule), queue("other"))
    told = []
    for restarted in (False, True):
        desk = Desk(plan(*queues, person("sato", "tax", "waste")))
        desk.tell(i.AgentLoggedIn(AgentId("sato")))
        desk.call("early", "waste")
        desk.hang_up("early")
        desk.call("1", "tax")
        desk.call("2", "waste")
        if restarted:
            desk.restart()
        desk.log_out("sato")
        assert [m.call for m in desk.events if isinstance(m, e.CallQueued)] == ["1", "2"]
        told.append(desk.events)
    assert told[0] == told[1]


def test_a_full_queue_says_that_it_is_full() -> None:
    desk = Desk(plan(queue(max_length=2)))
    desk.call("1")
    desk.call("2")
    assert not desk.has(PlayAnnouncement)
    desk.call("3")
    assert desk.command(PlayAnnouncement).announcement == "congestion"
    desk.hang_up("3")
    assert desk.outcome("3") is CallOutcome.BLOCKED


def test_nobody_waits_longer_than_the_longest_wait() -> None:
    desk = Desk(plan(queue(max_wait_s=600.0)))
    desk.call("1", number="0312345678")
    desk.call("2")
    desk.pass_time(600.0)
    said = [c.announcement for c in desk.commands if isinstance(c, PlayAnnouncement)]
    assert said == ["call_back_taken", "congestion"]


def test_more_calls_than_the_centre_takes_are_turned_away() -> None:
    desk = Desk(plan(max_calls=2))
    for call in ("1", "2", "3"):
        desk.arrive(call)
    assert desk.event(e.AlertRaised).kind is e.AlertKind.CALL_LIMIT
    assert desk.event(e.FlowFinished).outcome is CallOutcome.BLOCKED
    assert desk.has(PlayAnnouncement)


def test_an_unknown_queue_is_the_default_queue_and_an_alert() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.call("1", "nonsense")
    assert desk.event(e.AlertRaised).kind is e.AlertKind.UNKNOWN_QUEUE
    assert desk.event(e.CallQueued).queue == "tax"
    assert desk.has(OfferCall)
