"""Which quarters' stored sums a transaction makes void: those that its rows belong to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.core.cdr_types import AgentSpan, CallRecord, LegRecord, VisitRecord
from acd.core.ids import CallId
from metrics.intervals import QUARTER_MS, quarter_of
from metrics.report_rows import over_ms

#: Of a stretch of an operator's time that is longer, only the last part is counted anew.
_LONGEST_MS = 31 * 86_400_000
#: Calls that are looked up by one statement.
_AT_ONCE = 500

_VOID = text(
    "INSERT INTO tally_quarters (quarter_ms, version, holds, shape) VALUES (:quarter, 1, :no, '')"
    " ON CONFLICT (quarter_ms) DO UPDATE SET version = tally_quarters.version + 1, holds = :no"
)


class Touched:
    """The quarters that rows belong to."""

    def __init__(self) -> None:
        self.quarters: set[int] = set()

    def add(self, row: Struct) -> None:
        """One row that is stored."""
        if isinstance(row, CallRecord):
            self._call(row.offered_ms, row.closed_ms)
        elif isinstance(row, VisitRecord | LegRecord):
            self.quarters.add(quarter_of(row.came_ms))
        elif isinstance(row, AgentSpan):
            first = max(row.start_ms, row.end_ms - _LONGEST_MS)
            self.quarters.update(range(quarter_of(first), row.end_ms, QUARTER_MS))

    async def add_stored(self, connection: AsyncConnection, calls: Sequence[CallId]) -> None:
        """Calls as they are in the database now, for rows that shall take their place."""
        table = tables.calls.c
        for first in range(0, len(calls), _AT_ONCE):
            some = table.call.in_(calls[first : first + _AT_ONCE])
            query = select(table.offered_ms, table.closed_ms).where(some)
            for row in (await connection.execute(query)).all():
                self._call(row.offered_ms, row.closed_ms)

    def _call(self, offered_ms: int, closed_ms: int) -> None:
        # The quarters after that of its coming count the call among those on a line.
        end_ms = over_ms(offered_ms, closed_ms)
        self.quarters.update(range(quarter_of(offered_ms), end_ms + 1, QUARTER_MS))


async def void(connection: AsyncConnection, touched: Touched) -> None:
    """Whoever computed these quarters before now must do it again; in the rows' transaction."""
    rows = [{"quarter": quarter, "no": False} for quarter in sorted(touched.quarters)]
    if rows:
        await connection.execute(_VOID, rows)


async def void_classified(connection: AsyncConnection, call: str) -> None:
    """A call whose row or visits were changed afterwards."""
    query = select(tables.calls.c.offered_ms).where(tables.calls.c.call == call)
    offered_ms = (await connection.execute(query)).scalar_one_or_none()
    if offered_ms is not None:
        await connection.execute(_VOID, {"quarter": quarter_of(offered_ms), "no": False})
