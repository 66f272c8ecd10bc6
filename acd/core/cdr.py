"""The book of records: folds the engine's events into the ledger's rows.

Pure and incremental: :meth:`Book.fold` takes one event and returns the rows that it finished. What
is still open is small and part of the snapshot, so a restart loses no row and doubles none. Each
call gets exactly one CallRecord, at its end, and each visit exactly one VisitRecord.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from acd.core.cdr_open import (
    OpenCall,
    OpenLeg,
    OpenVisit,
    Totals,
    call_record,
    leg_record,
    missed_leg,
    open_leg,
    resume,
    taken_up,
    turn,
    turn_rows,
    visit_record,
)
from acd.core.cdr_parties import ASIDE, AWAY, Aside, fold_aside
from acd.core.cdr_people import OpenSpan, dialled, move
from acd.core.cdr_types import (
    DispositionRecord,
    OutsideRecord,
    Record,
    Segment,
    SegmentEnd,
    SegmentKind,
)
from acd.core.events import (
    AgentChanged,
    CallAnswered,
    CallClosed,
    CallOffered,
    CallOpened,
    CallOutcome,
    CallQueued,
    DispositionRecorded,
    Event,
    FlowFinished,
    LegClosed,
    OfferEnded,
    TalkHeld,
    TransferStarted,
    VisitEnded,
    VisitOutcome,
)
from acd.core.events_floor import PriorityChanged, SurveyGiven, SurveyOffered, TakingStarted
from acd.core.events_talk import TalkTakenUp
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.party import PartyKind
from acd.core.plan import OverflowKind, Target
from acd.errors import StoreCorrupt
from agents.state import AgentState

#: Version of the book's own state in snapshots.
BOOK_SCHEMA = 1
_NOTHING: tuple[Record, ...] = ()
_K = SegmentKind

_VISIT_END = {outcome: SegmentEnd(outcome.value) for outcome in VisitOutcome}
_WRAP_UP_END = {
    AgentState.READY: SegmentEnd.READY,
    AgentState.NOT_READY: SegmentEnd.NOT_READY,
    AgentState.LOGGED_OUT: SegmentEnd.LOGGED_OUT,
}


class _State(Struct):
    schema: int
    calls: dict[CallId, OpenCall]
    legs: dict[OfferId, OpenLeg]
    wrapping: dict[AgentId, OfferId]
    totals: Totals
    aside: Aside = msgspec.field(default_factory=Aside)
    people: dict[AgentId, OpenSpan] = {}


class Book:
    """What is open, and what it becomes."""

    def __init__(self) -> None:
        self.calls: dict[CallId, OpenCall] = {}
        self.legs: dict[OfferId, OpenLeg] = {}
        self.wrapping: dict[AgentId, OfferId] = {}
        self.totals = Totals()
        self.aside = Aside()
        self.people: dict[AgentId, OpenSpan] = {}
        self._fold: dict[type, Callable[[int, Any], Sequence[Record]]] = {
            CallOpened: self._opened,
            FlowFinished: self._flow_finished,
            CallQueued: self._queued,
            CallOffered: self._offered,
            OfferEnded: self._offer_ended,
            CallAnswered: self._answered,
            TalkHeld: self._held,
            LegClosed: self._leg_closed,
            TransferStarted: self._transfer_started,
            VisitEnded: self._visit_ended,
            CallClosed: self._closed,
            AgentChanged: self._agent_changed,
            DispositionRecorded: self._disposition,
            **dict.fromkeys(ASIDE, self._besides),
            TakingStarted: self._taking_started,
            TalkTakenUp: self._taken_up,
            PriorityChanged: self._priority_changed,
            SurveyOffered: self._survey_offered,
            SurveyGiven: self._survey_given,
        }

    def fold(self, at_s: float, event: Event) -> Sequence[Record]:
        """Take one event that happened at ``at_s`` (Unix seconds); returns the finished rows."""
        handler = self._fold.get(type(event))
        return _NOTHING if handler is None else handler(round(at_s * 1000), event)

    def snapshot(self) -> bytes:
        """All that is open, as bytes."""
        return msgspec.msgpack.encode(
            _State(
                BOOK_SCHEMA, self.calls, self.legs, self.wrapping, self.totals, self.aside,
                self.people,
            )
        )  # fmt: skip

    @classmethod
    def restore(cls, data: bytes) -> Book:
        """The book as it was; raises StoreCorrupt when the bytes are not a book's."""
        try:
            state = msgspec.msgpack.decode(data, type=_State)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise StoreCorrupt(f"the book of records cannot be read: {error}") from error
        if state.schema != BOOK_SCHEMA:
            raise StoreCorrupt(
                f"the book of records was written in schema {state.schema}, and this version "
                f"reads {BOOK_SCHEMA}: start the version of madoguchi that wrote it",
                code="store_schema_unknown",
            )
        book = cls()
        book.calls, book.legs, book.wrapping = state.calls, state.legs, state.wrapping
        book.totals, book.aside, book.people = state.totals, state.aside, state.people
        return book

    # -- the caller's side -----------------------------------------------------------------

    def _opened(self, now_ms: int, event: CallOpened) -> Sequence[Record]:
        if event.call not in self.calls:
            self.totals.offered += 1
            self.calls[event.call] = OpenCall(event, now_ms, _K.MENU, now_ms)
        return _NOTHING

    def _flow_finished(self, now_ms: int, event: FlowFinished) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is None:
            return _NOTHING
        call.detail = event.detail
        if call.kind is not _K.MENU:
            return _NOTHING
        return [turn(call, now_ms, _K.AFTER, SegmentEnd.FLOW_FINISHED)]

    def _queued(self, now_ms: int, event: CallQueued) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is None:
            return _NOTHING
        rows = self._end_visit(call, now_ms, VisitOutcome.LOST)
        rows += turn_rows(call, now_ms, _K.WAIT, SegmentEnd.QUEUED)
        call.visits += 1
        call.call_type, call.language = event.call_type, event.language
        call.visit = OpenVisit(
            event.visit,
            call.visits,
            event.queue,
            event.call_type,
            event.language,
            event.priority,
            now_ms,
            skills=",".join([need.skill for need in event.needs]) if event.needs else "",
        )
        call.queue, call.skills = event.queue, call.visit.skills
        self.totals.entered += 1
        return rows

    def _priority_changed(self, _now_ms: int, event: PriorityChanged) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is not None and call.visit is not None:
            call.visit.priority = event.priority
        return _NOTHING

    def _survey_offered(self, _now_ms: int, event: SurveyOffered) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is not None:
            call.survey_asked = True
        return _NOTHING

    def _survey_given(self, _now_ms: int, event: SurveyGiven) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is not None:
            call.survey = event.answer
        return _NOTHING

    def _visit_ended(self, now_ms: int, event: VisitEnded) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is None or call.visit is None or call.visit.visit != event.visit:
            return _NOTHING
        return self._end_visit(call, now_ms, event.outcome, rule=event.rule, target=event.target)

    def _end_visit(
        self,
        call: OpenCall,
        now_ms: int,
        outcome: VisitOutcome,
        *,
        agent: AgentId | None = None,
        rule: OverflowKind | None = None,
        target: Target | None = None,
    ) -> list[Record]:
        visit = call.visit
        if visit is None:
            return []
        call.visit = None
        self.totals.visits[outcome] = self.totals.visits.get(outcome, 0) + 1
        after = _K.TALK if outcome is VisitOutcome.ANSWERED else _K.AFTER
        rows = turn_rows(call, now_ms, after, _VISIT_END[outcome], visit.queue)
        rows.append(
            visit_record(call, visit, now_ms, outcome, agent=agent, rule=rule, target=target)
        )
        return rows

    def _closed(self, now_ms: int, event: CallClosed) -> Sequence[Record]:
        call = self.calls.pop(event.call, None)
        if call is None:
            return _NOTHING
        left = event.outcome is CallOutcome.ABANDONED
        rows = self._end_visit(call, now_ms, VisitOutcome.ABANDONED if left else VisitOutcome.LOST)
        rows += turn_rows(call, now_ms, _K.AFTER, SegmentEnd.HUNG_UP)
        self.totals.calls[event.outcome] = self.totals.calls.get(event.outcome, 0) + 1
        rows.append(call_record(call, now_ms, event))
        return rows

    # -- the operator's side ---------------------------------------------------------------

    def _offered(self, now_ms: int, event: CallOffered) -> Sequence[Record]:
        rows = move(self.people, event.agent, now_ms, AgentState.RINGING)
        call = self.calls.get(event.call)
        if call is not None and call.visit is not None:
            call.visit.offers += 1
            self.legs[event.offer] = open_leg(call, call.visit, event, now_ms)
        return rows

    def _offer_ended(self, now_ms: int, event: OfferEnded) -> Sequence[Record]:
        leg = self.legs.pop(event.offer, None)
        if leg is None:
            return _NOTHING
        record = missed_leg(leg, now_ms, event.result)
        return [*self._ring(leg, now_ms, SegmentEnd(event.result.value)), record]

    def _answered(self, now_ms: int, event: CallAnswered) -> Sequence[Record]:
        call, leg = self.calls.get(event.call), self.legs.get(event.offer)
        rows: list[Record] = [*move(self.people, event.agent, now_ms, AgentState.TALKING)]
        if leg is not None:
            leg.answered_ms = now_ms
            rows += self._ring(leg, now_ms, SegmentEnd.ANSWERED)
        if call is not None:
            call.legs += 1
            call.agent = event.agent
            call.answered_ms = now_ms if call.answered_ms is None else call.answered_ms
            rows += self._end_visit(call, now_ms, VisitOutcome.ANSWERED, agent=event.agent)
            if leg is not None:
                call.segments += 1
                leg.wrap_up_number = call.segments
        return rows

    def _ring(self, leg: OpenLeg, now_ms: int, end: SegmentEnd) -> list[Record]:
        call = self.calls.get(leg.call)
        if call is None:
            return []
        call.segments += 1
        start = leg.offered_ms
        return [
            Segment(leg.call, call.segments, _K.RING, start, now_ms - start, end, leg.queue,
                    leg.offer, leg.agent)
        ]  # fmt: skip

    def _held(self, now_ms: int, event: TalkHeld) -> Sequence[Record]:
        leg = self.legs.get(event.offer)
        if leg is None or (leg.held_from_ms is not None) == event.on:
            return _NOTHING
        if event.on:
            leg.held_from_ms = now_ms
            leg.holds += 1
        else:
            resume(leg, now_ms)
        state = AgentState.HOLD if event.on else AgentState.TALKING
        rows: list[Record] = [*move(self.people, leg.agent, now_ms, state)]
        call = self.calls.get(leg.call)
        if call is not None:
            kind = _K.HOLD if event.on else _K.TALK
            end = SegmentEnd.HELD if event.on else SegmentEnd.RESUMED
            rows.append(turn(call, now_ms, kind, end, leg))
        return rows

    def _transfer_started(self, _now_ms: int, event: TransferStarted) -> Sequence[Record]:
        leg, call = self.legs.get(event.offer), self.calls.get(event.call)
        if leg is not None:
            leg.target = event.target
        if call is not None:
            call.transfers += 1
            call.forwarded += event.target.kind in AWAY
        return _NOTHING

    def _taken_up(self, now_ms: int, event: TalkTakenUp) -> Sequence[Record]:
        """A colleague has the caller: the party is over, a leg begins."""
        rows, call = list(self._besides(now_ms, event)), self.calls.get(event.call)
        if call is not None:
            self.legs[event.offer] = taken_up(call, event, now_ms)
            rows += turn_rows(call, now_ms, _K.TALK, SegmentEnd.TRANSFER)
        return rows

    def _besides(self, now_ms: int, event: Any) -> Sequence[Record]:
        row = fold_aside(self.aside, now_ms, event)
        rows: list[Record] = [*dialled(self.people, now_ms, event, row)]
        if row is None:
            return rows
        rows.append(row)
        call = self.calls.get(row.call)
        if call is None or isinstance(row, OutsideRecord):
            return rows
        if row.kind is PartyKind.TRANSFER and row.answered_ms is None:
            # Nobody was there: the call did not leave the centre after all.
            call.forwarded -= row.target_kind in AWAY
            call.returned += 1
        return rows

    def _taking_started(self, now_ms: int, event: TakingStarted) -> Sequence[Record]:
        return move(self.people, event.agent, now_ms, AgentState.RINGING)

    def _leg_closed(self, now_ms: int, event: LegClosed) -> Sequence[Record]:
        leg = self.legs.get(event.offer)
        if leg is None or leg.closed is not None:
            return _NOTHING
        resume(leg, now_ms)
        leg.closed, leg.ended_ms = event, now_ms
        rows = self._end_wrap_up(leg.agent, now_ms, AgentState.READY)
        rows += move(self.people, leg.agent, now_ms, AgentState.WRAP_UP)
        self.wrapping[leg.agent] = leg.offer
        call = self.calls.get(leg.call)
        if call is not None and call.kind in (_K.TALK, _K.HOLD):
            rows.append(turn(call, now_ms, _K.AFTER, SegmentEnd(event.by.value), leg))
        return rows

    def _agent_changed(self, now_ms: int, event: AgentChanged) -> Sequence[Record]:
        rows = move(self.people, event.agent, now_ms, event.state, event.reason)
        if event.agent not in self.wrapping or event.state is AgentState.WRAP_UP:
            return rows
        return [*rows, *self._end_wrap_up(event.agent, now_ms, event.state)]

    def _end_wrap_up(self, agent: AgentId, now_ms: int, state: AgentState) -> list[Record]:
        offer = self.wrapping.pop(agent, None)
        leg = self.legs.pop(offer, None) if offer is not None else None
        if leg is None:
            return []
        wrap_up_ms = now_ms - leg.ended_ms
        rows: list[Record] = []
        if wrap_up_ms and leg.wrap_up_number:
            end = _WRAP_UP_END.get(state, SegmentEnd.READY)
            rows.append(
                Segment(leg.call, leg.wrap_up_number, _K.WRAP_UP, leg.ended_ms, wrap_up_ms, end,
                        leg.queue, leg.offer, leg.agent)
            )  # fmt: skip
        rows.append(leg_record(leg, wrap_up_ms))
        return rows

    def _disposition(self, now_ms: int, event: DispositionRecorded) -> Sequence[Record]:
        call = self.calls.get(event.call)
        if call is not None:
            call.disposition, call.resolved = event.code, event.resolved
            call.call_type = event.call_type or call.call_type
        return [
            DispositionRecord(
                event.call,
                event.agent,
                now_ms,
                event.code,
                event.resolved,
                event.call_type,
                event.note,
            )
        ]
