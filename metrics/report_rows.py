"""What a report needs besides sums of measures: categories, transfers, use of lines.

Gathered from the ledger's rows, once, in any order; small whatever the number of calls, but for the
moments at which calls came and went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from acd.core.cdr_types import CallRecord, LegRecord, Record, Source, VisitRecord
from acd.core.events import CallOutcome
from acd.core.plan import TargetKind
from metrics.dimensions import came_ms
from metrics.intervals import Span


class Peak(Struct, frozen=True):
    """The most calls at once, and when that was first so (Unix ms; None: there was no call)."""

    calls: int = 0
    at_ms: int | None = None


class Category(Struct):
    """Calls of one class; ``resolved`` were marked as settled in the centre."""

    calls: int = 0
    resolved: int = 0


class Gathered:
    """Counts of one span. ``earlier``: calls from before it that may reach into it."""

    def __init__(
        self, span: Span, rows: Iterable[Record], earlier: Iterable[CallRecord] = ()
    ) -> None:
        self.span = span
        self.categories: dict[str, Category] = {}
        self.transfers: Counter[tuple[TargetKind, str]] = Counter()
        self.by_trunk: Counter[str] = Counter()
        self.calls = self.visits = self.legs = self.taken_over = self.classified = 0
        self._moments: dict[str, list[tuple[int, int]]] = {}
        for row in rows:
            self._take(row)
        for call in earlier:
            if not call.drill and call.offered_ms < span.from_ms < call.closed_ms:
                self._line(call)

    def _take(self, row: Record) -> None:
        if not isinstance(row, CallRecord | VisitRecord | LegRecord) or row.drill:
            return
        if not self.span.holds(came_ms(row)):
            return
        if isinstance(row, VisitRecord):
            self.visits += 1
        elif isinstance(row, LegRecord):
            self.legs += 1
            if row.target_kind is not None and row.result is None:
                self.transfers[row.target_kind, row.target] += 1
        else:
            self._call(row)

    def _call(self, call: CallRecord) -> None:
        self.calls += 1
        self.by_trunk[call.trunk] += 1
        self.taken_over += call.source is Source.SWITCH
        self.classified += bool(call.disposition)
        self._line(call)
        if call.disposition or call.outcome is CallOutcome.ANSWERED:
            one = self.categories.setdefault(call.disposition, Category())
            one.calls += 1
            one.resolved += call.resolved is True

    def _line(self, call: CallRecord) -> None:
        ends = self._moments.setdefault(call.trunk, [])
        from_ms = max(call.offered_ms, self.span.from_ms)
        # The end sorts before a beginning at the same moment: that line is free again.
        ends += [(from_ms, 1), (max(call.closed_ms, from_ms), -1)]

    def peak(self, trunk: str | None = None) -> Peak:
        """The most calls at once on a trunk, or on all of them together.

        A call that lasted no time took no line; the end of one call and the beginning of the next
        at the same millisecond are one line.
        """
        chosen = self._moments.values() if trunk is None else [self._moments.get(trunk, [])]
        now = most = 0
        when: int | None = None
        for at_ms, step in sorted(moment for ends in chosen for moment in ends):
            now += step
            if now > most and at_ms < self.span.to_ms:
                most, when = now, at_ms
        return Peak(most, when)
