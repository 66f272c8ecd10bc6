"""Alarms in the database: which last, and which there were."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.database import insert_into
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.seldom import SeldomUsed
from acd.ports_watch import KeptAlarm

#: So many that are over are read again, and those of so many days are kept.
READ_OVER, KEPT_DAYS = 200, 400

_table = tables.alarms
_KEY = ["alarm", "subject", "since_ms"]


class SqlAlarms:
    """An AlarmBook. Raises StoreUnavailable; Deposed when somebody else leads."""

    def __init__(self, url: str, fence: SqlFence | None = None) -> None:
        self._store = SeldomUsed(url, fence)

    async def keep(self, alarms: Sequence[KeptAlarm]) -> None:
        """Keep new alarms, and what became of those that are kept already."""
        rows = [structs.asdict(each) for each in alarms]
        if not rows:
            return
        oldest_ms = max(each.since_ms for each in alarms) - KEPT_DAYS * 86_400_000

        async def work(connection: AsyncConnection) -> None:
            put = insert_into(connection, _table)
            new = {"until_ms": put.excluded.until_ms, "told": put.excluded.told}
            await connection.execute(put.on_conflict_do_update(index_elements=_KEY, set_=new), rows)
            await connection.execute(delete(_table).where(_table.c.until_ms < oldest_ms))

        await self._store.change(work)

    async def kept(self) -> list[KeptAlarm]:
        """Those that last and the newest of those that are over, the oldest first."""
        lasting = select(_table).where(_table.c.until_ms.is_(None))
        over = select(_table).where(_table.c.until_ms.is_not(None))
        over = over.order_by(_table.c.until_ms.desc()).limit(READ_OVER)

        async def work(connection: AsyncConnection) -> list[KeptAlarm]:
            rows = [*(await connection.execute(lasting)), *(await connection.execute(over))]
            return [KeptAlarm(**row._mapping) for row in rows]

        found = await self._store.transaction(work)
        return sorted(found, key=lambda each: (each.since_ms, each.alarm, each.subject))
