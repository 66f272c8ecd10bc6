"""The figures of a running centre: live ones, and the sums that its ledger keeps for reports."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from acd.adapters.sql.busyness import offered_by_quarter
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.service import SqlService
from acd.adapters.sql.tallies import Tallies
from acd.app.figures import LiveFigures
from acd.bootstrap.records import Records
from acd.config import Centre
from acd.core.plan import Plan
from acd.ports_figures import TakeRows
from metrics.availability import Recorded
from metrics.dimensions import shape_of
from metrics.intervals import Span

T = TypeVar("T")


class LedgerPast:
    """A PastFigures. Reading a day takes apart many rows: it runs in a thread of its own, so that
    callers do not wait for it, and holds few of them at a time."""

    def __init__(self, url: str, records: Records) -> None:
        self._url, self._records = url, records

    def stored_seq(self) -> int:
        """Number of the newest step whose rows are in the ledger."""
        return self._records.drainer.status.stored_seq

    def last_seq(self) -> int:
        """Number of the newest step there is."""
        return self._records.journal.last_seq

    async def read(self, from_ms: int, to_ms: int, take: TakeRows) -> None:
        """Hand all rows that figures of the span are made of to ``take``, in the thread; raises
        StoreUnavailable."""

        async def read() -> None:
            reader = LedgerReader(self._url)
            try:
                async for page in reader.figure_pages(from_ms, to_ms):
                    take(page)
            finally:
                await reader.close()

        await asyncio.to_thread(lambda: asyncio.run(read()))

    async def offered(self, from_ms: int, to_ms: int) -> dict[int, int]:
        """Calls offered in hours by quarter of an hour; raises StoreUnavailable."""
        return await offered_by_quarter(self._url, from_ms, to_ms)

    async def service(self, from_ms: int, to_ms: int) -> Recorded:
        """What is on record of when callers could be served; raises StoreUnavailable."""
        return await SqlService(self._url).recorded(Span(from_ms, to_ms))


class LedgerSums:
    """A KeptSums, under the plan in force. Each step runs in a thread with a loop of its own."""

    def __init__(self, url: str, plan: Callable[[], Plan]) -> None:
        self._url, self._plan = url, plan

    async def first_ms(self) -> int | None:
        """When the oldest call was offered; raises StoreUnavailable."""
        return await self._aside(lambda tallies: tallies.first_ms())

    async def keep_some(self, span: Span, now_ms: int, quarters: int) -> int:
        """Compute and keep at most so many quarters; raises StoreUnavailable."""
        return await self._aside(
            lambda tallies: tallies.refresh(span, now_ms=now_ms, chunk=quarters)
        )

    async def _aside(self, ask: Callable[[Tallies], Awaitable[T]]) -> T:
        shape = shape_of(self._plan())

        async def work() -> T:
            tallies = Tallies(self._url, shape)
            try:
                return await ask(tallies)
            finally:
                await tallies.close()

        return await asyncio.to_thread(lambda: asyncio.run(work()))


def live_figures(
    centre: Centre, records: Records, plan: Callable[[], Plan], now: Callable[[], float]
) -> LiveFigures:
    """The figures of a centre, told of every row that its journal finishes."""
    past = LedgerPast(centre.settings.database_url, records)
    figures = LiveFigures(past, plan, centre.contract, now)
    records.follow(figures.take)
    return figures
