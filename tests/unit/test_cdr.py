"""The book of records: hand-told calls and the rows they must become."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from acd.core.cdr import Book
from acd.core.cdr_types import (
    CallRecord,
    DispositionRecord,
    LegRecord,
    Record,
    Segment,
    SegmentEnd,
    SegmentKind,
    VisitRecord,
)
from acd.core.events import (
    AgentChanged,
    CallAnswered,
    CallClosed,
    CallOffered,
    CallOutcome,
    DispositionRecorded,
    Event,
    FlowFinished,
    LegClosed,
    OfferEnded,
    OfferResult,
    TalkHeld,
    TransferStarted,
    VisitEnded,
    VisitOutcome,
)
from acd.core.ids import AgentId, QueueId, offer_id, visit_id
from acd.core.inputs import EndedBy
from acd.core.plan import CallType, OverflowKind, Target, TargetKind
from acd.errors import StoreCorrupt
from acd.ports import Step
from agents.state import AgentState, NotReadyReason
from tests.call_stories import (
    T0_S,
    TAX,
    abandoned_call,
    answered_call,
    call_id,
    many_calls,
    opened,
    queued,
)

CALL = call_id(1)
SATO, MORI = AgentId("sato"), AgentId("mori")
GENERAL = QueueId("general")
CALLER_KINDS = (
    SegmentKind.MENU,
    SegmentKind.WAIT,
    SegmentKind.TALK,
    SegmentKind.HOLD,
    SegmentKind.AFTER,
)


def rows_of(told: Iterable[tuple[float, Event]], book: Book | None = None) -> list[Record]:
    """Fold events told as (seconds after the start, event)."""
    book = book or Book()
    return [row for after_s, event in told for row in book.fold(T0_S + after_s, event)]


def rows_of_steps(steps: Iterable[Step], book: Book | None = None) -> list[Record]:
    told = ((step.at_s - T0_S, event) for step in steps for event in step.events)
    return rows_of(told, book)


def calls(rows: Iterable[Record]) -> list[CallRecord]:
    return [row for row in rows if isinstance(row, CallRecord)]


def visits(rows: Iterable[Record]) -> list[VisitRecord]:
    return [row for row in rows if isinstance(row, VisitRecord)]


def legs(rows: Iterable[Record]) -> list[LegRecord]:
    return [row for row in rows if isinstance(row, LegRecord)]


def stretches(rows: Iterable[Record]) -> list[tuple[str, int, str]]:
    return [
        (row.kind.value, row.duration_ms, row.end.value) for row in rows if isinstance(row, Segment)
    ]


def test_an_answered_call() -> None:
    rows = rows_of_steps(answered_call(1, menu_s=5, wait_s=3, talk_s=120, wrap_up_s=10))
    [call], [visit], [leg] = calls(rows), visits(rows), legs(rows)
    assert (call.outcome, call.cause, call.legs, call.visits) == (CallOutcome.ANSWERED, 16, 1, 1)
    assert (call.menu_ms, call.wait_ms, call.talk_ms) == (5_000, 3_000, 120_000)
    assert (call.hold_ms, call.after_ms) == (0, 0)
    assert call.closed_ms - call.offered_ms == 128_000
    assert call.answered_ms == call.offered_ms + 8_000
    assert (call.call_type, call.language) == (CallType.ENQUIRY, "ja")
    assert (visit.outcome, visit.agent, visit.offers) == (VisitOutcome.ANSWERED, SATO, 1)
    assert (visit.wait_ms, visit.caller_ms) == (3_000, 8_000)
    assert (leg.ring_ms, leg.talk_ms, leg.wrap_up_ms) == (3_000, 120_000, 10_000)
    assert (leg.result, leg.ended_by) == (None, EndedBy.CALLER)
    assert stretches(rows) == [
        ("menu", 5_000, "queued"),
        ("ring", 3_000, "answered"),
        ("wait", 3_000, "answered"),
        ("talk", 120_000, "caller"),
        ("wrap_up", 10_000, "ready"),
    ]


def test_a_caller_who_gives_up() -> None:
    rows = rows_of_steps(abandoned_call(1, menu_s=5, wait_s=30))
    [call], [visit] = calls(rows), visits(rows)
    assert call.outcome is CallOutcome.ABANDONED
    assert (visit.outcome, visit.wait_ms) == (VisitOutcome.ABANDONED, 30_000)
    assert legs(rows) == []
    assert stretches(rows) == [("menu", 5_000, "queued"), ("wait", 30_000, "abandoned")]


def test_a_caller_who_leaves_the_menu() -> None:
    rows = rows_of([(0, opened(1)), (4, CallClosed(CALL, CallOutcome.LEFT_IN_MENU, 16))])
    [call] = calls(rows)
    assert (call.outcome, call.menu_ms, call.call_type) == (CallOutcome.LEFT_IN_MENU, 4_000, None)
    assert stretches(rows) == [("menu", 4_000, "hung_up")]


def test_a_call_outside_opening_hours() -> None:
    rows = rows_of(
        [
            (0, opened(1)),
            (2, FlowFinished(CALL, CallOutcome.CLOSED, "year_end")),
            (9, CallClosed(CALL, CallOutcome.CLOSED, 16)),
        ]
    )
    [call] = calls(rows)
    assert (call.outcome, call.detail, call.visits) == (CallOutcome.CLOSED, "year_end", 0)
    assert stretches(rows) == [("menu", 2_000, "flow_finished"), ("after", 7_000, "hung_up")]


def test_ring_no_answer_then_another_operator_with_hold() -> None:
    rows = rows_of(
        [
            (0, opened(1)),
            (5, queued(1, 1, T0_S + 5)),
            (5, CallOffered(offer_id(1), CALL, SATO)),
            (20, OfferEnded(offer_id(1), CALL, SATO, OfferResult.NO_ANSWER)),
            (20, AgentChanged(SATO, AgentState.NOT_READY, NotReadyReason.NO_ANSWER)),
            (21, CallOffered(offer_id(2), CALL, MORI)),
            (24, CallAnswered(offer_id(2), CALL, MORI, visit_id(1))),
            (34, TalkHeld(offer_id(2), True)),
            (40, TalkHeld(offer_id(2), False)),
            (60, LegClosed(offer_id(2), CALL, MORI, EndedBy.AGENT)),
            (62, CallClosed(CALL, CallOutcome.ANSWERED, 16)),
            (75, AgentChanged(MORI, AgentState.NOT_READY, NotReadyReason.BREAK)),
        ]
    )
    first, second = legs(rows)
    assert (first.agent, first.result, first.ring_ms) == (SATO, OfferResult.NO_ANSWER, 15_000)
    assert (second.talk_ms, second.hold_ms, second.holds) == (30_000, 6_000, 1)
    assert (second.wrap_up_ms, second.ended_by) == (15_000, EndedBy.AGENT)
    assert visits(rows)[0].offers == 2
    call = calls(rows)[0]
    assert (call.wait_ms, call.talk_ms, call.hold_ms, call.after_ms) == (
        19_000,
        30_000,
        6_000,
        2_000,
    )
    assert stretches(rows) == [
        ("menu", 5_000, "queued"),
        ("ring", 15_000, "no_answer"),
        ("ring", 3_000, "answered"),
        ("wait", 19_000, "answered"),
        ("talk", 10_000, "held"),
        ("hold", 6_000, "resumed"),
        ("talk", 20_000, "agent"),
        ("after", 2_000, "hung_up"),
        ("wrap_up", 15_000, "not_ready"),
    ]


def test_overflow_makes_two_visits_with_one_outcome_each() -> None:
    target = Target(TargetKind.QUEUE, "general")
    rows = rows_of(
        [
            (0, opened(1)),
            (5, queued(1, 1, T0_S + 5)),
            (65, VisitEnded(CALL, visit_id(1), VisitOutcome.OVERFLOWED, OverflowKind.WAIT, target)),
            (65, queued(1, 2, T0_S + 5, GENERAL)),
            (70, VisitEnded(CALL, visit_id(2), VisitOutcome.ABANDONED)),
            (70, CallClosed(CALL, CallOutcome.ABANDONED, 16)),
        ]
    )
    first, second = visits(rows)
    assert (first.outcome, first.rule, first.target) == (
        VisitOutcome.OVERFLOWED,
        OverflowKind.WAIT,
        "general",
    )
    assert (second.queue, second.number, second.wait_ms) == (GENERAL, 2, 5_000)
    assert second.caller_ms == 70_000
    assert [kind for kind, _, _ in stretches(rows)] == ["menu", "wait", "wait"]


@pytest.mark.requirement("M9")
def test_a_transfer_to_another_queue_is_a_leg_for_each_operator() -> None:
    target = Target(TargetKind.QUEUE, "general")
    rows = rows_of(
        [
            (0, opened(1)),
            (5, queued(1, 1, T0_S + 5)),
            (5, CallOffered(offer_id(1), CALL, SATO)),
            (8, CallAnswered(offer_id(1), CALL, SATO, visit_id(1))),
            (28, TransferStarted(offer_id(1), CALL, target)),
            (28, LegClosed(offer_id(1), CALL, SATO, EndedBy.TRANSFER)),
            (28, queued(1, 2, T0_S + 28, GENERAL)),
            (28, CallOffered(offer_id(2), CALL, MORI)),
            (30, CallAnswered(offer_id(2), CALL, MORI, visit_id(2))),
            (50, LegClosed(offer_id(2), CALL, MORI, EndedBy.CALLER)),
            (50, CallClosed(CALL, CallOutcome.ANSWERED, 16)),
            (51, AgentChanged(SATO, AgentState.READY)),
            (52, AgentChanged(MORI, AgentState.LOGGED_OUT)),
        ]
    )
    first, second = legs(rows)
    assert (first.target, first.ended_by, first.wrap_up_ms) == (
        "general",
        EndedBy.TRANSFER,
        23_000,
    )
    assert (second.queue, second.target) == (GENERAL, "")
    call = calls(rows)[0]
    assert (call.legs, call.visits, call.transfers, call.forwarded) == (2, 2, 1, 0)
    assert call.answered_ms == round((T0_S + 8) * 1000)


def test_no_wrap_up_leaves_no_stretch_of_it() -> None:
    rows = rows_of_steps(answered_call(1, wrap_up_s=0))
    assert legs(rows)[0].wrap_up_ms == 0
    assert SegmentKind.WRAP_UP.value not in {kind for kind, _, _ in stretches(rows)}


def test_a_disposition_during_the_talk_is_on_the_call() -> None:
    steps = answered_call(1)
    given = DispositionRecorded(SATO, CALL, "tax-1", True, CallType.SWITCHBOARD)
    steps.insert(5, Step(T0_S + 20, steps[0].happened, [given]))
    rows = rows_of_steps(steps)
    call = calls(rows)[0]
    assert (call.disposition, call.resolved) == ("tax-1", True)
    assert call.call_type is CallType.SWITCHBOARD
    assert sum(isinstance(row, DispositionRecord) for row in rows) == 1


def test_a_disposition_in_wrap_up_is_a_row_of_its_own() -> None:
    book = Book()
    rows_of_steps(answered_call(1), book)
    rows = rows_of([(131, DispositionRecorded(SATO, CALL, "tax-1", False, None))], book)
    at_ms = round((T0_S + 131) * 1000)
    assert rows == [DispositionRecord(CALL, SATO, at_ms, "tax-1", False, None)]


@pytest.mark.parametrize(
    ("outcome", "visit"),
    [
        (CallOutcome.ABANDONED, VisitOutcome.ABANDONED),
        (CallOutcome.LOST, VisitOutcome.LOST),
        (CallOutcome.FAILED, VisitOutcome.LOST),
    ],
)
def test_a_visit_that_nobody_ended_ends_with_its_call(
    outcome: CallOutcome, visit: VisitOutcome
) -> None:
    rows = rows_of([(0, opened(1)), (1, queued(1, 1, T0_S)), (9, CallClosed(CALL, outcome, 0))])
    assert [row.outcome for row in visits(rows)] == [visit]


def test_late_and_doubled_events_leave_no_second_row() -> None:
    book = Book()
    steps = answered_call(1)
    rows_of_steps(steps, book)
    assert rows_of_steps(steps[1:], book) == []
    assert book.totals.calls == {CallOutcome.ANSWERED: 1}


def test_an_operator_rung_again_without_a_change_ends_the_wrap_up() -> None:
    book = Book()
    rows_of_steps(answered_call(1)[:-1], book)
    later: list[tuple[float, Event]] = [
        (200, opened(2)),
        (201, queued(2, 2, T0_S)),
        (201, CallOffered(offer_id(2), call_id(2), SATO)),
        (203, CallAnswered(offer_id(2), call_id(2), SATO, visit_id(2))),
        (210, LegClosed(offer_id(2), call_id(2), SATO, EndedBy.AGENT)),
    ]
    rows = rows_of(later, book)
    assert [leg.call for leg in legs(rows)] == [CALL]


def test_the_balance_holds_at_every_moment() -> None:
    book = Book()
    for step in sorted(many_calls(50), key=lambda step: step.at_s):
        for event in step.events:
            book.fold(step.at_s, event)
        totals = book.totals
        assert totals.offered == sum(totals.calls.values()) + len(book.calls)
        waiting = sum(1 for call in book.calls.values() if call.visit is not None)
        assert totals.entered == sum(totals.visits.values()) + waiting
    assert book.calls == {}
    assert book.legs == {}


def test_the_callers_stretches_fill_the_call_without_gap() -> None:
    rng = random.Random(7)
    for number in range(1, 60):
        steps = answered_call(
            number,
            T0_S + rng.random(),
            menu_s=rng.random() * 20,
            wait_s=rng.random() * 60,
            talk_s=rng.random() * 300,
        )
        rows = rows_of_steps(steps)
        [call] = calls(rows)
        parts = sorted(
            (row.start_ms, row.duration_ms)
            for row in rows
            if isinstance(row, Segment) and row.kind in CALLER_KINDS
        )
        at = call.offered_ms
        for start, duration in parts:
            assert start == at
            at += duration
        assert at == call.closed_ms
        spent = call.menu_ms + call.wait_ms + call.talk_ms + call.hold_ms + call.after_ms
        assert spent == call.closed_ms - call.offered_ms


def test_a_snapshot_at_any_moment_changes_no_row() -> None:
    steps = sorted(many_calls(12, gap_s=7.0), key=lambda step: step.at_s)
    whole = rows_of_steps(steps)
    for cut in range(len(steps)):
        first = Book()
        rows = rows_of_steps(steps[:cut], first)
        second = Book.restore(first.snapshot())
        assert rows + rows_of_steps(steps[cut:], second) == whole


def test_a_book_of_another_version_is_refused() -> None:
    with pytest.raises(StoreCorrupt):
        Book.restore(b"\x81\xa6schema\x09")
    with pytest.raises(StoreCorrupt):
        Book.restore(b"garbage")


def test_numbers_of_segments_are_unique_within_a_call() -> None:
    rows = rows_of_steps(sorted(many_calls(20), key=lambda step: step.at_s))
    keys = [(row.call, row.number) for row in rows if isinstance(row, Segment)]
    assert len(keys) == len(set(keys))
    assert all(row.queue in (TAX, "") for row in rows if isinstance(row, Segment))
    assert SegmentEnd.LOST not in {row.end for row in rows if isinstance(row, Segment)}
