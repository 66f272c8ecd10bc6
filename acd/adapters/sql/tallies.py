"""Stored sums by quarter of an hour: what a month's report is made of without reading its calls.

Beside the sums of every dimension a quarter has what a report gathers: categories, transfers, use
of lines. All are a memory and no second truth: a quarter for which a row was stored since it was
computed is computed again from the rows, and so is one whose plan gave other skills or teams. A
quarter is kept only if nothing was stored for it meanwhile, so two processes need no lock between
them.
"""

from __future__ import annotations

import gc
import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.adapters.sql.reader import LedgerReader
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape
from metrics.intervals import QUARTER_MS, Span, quarter_of
from metrics.report_rows import REACHING_MS, Category, Gathered, Gathering, Peak
from metrics.tally import LegTally, Sums, TimeTally

#: Quarters that are computed at a time: two hours.
CHUNK = 8
#: Quarters that are read at a time: a day.
PAGE = 96

_MARK = text(
    "INSERT INTO tally_quarters (quarter_ms, version, holds, shape)"
    " VALUES (:quarter, 0, :no, '') ON CONFLICT (quarter_ms) DO NOTHING"
)
_DECODER = msgspec.msgpack.Decoder(dict[str, Sums])


class _Work(Struct, array_like=True, gc=False):
    """Sums of which the calls and visits are not taken apart."""

    calls: msgspec.Raw
    visits: msgspec.Raw
    legs: LegTally
    time: TimeTally


_WORK_DECODER = msgspec.msgpack.Decoder(dict[str, _Work])
#: Of operators a report says how they worked, and nothing of the calls' waits.
WORK_DIMS = (Dim.OPERATOR, Dim.TEAM)
#: What is gathered stands beside the dimensions, under this name.
_GATHERED = "gathered"
_GATHERED_DECODER = msgspec.msgpack.Decoder(Gathered)
_LAYOUT = [each.__struct_fields__ for each in (Sums, Gathered, Category, Peak)]


class _Quarters:
    """Quarters in memory: their cells, and what is gathered of each. Of the dimensions ``work`` the
    legs and the time are read alone."""

    def __init__(self, shape: Shape, dims: Sequence[Dim], work: Sequence[Dim] = ()) -> None:
        self.cells = Cells(shape, dims)
        self.work = frozenset(work)
        self.gathered: dict[int, Gathered] = {}


