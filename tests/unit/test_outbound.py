"""Outside calls by operators: which numbers, how often, and what becomes of operator and ledger."""

from __future__ import annotations

import msgspec
import pytest

from acd.adapters.asterisk.actions import ring
from acd.core import events as e
from acd.core import events_talk as te
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.cdr import Book
from acd.core.cdr_types import OutsideRecord
from acd.core.commands import HangUpLeg, OfferCall
from acd.core.commands_talk import DialOut, RingParty
from acd.core.dial import DialOutcome
from acd.core.events import RefusalReason
from acd.core.ids import AgentId, OfferId
from acd.core.outbound import OutboundPlan, is_allowed
from acd.core.plan import Plan, TalkPlan, Target, TargetKind
from agents.state import AgentState, NotReadyReason
from tests.desk import Desk, person, plan, queue

SATO = AgentId("sato")
NUMBER = "0466251111"
ALLOWED = OutboundPlan("carrier", ("0466", "03"), per_agent=2, per_centre=3)


def planned(outbound: OutboundPlan = ALLOWED) -> Plan:
    talk = TalkPlan(shown="0466001111", outbound=outbound)
    return plan(queue(), person("sato"), person("mori"), talk=talk)


class Outside(Desk):
    """A desk that knows the outside call under way, and keeps the book."""

    def __init__(self, planned_: Plan, *ready: str) -> None:
        self.book = Book()
        self.rows: list[object] = []
        super().__init__(planned_, *ready)

    def tell(self, happened: i.Input) -> None:
        super().tell(happened)
        for event in self.events:
            self.rows += self.book.fold(self.now, event)
        self.book = Book.restore(self.book.snapshot())

    def dial(self, number: str = NUMBER, agent: str = "sato") -> None:
        self.tell(t.DialRequested(AgentId(agent), number))

    @property
    def leg(self) -> OfferId:
        return OfferId(self.engine.agents[SATO].offer or "")

    def row(self) -> OutsideRecord:
        (row,) = [row for row in self.rows if isinstance(row, OutsideRecord)]
        return row


@pytest.mark.parametrize(
    "number",
    ["0466251111", "0312345678", "+81466251111", "+81312345678"],
)
def test_what_the_plan_allows_may_be_called(number: str) -> None:
    assert is_allowed(ALLOWED, number)


@pytest.mark.parametrize(
    "number",
    [
        *("110", "118", "119", "104", "171", "177", "", "0", "0466"),
        *("00181312345678", "010123456789", "+1202555", "+8190", "0990123456", "0570012345"),
        *(
            "0180991234",
            "+81570012345",
            "09012345678",
            "0466-25-1111",
            "0466251111;x=1",
            "０４６６",
        ),
        *("sip:x@y", "0466251111@evil", "04662511112222222"),
    ],
)
def test_nothing_else_may_be_whatever_the_plan_says(number: str) -> None:
    assert not is_allowed(ALLOWED, number)
    generous = msgspec.structs.replace(ALLOWED, allow=("0", "1", "+"))
    if number != "09012345678":
        assert not is_allowed(generous, number)


def test_without_a_trunk_nobody_calls_outside() -> None:
    assert not is_allowed(OutboundPlan(), NUMBER)
    desk = Outside(planned(OutboundPlan()), "sato")
    desk.dial()
    assert desk.event(e.RequestRefused).reason is RefusalReason.NUMBER_NOT_ALLOWED


def test_an_outside_call_from_the_first_ring_to_the_record() -> None:
    desk = Outside(planned(), "sato")
    desk.dial()
    dial = desk.command(DialOut)
    assert (dial.device, dial.dial) == ("phone-sato", f"PJSIP/{NUMBER}@carrier")
    assert (dial.number, dial.shown) == (NUMBER, "0466001111")
    assert desk.state("sato") is AgentState.RINGING
    leg = desk.leg
    desk.call("1")
    desk.pass_time(2.0)
    desk.tell(i.OfferAnswered(leg))
    assert desk.state("sato") is AgentState.TALKING
    desk.pass_time(5.0)
    desk.tell(i.CallConnected(leg))
    desk.tell(i.CallConnected(leg))
    desk.pass_time(30.0)
    desk.tell(i.LegEnded(leg))
    row = desk.row()
    assert row.outcome is DialOutcome.ANSWERED
    assert (row.ended_ms - row.started_ms, row.talk_ms) == (37_000, 30_000)
    assert desk.rings("sato") == "1", "who waited is served by the one who is free again"


@pytest.mark.parametrize("how", ["own phone rings out", "own phone is busy", "nobody there"])
def test_an_outside_call_that_comes_to_nothing(how: str) -> None:
    desk = Outside(planned(), "sato")
    desk.dial()
    leg = desk.leg
    if how == "own phone rings out":
        desk.pass_time(15.0)
        assert desk.command(HangUpLeg).offer == leg
    elif how == "own phone is busy":
        desk.tell(i.OfferFailed(leg, i.OfferFailure.BUSY))
    else:
        desk.tell(i.OfferAnswered(leg))
        desk.tell(i.OfferFailed(leg, i.OfferFailure.REJECTED))
    expected = DialOutcome.NOT_ANSWERED if how == "nobody there" else DialOutcome.OWN_PHONE
    assert desk.row().outcome is expected
    assert desk.row().talk_ms == 0
    assert desk.state("sato") is AgentState.READY


