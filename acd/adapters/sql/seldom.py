"""Transactions for what is stored once in seconds: people, sessions, the operation log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql.database import (
    async_engine,
    sqlite_file,
    transaction,
    unavailable,
    upgrade,
)
from acd.adapters.sql.fence import SqlFence
from acd.errors import StoreUnavailable

T = TypeVar("T")


class SeldomUsed:
    """Connects anew each time, so that a database that went away and came back is found again.

    The tables are made at first use, and looked at again after anything went wrong. ``fence``
    refuses what a deposed controller would change (:meth:`change`).
    """

    def __init__(self, url: str, fence: SqlFence | None = None) -> None:
        self._url = url
        self._fence = fence
        self._engine = async_engine(url, pooled=False)
        self._file = sqlite_file(url)
        self._made = False

    async def transaction(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the work in one transaction, to its end even when the caller is cancelled.

        Raises StoreUnavailable.
        """
        return await asyncio.shield(self._carry_out(work))

    async def change(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """The same for what must not come from a controller that was deposed; raises Deposed."""

        async def fenced(connection: AsyncConnection) -> T:
            if self._fence is not None:
                await self._fence.admit(connection)
            return await work(connection)

        return await self.transaction(fenced)

    async def _carry_out(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        if self._made and self._file is not None and not self._file.exists():
            # SQLite would make it anew as it is: without tables, and for everybody to read.
            self._made = False
            raise StoreUnavailable(
                "the database's file was taken away: it is made anew", code="store_replaced"
            )
        if not self._made:
            await asyncio.to_thread(upgrade, self._url)
            self._made = True
        try:
            with unavailable():
                async with transaction(self._engine) as connection:
                    return await work(connection)
        except StoreUnavailable:
            self._made = False
            raise
