"""The ledger of a talk in which others were asked: who, how long, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, LegRecord, PartyRecord, Record, Segment, SegmentKind
from acd.core.events import CallOutcome
from acd.core.party import PartyKind, PartyResult
from tests.desk import Desk
from tests.unit.test_engine_talk import HALL, SATO, planned


class Ledger(Desk):
    """A desk whose events are folded as they come; the book dies and comes back each time."""

    def __init__(self) -> None:
        self.book = Book()
        self.rows: list[Record] = []
        super().__init__(planned(), "sato")
        self.call("1", number="0466251111")
        self.pass_time(2.0)
        self.connect("sato")

    def tell(self, happened: i.Input) -> None:
        super().tell(happened)
        for event in self.events:
            self.rows += self.book.fold(self.now, event)
        self.book = Book.restore(self.book.snapshot())

    def ends(self) -> CallRecord:
        self.hang_up("1")
        self.pass_time(60.0)
        (call,) = [row for row in self.rows if isinstance(row, CallRecord)]
        spent = [call.menu_ms, call.wait_ms, call.talk_ms, call.hold_ms, call.after_ms]
        assert sum(spent) == call.closed_ms - call.offered_ms
        assert call.outcome is CallOutcome.ANSWERED
        assert not self.book.aside.parties
        return call

    def party(self) -> PartyRecord:
        (row,) = [row for row in self.rows if isinstance(row, PartyRecord)]
        return row

    def legs(self) -> list[LegRecord]:
        return [row for row in self.rows if isinstance(row, LegRecord)]


@pytest.mark.requirement("M9", "M10")
def test_an_attended_transfer_is_hold_then_a_transfer_with_its_length() -> None:
    desk = Ledger()
    desk.pass_time(10.0)
    desk.tell(t.ConsultRequested(SATO, HALL))
    desk.pass_time(4.0)
    desk.tell(i.OfferAnswered(desk.latest_party))
    desk.pass_time(6.0)
    desk.tell(t.ConsultCompleted(SATO))
    desk.pass_time(30.0)
    call = desk.ends()
    assert (call.talk_ms, call.hold_ms, call.after_ms) == (10_000, 10_000, 30_000)
    assert (call.legs, call.transfers, call.forwarded) == (1, 1, 1)
    party = desk.party()
    assert (party.kind, party.target) == (PartyKind.TRANSFER, "city-hall")
    assert (party.ring_ms, party.talk_ms, party.result) == (4_000, 36_000, PartyResult.TALKED)
    (leg,) = desk.legs()
    assert (leg.talk_ms, leg.hold_ms, leg.ended_by) == (10_000, 10_000, i.EndedBy.TRANSFER)
    kinds = [row.kind for row in desk.rows if isinstance(row, Segment)]
    assert kinds.count(SegmentKind.HOLD) == 1


@pytest.mark.requirement("M9", "M10")
def test_a_transfer_that_comes_back_is_a_second_leg_and_did_not_leave_the_centre() -> None:
    desk = Ledger()
    desk.transfer("sato", HALL)
    desk.pass_time(20.0)
    desk.connect("sato")
    desk.pass_time(5.0)
    call = desk.ends()
    assert (call.legs, call.visits, call.transfers, call.forwarded) == (2, 2, 1, 0)
    assert (call.after_ms, call.talk_ms) == (20_000, 5_000)
    assert desk.party().result is PartyResult.NO_ANSWER
    assert [leg.agent for leg in desk.legs()] == ["sato", "sato"]


@pytest.mark.parametrize(
    ("ask", "result"),
    [
        (lambda d: d.tell(i.OfferFailed(d.latest_party, i.OfferFailure.BUSY)), PartyResult.BUSY),
        (lambda d: d.tell(t.ResumeRequested(SATO)), PartyResult.CANCELLED),
        (lambda d: d.pass_time(20.0), PartyResult.NO_ANSWER),
    ],
)
def test_whom_nobody_reached_is_on_record(
    ask: Callable[[Ledger], None], result: PartyResult
) -> None:
    desk = Ledger()
    desk.tell(t.ConsultRequested(SATO, HALL))
    ask(desk)
    call = desk.ends()
    assert (call.legs, call.transfers) == (1, 0)
    assert (desk.party().kind, desk.party().result) == (PartyKind.CONSULT, result)
    assert desk.party().answered_ms is None
