"""Operators who ask operators: who is rung, what they are meanwhile, and whose the caller is."""

from __future__ import annotations

import pytest

from acd.core import events as e
from acd.core import events_talk as te
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, LegRecord, PartyRecord, Record
from acd.core.commands import HangUpLeg, HoldCaller
from acd.core.commands_talk import DropParty, HandOver, MergeTalk, PartTalk, ReuniteTalk, RingParty
from acd.core.events import CallOutcome, RefusalReason
from acd.core.ids import AgentId, CallId
from acd.core.party import PartyKind, PartyResult
from acd.core.plan import AgentPlan, Plan, TalkPlan, Target, TargetKind
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue

pytestmark = pytest.mark.requirement("M9")

SATO, MORI = AgentId("sato"), AgentId("mori")
ASK_MORI = Target(TargetKind.AGENT, "mori")
ASK_TAX = Target(TargetKind.QUEUE, "tax")


def planned(**differences: object) -> Plan:
    talk = TalkPlan(20.0, 30.0, "0466001111")
    people = (person("sato"), person("mori"), person("abe", "waste"))
    return plan(queue(), queue("waste"), *people, talk=talk, **differences)


class Colleagues(Desk):
    """A desk that keeps the book, through a restart after every step."""

    def __init__(self, planned_: Plan, *ready: str) -> None:
        self.book = Book()
        self.rows: list[Record] = []
        super().__init__(planned_, *ready)

    def tell(self, happened: i.Input) -> None:
        super().tell(happened)
        for event in self.events:
            self.rows += self.book.fold(self.now, event)
        self.book = Book.restore(self.book.snapshot())

    def legs(self) -> list[tuple[str, int, int]]:
        found = [row for row in self.rows if isinstance(row, LegRecord)]
        return [(row.agent, row.ring_ms, row.talk_ms) for row in found]


def talking(*also: str) -> Colleagues:
    desk = Colleagues(planned(), "sato", *also)
    desk.call("1", number="0466251111")
    desk.connect("sato")
    return desk


def asking(target: Target = ASK_MORI, *, answered: bool = True) -> Colleagues:
    desk = talking("mori")
    desk.tell(t.ConsultRequested(SATO, target))
    if answered:
        desk.tell(i.OfferAnswered(desk.latest_party))
    return desk


def refused(desk: Desk) -> RefusalReason:
    assert desk.commands == []
    return desk.event(e.RequestRefused).reason


def test_a_colleague_who_is_asked_is_rung_and_reserved() -> None:
    desk = talking("mori")
    desk.tell(t.ConsultRequested(SATO, ASK_MORI))
    assert desk.command(PartTalk).asking, "the operator hears that it rings"
    ring = desk.command(RingParty)
    assert (ring.dial, ring.device, ring.colleague) == ("PJSIP/phone-mori", "phone-mori", "mori")
    assert (ring.tone, ring.confirm) == (False, False)
    assert desk.state("mori") is AgentState.RINGING
    desk.call("2")
    assert desk.rings_nobody("2"), "who is asked is offered nothing meanwhile"
    desk.tell(i.OfferAnswered(desk.latest_party))
    assert desk.state("mori") is AgentState.TALKING
    assert desk.rings_nobody("2")


def test_who_is_on_hold_already_hears_the_ring_too() -> None:
    desk = talking("mori")
    desk.tell(t.HoldRequested(SATO))
    desk.tell(t.ConsultRequested(SATO, ASK_MORI))
    assert not desk.has(PartTalk)
    assert desk.command(RingParty).tone


def test_after_an_answer_the_colleague_is_ready_again_with_nothing_to_write_up() -> None:
    desk = asking()
    desk.pass_time(15.0)
    desk.tell(t.ResumeRequested(SATO))
    assert desk.has(DropParty)
    assert desk.state("mori") is AgentState.READY
    assert desk.state("sato") is AgentState.TALKING
    assert desk.engine.agents[MORI].day_calls == 0, "an answer is no call"
    assert desk.engine.agents[MORI].idle_from_s == desk.now


def test_a_withdrawn_question_leaves_the_idle_time_as_it_was() -> None:
    desk = asking(answered=False)
    idle_from_s = desk.engine.agents[MORI].idle_from_s
    desk.pass_time(5.0)
    desk.tell(t.ResumeRequested(SATO))
    assert desk.engine.agents[MORI].idle_from_s == idle_from_s
    assert desk.state("mori") is AgentState.READY


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (i.OfferFailure.BUSY, NotReadyReason.BUSY),
        (i.OfferFailure.REJECTED, NotReadyReason.REJECTED),
        (None, NotReadyReason.NO_ANSWER),
    ],
)
def test_a_colleague_who_does_not_come_is_not_ready_as_after_an_offer(
    how: i.OfferFailure | None, reason: NotReadyReason
) -> None:
    desk = asking(answered=False)
    if how is None:
        desk.pass_time(20.0)
    else:
        desk.tell(i.OfferFailed(desk.latest_party, how))
    assert desk.has(ReuniteTalk)
    assert desk.event(te.PartyEnded).result.value == (how.value if how else "no_answer")
    assert desk.state("sato") is AgentState.TALKING
    assert (desk.state("mori"), desk.reason("mori")) == (AgentState.NOT_READY, reason)


