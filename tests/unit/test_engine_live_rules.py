"""Rules of the entry (closed, too long a line, too long a wait) that another plan brings: they are
asked of those who wait already, and what stayed as it was is not asked again."""

from __future__ import annotations

from typing import Any

from acd.core import inputs as i
from acd.core import inputs_floor as f
from acd.core.commands import PlayAnnouncement
from acd.core.events import CallOutcome
from acd.core.ids import CallId
from acd.core.plan import (
    CalendarPlan,
    DaySpan,
    DisasterPlan,
    Mode,
    OverflowKind,
    OverflowRule,
    Plan,
    Target,
    TargetKind,
)
from agents.state import AgentState
from tests.desk import Desk, person, plan, queue

#: The desk's day begins at 17:00 (2027-01-15, Japan).
FIVE_MIN, TODAY = 17 * 60, "2027-01-15"
TO_WASTE = Target(TargetKind.QUEUE, "waste")
SHUT = OverflowRule(OverflowKind.CLOSED, Target(TargetKind.ANNOUNCEMENT, "shut"))


def ruled(*rules: OverflowRule, hours: str = "", **more: Any) -> Plan:
    """The line ``tax`` with these rules, and ``waste``."""
    line = queue(overflow=rules, hours=hours, wrap_up_s=0.0)
    return plan(line, queue("waste"), person("sato"), person("mori", "waste"), **more)


def counter(to_min: int = 1440, *closed: str, rule: OverflowRule = SHUT) -> Plan:
    """Open until then, but for the days named."""
    week = ((DaySpan(0, to_min),),) * 7
    calendar = CalendarPlan("counter", week, dict.fromkeys(closed, "flood"))
    return ruled(rule, hours="counter", calendars=(calendar,))


def queues_of(desk: Desk, *calls: str) -> list[str]:
    return [desk.queue_of(call) for call in calls]


def test_a_closing_at_once_sends_away_who_waits_and_cuts_no_talk() -> None:
    desk = Desk(counter(), "sato")
    for call in ("talks", "first", "second"):
        desk.call(call)
    desk.connect("sato")
    desk.tell(i.PlanChanged(counter(1440, "2027-01-16")))
    assert not desk.has(PlayAnnouncement), "tomorrow"
    desk.tell(i.PlanChanged(counter(1440, TODAY)))
    told = [each for each in desk.commands if isinstance(each, PlayAnnouncement)]
    assert [(each.call, each.announcement) for each in told] == [
        ("first", "shut"),
        ("second", "shut"),
    ]
    assert desk.state("sato") is AgentState.TALKING
    desk.hang_up("first")
    assert desk.outcome("first") is CallOutcome.CLOSED


def test_who_came_in_time_is_served_after_hours_whatever_is_reloaded() -> None:
    desk = Desk(counter(FIVE_MIN + 10), "sato")
    desk.call("talks")
    desk.connect("sato")
    desk.call("in time")
    desk.pass_time(1_200.0)
    other_words = OverflowRule(OverflowKind.CLOSED, Target(TargetKind.ANNOUNCEMENT, "sorry"))
    desk.tell(i.PlanChanged(counter(FIVE_MIN + 10, "2027-01-18", rule=other_words)))
    desk.hang_up("talks")
    assert desk.rings("sato") == "in time"


def test_a_shorter_line_is_left_from_its_end() -> None:
    desk = Desk(ruled(OverflowRule(OverflowKind.LENGTH, TO_WASTE, 9)))
    for call in ("1", "2", "3", "4"):
        desk.call(call)
    desk.call("urgent", priority=9)
    desk.tell(i.PlanChanged(ruled(OverflowRule(OverflowKind.LENGTH, TO_WASTE, 3))))
    assert queues_of(desk, "urgent", "1", "2") == ["tax"] * 3
    assert queues_of(desk, "3", "4") == ["waste"] * 2


def test_a_shorter_wait_is_foretold_to_those_who_wait_as_well() -> None:
    desk = Desk(ruled(), "sato")
    for number in range(1, 16):
        desk.call(str(number))
    for number in range(1, 11):
        desk.connect("sato")
        desk.pass_time(20.0)
        desk.hang_up(str(number))
    desk.connect("sato")
    foretold = desk.engine.expected_wait(CallId("13"), desk.now)
    assert foretold is not None
    assert 30.0 < foretold.p50_s < 45.0
    desk.tell(i.PlanChanged(ruled(OverflowRule(OverflowKind.EXPECTED_WAIT, TO_WASTE, 45.0))))
    assert queues_of(desk, "12", "13", "14", "15") == ["tax", "tax", "waste", "waste"]


def test_fewer_trials_are_counted_at_once() -> None:
    desk = Desk(ruled(), "sato")
    desk.call("tried")
    desk.fail("sato", i.OfferFailure.BUSY)
    desk.call("new")
    desk.tell(i.PlanChanged(ruled(OverflowRule(OverflowKind.OFFERS, TO_WASTE, 1))))
    assert queues_of(desk, "tried", "new") == ["waste", "tax"]


def test_a_rule_that_stays_is_not_asked_again() -> None:
    length = OverflowRule(OverflowKind.LENGTH, TO_WASTE, 1)
    usual = queue(overflow=(length,))
    people = (person("sato"), person("kato"), person("mori", "waste"))
    desk = Desk(plan(usual, queue("waste"), *people), "sato", "kato")
    for call in ("1", "2"):
        desk.call(call)
    for who in ("sato", "kato"):
        desk.fail(who, i.OfferFailure.BUSY)
    other = queue("waste", priority=1)
    desk.tell(i.PlanChanged(plan(usual, other, *people)))
    assert queues_of(desk, "1", "2") == ["tax", "tax"]
    shorter = queue(overflow=(length, OverflowRule(OverflowKind.LENGTH, TO_WASTE, 0)))
    desk.tell(i.PlanChanged(plan(shorter, other, *people)))
    assert queues_of(desk, "1", "2") == ["waste", "waste"]


def test_a_disaster_closes_the_line_for_those_who_wait() -> None:
    closed = counter(0)
    disaster = DisasterPlan(
        queues=closed.queues,
        numbers=(),
        calendars=closed.calendars,
        default_flow="",
        max_calls=100,
        banner_ja="災害",
        banner_en="disaster",
    )
    desk = Desk(ruled(disaster=disaster))
    desk.call("1")
    desk.tell(f.ModeRequested(Mode.DISASTER, False, "flood", "mori"))
    assert desk.command(PlayAnnouncement).announcement == "shut"


def test_nobody_is_sent_away_while_the_switch_is_gone() -> None:
    desk = Desk(counter())
    desk.call("1")
    desk.tell(i.SwitchDown(desk.engine.calls[CallId("1")].switch))
    desk.tell(i.PlanChanged(counter(1440, TODAY)))
    assert not desk.has(PlayAnnouncement)
    assert desk.rings_nobody("1")
