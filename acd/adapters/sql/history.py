"""Earlier calls of a number, from the ledger. The number is bound, never part of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.core.events import CallOutcome
from acd.core.ids import AgentId, CallId, QueueId
from acd.ports_screens import EarlierCall


class SqlCallHistory:
    """Connects for each question: it is asked once a call, and holds nothing between."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def of_number(self, number: str, but: CallId, limit: int) -> list[EarlierCall]:
        """The calls of a number except one, the newest first; raises StoreUnavailable."""
        if not number:
            return []
        call = tables.calls.c
        query = (
            select(call.call, call.offered_ms, call.outcome, call.disposition)
            .where(call.caller_number == number, call.call != but)
            .order_by(call.offered_ms.desc(), call.call.desc())
            .limit(limit)
        )
        engine = async_engine(self._url)
        try:
            with unavailable():
                async with engine.connect() as connection:
                    found = (await connection.execute(query)).all()
                    ids = [row.call for row in found]
                    legs = await _by_call(connection, tables.legs, "offered_ms", ids)
                    visits = await _by_call(connection, tables.visits, "entered_ms", ids)
                    marks = await _by_call(connection, tables.dispositions, "at_ms", ids)
        finally:
            await engine.dispose()
        return [_earlier(row, legs, visits, marks.get(row.call)) for row in found]


async def _by_call(
    connection: AsyncConnection, table: Table, order: str, calls: Sequence[str]
) -> dict[str, Any]:
    """The newest row of each call; of legs, the newest that was answered."""
    query = select(table).where(table.c.call.in_(calls)).order_by(table.c[order])
    if table is tables.legs:
        query = query.where(table.c.answered_ms.is_not(None))
    return {row.call: row for row in (await connection.execute(query)).all()}


def _earlier(row: Any, legs: dict[str, Any], visits: dict[str, Any], mark: Any) -> EarlierCall:
    leg, visit = legs.get(row.call), visits.get(row.call)
    of_queue = leg or visit
    return EarlierCall(
        call=CallId(row.call),
        at_ms=row.offered_ms,
        queue=QueueId(of_queue.queue if of_queue else ""),
        outcome=CallOutcome(row.outcome),
        agent=AgentId(leg.agent if leg else ""),
        talk_ms=leg.talk_ms if leg else 0,
        disposition=row.disposition,
        note=mark.note if mark else "",
    )
