"""Reads the ledger back: rows as the structs they were, the journal as steps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Executable, Select, Table, func, select, text

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, sqlite_file, unavailable
from acd.app.frames import decode_step
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
from acd.core.events import Event
from acd.core.ids import AgentId, CallId
from acd.core.inputs import Input
from acd.errors import StoreUnavailable
from acd.ports import Frame, Snapshot

_T = TypeVar("_T", bound=Struct)
#: What figures are made of.
FigureRow = CallRecord | VisitRecord | LegRecord | AgentSpan
#: The operators one after another by the index alone, and the last stretch of each.
_REACHING_IN = text(
    "WITH RECURSIVE people (agent) AS ("
    " SELECT MIN(agent) FROM agent_spans UNION ALL"
    " SELECT (SELECT MIN(s.agent) FROM agent_spans s WHERE s.agent > people.agent) FROM people"
    " WHERE people.agent IS NOT NULL)"
    " SELECT a.agent, a.start_ms, a.end_ms, a.state, a.reason FROM people"
    " JOIN agent_spans a ON a.agent = people.agent AND a.start_ms = (SELECT MAX(b.start_ms)"
    " FROM agent_spans b WHERE b.agent = people.agent AND b.start_ms < :at)"
    " WHERE a.end_ms > :at ORDER BY a.agent"
)
#: Rows that are fetched at a time.
_PAGE = 2_000


class LedgerReader:
    """Reads one database; several readers and the writer get along. Times are Unix milliseconds,
    a span takes in its first and leaves out its last. Raises StoreUnavailable."""

    def __init__(self, url: str) -> None:
        path = sqlite_file(url)
        if path is not None and not path.exists():
            raise StoreUnavailable(
                f"there is no ledger at {path}: start the centre first", code="store_missing"
            )
        self._engine = async_engine(url)

    async def close(self) -> None:
        """Give the connections back."""
        await self._engine.dispose()

    # -- rows --------------------------------------------------------------------------------

    async def calls(self, from_ms: int = 0, to_ms: int | None = None) -> list[CallRecord]:
        """Calls offered in the span, in order."""
        query = _span(tables.calls, "offered_ms", from_ms, to_ms)
        return await self._rows(query, CallRecord, "call")

    async def reaching(self, from_ms: int, to_ms: int) -> list[CallRecord]:
        """Calls offered in the span that lasted beyond it, in order."""
        query = _span(tables.calls, "offered_ms", from_ms, to_ms)
        return await self._rows(query.where(tables.calls.c.closed_ms > to_ms), CallRecord, "call")

    async def visits(self, from_ms: int = 0, to_ms: int | None = None) -> list[VisitRecord]:
        """Visits begun in the span, in order."""
        query = _span(tables.visits, "entered_ms", from_ms, to_ms)
        return await self._rows(query, VisitRecord, "visit")

    async def legs(self, from_ms: int = 0, to_ms: int | None = None) -> list[LegRecord]:
        """Offers made in the span, in order."""
        query = _span(tables.legs, "offered_ms", from_ms, to_ms)
        return await self._rows(query, LegRecord, "leg")

    async def took_call(self, agent: AgentId, call: CallId) -> bool:
        """Whether the operator talked in the call, as far as its talk has ended."""
        leg = tables.legs.c
        query = select(leg.offer).where(
            leg.call == call, leg.agent == agent, leg.answered_ms.is_not(None)
        )
        with unavailable():
            async with self._engine.connect() as connection:
                return (await connection.execute(query.limit(1))).first() is not None

    async def segments(self, from_ms: int = 0, to_ms: int | None = None) -> list[Segment]:
        """Stretches begun in the span, in order."""
        query = _span(tables.segments, "start_ms", from_ms, to_ms)
        return await self._rows(query, Segment, "segment")

    async def dispositions(
        self, from_ms: int = 0, to_ms: int | None = None
    ) -> list[DispositionRecord]:
        """Classifications given in the span, in order."""
        query = _span(tables.dispositions, "at_ms", from_ms, to_ms)
        return await self._rows(query, DispositionRecord, "disposition")

    async def parties(self, from_ms: int = 0, to_ms: int | None = None) -> list[PartyRecord]:
        """Who was rung in talks in the span, in order."""
        query = _span(tables.parties, "asked_ms", from_ms, to_ms)
        return await self._rows(query, PartyRecord, "party")

    async def outside_calls(
        self, from_ms: int = 0, to_ms: int | None = None
    ) -> list[OutsideRecord]:
        """Outside calls by operators begun in the span, in order."""
        query = _span(tables.outside_calls, "started_ms", from_ms, to_ms)
        return await self._rows(query, OutsideRecord, "outside")

    async def figure_rows(self, from_ms: int, to_ms: int) -> list[FigureRow]:
        """All that figures of the span are made of: calls offered in it with their visits and
        legs, whenever those were, and operators' time that touches it."""
        return [row async for page in self.figure_pages(from_ms, to_ms) for row in page]

    async def figure_pages(self, from_ms: int, to_ms: int) -> AsyncIterator[Sequence[FigureRow]]:
        """The same, so many at a time that a busy day's are never in memory together."""
        of_calls: tuple[tuple[Table, str, type[FigureRow], str], ...] = (
            (tables.calls, "offered_ms", CallRecord, "call"),
            (tables.visits, "came_ms", VisitRecord, "visit"),
            (tables.legs, "came_ms", LegRecord, "leg"),
        )
        for table, column, struct, tag in of_calls:
            async for page in self._pages(_span(table, column, from_ms, to_ms), struct, tag):
                yield page
        yield await self._reaching_in(from_ms)
        spans = _span(tables.agent_spans, "start_ms", from_ms, to_ms)
        async for stretches in self._pages(spans, AgentSpan, "span"):
            yield stretches

    async def agent_spans(self, from_ms: int, to_ms: int) -> list[AgentSpan]:
        """Stretches of operators' time that touch the span, in order."""
        spans = await self._rows(
            _span(tables.agent_spans, "start_ms", from_ms, to_ms), AgentSpan, "span"
        )
        return [*await self._reaching_in(from_ms), *spans]

    async def _reaching_in(self, at_ms: int) -> list[AgentSpan]:
        """Each operator's stretch that began before a moment and ended after it: stretches of one
        operator do not overlap, so it can only be the last one before."""
        return await self._rows(_REACHING_IN.bindparams(at=at_ms), AgentSpan, "span")

    async def dropped(self) -> list[DetailDropped]:
        """Spans of steps whose detail was dropped, of all logs."""
        columns = [column for column in tables.dropped.columns if column.name != "stream"]
        query = select(*columns).order_by(tables.dropped.c.first_seq)
        return await self._rows(query, DetailDropped, "dropped")

    async def _rows(self, query: Executable, struct: type[_T], tag: str) -> list[_T]:
        with unavailable():
            async with self._engine.connect() as connection:
                found = await connection.execute(query)
                return [msgspec.convert([tag, *row], struct, strict=False) for row in found.all()]

    async def _pages(
        self, query: Executable, struct: type[_T], tag: str
    ) -> AsyncIterator[list[_T]]:
        with unavailable():
            async with self._engine.connect() as connection:
                found = await connection.stream(query)
                async for page in found.partitions(_PAGE):
                    yield [msgspec.convert([tag, *row], struct, strict=False) for row in page]

    # -- journal -----------------------------------------------------------------------------

    async def streams(self) -> list[str]:
        """The logs that were stored, the oldest first."""
        first = func.min(tables.journal.c.at_ms)
        query = select(tables.journal.c.stream).group_by(tables.journal.c.stream).order_by(first)
        with unavailable():
            async with self._engine.connect() as connection:
                return [row.stream for row in (await connection.execute(query)).all()]

    async def position(self, stream: str) -> int:
        """Number of the newest frame of the log that is stored; 0 for none."""
        query = select(tables.positions.c.seq).where(tables.positions.c.stream == stream)
        with unavailable():
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).scalar_one_or_none() or 0

    async def first_seq(self, stream: str) -> int:
        """Number of the oldest frame of the log that is kept; 0 for none."""
        query = select(func.min(tables.journal.c.seq)).where(tables.journal.c.stream == stream)
        with unavailable():
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).scalar_one_or_none() or 0

    async def frames(self, stream: str, after_seq: int = 0) -> AsyncIterator[Frame]:
        """The log's frames after a number, in order. Outcome rows are not in them."""
        journal = tables.journal.c
        while True:
            query = (
                select(journal.seq, journal.schema, journal.detail)
                .where(journal.stream == stream, journal.seq > after_seq)
                .order_by(journal.seq)
                .limit(_PAGE)
            )
            with unavailable():
                async with self._engine.connect() as connection:
                    page = (await connection.execute(query)).all()
            for row in page:
                yield Frame(row.seq, row.schema, b"", row.detail)
                after_seq = row.seq
            if len(page) < _PAGE:
                return

    async def steps(
        self, first_seq: int = 1, stream: str | None = None
    ) -> AsyncIterator[tuple[int, float, Input, list[Event]]]:
        """Steps of a log (the newest one by default) from ``first_seq`` on, in order."""
        if stream is None:
            streams = await self.streams()
            if not streams:
                return
            stream = streams[-1]
        async for frame in self.frames(stream, first_seq - 1):
            step = decode_step(frame)
            yield frame.seq, step.at_s, step.happened, list(step.events)

    async def snapshots(self, stream: str) -> list[Snapshot]:
        """The snapshots kept of a log, the oldest first."""
        table = tables.snapshots.c
        query = select(tables.snapshots).where(table.stream == stream).order_by(table.seq)
        with unavailable():
            async with self._engine.connect() as connection:
                rows: Sequence[Any] = (await connection.execute(query)).all()
        return [
            Snapshot(row.stream, row.seq, row.at_ms / 1000, row.schema, row.engine, row.book)
            for row in rows
        ]


def _span(table: Table, column: str, from_ms: int, to_ms: int | None) -> Select[Any]:
    at = table.columns[column]
    query = select(table).where(at >= from_ms)
    if to_ms is not None:
        query = query.where(at < to_ms)
    return query.order_by(at, *table.primary_key.columns)
