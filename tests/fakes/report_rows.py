"""A ledger for reports whose rows a test gives and changes."""

from __future__ import annotations

from collections.abc import Sequence

from acd.core.cdr_types import CallRecord, Record
from acd.ports_reports import LostCall
from metrics.availability import Recorded
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape
from metrics.intervals import Span
from metrics.report_rows import Gathered, gathered


class Rows:
    """A ledger that a test changes."""

    def __init__(self, rows: list[Record]) -> None:
        self.held = rows

    async def sums(
        self, span: Span, dims: Sequence[Dim], steps: Sequence[Span], shape: Shape, now_ms: int
    ) -> tuple[Cells, Gathered]:
        cells = Cells(shape, (Dim.ALL, *dims))
        cells.fold(self.held)
        return cells, gathered(span, self.held)

    async def service(self, span: Span) -> Recorded:
        return Recorded()

    async def rows(self, from_ms: int, to_ms: int) -> Sequence[Record]:
        return self.held

    async def calls(self, from_ms: int, to_ms: int) -> Sequence[CallRecord]:
        return []

    async def lost(self, from_ms: int, to_ms: int) -> Sequence[LostCall]:
        return []
