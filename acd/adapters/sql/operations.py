"""The operation log in the database: a chain of entries that nobody can change unseen.

Triggers refuse to change or delete a row. Each row's digest is keyed with a secret of the centre
and covers the digest before it: whoever takes the triggers away and edits still needs the secret,
and whoever cuts the end off is found by the number that is kept beside (``acd.app.operations``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.seldom import SeldomUsed
from acd.ports_people import KeptOperation, OperationEntry, OperationSpan

_PAGE = 2_000


class Verified(Struct, frozen=True):
    """What was found of the whole log: the entries in order up to ``last``, and the first number
    at which something is wrong (0: nothing is)."""

    last: int
    digest: str
    wrong_at: int


class SqlOperations:
    """An OperationStore. ``key`` is a secret of the centre."""

    def __init__(self, url: str, key: str) -> None:
        self._store = SeldomUsed(url)
        self._key = hashlib.sha256(f"operations:{key}".encode()).digest()

    async def append(self, entries: Sequence[OperationEntry]) -> KeptOperation:
        """Keep entries in one transaction; of two writers at once one gets StoreUnavailable."""

        async def work(connection: AsyncConnection) -> KeptOperation:
            query = select(tables.operations).order_by(tables.operations.c.number.desc()).limit(1)
            newest = (await connection.execute(query)).mappings().first()
            number = int(newest["number"]) if newest else 0
            digest = str(newest["digest"]) if newest else ""
            rows = []
            for entry in entries:
                number += 1
                digest = self._digest(number, entry, digest)
                row = msgspec.to_builtins(entry) | {"number": number, "digest": digest}
                rows.append(row)
            await connection.execute(insert(tables.operations), rows)
            return KeptOperation(number, entries[-1], digest)

        return await self._store.transaction(work)

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        """Entries, the newest first."""
        return await self._kept(_query(span))

    async def verify(self) -> Verified:
        """Go through the whole log; an entry that was changed, added, swapped or taken away in the
        middle is found at its number."""
        number, digest = 0, ""
        columns = tables.operations.c
        while True:
            query = select(tables.operations).where(columns.number > number)
            page = await self._kept(query.order_by(columns.number).limit(_PAGE))
            for kept in page:
                wanted = self._digest(number + 1, kept.entry, digest)
                if kept.number != number + 1 or not hmac.compare_digest(wanted, kept.digest):
                    return Verified(number, digest, number + 1)
                number, digest = kept.number, kept.digest
            if len(page) < _PAGE:
                return Verified(number, digest, 0)

    async def _kept(self, query: Select[Any]) -> list[KeptOperation]:
        async def work(connection: AsyncConnection) -> Sequence[Any]:
            rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
            return rows

        found = []
        for row in await self._store.transaction(work):
            data = {str(name): value for name, value in row.items()}
            number, digest = data.pop("number"), data.pop("digest")
            entry = msgspec.convert(data, OperationEntry, strict=False)
            found.append(KeptOperation(number, entry, digest))
        return found

    def _digest(self, number: int, entry: OperationEntry, before: str) -> str:
        data = msgspec.json.encode([number, before, *structs.astuple(entry)])
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()


def _query(span: OperationSpan) -> Select[Any]:
    columns = tables.operations.c
    query = select(tables.operations).order_by(columns.number.desc()).limit(span.limit)
    if span.from_ms:
        query = query.where(columns.at_ms >= span.from_ms)
    if span.to_ms:
        query = query.where(columns.at_ms < span.to_ms)
    if span.who:
        query = query.where(columns.who == span.who)
    if span.kind:
        query = query.where(columns.kind == span.kind)
    if span.before:
        query = query.where(columns.number < span.before)
    return query
