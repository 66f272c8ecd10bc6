"""The record of when callers could be served, in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, insert_into, unavailable
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.seldom import SeldomUsed
from metrics.availability import Recorded, ServiceState, Stretch
from metrics.intervals import Span

_table = tables.service_stretches


class SqlService:
    """A ServiceBook. Raises StoreUnavailable; Deposed when somebody else leads."""

    def __init__(self, url: str, fence: SqlFence | None = None) -> None:
        self._url = url
        self._store = SeldomUsed(url, fence)

    async def keep(self, stretches: Sequence[Stretch]) -> None:
        """Keep new stretches, and how far those reach by now that are kept already."""
        rows = [
            {"from_ms": s.from_ms, "node": s.node, "to_ms": s.to_ms, "state": s.state.value}
            for s in stretches
        ]

        async def work(connection: AsyncConnection) -> None:
            put = insert_into(connection, _table)
            put = put.on_conflict_do_update(
                index_elements=["from_ms", "node"], set_={"to_ms": put.excluded.to_ms}
            )
            await connection.execute(put, rows)

        await self._store.change(work)

    async def recorded(self, span: Span) -> Recorded:
        """The stretches that touch a span, and since when there are any."""

        query = select(_table).where(_table.c.to_ms > span.from_ms, _table.c.from_ms < span.to_ms)
        engine = async_engine(self._url, pooled=False)
        try:
            with unavailable():
                async with engine.connect() as connection:
                    first = (await connection.execute(select(func.min(_table.c.from_ms)))).scalar()
                    rows = (await connection.execute(query.order_by(_table.c.from_ms))).all()
        finally:
            await engine.dispose()
        return Recorded(
            tuple(Stretch(r.from_ms, r.to_ms, r.node, ServiceState(r.state)) for r in rows), first
        )
