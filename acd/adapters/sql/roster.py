"""The planned roster in the database. A file that is brought replaces the days that it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.core.ids import AgentId
from metrics.intervals import Span
from metrics.roster import Shift, ShiftKind

#: No planned stretch is longer: those that reach into a span begin at most so long before it.
_LONGEST_MS = 25 * 3_600_000


class SqlRoster:
    """Connects for each use. Raises StoreUnavailable."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def replace(self, days: Span, shifts: Sequence[Shift]) -> None:
        """Put these stretches in place of all that was planned for the days."""
        planned = tables.roster.c.from_ms
        rows: list[dict[str, Any]] = [
            {"agent": each.agent, "from_ms": each.from_ms, "to_ms": each.to_ms,
             "kind": each.kind.value}
            for each in shifts
        ]  # fmt: skip
        engine = async_engine(self._url, pooled=False)
        try:
            with unavailable():
                async with engine.begin() as connection:
                    old = delete(tables.roster)
                    await connection.execute(
                        old.where(planned >= days.from_ms, planned < days.to_ms)
                    )
                    if rows:
                        await connection.execute(insert(tables.roster), rows)
        finally:
            await engine.dispose()

    async def shifts(self, span: Span) -> list[Shift]:
        """The stretches that touch a span, by operator and time."""
        table = tables.roster.c
        query = (
            select(tables.roster)
            .where(
                table.from_ms >= span.from_ms - _LONGEST_MS,
                table.from_ms < span.to_ms,
                table.to_ms > span.from_ms,
            )
            .order_by(table.agent, table.from_ms)
        )
        engine = async_engine(self._url, pooled=False)
        try:
            with unavailable():
                async with engine.connect() as connection:
                    rows = (await connection.execute(query)).all()
        finally:
            await engine.dispose()
        return [
            Shift(AgentId(row.agent), row.from_ms, row.to_ms, ShiftKind(row.kind)) for row in rows
        ]
