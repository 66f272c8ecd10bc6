"""What an operator does with a talk: hold, asking somebody, handing over, a third voice."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import events_talk as te
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.commands import HangUpCaller, HangUpLeg, HoldCaller
from acd.core.commands_talk import (
    DropParty,
    HandOver,
    MergeTalk,
    PartTalk,
    ReuniteTalk,
    RingParty,
)
from acd.core.events import CallOutcome, RefusalReason
from acd.core.ids import AgentId, CallId
from acd.core.party import PartyKind, PartyResult
from acd.core.plan import (
    CalendarPlan,
    DirectoryEntry,
    InterpreterPlan,
    Plan,
    TalkPlan,
    Target,
    TargetKind,
)
from agents.state import AgentState
from tests.desk import Desk, person, plan, queue

SATO = AgentId("sato")
HALL = Target(TargetKind.NUMBER, "city-hall")


def planned() -> Plan:
    directory = (
        DirectoryEntry("city-hall", "市役所", "city hall", "hall@office"),
        DirectoryEntry("shut", "閉庁", "shut", "PJSIP/shut", "never"),
        DirectoryEntry("english", "英語通訳", "English", "PJSIP/0311112222@carrier"),
    )
    interpreters = (InterpreterPlan("en", "shut"), InterpreterPlan("en", "english"))
    return plan(
        queue(),
        person("sato"),
        person("mori"),
        directory=directory,
        calendars=(CalendarPlan("never", ((),) * 7),),
        talk=TalkPlan(20.0, 30.0, "0466001111", (*interpreters, InterpreterPlan("vi", "shut"))),
    )


def talking(*also: str) -> Desk:
    desk = Desk(planned(), "sato", *also)
    desk.call("1", number="0466251111")
    desk.connect("sato")
    return desk


def consulting(*, answered: bool = True) -> Desk:
    desk = talking()
    desk.tell(t.ConsultRequested(SATO, HALL))
    if answered:
        desk.tell(i.OfferAnswered(desk.latest_party))
    return desk


def refused(desk: Desk) -> RefusalReason:
    assert desk.commands == []
    return desk.event(e.RequestRefused).reason


@pytest.mark.requirement("M9")
def test_hold_parts_the_two_and_resume_brings_them_together() -> None:
    desk = talking()
    desk.tell(t.HoldRequested(SATO))
    assert desk.command(PartTalk).offer == desk.latest_offer["sato"]
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(t.HoldRequested(SATO))
    assert refused(desk) is RefusalReason.NOT_IN_A_CALL
    desk.tell(t.ResumeRequested(SATO))
    assert desk.command(ReuniteTalk).channel == "PJSIP/trunk-1"
    assert desk.state("sato") is AgentState.TALKING
    desk.tell(t.ResumeRequested(SATO))
    assert refused(desk) is RefusalReason.NOT_ON_HOLD


def test_a_phones_own_hold_is_the_phones_to_end() -> None:
    desk = talking()
    desk.tell(i.HoldStarted(desk.latest_offer["sato"]))
    desk.tell(t.ResumeRequested(SATO))
    assert refused(desk) is RefusalReason.NOT_ON_HOLD
    desk.tell(t.ConsultRequested(SATO, HALL))
    assert refused(desk) is RefusalReason.NOT_IN_A_CALL
    desk.tell(i.HoldEnded(desk.latest_offer["sato"]))
    desk.tell(t.HoldRequested(SATO))
    desk.tell(i.HoldEnded(desk.latest_offer["sato"]))
    assert desk.state("sato") is AgentState.HOLD, "what the switch holds, no phone resumes"


@pytest.mark.requirement("M9")
def test_an_attended_transfer_leaves_caller_and_department_to_each_other() -> None:
    desk = consulting()
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(t.ConsultCompleted(SATO))
    assert desk.event(e.LegClosed).by is i.EndedBy.TRANSFER
    assert desk.event(e.TransferStarted).target == HALL
    over = desk.command(HandOver)
    assert (over.party, over.offer) == (desk.latest_party, desk.latest_offer["sato"])
    assert over.answered
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.tell(i.CallConnected(desk.latest_party))
    desk.tell(i.LegEnded(desk.latest_party))
    assert desk.event(te.PartyEnded).result is PartyResult.TALKED
    assert desk.commands == [], "after a talk nobody comes back"
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.ANSWERED


@pytest.mark.requirement("M9")
@pytest.mark.parametrize("how", ["refuses", "rings on", "hangs up after an answer"])
def test_when_the_department_is_no_help_the_operator_is_back_with_the_caller(how: str) -> None:
    desk = consulting(answered=how.startswith("hangs"))
    if how == "refuses":
        desk.tell(i.OfferFailed(desk.latest_party, i.OfferFailure.BUSY))
        expected = PartyResult.BUSY
    elif how == "rings on":
        desk.pass_time(20.0)
        assert desk.command(DropParty).party == desk.latest_party
        expected = PartyResult.NO_ANSWER
    else:
        desk.tell(i.LegEnded(desk.latest_party))
        expected = PartyResult.TALKED
    assert desk.event(te.PartyEnded).result is expected
    assert desk.command(ReuniteTalk).call == "1"
    assert desk.state("sato") is AgentState.TALKING
    assert not desk.engine.state.parties


def test_a_consultation_can_be_called_off() -> None:
    desk = consulting(answered=False)
    desk.tell(t.ResumeRequested(SATO))
    assert desk.event(te.PartyEnded).result is PartyResult.CANCELLED
    assert [type(each) for each in desk.commands] == [ReuniteTalk, DropParty]
    desk.tell(i.OfferAnswered(desk.latest_party))
    desk.tell(i.CallConnected(desk.latest_party))
    desk.tell(i.LegEnded(desk.latest_party))
    assert desk.events == [], "what it does afterwards is nobody's concern"


@pytest.mark.requirement("M9")
def test_a_blind_transfer_that_nobody_takes_comes_back_with_its_age() -> None:
    desk = talking("mori")
    desk.pass_time(100.0)
    desk.transfer("sato", HALL)
    assert desk.command(PartTalk).offer == ""
    assert desk.command(RingParty).kind is PartyKind.TRANSFER
    arrived_s = desk.engine.calls[CallId("1")].age_from_s
    desk.pass_time(20.0)
    queued = desk.event(e.CallQueued)
    assert (queued.prefer_agent, queued.age_from_s) == (SATO, arrived_s)
    assert desk.rings("sato") == "1", "to the operator who sent it on, wrapped up by now"
    assert desk.state("mori") is AgentState.READY


@pytest.mark.requirement("M9")
def test_who_is_gone_gets_nothing_back_and_the_caller_is_first_in_line() -> None:
    desk = talking()
    desk.transfer("sato", HALL)
    desk.log_out("sato")
    desk.call("2")
    desk.tell(i.OfferFailed(desk.latest_party, i.OfferFailure.UNREACHABLE))
    assert desk.event(e.CallQueued).prefer_agent is None
    assert [desk.engine.position(CallId(each)) for each in "12"] == [1, 2]
    desk.ready("mori")
    assert desk.rings("mori") == "1"
    desk.connect("mori")
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.ANSWERED


def test_a_returned_caller_waits_for_one_operator_only_so_long() -> None:
    desk = talking()
    desk.transfer("sato", HALL)
    desk.tell(i.OfferFailed(desk.latest_party, i.OfferFailure.BUSY))
    desk.tell(i.WrapUpExtended(SATO, 600.0))
    desk.ready("mori")
    assert desk.rings("mori") is None
    desk.pass_time(30.0)
    assert desk.rings("mori") == "1"


def test_who_puts_down_the_phone_while_asking_hands_over() -> None:
    desk = consulting()
    desk.end_talk("sato")
    assert desk.command(HandOver).answered
    assert desk.engine.state.parties[desk.latest_party].kind is PartyKind.TRANSFER


def test_who_puts_down_the_phone_while_it_rings_hands_over_and_gets_it_back() -> None:
    desk = consulting(answered=False)
    desk.end_talk("sato")
    assert not desk.command(HandOver).answered
    desk.pass_time(20.0)
    assert desk.rings("sato") == "1"


def test_a_caller_on_hold_whose_operators_line_breaks_is_not_lost() -> None:
    desk = talking("mori")
    desk.tell(t.HoldRequested(SATO))
    desk.end_talk("sato")
    assert desk.command(HoldCaller).call == "1"
    assert desk.event(e.CallQueued).priority == 9
    assert desk.state("sato") is AgentState.WRAP_UP


def test_a_leg_found_again_after_a_lost_connection_ends_the_talk_too() -> None:
    """The switch's picture after a new connection does not know that a waiting leg was in a
    talk, and tells of a failed offer."""
    desk = talking()
    desk.tell(t.HoldRequested(SATO))
    desk.tell(i.OfferFailed(desk.latest_offer["sato"], i.OfferFailure.NO_ANSWER))
    assert desk.event(e.LegClosed).agent == "sato"
    assert desk.has(HoldCaller)


@pytest.mark.parametrize("asked", [False, True])
def test_hanging_up_on_hold_ends_the_call(asked: bool) -> None:
    desk = consulting() if asked else talking()
    if not asked:
        desk.tell(t.HoldRequested(SATO))
    desk.tell(i.HangUpRequested(SATO))
    assert desk.command(HangUpCaller).call == "1"
    desk.hang_up("1")
    assert desk.command(HangUpLeg).offer == desk.latest_offer["sato"]
    assert desk.has(DropParty) == asked
    assert desk.state("sato") is AgentState.WRAP_UP


def test_after_a_talk_by_hand_the_operators_leg_is_hung_up_with_the_callers() -> None:
    desk = talking()
    desk.tell(t.HoldRequested(SATO))
    desk.tell(t.ResumeRequested(SATO))
    desk.hang_up("1")
    assert desk.command(HangUpLeg).offer == desk.latest_offer["sato"]


@pytest.mark.requirement("S3")
def test_an_interpreter_is_chosen_by_language_and_hours() -> None:
    desk = talking()
    desk.tell(t.ConferenceRequested(SATO, language="en"))
    ring = desk.command(RingParty)
    assert (ring.kind, ring.dial) == (PartyKind.GUEST, "PJSIP/0311112222@carrier")
    assert ring.shown == "0466001111", "an outside line shows our number"
    assert desk.state("sato") is AgentState.TALKING, "they talk on while it rings"
    desk.tell(i.OfferAnswered(desk.latest_party))
    desk.tell(t.HoldRequested(SATO))
    assert refused(desk) is RefusalReason.ANOTHER_PARTY
    desk.tell(t.PartyDropped(SATO, desk.latest_party))
    assert desk.command(DropParty).party == desk.latest_party
    assert desk.event(te.PartyEnded).result is PartyResult.TALKED
    assert desk.state("sato") is AgentState.TALKING


@pytest.mark.requirement("S3")
@pytest.mark.parametrize(
    ("language", "why"), [("vi", RefusalReason.CLOSED), ("fr", RefusalReason.UNKNOWN_TARGET)]
)
def test_no_interpreter_now_is_said(language: str, why: RefusalReason) -> None:
    desk = talking()
    desk.tell(t.ConferenceRequested(SATO, language=language))
    assert refused(desk) is why


@pytest.mark.requirement("M9")
def test_a_consultation_becomes_a_talk_of_three_and_of_two_again() -> None:
    desk = consulting()
    desk.tell(t.ConferenceRequested(SATO))
    assert desk.command(MergeTalk).call == "1"
    assert desk.event(te.PartyMoved).kind is PartyKind.GUEST
    assert desk.state("sato") is AgentState.TALKING
    desk.tell(i.LegEnded(desk.latest_party))
    assert desk.commands == [], "the two talk on"
    assert desk.state("sato") is AgentState.TALKING


def test_an_operator_who_leaves_a_talk_of_three_takes_the_third_along() -> None:
    desk = consulting()
    desk.tell(t.ConferenceRequested(SATO))
    desk.end_talk("sato")
    assert desk.command(DropParty).party == desk.latest_party
    assert desk.event(e.LegClosed).by is i.EndedBy.AGENT


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (Target(TargetKind.NUMBER, "shut"), RefusalReason.CLOSED),
        (Target(TargetKind.NUMBER, "0900000000"), RefusalReason.UNKNOWN_TARGET),
        (Target(TargetKind.QUEUE, "unknown"), RefusalReason.UNKNOWN_TARGET),
    ],
)
def test_only_who_is_in_the_directory_and_there_is_asked(
    target: Target, why: RefusalReason
) -> None:
    desk = talking()
    desk.tell(t.ConsultRequested(SATO, target))
    assert refused(desk) is why
    desk.transfer("sato", target) if target.kind is TargetKind.NUMBER else None
    assert desk.state("sato") is AgentState.TALKING


@pytest.mark.parametrize(
    "request_",
    [
        t.HoldRequested(SATO),
        t.ResumeRequested(SATO),
        t.ConsultRequested(SATO, HALL),
        t.ConsultCompleted(SATO),
        t.ConferenceRequested(SATO, HALL),
    ],
)
def test_without_a_talk_nothing_can_be_done_with_it(request_: t.TalkInput) -> None:
    desk = Desk(planned(), "sato")
    desk.tell(request_)
    assert refused(desk) is RefusalReason.NOT_IN_A_CALL
    desk.tell(t.HoldRequested(AgentId("nobody")))
    assert refused(desk) is RefusalReason.UNKNOWN_AGENT


# -- commands that fail ---------------------------------------------------------------------------


def test_a_talk_that_cannot_be_parted_goes_on() -> None:
    desk = talking()
    desk.tell(t.ConsultRequested(SATO, HALL))
    desk.tell(i.CommandFailed("part_talk", "1", "deadline"))
    assert desk.state("sato") is AgentState.TALKING
    assert [type(each) for each in desk.commands] == [DropParty, ReuniteTalk]


def test_a_talk_that_cannot_be_reunited_can_be_tried_again() -> None:
    desk = talking()
    desk.tell(t.HoldRequested(SATO))
    desk.tell(t.ResumeRequested(SATO))
    desk.tell(i.CommandFailed("reunite_talk", "1", "deadline"))
    assert desk.state("sato") is AgentState.HOLD
    desk.tell(t.ResumeRequested(SATO))
    assert desk.has(ReuniteTalk)


def test_a_caller_who_cannot_be_handed_over_comes_back() -> None:
    desk = consulting(answered=False)
    desk.tell(t.ConsultCompleted(SATO))
    desk.tell(i.CommandFailed("hand_over", "1", "deadline"))
    assert desk.event(e.CallQueued).prefer_agent == "sato"


def test_a_talk_by_hand_outlives_the_controller() -> None:
    desk = consulting()
    desk.restart()
    desk.tell(t.ConsultCompleted(SATO))
    assert desk.command(HandOver).party == desk.latest_party
