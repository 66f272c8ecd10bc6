"""How many calls came in each quarter of an hour of a day, counted by the database itself."""

from __future__ import annotations

from sqlalchemy import func, select

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.core.events import CallOutcome
from metrics.intervals import QUARTER_MS


async def offered_by_quarter(url: str, from_ms: int, to_ms: int) -> dict[int, int]:
    """Calls offered in hours, without those of drills, by the beginning of their quarter (Unix
    ms); quarters without any are left out. Raises StoreUnavailable."""
    call = tables.calls.c
    begin_ms = call.offered_ms - call.offered_ms % QUARTER_MS
    query = (
        select(begin_ms, func.count())
        .where(
            call.offered_ms >= from_ms,
            call.offered_ms < to_ms,
            call.drill.is_(False),
            call.outcome != CallOutcome.CLOSED.value,
        )
        .group_by(begin_ms)
    )
    engine = async_engine(url)
    try:
        with unavailable():
            async with engine.connect() as connection:
                return {row[0]: row[1] for row in (await connection.execute(query)).all()}
    finally:
        await engine.dispose()
