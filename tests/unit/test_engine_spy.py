"""Supervisors who hear a talk, and callers who answer after it."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs as i
from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord
from acd.core.commands_floor import SpyTalk, StopSpying, TurnSpy
from acd.core.events import AlertKind, RefusalReason
from acd.core.ids import AgentId, CallId, SpyId, SwitchId
from acd.core.inputs_floor import (
    SpyEndRequested,
    SpyLegGone,
    SpyMode,
    SpyRequested,
    SurveyAnswered,
    SurveyAsked,
)
from tests.desk import Desk, person, plan, queue

BOSS = "supervisor:boss"


def talking(*calls: str) -> Desk:
    people = [person(f"op{n}") for n in range(len(calls))]
    desk = Desk(plan(queue(), *people), *(each.id for each in people))
    for number, call in enumerate(calls):
        desk.call(call)
        desk.connect(f"op{number}")
    return desk


def hear(desk: Desk, call: str, mode: SpyMode = SpyMode.LISTEN, at: str = "boss") -> None:
    desk.tell(SpyRequested(CallId(call), at, mode, BOSS))


@pytest.mark.requirement("M17")
def test_a_talk_is_heard_and_the_leg_is_turned_without_ringing_again() -> None:
    desk = talking("1", "2")
    hear(desk, "1")
    started, command = desk.event(f.SpyStarted), desk.command(SpyTalk)
    assert (started.by, started.mode, started.call) == (BOSS, SpyMode.LISTEN, "1")
    assert (command.device, command.offer) == ("boss", desk.latest_offer["op0"])
    hear(desk, "1", SpyMode.WHISPER)
    turned = desk.command(TurnSpy)
    assert (turned.spy, turned.mode) == (started.spy, SpyMode.WHISPER)
    hear(desk, "2", SpyMode.BARGE)
    assert desk.command(TurnSpy).offer == desk.latest_offer["op1"]
    desk.restart()
    desk.tell(SpyEndRequested(CallId("2"), "boss", BOSS))
    assert desk.command(StopSpying).spy == started.spy
    assert desk.event(f.SpyEnded).by == BOSS


@pytest.mark.requirement("M17")
def test_two_supervisors_hear_by_legs_of_their_own() -> None:
    desk = talking("1")
    hear(desk, "1")
    hear(desk, "1", SpyMode.LISTEN, "other")
    spies = desk.engine.state.floor.spies.values()
    assert [(spy.id, spy.device) for spy in spies] == [
        ("s000000000001", "boss"),
        ("s000000000002", "other"),
    ]


def test_the_end_of_the_talk_and_of_the_leg_end_the_hearing() -> None:
    desk = talking("1")
    hear(desk, "1")
    desk.end_talk("op0")
    assert desk.engine.state.floor.spies == {}
    desk = talking("1")
    hear(desk, "1")
    desk.tell(SpyLegGone(SpyId("s000000000001")))
    assert desk.event(f.SpyEnded).by == ""
    desk.tell(SpyLegGone(SpyId("s000000000001")))
    assert desk.events == []


def test_a_leg_that_cannot_be_made_is_told_and_forgotten() -> None:
    desk = talking("1")
    hear(desk, "1")
    desk.tell(i.CommandFailed("spy_talk", "s000000000001", "deadline"))
    assert desk.event(e.AlertRaised).kind is AlertKind.COMMAND_FAILED
    assert desk.engine.state.floor.spies == {}


def test_only_a_talk_is_heard_and_not_at_a_telephone_that_is_in_a_call() -> None:
    desk = talking("1")
    desk.call("2")
    for call, reason in (("2", RefusalReason.NOT_TALKING), ("9", RefusalReason.UNKNOWN_CALL)):
        hear(desk, call)
        assert desk.event(e.RequestRefused).reason is reason
    hear(desk, "1", SpyMode.BARGE, "phone-op0")
    assert desk.event(e.RequestRefused).reason is RefusalReason.DEVICE_BUSY
    hear(desk, "1")
    hear(desk, "1")
    assert desk.event(e.RequestRefused).reason is RefusalReason.NOTHING_TO_CHANGE
    desk.tell(i.SwitchDown(SwitchId("a")))
    hear(desk, "1", SpyMode.WHISPER)
    assert desk.event(e.RequestRefused).reason is RefusalReason.SWITCH_DOWN


def surveyed(*answers: int, talked: bool = True) -> CallRecord:
    """A call that is asked, maybe answers, and hangs up: its record."""
    desk, book = Desk(plan(queue(), person("op0")), "op0"), Book()
    rows: list[object] = []

    def tell(happened: i.Input) -> None:
        desk.tell(happened)
        rows.extend(row for event in desk.events for row in book.fold(desk.now, event))

    call = CallId("1")
    number = i.Caller(i.CallerKind.WITHHELD)
    tell(i.CallArrived(call, SwitchId("a"), "PJSIP/trunk-1", "trunk", "1", number))
    tell(i.QueueRequested(call, desk.engine.plan.queues[0].id))
    if talked:
        tell(i.CallConnected(desk.latest_offer["op0"]))
    tell(SurveyAsked(call))
    if talked:
        tell(i.LegEnded(desk.latest_offer["op0"], i.EndedBy.AGENT))
    for answer in answers:
        tell(SurveyAnswered(call, answer))
    tell(i.CallerHungUp(call))
    (record,) = [row for row in rows if isinstance(row, CallRecord)]
    return record


@pytest.mark.requirement("S1")
def test_the_first_answer_that_means_something_is_on_the_calls_record() -> None:
    for answers, kept in (((), None), ((4,), 4), ((0, 6, 2, 5), 2)):
        record = surveyed(*answers)
        assert (record.survey_asked, record.survey) == (True, kept)


@pytest.mark.requirement("S1")
def test_who_spoke_to_nobody_is_not_asked() -> None:
    record = surveyed(3, talked=False)
    assert (record.survey_asked, record.survey) == (False, None)


def test_nobody_answers_a_question_that_was_not_put() -> None:
    desk = talking("1")
    desk.tell(SurveyAnswered(CallId("1"), 3))
    assert desk.events == []
    assert desk.engine.agents[AgentId("op0")].offer is not None