class Tallies:
    """The cells of a ledger. Raises StoreUnavailable."""

    def __init__(self, url: str, shape: Shape) -> None:
        self._reader = LedgerReader(url)
        self._engine = async_engine(url)
        self._shape = shape
        # Another layout of the sums is another shape as well: what was stored is computed anew.
        layout = msgspec.json.encode([shape, _LAYOUT, tuple(Dim)])
        self._digest = hashlib.sha256(layout).hexdigest()[:16]
        #: Quarters that were computed because no stored sums held.
        self.computed = 0

    async def close(self) -> None:
        """Give the connections back."""
        await self._reader.close()
        await self._engine.dispose()

    async def cells(
        self,
        span: Span,
        dims: Sequence[Dim] = tuple(Dim),
        *,
        now_ms: int,
        steps: Sequence[Span] = (),
    ) -> Cells:
        """The cells of an aligned span by these dimensions. Quarters that are over at ``now_ms``
        are kept once they are computed.

        With ``steps`` (the days of a month, say) the quarters of each are added up as they are
        read, and only spans of whole steps can be asked for: little memory for long spans.
        """
        whole = Cells(self._shape, dims)
        begins = [step.from_ms for step in steps]
        for page in _pages(span, PAGE):
            found = await self._page(page, dims, now_ms)
            for at, cells in found.cells.quarters.items():
                step = begins[bisect_right(begins, at) - 1] if begins else at
                whole.absorb(step, cells)
        return whole

    async def report(
        self, span: Span, dims: Sequence[Dim], steps: Sequence[Span], *, now_ms: int
    ) -> tuple[Cells, Gathered]:
        """What a report of an aligned span is made of: the whole centre by ``steps`` (its hours),
        ``dims`` for the whole span alone (of those of operators: legs and time), and what is
        gathered. Reads one day at a time, from the ledger's first on."""
        whole, gathered = Cells(self._shape, (Dim.ALL, *dims)), Gathered()
        begins = [step.from_ms for step in steps]
        first_ms = await self.first_ms()
        if first_ms is None or first_ms >= span.to_ms:
            return whole, gathered
        for page in _pages(Span(max(span.from_ms, quarter_of(first_ms)), span.to_ms), PAGE):
            found = await self._page(page, whole.dims, now_ms, WORK_DIMS)
            # One key after another: its counts stay near the processor while they are added to.
            for key in sorted({key for cells in found.cells.quarters.values() for key in cells}):
                for at, cells in found.cells.quarters.items():
                    if key in cells:
                        hourly = key[0] is Dim.ALL
                        step = begins[bisect_right(begins, at) - 1] if hourly else span.from_ms
                        whole.absorb(step, {key: cells[key]})
            for _, one in sorted(found.gathered.items()):
                gathered.absorb(one)
        return whole, gathered

    async def refresh(self, span: Span, *, now_ms: int, chunk: int = CHUNK) -> int:
        """Compute and keep the first quarters of an aligned span that are over and not kept, at
        most ``chunk`` of them; how many there were."""
        known = await self._versions(span)
        over = range(span.from_ms, min(span.to_ms, now_ms - QUARTER_MS + 1), QUARTER_MS)
        missing = [at for at in over if not known.get(at, (0, False))[1]]
        for run in _runs(missing):
            first = Span(run.from_ms, min(run.to_ms, run.from_ms + chunk * QUARTER_MS))
            versions = {at: known.get(at, (0, False))[0] for at in _quarters(first)}
            await self._compute(first, versions, _Quarters(self._shape, ()), now_ms)
            return len(versions)
        return 0

    async def forget(self, span: Span) -> None:
        """Have every quarter of an aligned span computed again when it is asked for."""
        marks = tables.tally_quarters
        within = (marks.c.quarter_ms >= span.from_ms) & (marks.c.quarter_ms < span.to_ms)
        with unavailable():
            async with self._engine.begin() as connection:
                await connection.execute(update(marks).where(within).values(holds=False))

    async def first_ms(self) -> int | None:
        """When the first call was offered or the first operator began; None for an empty ledger."""
        begins = (tables.calls.c.offered_ms, tables.agent_spans.c.start_ms)
        with unavailable():
            async with self._engine.connect() as connection:
                asked = [await connection.execute(select(func.min(each))) for each in begins]
        return min((at for each in asked if (at := each.scalar()) is not None), default=None)

    async def _page(
        self, page: Span, dims: Sequence[Dim], now_ms: int, work: Sequence[Dim] = ()
    ) -> _Quarters:
        found = _Quarters(self._shape, dims, work)
        known = await self._versions(page)
        missing = [at for at in _quarters(page) if not known.get(at, (0, False))[1]]
        for run in _runs(missing):
            for chunk in _pages(run, CHUNK):
                versions = {at: known.get(at, (0, False))[0] for at in _quarters(chunk)}
                await self._compute(chunk, versions, found, now_ms)
        await self._load(page, set(missing), found)
        return found

    async def check(self, span: Span) -> list[int]:
        """Quarters of an aligned span whose stored sums hold, and are not what the rows give."""
        wrong: list[int] = []
        for part in _pages(span, CHUNK):
            known = await self._versions(part)
            stored = _Quarters(self._shape, tuple(Dim))
            await self._load(part, {at for at in _quarters(part) if at not in known}, stored)
            again = await self._folded(part)
            after = await self._versions(part)
            wrong += [
                at
                for at, (version, holds) in known.items()
                if holds and after.get(at) == (version, True) and not _same(stored, again, at)
            ]
        return wrong

    async def _versions(self, span: Span) -> dict[int, tuple[int, bool]]:
        table = tables.tally_quarters.c
        query = select(tables.tally_quarters).where(
            table.quarter_ms >= span.from_ms, table.quarter_ms < span.to_ms
        )
        with unavailable():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query)).all()
        return {
            row.quarter_ms: (row.version, row.holds and row.shape == self._digest) for row in rows
        }

    async def _load(self, span: Span, but: set[int], into: _Quarters) -> None:
        table = tables.tallies.c
        query = select(tables.tallies).where(
            table.quarter_ms >= span.from_ms,
            table.quarter_ms < span.to_ms,
            table.dim.in_([*(dim.value for dim in into.cells.dims), _GATHERED]),
        )
        with unavailable():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query)).all()
        # Thousands of small containers and no cycle among them: the collector would only look at
        # all of them again and again.
        collects = gc.isenabled()
        gc.disable()
        try:
            for row in rows:
                if row.quarter_ms in but:
                    continue
                if row.dim == _GATHERED:
                    into.gathered[row.quarter_ms] = _GATHERED_DECODER.decode(row.sums)
                    continue
                dim = Dim(row.dim)
                cells = into.cells.quarters.setdefault(row.quarter_ms, {})
                if dim in into.work:
                    for value, work in _WORK_DECODER.decode(row.sums).items():
                        cells[dim, value] = Sums(legs=work.legs, time=work.time)
                    continue
                for value, sums in _DECODER.decode(row.sums).items():
                    cells[dim, value] = sums
        finally:
            if collects:
                gc.enable()

    async def _folded(self, span: Span) -> _Quarters:
        found = _Quarters(self._shape, tuple(Dim))
        gathering = Gathering(span)
        async for rows in self._reader.figure_pages(span.from_ms, span.to_ms):
            found.cells.fold(rows)
            gathering.take(rows)
        for at in [each for each in found.cells.quarters if not span.holds(each)]:
            del found.cells.quarters[at]  # where operators' stretches reach beyond
        earlier = await self._reader.reaching(span.from_ms - REACHING_MS, span.from_ms)
        found.gathered = gathering.quarters(earlier)
        return found

    async def _compute(
        self, span: Span, versions: dict[int, int], into: _Quarters, now_ms: int
    ) -> None:
        found = await self._folded(span)
        self.computed += len(versions)
        dims = into.cells.dims
        for at, by_key in found.cells.quarters.items():
            cells = into.cells.quarters.setdefault(at, {})
            cells |= {key: sums for key, sums in by_key.items() if key[0] in dims}
        into.gathered |= found.gathered
        over = {at: version for at, version in versions.items() if at + QUARTER_MS <= now_ms}
        if over:
            with unavailable():
                async with self._engine.begin() as connection:
                    await self._keep(connection, over, found)

    async def _keep(
        self, connection: AsyncConnection, versions: dict[int, int], found: _Quarters
    ) -> None:
        """Keep quarters, but for those for which a row was stored since they were computed."""
        marks, sums = tables.tally_quarters, tables.tallies
        # The first statement writes, so that nobody else does until all is kept.
        await connection.execute(_MARK, [{"quarter": at, "no": False} for at in versions])
        query = select(marks.c.quarter_ms, marks.c.version).where(
            marks.c.quarter_ms.in_(list(versions))
        )
        now = (await connection.execute(query.with_for_update())).all()
        good = [row.quarter_ms for row in now if row.version == versions[row.quarter_ms]]
        if not good:
            return
        await connection.execute(delete(sums).where(sums.c.quarter_ms.in_(good)))
        rows = []
        for at in good:
            by_dim: dict[Dim, dict[str, Sums]] = {}
            for (dim, value), each in found.cells.quarters.get(at, {}).items():
                by_dim.setdefault(dim, {})[value] = each
            rows += [
                {"quarter_ms": at, "dim": dim.value, "sums": msgspec.msgpack.encode(values)}
                for dim, values in by_dim.items()
            ]
            if at in found.gathered:
                data = msgspec.msgpack.encode(found.gathered[at])
                rows.append({"quarter_ms": at, "dim": _GATHERED, "sums": data})
        if rows:
            await connection.execute(insert(sums), rows)
        held = update(marks).where(marks.c.quarter_ms.in_(good))
        await connection.execute(held.values(holds=True, shape=self._digest))


def _quarters(span: Span) -> range:
    return range(span.from_ms, span.to_ms, QUARTER_MS)


def _runs(quarters: Sequence[int]) -> Iterator[Span]:
    """Neighbouring quarters as spans."""
    begin = last = None
    for at in quarters:
        if last is not None and begin is not None and at != last + QUARTER_MS:
            yield Span(begin, last + QUARTER_MS)
            begin = None
        begin = at if begin is None else begin
        last = at
    if begin is not None and last is not None:
        yield Span(begin, last + QUARTER_MS)


def _pages(span: Span, quarters: int) -> Iterator[Span]:
    """A span in parts of so many quarters."""
    for first in range(span.from_ms, span.to_ms, quarters * QUARTER_MS):
        yield Span(first, min(first + quarters * QUARTER_MS, span.to_ms))


def _same(one: _Quarters, other: _Quarters, at: int) -> bool:
    return (
        one.cells.quarters.get(at, {}) == other.cells.quarters.get(at, {})
        and one.gathered.get(at) == other.gathered.get(at)
    )  # fmt: skip