def test_who_calls_in_a_break_is_on_the_break_again() -> None:
    desk = Outside(planned(), "sato")
    desk.pause("sato", NotReadyReason.LUNCH)
    desk.dial()
    desk.tell(i.OfferAnswered(desk.leg))
    desk.tell(i.HangUpRequested(SATO))
    assert desk.command(HangUpLeg).offer == desk.leg
    desk.tell(i.LegEnded(desk.leg))
    assert (desk.state("sato"), desk.reason("sato")) == (
        AgentState.NOT_READY,
        NotReadyReason.LUNCH,
    )


def test_who_wraps_up_may_call_and_stays_away_from_calls() -> None:
    desk = Outside(planned(), "sato")
    desk.call("1")
    desk.serve("sato", "1")
    assert desk.state("sato") is AgentState.WRAP_UP
    desk.dial()
    desk.tell(i.OfferAnswered(desk.leg))
    desk.tell(i.LegEnded(desk.leg))
    assert desk.reason("sato") is NotReadyReason.OTHER_WORK


def test_limits_are_per_operator_and_for_the_centre_until_midnight() -> None:
    desk = Outside(planned(), "sato", "mori")

    def call(agent: str) -> bool:
        desk.dial(agent=agent)
        if not desk.has(DialOut):
            assert desk.event(e.RequestRefused).reason is RefusalReason.LIMIT_REACHED
            return False
        desk.tell(i.OfferFailed(desk.command(DialOut).offer, i.OfferFailure.BUSY))
        return True

    assert [call("sato"), call("sato"), call("sato")] == [True, True, False]
    desk.restart()
    assert [call("sato"), call("mori"), call("mori")] == [False, True, False]
    desk.pass_time(86_400.0)
    assert call("sato")


def test_nobody_calls_outside_twice_at_once_or_in_a_talk() -> None:
    desk = Outside(planned(), "sato")
    desk.dial()
    desk.dial()
    assert desk.event(e.RequestRefused).reason is RefusalReason.IN_A_CALL
    desk.tell(t.HoldRequested(SATO))
    assert desk.event(e.RequestRefused).reason is RefusalReason.NOT_IN_A_CALL
    desk.log_out("sato")
    assert desk.row().outcome is DialOutcome.OWN_PHONE
    assert desk.state("sato") is AgentState.LOGGED_OUT
    desk.dial()
    assert desk.event(e.RequestRefused).reason is RefusalReason.NOT_LOGGED_IN


@pytest.mark.requirement("M9")
def test_an_outside_number_can_be_asked_and_is_guarded_alike() -> None:
    desk = Outside(planned(), "sato")
    desk.call("1")
    desk.connect("sato")
    for number, why in (("110", RefusalReason.NUMBER_NOT_ALLOWED), ("", None), (NUMBER, None)):
        desk.tell(t.ConsultRequested(SATO, Target(TargetKind.OUTSIDE), number))
        if number != NUMBER:
            assert desk.event(e.RequestRefused).reason is RefusalReason.NUMBER_NOT_ALLOWED
            assert why in (None, RefusalReason.NUMBER_NOT_ALLOWED)
    ring = desk.command(RingParty)
    assert (ring.dial, ring.shown) == (f"PJSIP/{NUMBER}@carrier", "0466001111")
    assert desk.event(te.PartyAsked).number == NUMBER
    assert desk.engine.state.outbound.agents == {SATO: 1}


def away() -> Desk:
    """An operator at a telephone in the public network, rung for a caller."""
    kato = msgspec.structs.replace(person("kato"), outside="PJSIP/0466259999@carrier")
    desk = Desk(msgspec.structs.replace(planned(), agents=(kato,)))
    desk.tell(i.AgentLoggedIn(AgentId("kato"), "out-kato"))
    desk.ready("kato")
    desk.call("1", number=NUMBER)
    return desk


def test_an_operator_far_away_is_rung_longer_and_shown_our_number() -> None:
    offer = away().command(OfferCall)
    assert (offer.outside, offer.shown) == ("PJSIP/0466259999@carrier", "0466001111")
    assert offer.ring_timeout_s == 30.0
    near = Desk(planned(), "sato")
    near.call("1")
    assert (near.command(OfferCall).outside, near.command(OfferCall).shown) == ("", "")


def test_a_machine_that_picks_up_is_nobody() -> None:
    desk = away()
    desk.pick_up("kato")
    assert desk.events == []
    assert desk.state("kato") is AgentState.RINGING
    desk.fail("kato", i.OfferFailure.REJECTED)
    assert desk.reason("kato") is NotReadyReason.NO_ANSWER
    assert desk.engine.position(next(iter(desk.engine.calls))) == 1


def test_the_key_connects() -> None:
    desk = away()
    desk.pick_up("kato")
    desk.pass_time(20.0)
    desk.connect("kato")
    assert desk.state("kato") is AgentState.TALKING


def test_a_ring_out_there_is_confirmed_by_a_key_and_hides_the_caller() -> None:
    offer = away().command(OfferCall)
    headers = ring(offer, NUMBER).headers
    assert ("Channel", "PJSIP/0466259999@carrier") in headers
    assert ("Context", "confirm") in headers
    assert ("CallerID", "<0466001111>") in headers
