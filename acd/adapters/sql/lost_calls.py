"""Callers whom a fault of ours cut off, from the ledger: for calling them back.

A call is lost when its switch died, or forgot it, and nobody hung up. Whoever was talking then is
on the list as well. The place in the line is counted from the visits of the same queue: those who
had entered before and were still there, whom the same fault may have cut off too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.core.events import CallOutcome
from acd.core.inputs import EndedBy
from acd.ports_reports import LostCall, LostIn

#: Nobody waits longer than a day: visits that began before are not looked at.
DAY_MS = 86_400_000
#: Most callers on one list.
MOST = 10_000


async def lost_calls(url: str, from_ms: int, to_ms: int | None, *, numbers: bool) -> list[LostCall]:
    """Those lost in a span, the first in line first; raises StoreUnavailable."""
    engine = async_engine(url)
    try:
        with unavailable():
            async with engine.connect() as connection:
                rows = (await connection.execute(_query(from_ms, to_ms))).all()
    finally:
        await engine.dispose()
    return [_lost(row, numbers) for row in rows]


def _query(from_ms: int, to_ms: int | None) -> Select[Any]:
    call, leg, visit = tables.calls.c, tables.legs.c, tables.visits.c
    cut = (
        select(leg.call).where(leg.call == call.call, leg.ended_by == EndedBy.SYSTEM.value).exists()
    )
    last = (
        select(func.max(visit.number)).where(visit.call == call.call).correlate(tables.calls)
    ).scalar_subquery()
    other = tables.visits.alias("ahead").c
    ahead = (
        select(func.count())
        .where(
            other.queue == visit.queue,
            other.entered_ms < visit.entered_ms,
            other.entered_ms > visit.entered_ms - DAY_MS,
            other.ended_ms >= visit.ended_ms,
        )
        .correlate(tables.visits)
        .scalar_subquery()
    )
    there = and_(visit.call == call.call, visit.number == last)
    query = (
        select(
            call.call,
            call.switch,
            call.closed_ms,
            call.offered_ms,
            call.dialled,
            call.caller_number,
            visit.queue,
            visit.wait_ms,
            visit.outcome,
            cut.label("cut"),
            ahead.label("ahead"),
        )
        .select_from(tables.calls.outerjoin(tables.visits, there))
        .where(or_(call.outcome == CallOutcome.LOST.value, cut), call.closed_ms >= from_ms)
        .where(call.drill.is_(False))
        .order_by(call.closed_ms, visit.entered_ms, call.call)
        .limit(MOST)
    )
    return query if to_ms is None else query.where(call.closed_ms < to_ms)


def _lost(row: Any, numbers: bool) -> LostCall:
    waiting = row.outcome == "lost"
    doing = LostIn.TALKING if row.cut else LostIn.WAITING if waiting else LostIn.MENU
    return LostCall(
        call=row.call,
        switch=row.switch,
        lost_ms=row.closed_ms,
        came_ms=row.offered_ms,
        doing=doing,
        queue=row.queue or "",
        place=row.ahead + 1 if waiting else 0,
        waited_ms=row.wait_ms or 0,
        dialled=row.dialled,
        number=row.caller_number if numbers else "",
    )