def test_after_an_attended_transfer_the_call_is_the_colleagues() -> None:
    desk = asking()
    desk.pass_time(5.0)
    desk.tell(t.ConsultCompleted(SATO))
    assert desk.command(HandOver).answered
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.tell(i.CallConnected(desk.latest_party))
    taken = desk.event(te.TalkTakenUp)
    assert (taken.agent, taken.by, taken.offer) == ("mori", "sato", desk.latest_party)
    assert desk.rings("mori") == "1", "the engine knows it as any talk"
    assert desk.engine.agents[MORI].day_calls == 1
    desk.pass_time(30.0)
    # It can be held, and handed on, like every talk.
    desk.tell(t.HoldRequested(MORI))
    assert desk.command(PartTalk).offer == taken.offer
    desk.tell(t.ResumeRequested(MORI))
    desk.tell(i.LegEnded(taken.offer, i.EndedBy.AGENT))
    assert desk.state("mori") is AgentState.WRAP_UP
    desk.hang_up("1")
    assert desk.outcome("1") is CallOutcome.ANSWERED
    desk.pass_time(10.0)
    assert desk.state("mori") is AgentState.READY
    assert desk.legs() == [("sato", 0, 0), ("mori", 0, 30_000)]
    (row,) = [row for row in desk.rows if isinstance(row, CallRecord)]
    assert (row.legs, row.transfers, row.forwarded) == (2, 1, 0), "it never left the centre"
    (asked,) = [row for row in desk.rows if isinstance(row, PartyRecord)]
    assert (asked.kind, asked.target, asked.result) == (
        PartyKind.TRANSFER,
        "mori",
        PartyResult.TALKED,
    )


def test_the_caller_who_hangs_up_leaves_the_colleague_the_wrap_up() -> None:
    desk = asking()
    desk.tell(t.ConsultCompleted(SATO))
    desk.tell(i.CallConnected(desk.latest_party))
    desk.hang_up("1")
    assert desk.command(HangUpLeg).offer == desk.latest_party
    assert desk.state("mori") is AgentState.WRAP_UP


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_blind_transfer_to_a_colleague(comes_back: bool) -> None:
    desk = talking("mori")
    desk.transfer("sato", ASK_MORI)
    assert desk.command(RingParty).kind is PartyKind.TRANSFER
    assert desk.state("mori") is AgentState.RINGING
    if comes_back:
        desk.tell(i.OfferFailed(desk.latest_party, i.OfferFailure.REJECTED))
        assert desk.event(e.CallQueued).prefer_agent == "sato"
        assert desk.has(HoldCaller)
        desk.pass_time(10.0)
        assert desk.rings("sato") == "1"
        return
    desk.pass_time(3.0)
    desk.tell(i.OfferAnswered(desk.latest_party))
    desk.tell(i.CallConnected(desk.latest_party))
    assert desk.rings("mori") == "1"


def test_a_colleague_who_puts_down_the_phone_before_the_caller_is_there_loses_nobody() -> None:
    desk = asking()
    desk.tell(t.ConsultCompleted(SATO))
    desk.tell(i.LegEnded(desk.latest_party))
    assert desk.event(e.CallQueued).prefer_agent == "sato"
    assert desk.state("mori") is AgentState.READY


def test_of_a_queue_the_next_suitable_one_is_rung() -> None:
    desk = Colleagues(planned(), "abe", "sato")
    desk.call("1")
    desk.connect("sato")
    desk.tell(t.ConsultRequested(SATO, ASK_TAX))
    assert refused(desk) is RefusalReason.NOBODY_FREE, "abe knows only waste"
    assert desk.state("sato") is AgentState.TALKING
    desk.ready("mori")
    desk.tell(t.ConsultRequested(SATO, ASK_TAX))
    asked = desk.event(te.PartyAsked)
    assert (asked.colleague, asked.queue) == ("mori", "tax")
    assert desk.state("mori") is AgentState.RINGING


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (Target(TargetKind.AGENT, "sato"), RefusalReason.UNKNOWN_TARGET),
        (Target(TargetKind.AGENT, "nobody"), RefusalReason.UNKNOWN_TARGET),
        (Target(TargetKind.QUEUE, "nothing"), RefusalReason.UNKNOWN_TARGET),
        (ASK_MORI, RefusalReason.COLLEAGUE_BUSY),
        (ASK_TAX, RefusalReason.NOBODY_FREE),
    ],
)
def test_who_cannot_be_asked(target: Target, why: RefusalReason) -> None:
    desk = talking()
    for request in (
        t.ConsultRequested(SATO, target),
        t.ConferenceRequested(SATO, target),
        i.TransferRequested(SATO, target),
    ):
        if not (isinstance(request, i.TransferRequested) and target == ASK_TAX):
            desk.tell(request)
            assert refused(desk) is why
            assert desk.state("sato") is AgentState.TALKING, "nothing is lost"


