"""Stored sums by quarter of an hour: what a month's report is made of without reading its calls.

They are a memory and no second truth: a quarter for which a row was stored since it was computed
is computed again from the rows, and so is one whose plan gave other skills or teams. A quarter is
kept only if nothing was stored for it meanwhile, so two processes need no lock between them.
"""

from __future__ import annotations

import gc
import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine, unavailable
from acd.adapters.sql.reader import LedgerReader
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape
from metrics.intervals import QUARTER_MS, Span
from metrics.tally import Sums

#: Quarters that are computed at a time: the rows of two busy hours fit into memory.
CHUNK = 8
#: Quarters that are read at a time: a day.
PAGE = 96

_MARK = text(
    "INSERT INTO tally_quarters (quarter_ms, version, holds, shape)"
    " VALUES (:quarter, 0, :no, '') ON CONFLICT (quarter_ms) DO NOTHING"
)
_DECODER = msgspec.msgpack.Decoder(dict[str, Sums])


class Tallies:
    """The cells of a ledger. Raises StoreUnavailable."""

    def __init__(self, url: str, shape: Shape) -> None:
        self._reader = LedgerReader(url)
        self._engine = async_engine(url)
        self._shape = shape
        # Another layout of the sums is another shape as well: what was stored is computed anew.
        layout = msgspec.json.encode([shape, [*Sums.__struct_fields__], tuple(Dim)])
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
        for first in range(span.from_ms, span.to_ms, PAGE * QUARTER_MS):
            page = Span(first, min(first + PAGE * QUARTER_MS, span.to_ms))
            found = await self._page(page, dims, now_ms)
            for at, cells in found.quarters.items():
                step = begins[bisect_right(begins, at) - 1] if begins else at
                whole.absorb(step, cells)
        return whole

    async def _page(self, page: Span, dims: Sequence[Dim], now_ms: int) -> Cells:
        found = Cells(self._shape, dims)
        known = await self._versions(page)
        missing = [at for at in _quarters(page) if not known.get(at, (0, False))[1]]
        for run in _runs(missing):
            for chunk in _chunks(run):
                versions = {at: known.get(at, (0, False))[0] for at in _quarters(chunk)}
                await self._compute(chunk, versions, found, now_ms)
        await self._load(page, set(missing), found)
        return found

    async def check(self, span: Span) -> list[int]:
        """Quarters of an aligned span whose stored sums hold, and are not what the rows give."""
        wrong: list[int] = []
        for first in range(span.from_ms, span.to_ms, CHUNK * QUARTER_MS):
            part = Span(first, min(first + CHUNK * QUARTER_MS, span.to_ms))
            known = await self._versions(part)
            stored = Cells(self._shape)
            await self._load(part, {at for at in _quarters(part) if at not in known}, stored)
            again = await self._folded(part)
            after = await self._versions(part)
            wrong += [
                at
                for at, (version, holds) in known.items()
                if holds and after.get(at) == (version, True)
                and stored.quarters.get(at, {}) != again.quarters.get(at, {})
            ]  # fmt: skip
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

    async def _load(self, span: Span, but: set[int], into: Cells) -> None:
        table = tables.tallies.c
        query = select(tables.tallies).where(
            table.quarter_ms >= span.from_ms,
            table.quarter_ms < span.to_ms,
            table.dim.in_([dim.value for dim in into.dims]),
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
                if row.quarter_ms not in but:
                    dim = Dim(row.dim)
                    cells = into.quarters.setdefault(row.quarter_ms, {})
                    for value, sums in _DECODER.decode(row.sums).items():
                        cells[dim, value] = sums
        finally:
            if collects:
                gc.enable()

    async def _folded(self, span: Span) -> Cells:
        cells = Cells(self._shape)
        cells.fold(await self._reader.figure_rows(span.from_ms, span.to_ms))
        for at in [each for each in cells.quarters if not span.holds(each)]:
            del cells.quarters[at]  # where operators' stretches reach beyond
        return cells

    async def _compute(
        self, span: Span, versions: dict[int, int], into: Cells, now_ms: int
    ) -> None:
        found = await self._folded(span)
        self.computed += len(versions)
        for at, by_key in found.quarters.items():
            cells = into.quarters.setdefault(at, {})
            cells |= {key: sums for key, sums in by_key.items() if key[0] in into.dims}
        over = {at: version for at, version in versions.items() if at + QUARTER_MS <= now_ms}
        if over:
            with unavailable():
                async with self._engine.begin() as connection:
                    await self._keep(connection, over, found)

    async def _keep(
        self, connection: AsyncConnection, versions: dict[int, int], found: Cells
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
            for (dim, value), each in found.quarters.get(at, {}).items():
                by_dim.setdefault(dim, {})[value] = each
            rows += [
                {"quarter_ms": at, "dim": dim.value, "sums": msgspec.msgpack.encode(values)}
                for dim, values in by_dim.items()
            ]
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


def _chunks(span: Span) -> Iterator[Span]:
    for first in range(span.from_ms, span.to_ms, CHUNK * QUARTER_MS):
        yield Span(first, min(first + CHUNK * QUARTER_MS, span.to_ms))
