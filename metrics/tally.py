"""What every measure is computed from: additive counts over the ledger's rows.

A tally takes rows one by one and two tallies add up, so a day is the sum of its hours and a month
of its days; measures are functions of the sums, never means of ratios.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from acd.core.cdr_types import (
    CallRecord,
    LegRecord,
    Record,
    VisitRecord,
)
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, QueueId
from acd.core.plan import CallType

_K = TypeVar("_K")

#: An abandon after at most this wait is *short* (S in the formulas) unless a report says otherwise.
SHORT_ABANDON_MS = 5_000


class QueueTally(Struct):
    """Visits to one queue, or to several taken together.

    ``*_waits_ms`` count from the queue entry, ``*_caller_ms`` from our answer of the call (the
    time the caller pays for). Lists are unordered samples; sums are exact.
    """

    entered: int = 0
    answered_waits_ms: list[int] = []
    answered_caller_ms: list[int] = []
    abandoned_waits_ms: list[int] = []
    abandoned_caller_ms: list[int] = []
    others: dict[VisitOutcome, int] = {}
    offers: int = 0

    @property
    def answered(self) -> int:
        """A: visits that ended with an operator."""
        return len(self.answered_waits_ms)

    @property
    def abandoned(self) -> int:
        """B: visits that the caller ended."""
        return len(self.abandoned_waits_ms)

    @property
    def left_otherwise(self) -> int:
        """X: visits that ended in any other way."""
        return sum(self.others.values())

    def add(self, visit: VisitRecord) -> None:
        """Count one visit that is over."""
        self.entered += 1
        self.offers += visit.offers
        if visit.outcome is VisitOutcome.ANSWERED:
            self.answered_waits_ms.append(visit.wait_ms)
            self.answered_caller_ms.append(visit.caller_ms)
        elif visit.outcome is VisitOutcome.ABANDONED:
            self.abandoned_waits_ms.append(visit.wait_ms)
            self.abandoned_caller_ms.append(visit.caller_ms)
        else:
            self.others[visit.outcome] = self.others.get(visit.outcome, 0) + 1

    def __add__(self, other: QueueTally) -> QueueTally:
        return QueueTally(
            self.entered + other.entered,
            self.answered_waits_ms + other.answered_waits_ms,
            self.answered_caller_ms + other.answered_caller_ms,
            self.abandoned_waits_ms + other.abandoned_waits_ms,
            self.abandoned_caller_ms + other.abandoned_caller_ms,
            _add_counts(self.others, other.others),
            self.offers + other.offers,
        )


class CallTally(Struct):
    """Calls, whatever became of them. ``enquiries`` leave switchboard calls out; *forwarded* means
    sent on to a department or number outside the centre."""

    offered: int = 0
    outcomes: dict[CallOutcome, int] = {}
    queued: int = 0
    short_abandons: int = 0
    forwarded: int = 0
    answered_enquiries: int = 0
    forwarded_enquiries: int = 0

    @property
    def offered_in_hours(self) -> int:
        """Calls offered while the centre was open: all but those whose outcome is *closed*."""
        return self.offered - self.count(CallOutcome.CLOSED)

    def count(self, outcome: CallOutcome) -> int:
        """Calls with this outcome."""
        return self.outcomes.get(outcome, 0)

    def add(self, call: CallRecord, short_abandon_ms: int = SHORT_ABANDON_MS) -> None:
        """Count one call that is over."""
        self.offered += 1
        self.outcomes[call.outcome] = self.outcomes.get(call.outcome, 0) + 1
        self.queued += call.visits > 0
        if call.outcome is CallOutcome.ABANDONED and call.wait_ms <= short_abandon_ms:
            self.short_abandons += 1
        if call.outcome is not CallOutcome.ANSWERED:
            return
        self.forwarded += call.forwarded > 0
        if call.call_type is CallType.ENQUIRY:
            self.answered_enquiries += 1
            self.forwarded_enquiries += call.forwarded > 0

    def __add__(self, other: CallTally) -> CallTally:
        return CallTally(
            self.offered + other.offered,
            _add_counts(self.outcomes, other.outcomes),
            self.queued + other.queued,
            self.short_abandons + other.short_abandons,
            self.forwarded + other.forwarded,
            self.answered_enquiries + other.answered_enquiries,
            self.forwarded_enquiries + other.forwarded_enquiries,
        )


class LegTally(Struct):
    """Offers to operators and the talks they led to; sums in milliseconds."""

    offers: int = 0
    talks: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0

    def add(self, leg: LegRecord) -> None:
        """Count one leg that is over, its wrap-up included."""
        self.offers += 1
        self.ring_ms += leg.ring_ms
        if leg.result is None:
            self.talks += 1
            self.talk_ms += leg.talk_ms
            self.hold_ms += leg.hold_ms
            self.wrap_up_ms += leg.wrap_up_ms

    def __add__(self, other: LegTally) -> LegTally:
        return LegTally(
            self.offers + other.offers,
            self.talks + other.talks,
            self.ring_ms + other.ring_ms,
            self.talk_ms + other.talk_ms,
            self.hold_ms + other.hold_ms,
            self.wrap_up_ms + other.wrap_up_ms,
        )


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


def _add_counts(left: dict[_K, int], right: dict[_K, int]) -> dict[_K, int]:
    return {key: left.get(key, 0) + right.get(key, 0) for key in [*left, *right]}
