"""The operation log at work: first on the local disk, then in the database.

An entry is on the local disk when :meth:`KeptOperations.record` returns, whatever the database
does. While the database is away entries wait; when the local disk refuses them too, record raises
and the interface refuses what must not happen unlogged (``web.operations``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from acd.errors import StoreError
from acd.ports_people import (
    KeptOperation,
    OperationEntry,
    OperationSpan,
    OperationStore,
    OperationsWaiting,
)

BATCH = 2_000
#: Every ring of a known number is an entry: the database is asked for a few at once. Whoever reads
#: the log here has what waits stored first.
EVERY_S = 5.0
RETRY_S = 5.0

_log = structlog.get_logger("operations")


class KeptOperations:
    """An OperationLog. ``head`` is told the number and digest of the newest entry in the database:
    kept elsewhere, they show a log whose end was cut off."""

    def __init__(
        self,
        waiting: OperationsWaiting,
        store: OperationStore,
        head: Callable[[str], None],
    ) -> None:
        self._waiting = waiting
        self._store = store
        self._head = head
        self._something = asyncio.Event()
        self._storing = asyncio.Lock()
        # What an earlier run left behind is stored as well.
        self._something.set()

    def check(self) -> None:
        """Raise StoreUnavailable when an entry could not be kept now."""
        self._waiting.check()

    async def record(self, *entries: OperationEntry) -> None:
        """Keep entries, all or none of them; raises StoreUnavailable."""
        self._waiting.append(*entries)
        self._something.set()

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        """Entries of the database, the newest first, what waits here stored before."""
        await self.store_waiting()
        return await self._store.read(span)

    async def run(self) -> None:
        """Carry entries into the database until cancelled."""
        failing = False
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                await self.store_waiting()
                failing = False
                await asyncio.sleep(EVERY_S)
            except StoreError as error:
                if not failing:
                    _log.warning("operations_wait", code=error.code, reason=error.message)
                failing = True
                self._something.set()
                await asyncio.sleep(RETRY_S)

    async def store_waiting(self) -> None:
        """Store all that waits; raises StoreUnavailable."""
        async with self._storing:
            while batch := self._waiting.waiting(BATCH):
                newest = await self._store.append(batch)
                self._waiting.drop(batch[-1])
                if newest is not None:
                    self._head(f"{newest.number} {newest.digest}")
