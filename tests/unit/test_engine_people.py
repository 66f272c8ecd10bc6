"""Operators at work: states, wrap-up, what is reserved during a call, transfers, and a restart."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import inputs as i
from acd.core.commands import DialTarget, HangUpLeg, HoldCaller, OfferCall, PlayAnnouncement
from acd.core.commands_talk import RingParty
from acd.core.events import CallOutcome, RefusalReason
from acd.core.ids import AgentId, CallId
from acd.core.plan import Plan, Target, TargetKind
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue

ONE = plan(person("sato"))
SATO = AgentId("sato")


def talking(planned: Plan = ONE) -> Desk:
    desk = Desk(planned, "sato")
    desk.call("1")
    desk.connect("sato")
    return desk


@pytest.mark.requirement("M4")
def test_a_day_at_the_desk() -> None:
    desk = Desk(ONE)
    assert desk.state("sato") is AgentState.LOGGED_OUT
    desk.tell(i.AgentLoggedIn(SATO))
    assert (desk.state("sato"), desk.reason("sato")) == (
        AgentState.NOT_READY,
        NotReadyReason.LOGGED_IN,
    )
    desk.ready("sato")
    desk.call("1")
    assert desk.state("sato") is AgentState.RINGING
    desk.pick_up("sato")
    desk.connect("sato")
    assert desk.state("sato") is AgentState.TALKING
    desk.tell(i.HoldStarted(desk.latest_offer["sato"]))
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(i.HoldEnded(desk.latest_offer["sato"]))
    assert desk.state("sato") is AgentState.TALKING
    desk.hang_up("1")
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.pass_time(9.9)
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.pass_time(0.1)
    assert desk.state("sato") is AgentState.READY
    desk.pause("sato", NotReadyReason.MEETING)
    assert desk.reason("sato") is NotReadyReason.MEETING
    desk.log_out("sato")
    assert desk.state("sato") is AgentState.LOGGED_OUT


@pytest.mark.requirement("M4")
def test_wrap_up_can_be_prolonged_and_cut_short() -> None:
    desk = talking()
    desk.hang_up("1")
    desk.tell(i.WrapUpExtended(SATO, 30.0))
    desk.pass_time(39.9)
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.pass_time(0.2)
    assert desk.state("sato") is AgentState.READY
    desk.call("2")
    desk.serve("sato", "2")
    desk.ready("sato")
    assert desk.state("sato") is AgentState.READY


@pytest.mark.parametrize("extra_s", [0.0, -5.0, 1801.0, float("nan"), float("inf")])
def test_wrap_up_is_not_prolonged_beyond_reason(extra_s: float) -> None:
    desk = talking()
    desk.hang_up("1")
    desk.tell(i.WrapUpExtended(SATO, extra_s))
    assert desk.event(e.RequestRefused).reason is RefusalReason.OUT_OF_BOUNDS


def test_a_wrap_up_that_is_overdue_is_prolonged_from_now() -> None:
    desk = talking()
    desk.hang_up("1")
    desk.now += 25.0  # the timer of 10 s is late: the machine is busy
    desk.tell(i.WrapUpExtended(SATO, 5.0))
    assert desk.events == [e.WrapUpProlonged(SATO, desk.now + 5.0)]
    desk.pass_time(4.9)
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.pass_time(0.1)
    assert desk.state("sato") is AgentState.READY


def test_a_queue_without_wrap_up_gives_the_next_call_at_once() -> None:
    desk = talking(plan(queue(wrap_up_s=0.0), person("sato")))
    desk.call("2")
    desk.hang_up("1")
    assert desk.rings("sato") == "2"


@pytest.mark.requirement("M4")
@pytest.mark.parametrize("reserve_in", ["ringing", "talking", "hold"])
def test_the_next_state_is_reserved_during_a_call(reserve_in: str) -> None:
    desk = Desk(ONE, "sato")
    desk.call("1")
    if reserve_in != "ringing":
        desk.connect("sato")
    if reserve_in == "hold":
        desk.tell(i.HoldStarted(desk.latest_offer["sato"]))
    desk.pause("sato", NotReadyReason.TRAINING)
    assert desk.event(e.NextStateReserved).reason is NotReadyReason.TRAINING
    desk.connect("sato")
    desk.hang_up("1")
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.pass_time(10.0)
    assert desk.reason("sato") is NotReadyReason.TRAINING


@pytest.mark.requirement("M4")
def test_a_reservation_can_be_taken_back() -> None:
    desk = talking()
    desk.log_out("sato")
    assert desk.state("sato") is AgentState.TALKING, "a talk is not cut by a log-out"
    desk.ready("sato")
    desk.hang_up("1")
    desk.pass_time(10.0)
    assert desk.state("sato") is AgentState.READY


def test_a_log_out_during_a_talk_happens_after_wrap_up() -> None:
    desk = talking()
    desk.log_out("sato", by="boss")
    desk.hang_up("1")
    desk.pass_time(10.0)
    assert desk.state("sato") is AgentState.LOGGED_OUT


@pytest.mark.requirement("M4")
@pytest.mark.parametrize("reason", [r for r in NotReadyReason if r.value in ("logged_in", "busy")])
def test_reasons_that_belong_to_the_engine_are_refused(reason: NotReadyReason) -> None:
    desk = Desk(ONE, "sato")
    desk.pause("sato", reason)
    assert desk.event(e.RequestRefused).reason is RefusalReason.REASON_NOT_ALLOWED
    assert desk.state("sato") is AgentState.READY


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (i.AgentReadied(AgentId("nobody")), RefusalReason.UNKNOWN_AGENT),
        (i.AgentLoggedIn(AgentId("nobody")), RefusalReason.UNKNOWN_AGENT),
        (i.AgentReadied(AgentId("suzuki")), RefusalReason.NOT_LOGGED_IN),
        (i.AgentLoggedIn(SATO), RefusalReason.ALREADY_LOGGED_IN),
        (i.HangUpRequested(SATO), RefusalReason.NOT_IN_A_CALL),
        (i.WrapUpExtended(SATO, 5.0), RefusalReason.NOT_IN_WRAP_UP),
        (i.DispositionGiven(SATO, CallId("1"), ""), RefusalReason.OUT_OF_BOUNDS),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(request_: i.Input, why: RefusalReason) -> None:
    desk = Desk(plan(person("sato"), person("suzuki")), "sato")
    desk.tell(request_)
    assert desk.event(e.RequestRefused).reason is why
    assert desk.commands == []


def test_an_operator_may_work_at_another_phone_for_a_day() -> None:
    desk = Desk(ONE)
    desk.tell(i.AgentLoggedIn(SATO, "phone-at-home"))
    desk.ready("sato")
    desk.call("1")
    assert desk.command(OfferCall).device == "phone-at-home"
    desk.hang_up("1")
    desk.log_out("sato")
    desk.ready("sato")
    desk.restart()
    desk.call("2")
    assert desk.command(OfferCall).device == "phone-sato"


def test_an_operator_hangs_up_and_the_caller_goes_on_to_what_follows() -> None:
    desk = talking()
    desk.tell(i.HangUpRequested(SATO))
    assert desk.command(HangUpLeg).offer == desk.latest_offer["sato"]
    desk.end_talk("sato")
    assert desk.event(e.LegClosed).by is i.EndedBy.AGENT
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.ANSWERED


@pytest.mark.requirement("M9")
def test_a_blind_transfer_to_a_queue_waits_anew_and_stays_answered() -> None:
    desk = talking(plan(queue(), queue("waste"), person("sato"), person("mori", "waste")))
    desk.transfer("sato", Target(TargetKind.QUEUE, "waste"))
    assert desk.event(e.LegClosed).by is i.EndedBy.TRANSFER
    assert desk.command(HoldCaller).call == "1"
    assert desk.event(e.CallQueued).age_from_s == desk.now
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.ready("mori")
    assert desk.rings("mori") == "1"
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.ANSWERED


@pytest.mark.requirement("M9")
def test_a_blind_transfer_to_a_department_is_dialled() -> None:
    desk = talking()
    desk.transfer("sato", Target(TargetKind.NUMBER, "city-hall"))
    assert desk.command(RingParty).dial == "hall@office"
    assert desk.state("sato") is AgentState.WRAP_UP


@pytest.mark.parametrize(
    "target",
    [
        Target(TargetKind.NUMBER, "0900000000"),
        Target(TargetKind.QUEUE, "unknown"),
        Target(TargetKind.CALL_BACK),
    ],
)
def test_nothing_outside_the_directory_is_dialled(target: Target) -> None:
    desk = talking()
    desk.transfer("sato", target)
    assert desk.event(e.RequestRefused).reason is RefusalReason.UNKNOWN_TARGET
    assert desk.commands == []
    assert desk.state("sato") is AgentState.TALKING


def test_a_department_that_cannot_be_reached_the_caller_is_told_and_let_go() -> None:
    desk = Desk(plan(person("sato")), "sato")
    desk.arrive("1")
    desk.tell(i.FlowEnded(CallId("1"), i.FlowEnding.SENT_ELSEWHERE, "city-hall"))
    assert desk.command(DialTarget).dial == "hall@office"
    desk.tell(i.CommandFailed("dial_target", "1", "deadline"))
    assert desk.command(PlayAnnouncement).announcement == "congestion"
    desk.tell(i.CommandFailed("play_announcement", "1", "deadline"))
    assert [type(command).__name__ for command in desk.commands] == ["HangUpCaller"]


@pytest.mark.requirement("M4")
def test_everybody_is_who_they_were_after_a_restart() -> None:
    people = ("sato", "suzuki", "mori", "kato", "ito")
    desk = Desk(plan(*(person(id_) for id_ in people)), "sato", "suzuki", "mori")
    for call in ("1", "2", "3"):
        desk.call(call)
    desk.connect("sato")
    desk.tell(i.HoldStarted(desk.latest_offer["sato"]))
    desk.pause("sato", NotReadyReason.LUNCH)
    desk.serve("suzuki", "2")
    desk.tell(i.WrapUpExtended(AgentId("suzuki"), 4.0))
    desk.pass_time(3.0)
    desk.ready("kato")
    desk.pause("kato", NotReadyReason.BREAK)
    before = [desk.state(id_) for id_ in people]
    desk.restart()
    assert [desk.state(id_) for id_ in people] == before
    assert desk.reason("kato") is NotReadyReason.BREAK
    assert desk.rings("mori") == "3"
    desk.hang_up("1")
    desk.pass_time(11.5)
    assert desk.reason("sato") is NotReadyReason.LUNCH, "the reservation outlived the restart"
    assert desk.state("suzuki") is AgentState.READY, "and so did the wrap-up's clock"
    desk.call("4")
    assert desk.rings("suzuki") == "4"


def test_the_person_is_reserved_across_all_queues() -> None:
    desk = Desk(plan(queue(), queue("waste"), person("sato", "tax", "waste")), "sato")
    desk.call("1", "tax")
    desk.call("2", "waste")
    assert desk.rings("sato") == "1"
    assert desk.engine.calls[CallId("2")].offer is None


@pytest.mark.parametrize(("entry", "dialled"), [("city-hall", True), ("nowhere", False)])
def test_the_flow_sends_callers_to_the_directory_only(entry: str, dialled: bool) -> None:
    desk = Desk(ONE)
    desk.arrive("1")
    desk.tell(i.FlowEnded(CallId("1"), i.FlowEnding.SENT_ELSEWHERE, entry))
    assert desk.has(DialTarget) == dialled
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.SENT_ELSEWHERE
