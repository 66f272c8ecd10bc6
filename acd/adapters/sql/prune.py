"""Takes old journal rows and snapshots out of the database, so that the rest can be replayed.

A log is cut at a snapshot: what is left begins with it, and is decided again from there. Calls,
visits and other rows of the ledger stay. Deleting goes in small transactions, beside the writer.

On PostgreSQL whole months are dropped (acd.adapters.sql.journal_months), once nothing in them is
younger than asked; of the month that is cut into, only the steps before its first snapshot go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Column, MetaData, Table, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from acd.adapters.sql import journal_months, tables
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
            cuts = await _cuts(engine, journal_before_ms)
            if engine.dialect.name == "postgresql":
                cuts = await _drop_months(engine, cuts, journal_before_ms, done)
            for stream, cut in cuts.items():
                await _prune_log(engine, stream, cut, thin_before_ms, done)
    finally:
        await engine.dispose()
    return done


async def make_months(url: str, today: dt.date) -> list[str]:
    """Make the journal's parts ahead where the database has parts; returns the names of new ones.
    Raises StoreUnavailable."""
    if sqlite_file(url) is not None:
        return []
    engine = async_engine(url, pooled=False)
    try:
        with unavailable():
            async with engine.begin() as connection:
                return await connection.run_sync(journal_months.make_ahead, today)
    finally:
        await engine.dispose()


async def _cuts(engine: AsyncEngine, before_ms: int) -> dict[str, int]:
    """By log: the newest snapshot that is old enough (0 for none)."""
    table = tables.snapshots.c
    old = func.max(case((table.at_ms <= before_ms, table.seq), else_=0))
    query = select(table.stream, old.label("cut")).group_by(table.stream).order_by(table.stream)
    async with engine.connect() as connection:
        return {row.stream: row.cut for row in (await connection.execute(query)).all()}


async def _drop_months(
    engine: AsyncEngine, cuts: dict[str, int], before_ms: int, done: Pruned
) -> dict[str, int]:
    """Drop the months that are over and behind the cuts, the oldest first; returns where each log
    is to be cut instead: at the first snapshot of what is left."""
    async with engine.connect() as connection:
        parts = await connection.run_sync(journal_months.parts)
    for part in parts:
        if part.to_ms > before_ms:
            break
        held = await _held(engine, part)
        last = await _last_of(engine, held)
        if any(
            seq > cuts.get(stream, 0) and seq < last[stream] for stream, (seq, _) in held.items()
        ):
            break
        async with engine.begin() as connection:
            await connection.run_sync(journal_months.drop, part)
        done.steps += sum(steps for _, steps in held.values())
    return {stream: await _first_snapshot(engine, stream) for stream in cuts}


async def _held(engine: AsyncEngine, part: journal_months.Part) -> dict[str, tuple[int, int]]:
    """By log: the newest step in a part, and how many there are."""
    journal = Table(part.name, MetaData(), *(Column(name) for name in ("stream", "seq")))
    query = select(journal.c.stream, func.max(journal.c.seq).label("seq"), func.count().label("n"))
    async with engine.connect() as connection:
        found = (await connection.execute(query.group_by(journal.c.stream))).all()
    return {row.stream: (row.seq, row.n) for row in found}


async def _last_of(engine: AsyncEngine, streams: Iterable[str]) -> dict[str, int]:
    """The newest step of each log."""
    table, last = tables.journal.c, {}
    async with engine.connect() as connection:
        for stream in streams:
            query = select(func.max(table.seq)).where(table.stream == stream)
            last[stream] = (await connection.execute(query)).scalar_one_or_none() or 0
    return last


async def _first_snapshot(engine: AsyncEngine, stream: str) -> int:
    """Where a log begins whose beginning is dropped: the first snapshot that its steps follow; 0
    when nothing is to be cut. Of a log that has ended and has no step left: behind its end."""
    steps, kept = tables.journal.c, tables.snapshots.c
    async with engine.connect() as connection:
        first = (
            await connection.execute(select(func.min(steps.seq)).where(steps.stream == stream))
        ).scalar()
        if first is None:
            position = select(tables.positions.c.seq).where(tables.positions.c.stream == stream)
            reached = (await connection.execute(position)).scalar_one_or_none() or 0
            newest = select(func.max(kept.seq)).where(kept.stream == stream)
            last: int = (await connection.execute(newest)).scalar() or 0
            return last + 1 if last and reached > last else 0
        query = select(func.min(kept.seq)).where(kept.stream == stream, kept.seq >= first - 1)
        begin: int = (await connection.execute(query)).scalar() or 0
        return begin if first > 1 else 0


async def _prune_log(
    engine: AsyncEngine, stream: str, cut: int, thin_before_ms: int, done: Pruned
) -> None:
    table = tables.snapshots.c
    query = select(table.seq, table.at_ms).where(table.stream == stream).order_by(table.seq)
    async with engine.connect() as connection:
        kept = [(row.seq, row.at_ms) for row in (await connection.execute(query)).all()]
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
