"""Takes old journal rows and snapshots out of the database, so that the rest can be replayed.

A log is cut at a snapshot: what is left begins with it, and is decided again from there. Calls,
visits and other rows of the ledger stay. Deleting goes in small transactions, beside the writer.
"""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, sqlite_file, unavailable

#: Rows that one transaction deletes at most.
CHUNK = 2_000
_DAY_MS = 86_400_000


class Pruned(Struct):
    """What was deleted: steps of the journal and snapshots."""

    steps: int = 0
    snapshots: int = 0


async def prune(url: str, journal_before_ms: int, thin_before_ms: int) -> Pruned:
    """Drop steps from before ``journal_before_ms``, up to the newest snapshot that is older; of
    snapshots from before ``thin_before_ms`` keep the first of each day (UTC).

    Times are Unix milliseconds. Raises StoreUnavailable; what was deleted until then stays so.
    """
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return Pruned()
    engine = async_engine(url, pooled=False)
    done = Pruned()
    try:
        with unavailable():
            for stream in await _streams(engine):
                await _prune_log(engine, stream, journal_before_ms, thin_before_ms, done)
    finally:
        await engine.dispose()
    return done


async def _streams(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        found = await connection.execute(select(tables.snapshots.c.stream).distinct())
        return sorted(row.stream for row in found.all())


async def _prune_log(
    engine: AsyncEngine, stream: str, journal_before_ms: int, thin_before_ms: int, done: Pruned
) -> None:
    table = tables.snapshots.c
    query = select(table.seq, table.at_ms).where(table.stream == stream).order_by(table.seq)
    async with engine.connect() as connection:
        kept = [(row.seq, row.at_ms) for row in (await connection.execute(query)).all()]
    cut = max((seq for seq, at_ms in kept if at_ms <= journal_before_ms), default=0)
    done.steps += await _delete_up_to(engine, stream, cut)
    unwanted = [seq for seq, _at_ms in kept if seq < cut]
    day = -1
    for seq, at_ms in kept:
        if seq >= cut and at_ms < thin_before_ms:
            if at_ms // _DAY_MS == day and seq != kept[-1][0]:
                unwanted.append(seq)
            day = at_ms // _DAY_MS
    for seq in unwanted:
        async with engine.begin() as connection:
            where = (table.stream == stream) & (table.seq == seq)
            await connection.execute(delete(tables.snapshots).where(where))
    done.snapshots += len(unwanted)


async def _delete_up_to(engine: AsyncEngine, stream: str, last_seq: int) -> int:
    """Delete a log's steps up to a number; returns how many."""
    journal: Table = tables.journal
    deleted = 0
    while True:
        of_log = (journal.c.stream == stream) & (journal.c.seq <= last_seq)
        async with engine.begin() as connection:
            first = (
                await connection.execute(select(func.min(journal.c.seq)).where(of_log))
            ).scalar()
            if first is None:
                return deleted
            chunk = of_log & (journal.c.seq < first + CHUNK)
            deleted += (await connection.execute(delete(journal).where(chunk))).rowcount