def test_a_colleague_as_third_voice_comes_and_goes() -> None:
    desk = talking("mori")
    desk.tell(t.ConferenceRequested(SATO, ASK_MORI))
    desk.tell(i.OfferAnswered(desk.latest_party))
    desk.tell(i.CallConnected(desk.latest_party))
    assert desk.state("mori") is AgentState.TALKING
    assert not desk.has(te.TalkTakenUp), "the caller is still sato's"
    desk.tell(i.HangUpRequested(MORI))
    assert desk.command(DropParty).party == desk.latest_party
    assert (desk.state("mori"), desk.state("sato")) == (AgentState.READY, AgentState.TALKING)


def test_a_consultation_with_a_colleague_becomes_a_talk_of_three() -> None:
    desk = asking()
    desk.tell(t.ConferenceRequested(SATO))
    assert desk.has(MergeTalk)
    assert desk.event(te.PartyMoved).colleague == "mori"
    desk.hang_up("1")
    assert desk.state("mori") is AgentState.READY


def test_a_colleague_who_turns_the_question_away_by_the_panel() -> None:
    desk = asking(answered=False)
    desk.tell(i.HangUpRequested(MORI))
    assert desk.event(te.PartyEnded).result is PartyResult.REJECTED
    assert desk.has(ReuniteTalk)


@pytest.mark.parametrize("answered", [False, True])
def test_a_colleague_who_logs_out_while_asked(answered: bool) -> None:
    desk = asking(answered=answered)
    desk.call("2")
    desk.log_out("mori")
    if answered:
        desk.tell(i.LegEnded(desk.latest_party))
    assert desk.state("mori") is AgentState.LOGGED_OUT
    assert desk.rings_nobody("2")
    assert desk.state("sato") is AgentState.TALKING


def test_what_a_colleague_reserves_holds_after_the_question() -> None:
    desk = asking()
    desk.pause("mori")
    desk.tell(t.ResumeRequested(SATO))
    assert (desk.state("mori"), desk.reason("mori")) == (
        AgentState.NOT_READY,
        NotReadyReason.LUNCH,
    )


def test_whom_a_colleague_asks_has_no_talk_of_the_own() -> None:
    desk = asking()
    for request in (t.HoldRequested(MORI), t.ConsultCompleted(MORI)):
        desk.tell(request)
        assert refused(desk) is RefusalReason.NOT_IN_A_CALL


def far_away() -> Colleagues:
    """Mori works at home, at a telephone in the public network."""
    far = AgentPlan(MORI, "mori", "phone-mori", person("mori").skills, outside="PJSIP/0312345678@x")
    talk = TalkPlan(20.0, 30.0, "0466001111")
    desk = Colleagues(plan(queue(), person("sato"), far, talk=talk), "sato")
    desk.tell(i.AgentLoggedIn(MORI, "out-mori"))
    desk.tell(i.AgentReadied(MORI))
    desk.call("1")
    desk.connect("sato")
    desk.tell(t.ConsultRequested(SATO, ASK_MORI))
    return desk


def test_in_the_public_network_only_the_key_says_that_somebody_is_there() -> None:
    desk = far_away()
    ring = desk.command(RingParty)
    assert (ring.dial, ring.confirm, ring.shown) == ("PJSIP/0312345678@x", True, "0466001111")
    desk.tell(i.OfferAnswered(desk.latest_party))
    assert desk.state("mori") is AgentState.RINGING, "what picked up may be a machine"
    desk.tell(t.PartyJoined(desk.latest_party))
    assert desk.state("mori") is AgentState.TALKING


def test_a_machine_that_picked_up_counts_as_no_answer() -> None:
    desk = far_away()
    desk.tell(i.OfferFailed(desk.latest_party, i.OfferFailure.REJECTED))
    assert desk.event(te.PartyEnded).result is PartyResult.NO_ANSWER
    assert desk.reason("mori") is NotReadyReason.NO_ANSWER


def test_two_who_are_let_go_cannot_take_the_colleague_from_under_a_transfer() -> None:
    """Whoever is let go may leave calls behind; the transfer then comes back instead."""
    desk = asking()
    desk.ready("abe")
    desk.transfer("sato", Target(TargetKind.AGENT, "abe"))
    assert desk.command(RingParty).colleague == "abe"
    assert desk.state("mori") is AgentState.READY


def test_a_question_outlives_the_controller() -> None:
    desk = asking()
    desk.restart()
    desk.tell(t.ConsultCompleted(SATO))
    desk.restart()
    desk.tell(i.CallConnected(desk.latest_party))
    assert desk.engine.calls[CallId("1")].offer == desk.latest_party
