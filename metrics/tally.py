"""What every measure is computed from: additive counts over the ledger's rows.

A tally takes rows one by one, takes them back (``times=-1``), and tallies add up: a day is the sum
of its hours and a month of its days, exactly. Measures are functions of the sums, never means of
ratios. Waits are kept as sparse histograms (milliseconds → how many), so that percentiles are exact
and a tally grows with the number of different waits, not with the number of calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from acd.core.cdr_types import (
    AgentSpan,
    CallRecord,
    LegRecord,
    Record,
    Source,
    VisitRecord,
)
from acd.core.events import CallOutcome, OfferResult, VisitOutcome
from acd.core.ids import AgentId, QueueId
from acd.core.plan import CallType
from agents.state import AgentState

_K = TypeVar("_K")

#: From so many counts on they are added another way.
_MANY = 16
#: Adds one for each key of an iterator: that of Counter, which works on any dict.
_count_keys: Callable[[dict[Any, int], Iterator[Any]], None] = Counter.update  # type: ignore[assignment]
#: Exact waits: milliseconds → how many waited that long.
Waits = dict[int, int]
#: An abandon after at most this wait is *short* (S in the formulas) unless a report says otherwise.
SHORT_ABANDON_MS = 5_000


def count(counts: dict[_K, int], key: _K, times: int = 1) -> None:
    """Count ``key`` so many times more; what comes to nothing leaves no trace."""
    now = counts.get(key, 0) + times
    if now:
        counts[key] = now
    else:
        counts.pop(key, None)


def absorb_counts(into: dict[_K, int], other: dict[_K, int]) -> None:
    """Add all counts of ``other``."""
    if not into:
        into.update(other)
        return
    if len(other) < _MANY:
        for key, number in other.items():
            into[key] = into.get(key, 0) + number
        return
    # Most of many waits occur once: the library counts keys in C, the rest is added to that.
    _count_keys(into, iter(other))
    if sum(other.values()) != len(other):
        for key, number in other.items():
            if number != 1:
                into[key] += number - 1


class QueueTally(Struct, array_like=True, gc=False):
    """Visits to one queue, or to several taken together.

    ``*_waits`` count from the queue entry, ``*_caller`` from our answer of the call (the time the
    caller pays for).
    """

    entered: int = 0
    answered_waits: Waits = {}
    answered_caller: Waits = {}
    abandoned_waits: Waits = {}
    abandoned_caller: Waits = {}
    others: dict[VisitOutcome, int] = {}
    offers: int = 0

    @property
    def answered(self) -> int:
        """A: visits that ended with an operator."""
        return sum(self.answered_waits.values())

    @property
    def abandoned(self) -> int:
        """B: visits that the caller ended."""
        return sum(self.abandoned_waits.values())

    @property
    def left_otherwise(self) -> int:
        """X: visits that ended in any other way."""
        return sum(self.others.values())

    def add(self, visit: VisitRecord, times: int = 1) -> None:
        """Count one visit that is over."""
        self.entered += times
        self.offers += visit.offers * times
        if visit.outcome is VisitOutcome.ANSWERED:
            count(self.answered_waits, visit.wait_ms, times)
            count(self.answered_caller, visit.caller_ms, times)
        elif visit.outcome is VisitOutcome.ABANDONED:
            count(self.abandoned_waits, visit.wait_ms, times)
            count(self.abandoned_caller, visit.caller_ms, times)
        else:
            count(self.others, visit.outcome, times)

    def absorb(self, other: QueueTally) -> None:
        """Add another tally to this one."""
        self.entered += other.entered
        self.offers += other.offers
        if other.answered_waits:
            absorb_counts(self.answered_waits, other.answered_waits)
        if other.answered_caller:
            absorb_counts(self.answered_caller, other.answered_caller)
        if other.abandoned_waits:
            absorb_counts(self.abandoned_waits, other.abandoned_waits)
        if other.abandoned_caller:
            absorb_counts(self.abandoned_caller, other.abandoned_caller)
        if other.others:
            absorb_counts(self.others, other.others)

    def __add__(self, other: QueueTally) -> QueueTally:
        whole = QueueTally()
        whole.absorb(self)
        whole.absorb(other)
        return whole


class CallTally(Struct, array_like=True, gc=False):
    """Calls, whatever became of them.

    ``queued`` came to a queue (ours, or the switch's static one), ``blocked_unqueued`` were refused
    before any. *Forwarded* answered calls went on to a department or number outside the centre;
    ``sent_on`` are those for which that was tried, ``mis_sent`` those of them that came back or had
    to be sent on again. Enquiries leave switchboard calls out. ``survey`` counts answers 1 to 5.
    """

    offered: int = 0
    outcomes: dict[CallOutcome, int] = {}
    queued: int = 0
    blocked_unqueued: int = 0
    abandoned_waits: Waits = {}
    forwarded: int = 0
    sent_on: int = 0
    mis_sent: int = 0
    answered_enquiries: int = 0
    forwarded_enquiries: int = 0
    survey_asked: int = 0
    survey: dict[int, int] = {}

    @property
    def offered_in_hours(self) -> int:
        """Calls offered while the centre was open: all but those whose outcome is *closed*."""
        return self.offered - self.count(CallOutcome.CLOSED)

    def count(self, outcome: CallOutcome) -> int:
        """Calls with this outcome."""
        return self.outcomes.get(outcome, 0)

    def add(self, call: CallRecord, times: int = 1) -> None:
        """Count one call that is over."""
        self.offered += times
        count(self.outcomes, call.outcome, times)
        queued = call.visits > 0 or call.source is Source.SWITCH
        self.queued += times * queued
        if call.outcome is CallOutcome.ABANDONED:
            count(self.abandoned_waits, call.wait_ms, times)
        elif call.outcome is CallOutcome.BLOCKED:
            self.blocked_unqueued += times * (not queued)
        if call.outcome is not CallOutcome.ANSWERED:
            return
        forwarded = call.forwarded > 0
        self.forwarded += times * forwarded
        self.sent_on += times * (forwarded or call.returned > 0)
        self.mis_sent += times * (call.returned > 0 or call.forwarded > 1)
        if call.call_type is CallType.ENQUIRY:
            self.answered_enquiries += times
            self.forwarded_enquiries += times * forwarded
        self.survey_asked += times * call.survey_asked
        if call.survey is not None:
            count(self.survey, call.survey, times)

    def absorb(self, other: CallTally) -> None:
        """Add another tally to this one."""
        self.offered += other.offered
        if other.outcomes:
            absorb_counts(self.outcomes, other.outcomes)
        self.queued += other.queued
        self.blocked_unqueued += other.blocked_unqueued
        if other.abandoned_waits:
            absorb_counts(self.abandoned_waits, other.abandoned_waits)
        self.forwarded += other.forwarded
        self.sent_on += other.sent_on
        self.mis_sent += other.mis_sent
        self.answered_enquiries += other.answered_enquiries
        self.forwarded_enquiries += other.forwarded_enquiries
        self.survey_asked += other.survey_asked
        if other.survey:
            absorb_counts(self.survey, other.survey)

    def __add__(self, other: CallTally) -> CallTally:
        whole = CallTally()
        whole.absorb(self)
        whole.absorb(other)
        return whole


class LegTally(Struct, array_like=True, gc=False):
    """Offers to operators and the talks they led to; sums in milliseconds. ``results`` are offers
    that came to nothing, ``transfers`` talks whose caller was sent on by the operator."""

    offers: int = 0
    talks: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    holds: int = 0
    transfers: int = 0
    results: dict[OfferResult, int] = {}

    def add(self, leg: LegRecord, times: int = 1) -> None:
        """Count one leg that is over, its wrap-up included."""
        self.offers += times
        self.ring_ms += leg.ring_ms * times
        if leg.result is not None:
            count(self.results, leg.result, times)
            return
        self.talks += times
        self.talk_ms += leg.talk_ms * times
        self.hold_ms += leg.hold_ms * times
        self.wrap_up_ms += leg.wrap_up_ms * times
        self.holds += leg.holds * times
        self.transfers += times * (leg.target_kind is not None)

    def absorb(self, other: LegTally) -> None:
        """Add another tally to this one."""
        self.offers += other.offers
        self.talks += other.talks
        self.ring_ms += other.ring_ms
        self.talk_ms += other.talk_ms
        self.hold_ms += other.hold_ms
        self.wrap_up_ms += other.wrap_up_ms
        self.holds += other.holds
        self.transfers += other.transfers
        if other.results:
            absorb_counts(self.results, other.results)

    def __add__(self, other: LegTally) -> LegTally:
        whole = LegTally()
        whole.absorb(self)
        whole.absorb(other)
        return whole


class TimeTally(Struct, array_like=True, gc=False):
    """Operators' time in milliseconds, as it was spent (not by call).

    ``states``: by state, ``not_ready`` with its reason behind a dot (``not_ready.lunch``); time
    logged out is not in it. Of a planned roster: ``planned_ms`` paid time, ``kept_ms`` the time in
    which the operator did what the plan says, ``available_ms`` planned time in which calls were
    taken or handled.
    """

    states: dict[str, int] = {}
    planned_ms: int = 0
    kept_ms: int = 0
    available_ms: int = 0

    @property
    def logged_in_ms(self) -> int:
        """Time in any state but logged out."""
        return sum(self.states.values())

    def in_state(self, *states: AgentState) -> int:
        """Time in these states, whatever the reason."""
        names = {state.value for state in states}
        return sum(ms for key, ms in self.states.items() if key.partition(".")[0] in names)

    def add(self, span: AgentSpan, from_ms: int, to_ms: int, times: int = 1) -> None:
        """Count the part of a stretch that lies in [from_ms, to_ms)."""
        ms = min(span.end_ms, to_ms) - max(span.start_ms, from_ms)
        if ms > 0:
            count(self.states, state_key(span), ms * times)

    def absorb(self, other: TimeTally) -> None:
        """Add another tally to this one."""
        if other.states:
            absorb_counts(self.states, other.states)
        self.planned_ms += other.planned_ms
        self.kept_ms += other.kept_ms
        self.available_ms += other.available_ms


def state_key(span: AgentSpan) -> str:
    """``ready``, ``talking`` ...; with the reason where there is one: ``not_ready.lunch``."""
    return f"{span.state.value}.{span.reason.value}" if span.reason else span.state.value


class Sums(Struct, array_like=True, gc=False):
    """Everything that measures are computed from, of one interval and one value of a dimension.

    Of the whole centre alone: ``service_ms`` of service hours, and how much of them callers could
    be served (``served_ms``, :mod:`metrics.availability`).
    """

    calls: CallTally = msgspec.field(default_factory=CallTally)
    visits: QueueTally = msgspec.field(default_factory=QueueTally)
    legs: LegTally = msgspec.field(default_factory=LegTally)
    time: TimeTally = msgspec.field(default_factory=TimeTally)
    service_ms: int = 0
    served_ms: int = 0

    def add(self, row: CallRecord | VisitRecord | LegRecord, times: int = 1) -> None:
        """Count one row (``times=-1``: take it back)."""
        if isinstance(row, VisitRecord):
            self.visits.add(row, times)
        elif isinstance(row, CallRecord):
            self.calls.add(row, times)
        else:
            self.legs.add(row, times)

    def absorb(self, other: Sums) -> None:
        """Add other sums to these."""
        self.calls.absorb(other.calls)
        self.visits.absorb(other.visits)
        self.legs.absorb(other.legs)
        self.time.absorb(other.time)
        self.service_ms += other.service_ms
        self.served_ms += other.served_ms

    def __add__(self, other: Sums) -> Sums:
        whole = Sums()
        whole.absorb(self)
        whole.absorb(other)
        return whole


class Tally(Struct):
    """All rows of a span of time, by queue and by operator. Feed it the rows as they are finished
    (a journal's ``on_records``) or as they are read from the database."""

    calls: CallTally = msgspec.field(default_factory=CallTally)
    queues: dict[QueueId, QueueTally] = {}
    legs: dict[QueueId, LegTally] = {}
    agents: dict[AgentId, LegTally] = {}

    def add(self, rows: Iterable[Record]) -> None:
        """Count rows; every row must come once. Those of a drill are no part of any figure."""
        for row in rows:
            if isinstance(row, CallRecord | VisitRecord | LegRecord) and row.drill:
                continue
            if isinstance(row, VisitRecord):
                self.queues.setdefault(row.queue, QueueTally()).add(row)
            elif isinstance(row, CallRecord):
                self.calls.add(row)
            elif isinstance(row, LegRecord):
                self.legs.setdefault(row.queue, LegTally()).add(row)
                self.agents.setdefault(row.agent, LegTally()).add(row)

    def all_queues(self) -> QueueTally:
        """Every visit, whatever the queue."""
        return sum(self.queues.values(), QueueTally())

    def all_legs(self) -> LegTally:
        """Every leg."""
        return sum(self.legs.values(), LegTally())
