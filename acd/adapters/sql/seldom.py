"""Transactions for what is stored once in seconds: people, sessions, the operation log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql.database import async_engine, unavailable, upgrade
from acd.errors import StoreUnavailable

T = TypeVar("T")


class SeldomUsed:
    """Connects anew each time, so that a database that went away and came back is found again.

    The tables are made at first use, and looked at again after anything went wrong.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = async_engine(url, pooled=False)
        self._made = False

    async def transaction(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the work in one transaction, to its end even when the caller is cancelled.

        Raises StoreUnavailable.
        """
        return await asyncio.shield(self._carry_out(work))

    async def _carry_out(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        if not self._made:
            await asyncio.to_thread(upgrade, self._url)
            self._made = True
        try:
            with unavailable():
                async with self._engine.begin() as connection:
                    return await work(connection)
        except StoreUnavailable:
            self._made = False
            raise
