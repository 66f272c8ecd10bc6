"""What a report needs besides sums of measures: categories, transfers, use of lines.

Additive like the sums: counts of a quarter of an hour, made from the ledger's rows, that add up to
those of any longer span. Use of lines lies where it was: a quarter's peak counts every call that
was there in it, and the peak of a day is the highest of its quarters.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from acd.core.cdr_types import CallRecord, LegRecord, Record, Source, VisitRecord
from acd.core.events import CallOutcome
from acd.core.plan import TargetKind
from metrics.dimensions import came_ms
from metrics.intervals import QUARTER_MS, Span, quarter_of
from metrics.tally import absorb_counts, count

#: No call lasts longer. So far before a span calls are read that may reach into it.
REACHING_MS = 12 * 3_600_000
#: Targets of which a report says which one it was; operators and outside numbers are one each.
TOLD_APART = (TargetKind.NUMBER, TargetKind.QUEUE)


class Peak(Struct, frozen=True, array_like=True):
    """The most calls at once, and when that was first so (Unix ms; None: there was no call)."""

    calls: int = 0
    at_ms: int | None = None


class Category(Struct, array_like=True):
    """Calls of one class; ``resolved`` were marked as settled in the centre."""

    calls: int = 0
    resolved: int = 0


class Gathered(Struct, array_like=True):
    """Counts of one span. ``transfers``: talks that were sent on, by the target's kind and, behind
    a colon, which queue or directory entry it was; ``peaks`` by trunk, ``peak_of_all`` of all of
    them together."""

    calls: int = 0
    visits: int = 0
    legs: int = 0
    taken_over: int = 0
    classified: int = 0
    categories: dict[str, Category] = {}
    transfers: dict[str, int] = {}
    by_trunk: dict[str, int] = {}
    peaks: dict[str, Peak] = {}
    peak_of_all: Peak = msgspec.field(default_factory=Peak)

    def absorb(self, other: Gathered) -> None:
        """Add those of another quarter."""
        self.calls += other.calls
        self.visits += other.visits
        self.legs += other.legs
        self.taken_over += other.taken_over
        self.classified += other.classified
        for code, category in other.categories.items():
            one = self.categories.setdefault(code, Category())
            one.calls += category.calls
            one.resolved += category.resolved
        absorb_counts(self.transfers, other.transfers)
        absorb_counts(self.by_trunk, other.by_trunk)
        for trunk, peak in other.peaks.items():
            self.peaks[trunk] = higher(self.peaks.get(trunk, Peak()), peak)
        self.peak_of_all = higher(self.peak_of_all, other.peak_of_all)

    def add(self, row: CallRecord | VisitRecord | LegRecord) -> None:
        """Count one row; the use of lines is not in it (:class:`Gathering`)."""
        if isinstance(row, VisitRecord):
            self.visits += 1
        elif isinstance(row, LegRecord):
            self.legs += 1
            if row.target_kind is not None and row.result is None:
                told = row.target if row.target_kind in TOLD_APART else ""
                count(self.transfers, f"{row.target_kind.value}:{told}")
        else:
            self.calls += 1
            count(self.by_trunk, row.trunk)
            self.taken_over += row.source is Source.SWITCH
            self.classified += bool(row.disposition)
            if row.disposition or row.outcome is CallOutcome.ANSWERED:
                one = self.categories.setdefault(row.disposition, Category())
                one.calls += 1
                one.resolved += row.resolved is True


def higher(one: Peak, other: Peak) -> Peak:
    """Of two peaks the higher; of equal ones the earlier.

    >>> higher(Peak(2, 10), Peak(2, 5))
    Peak(calls=2, at_ms=5)
    """
    if one.at_ms is None or other.at_ms is None:
        return one if other.at_ms is None else other
    return max(one, other, key=lambda peak: (peak.calls, -(peak.at_ms or 0)))


class Gathering:
    """The counts of each quarter of an aligned span, from rows that come some at a time."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._found: dict[int, Gathered] = {}
        self._lines = _Lines(span)

    def take(self, rows: Iterable[Record]) -> None:
        """Count rows, in any order. What a drill left and rows of other times are passed over."""
        for row in rows:
            if not isinstance(row, CallRecord | VisitRecord | LegRecord) or row.drill:
                continue
            if not self._span.holds(came_ms(row)):
                continue
            self._found.setdefault(quarter_of(came_ms(row)), Gathered()).add(row)
            if isinstance(row, CallRecord):
                self._lines.add(row)

    def quarters(self, earlier: Iterable[CallRecord] = ()) -> dict[int, Gathered]:
        """Each quarter in which there was something, when all rows were taken. ``earlier``: calls
        from before the span that may reach into it."""
        for call in earlier:
            if not call.drill and call.offered_ms < self._span.from_ms:
                self._lines.add(call)
        for at_ms, by_trunk in self._lines.moments.items():
            one = self._found.setdefault(at_ms, Gathered())
            one.peaks = {trunk: _peak(moments) for trunk, moments in sorted(by_trunk.items())}
            one.peak_of_all = _peak([each for moments in by_trunk.values() for each in moments])
        return self._found


def gathered(span: Span, rows: Iterable[Record], earlier: Iterable[CallRecord] = ()) -> Gathered:
    """The counts of a whole aligned span; see :class:`Gathering`."""
    gathering, whole = Gathering(span), Gathered()
    gathering.take(rows)
    for _, one in sorted(gathering.quarters(earlier).items()):
        whole.absorb(one)
    return whole


def over_ms(offered_ms: int, closed_ms: int) -> int:
    """When a call held its line no longer."""
    return min(max(closed_ms, offered_ms), offered_ms + REACHING_MS)


class _Lines:
    """By quarter and trunk, when calls came onto lines (+1) and left them (-1). A call that was
    there before a quarter comes onto its line as the quarter begins."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.moments: dict[int, dict[str, list[tuple[int, int]]]] = {}

    def add(self, call: CallRecord) -> None:
        """One call, in every quarter of the span that it touched."""
        end_ms = over_ms(call.offered_ms, call.closed_ms)
        first = max(quarter_of(call.offered_ms), self._span.from_ms)
        for at_ms in range(first, min(end_ms + 1, self._span.to_ms), QUARTER_MS):
            if call.offered_ms < at_ms and end_ms <= at_ms:
                break
            moments = self.moments.setdefault(at_ms, {}).setdefault(call.trunk, [])
            # The end sorts before a beginning at the same moment: that line is free again.
            moments.append((max(call.offered_ms, at_ms), 1))
            if end_ms < at_ms + QUARTER_MS:
                moments.append((end_ms, -1))


def _peak(moments: list[tuple[int, int]]) -> Peak:
    """The most at once. A call that lasted no time took no line; the end of one call and the
    beginning of the next at the same millisecond are one line."""
    now = most = 0
    when: int | None = None
    for at_ms, step in sorted(moments):
        now += step
        if now > most:
            most, when = now, at_ms
    return Peak(most, when)
