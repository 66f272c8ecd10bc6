"""The one folding code: rows into 15-minute cells, by every dimension at once.

Live figures, reports, exports and stored tallies all come from here. A cell is the sums of one
quarter of an hour and one value of a dimension; every longer interval is a sum of cells. A call
and all that is of it belongs to the quarter in which it was offered; operators' time lies where it
was spent, cut at the borders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from acd.core.cdr_types import AgentSpan, CallRecord, LegRecord, Record, VisitRecord
from acd.core.ids import AgentId
from agents.state import AgentState
from metrics.dimensions import (
    PEOPLE_DIMS,
    Dim,
    Shape,
    came_ms,
    counts_under,
    values_of,
)
from metrics.intervals import QUARTER_MS, Span, quarter_of
from metrics.tally import Sums

#: A dimension and one of its values.
Key = tuple[Dim, str]
_NOTHING = Sums()


class Cells:
    """Sums by quarter of an hour, dimension and value. ``dims``: which dimensions are kept."""

    def __init__(self, shape: Shape | None = None, dims: Sequence[Dim] = tuple(Dim)) -> None:
        self.shape = shape or Shape()
        self.dims = tuple(dims)
        self.quarters: dict[int, dict[Key, Sums]] = {}

    # -- in ----------------------------------------------------------------------------------

    def fold(self, rows: Iterable[Record], times: int = 1) -> None:
        """Count rows (``times=-1``: take them back); every row must come once. What a drill left
        and rows without figures are passed over."""
        for row in rows:
            if isinstance(row, AgentSpan):
                self._time(row, times)
            elif isinstance(row, CallRecord | VisitRecord | LegRecord) and not row.drill:
                cells = self.quarters.setdefault(quarter_of(came_ms(row)), {})
                for dim in self.dims:
                    for value in values_of(row, dim, self.shape):
                        cell = _cell(cells, dim, value)
                        cell.add(row, times)
                        if times < 0 and cell == _NOTHING:
                            del cells[dim, value]

    def _time(self, span: AgentSpan, times: int) -> None:
        keys = [
            (dim, value)
            for dim in PEOPLE_DIMS
            if dim in self.dims
            for value in values_of(span, dim, self.shape)
        ]
        for from_ms in range(quarter_of(span.start_ms), span.end_ms, QUARTER_MS):
            cells = self.quarters.setdefault(from_ms, {})
            for dim, value in keys:
                _cell(cells, dim, value).time.add(span, from_ms, from_ms + QUARTER_MS, times)

    def put(self, from_ms: int, key: Key, sums: Sums) -> None:
        """Add the sums of a stored cell."""
        _cell(self.quarters.setdefault(from_ms, {}), *key).absorb(sums)

    def absorb(self, from_ms: int, cells: dict[Key, Sums]) -> None:
        """Add the cells of a quarter, whose sums are this object's from now on."""
        here = self.quarters.setdefault(from_ms, {})
        for key, sums in cells.items():
            found = here.get(key)
            if found is None:
                here[key] = sums
            else:
                found.absorb(sums)

    def put_planned(
        self, from_ms: int, agent: AgentId, planned_ms: int, kept_ms: int, available_ms: int
    ) -> None:
        """Add planned time of one operator to a quarter (:mod:`metrics.roster`)."""
        span = AgentSpan(agent, from_ms, from_ms, AgentState.READY)
        cells = self.quarters.setdefault(from_ms, {})
        for dim in PEOPLE_DIMS:
            if dim in self.dims:
                for value in values_of(span, dim, self.shape):
                    time = _cell(cells, dim, value).time
                    time.planned_ms += planned_ms
                    time.kept_ms += kept_ms
                    time.available_ms += available_ms

    def forget_before(self, at_ms: int) -> None:
        """Drop the quarters that began before a moment."""
        for from_ms in [each for each in self.quarters if each < at_ms]:
            del self.quarters[from_ms]

    # -- out ---------------------------------------------------------------------------------

    def sums(self, span: Span, dim: Dim = Dim.ALL, value: str = "") -> Sums:
        """The sums of an aligned span for one value of a dimension."""
        whole = Sums()
        for cells in self._within(span):
            sums = cells.get((dim, value))
            if sums is not None:
                whole.absorb(sums)
        return whole

    def by(self, span: Span, dim: Dim) -> dict[str, Sums]:
        """The sums of an aligned span for every value of a dimension that occurred, by name."""
        found: dict[str, Sums] = {}
        for cells in self._within(span):
            for (which, value), sums in cells.items():
                if which is dim:
                    found.setdefault(value, Sums()).absorb(sums)
        return dict(sorted(found.items()))

    def series(self, spans: Iterable[Span], dim: Dim = Dim.ALL, value: str = "") -> list[Sums]:
        """The sums of each of several aligned spans."""
        return [self.sums(span, dim, value) for span in spans]

    def _within(self, span: Span) -> Iterator[dict[Key, Sums]]:
        if not span.aligned:
            raise ValueError("a span of cells begins and ends with a quarter of an hour")
        if span.to_ms - span.from_ms > QUARTER_MS * len(self.quarters):
            keys = sorted(each for each in self.quarters if span.holds(each))
        else:
            keys = [k for k in range(span.from_ms, span.to_ms, QUARTER_MS) if k in self.quarters]
        return (self.quarters[key] for key in keys)


def _cell(cells: dict[Key, Sums], dim: Dim, value: str) -> Sums:
    found = cells.get((dim, value))
    if found is None:
        found = cells[dim, value] = Sums()
    return found


def selected(
    rows: Iterable[Record], span: Span, shape: Shape, wanted: Mapping[Dim, str] | None = None
) -> Iterator[CallRecord | VisitRecord | LegRecord | AgentSpan]:
    """The rows that figures of any span and any combination of values are made of."""
    wanted = wanted or {}
    for row in rows:
        if isinstance(row, AgentSpan):
            inside = row.start_ms < span.to_ms and row.end_ms > span.from_ms
        elif isinstance(row, CallRecord | VisitRecord | LegRecord) and not row.drill:
            inside = span.holds(came_ms(row))
        else:
            continue
        if inside and counts_under(row, wanted, shape):
            yield row


def sums_of(
    rows: Iterable[Record], span: Span, shape: Shape, wanted: Mapping[Dim, str] | None = None
) -> Sums:
    """The sums of any span, aligned or not, and any combination of values, from rows."""
    whole = Sums()
    for row in selected(rows, span, shape, wanted):
        if isinstance(row, AgentSpan):
            whole.time.add(row, span.from_ms, span.to_ms)
        else:
            whole.add(row)
    return whole
