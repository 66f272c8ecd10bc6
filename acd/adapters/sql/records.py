"""Stores frames in the database: rows, journal and position in one transaction."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from acd.adapters.sql import tables
from acd.adapters.sql.database import (
    async_engine,
    insert_into,
    sqlite_file,
    transaction,
    unavailable,
    upgrade,
)
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.tally_marks import Touched, void, void_classified
from acd.app.frames import decode_details, decode_rows
from acd.core.cdr_types import (
    AgentSpan,
    CallRecord,
    DetailDropped,
    DispositionRecord,
    LegRecord,
    OutsideRecord,
    PartyRecord,
    Segment,
    VisitRecord,
)
from acd.core.events import CallOutcome, VisitOutcome
from acd.errors import StoreUnavailable
from acd.ports import Frame, Snapshot

_Row = tuple[Any, ...]

#: Which struct is stored where.
ROW_TABLES: dict[type[Struct], Table] = {
    CallRecord: tables.calls,
    VisitRecord: tables.visits,
    LegRecord: tables.legs,
    Segment: tables.segments,
    PartyRecord: tables.parties,
    AgentSpan: tables.agent_spans,
    OutsideRecord: tables.outside_calls,
    DispositionRecord: tables.dispositions,
    DetailDropped: tables.dropped,
}


class SqlRecords:
    """The writer's side: a RecordStore. Makes and upgrades the tables by itself at first use,
    and again when the database's file has been taken away. ``fence``: where several controllers
    stand in for one another, what refuses the writes of one that was deposed."""

    def __init__(self, url: str, fence: SqlFence | None = None) -> None:
        self._url = url
        self._fence = fence
        self._file = sqlite_file(url)
        self._engine: AsyncEngine | None = None
        self._inode = 0
        self._under_way: asyncio.Task[None] | None = None
        self._statements: dict[Table, str] = {}

    async def close(self) -> None:
        """Let a transaction under way end, and give the connections back."""
        await self._settled()
        await self._drop_engine()

    async def position(self, stream: str) -> int:
        """Number of the newest frame of ``stream`` that is stored; 0 for none."""
        await self._settled()
        if not self._still_there():
            await self._drop_engine()
        engine = await self._ready()
        query = select(tables.positions.c.seq).where(tables.positions.c.stream == stream)
        with unavailable():
            async with transaction(engine) as connection:
                seq: int | None = (await connection.execute(query)).scalar_one_or_none()
        return seq or 0

    async def fence(self) -> None:
        """Let nobody write any more whose token is lower than ours; raises Deposed when it is ours
        that is too low, StoreUnavailable. The first write after it does the same."""

        async def nothing(connection: AsyncConnection) -> None:
            return

        await self._transaction(nothing)

    async def store(self, stream: str, frames: Sequence[Frame]) -> None:
        """Store the frames and the position after them; raises StoreUnavailable, StoreCorrupt."""
        batch = _batch_of(stream, frames)

        async def work(connection: AsyncConnection) -> None:
            for table, values in batch.rows.items():
                await self._put(connection, table, values)
            for drop in batch.drops:
                left = await _really_dropped(connection, stream, drop)
                await self._put(connection, tables.dropped, [(stream, *as_row(left))])
            await _classify(connection, batch.marks)
            await void(connection, batch.touched)
            await self._put(connection, tables.positions, [(stream, frames[-1].seq)])

        await self._transaction(work)

    async def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot to replay from."""
        at_ms = round(snapshot.at_s * 1000)
        row = (
            snapshot.stream,
            snapshot.seq,
            at_ms,
            snapshot.schema,
            snapshot.engine,
            snapshot.book,
        )

        async def work(connection: AsyncConnection) -> None:
            await self._put(connection, tables.snapshots, [row])

        await self._transaction(work)

    async def take_over(self, calls: Sequence[CallRecord], visit_outcome: VisitOutcome) -> int:
        """Put in the rows of calls that only the switch saw, or that its static queue served.

        Visits of theirs that we counted as abandoned or lost get ``visit_outcome``: the caller
        was taken out of our queue, and did not give up. Returns the number of calls.
        """
        visits = tables.visits
        gone = (VisitOutcome.ABANDONED.value, VisitOutcome.LOST.value)

        async def work(connection: AsyncConnection) -> None:
            touched = Touched()
            await touched.add_stored(connection, [call.call for call in calls])
            await self._put(connection, tables.calls, [as_row(call) for call in calls])
            for call in calls:
                touched.add(call)
            await void(connection, touched)
            for call in calls:
                if call.outcome is CallOutcome.ANSWERED:
                    where = (visits.c.call == call.call) & visits.c.outcome.in_(gone)
                    change = update(visits).where(where).values(outcome=visit_outcome.value)
                    await connection.execute(change)
                await void_classified(connection, call.call)

        if calls:
            await self._transaction(work)
        return len(calls)

    async def _put(self, connection: AsyncConnection, table: Table, rows: Sequence[_Row]) -> None:
        """Insert rows, or replace those that have their keys; values in the order of columns.

        The statement is compiled once and goes to the driver as it is: with many rows the
        library's own handling of parameters costs more than the database.
        """
        dialect = connection.dialect
        if table not in self._statements:
            self._statements[table] = str(_upsert(connection, table).compile(dialect=dialect))
        statement = self._statements[table]
        if dialect.positional:
            await connection.exec_driver_sql(statement, list(rows))
        else:
            names = [column.name for column in table.columns]
            named = [dict(zip(names, row, strict=True)) for row in rows]
            await connection.exec_driver_sql(statement, named)

    # -- connections ---------------------------------------------------------------------------

    async def _transaction(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Do the work in one transaction, to its end even when the caller is cancelled: one left
        in the middle would hold the database's lock."""
        await self._settled()
        self._under_way = asyncio.create_task(self._carry_out(work))
        await asyncio.shield(self._under_way)

    async def _carry_out(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        engine = await self._ready()
        try:
            with unavailable():
                async with transaction(engine) as connection:
                    if self._fence is not None:
                        await self._fence.admit(connection)
                    await work(connection)
        except Exception:
            # A connection on which something failed is not used again.
            await self._drop_engine()
            raise

    async def _settled(self) -> None:
        under_way = self._under_way
        if under_way is not None:
            await asyncio.wait({under_way})
            if not under_way.cancelled():
                # Its caller is gone; what became of it is asked of the database.
                under_way.exception()
        self._under_way = None

    async def _drop_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def _ready(self) -> AsyncEngine:
        if self._engine is not None and not self._still_there():
            # SQLite would go on writing into a file that has no name any more. What it held is
            # gone: the caller must ask for the position anew.
            await self._drop_engine()
            raise StoreUnavailable(
                "the database's file was taken away: it is made anew", code="store_replaced"
            )
        if self._engine is None:
            await asyncio.to_thread(upgrade, self._url)
            with unavailable():
                self._inode = os.stat(self._file).st_ino if self._file else 0
            self._engine = async_engine(self._url)
        return self._engine

    def _still_there(self) -> bool:
        if self._file is None:
            return True
        try:
            return os.stat(self._file).st_ino == self._inode
        except OSError:
            return False


def as_row(record: Struct) -> _Row:
    """The values of a row, without its tag: in the order of fields, which is that of columns.

    PostgreSQL takes no text with a zero character: one such row would hold up all that follow.
    """
    row = tuple(msgspec.to_builtins(record)[1:])
    for value in row:
        if type(value) is str and "\0" in value:
            return tuple(each.replace("\0", "") if type(each) is str else each for each in row)
    return row


class _Batch:
    """What a transaction puts into the database."""

    def __init__(self) -> None:
        self.rows: dict[Table, list[_Row]] = defaultdict(list)
        self.marks: list[DispositionRecord] = []
        self.drops: list[DetailDropped] = []
        self.touched = Touched()


def _batch_of(stream: str, frames: Sequence[Frame]) -> _Batch:
    batch = _Batch()
    for frame in frames:
        for record in decode_rows(frame):
            batch.touched.add(record)
            if isinstance(record, DetailDropped):
                batch.drops.append(record)
                continue
            if isinstance(record, DispositionRecord):
                batch.marks.append(record)
            batch.rows[ROW_TABLES[type(record)]].append(as_row(record))
        if not frame.detail:
            continue
        at_s, details = decode_details(frame)
        for detail in details:
            batch.touched.add(detail)
            batch.rows[ROW_TABLES[type(detail)]].append(as_row(detail))
        at_ms = round(at_s * 1000)
        batch.rows[tables.journal].append((stream, frame.seq, at_ms, frame.schema, frame.detail))
    return batch


async def _really_dropped(
    connection: AsyncConnection, stream: str, drop: DetailDropped
) -> DetailDropped:
    seq = tables.journal.c.seq
    among = (tables.journal.c.stream == stream) & seq.between(drop.first_seq, drop.last_seq)
    stored: int | None = (await connection.execute(select(func.max(seq)).where(among))).scalar()
    return drop.after(stored or 0)


async def _classify(connection: AsyncConnection, marks: Sequence[DispositionRecord]) -> None:
    """Put classifications on calls whose row is already there; others carry theirs with them."""
    for mark in marks:
        code = mark.code.replace("\0", "")
        values: dict[str, object] = {"disposition": code, "resolved": mark.resolved}
        if mark.call_type is not None:
            values["call_type"] = mark.call_type.value
        where = tables.calls.c.call == mark.call
        await connection.execute(update(tables.calls).where(where).values(values))
        await void_classified(connection, mark.call)


def _upsert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    statement = insert_into(connection, table)
    keys = [column.name for column in table.primary_key.columns]
    if connection.dialect.name == "postgresql" and tables.PARTED_BY in table.info:
        keys.append(table.info[tables.PARTED_BY])
    others = {
        column.name: getattr(statement.excluded, column.name)
        for column in table.columns
        if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
