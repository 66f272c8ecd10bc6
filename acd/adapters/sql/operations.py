"""The operation log in the database: a chain of entries that nobody can change unseen.

Triggers refuse to change or delete a row. Each row's digest is keyed with a secret of the centre
and covers the digest before it: whoever takes the triggers away and edits still needs the secret,
and whoever cuts the end off is found by the number that is kept beside (``acd.app.operations``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.seldom import SeldomUsed
from acd.ports_people import KeptOperation, OperationEntry, OperationSpan, WaitingOperation

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

    async def append(self, waiting: Sequence[WaitingOperation]) -> KeptOperation | None:
        """Keep entries in one transaction, but for those that it holds already; of two writers at
        once one gets StoreUnavailable. Returns the last of the log as it is kept."""
        return await self._store.transaction(lambda connection: self._append(connection, waiting))

    async def _append(
        self, connection: AsyncConnection, waiting: Sequence[WaitingOperation]
    ) -> KeptOperation | None:
        new = await _not_held(connection, waiting)
        query = select(tables.operations).order_by(tables.operations.c.number.desc()).limit(1)
        last = (await connection.execute(query)).mappings().first()
        kept = _kept(last) if last is not None else None
        rows = []
        for each in new:
            number, before = (kept.number + 1, kept.digest) if kept else (1, "")
            kept = KeptOperation(number, each.entry, self._digest(number, each.entry, before))
            rows.append(msgspec.to_builtins(each.entry) | {"number": number, "digest": kept.digest})
        if rows:
            await connection.execute(insert(tables.operations), rows)
            await _hold(connection, new)
        return kept

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        """Entries, the newest first."""
        return await self._all(_query(span))

    async def verify(self) -> Verified:
        """Go through the whole log; an entry that was changed, added, swapped or taken away in the
        middle is found at its number."""
        number, digest = 0, ""
        columns = tables.operations.c
        while True:
            query = select(tables.operations).where(columns.number > number)
            page = await self._all(query.order_by(columns.number).limit(_PAGE))
            for kept in page:
                wanted = self._digest(number + 1, kept.entry, digest)
                if kept.number != number + 1 or not hmac.compare_digest(wanted, kept.digest):
                    return Verified(number, digest, number + 1)
                number, digest = kept.number, kept.digest
            if len(page) < _PAGE:
                return Verified(number, digest, 0)

    async def _all(self, query: Select[Any]) -> list[KeptOperation]:
        async def work(connection: AsyncConnection) -> Sequence[Any]:
            rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
            return rows

        return [_kept(row) for row in await self._store.transaction(work)]

    def _digest(self, number: int, entry: OperationEntry, before: str) -> str:
        data = msgspec.json.encode([number, before, *structs.astuple(entry)])
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()


def _kept(row: Mapping[Any, Any]) -> KeptOperation:
    data = {str(name): value for name, value in row.items()}
    number, digest = data.pop("number"), data.pop("digest")
    return KeptOperation(number, msgspec.convert(data, OperationEntry, strict=False), digest)


async def _not_held(
    connection: AsyncConnection, waiting: Sequence[WaitingOperation]
) -> list[WaitingOperation]:
    """Those that an earlier transaction, whose answer was lost, has not stored already."""
    positions = tables.positions.c
    streams = {_stream(each) for each in waiting}
    query = select(positions.stream, positions.seq).where(positions.stream.in_(streams))
    held = {row.stream: int(row.seq) for row in (await connection.execute(query)).all()}
    return [each for each in waiting if each.number > held.get(_stream(each), 0)]


async def _hold(connection: AsyncConnection, stored: Sequence[WaitingOperation]) -> None:
    newest = {_stream(each): each.number for each in stored}
    table = tables.positions
    await connection.execute(delete(table).where(table.c.stream.in_(newest)))
    rows = [{"stream": stream, "seq": number} for stream, number in newest.items()]
    await connection.execute(insert(table), rows)


def _stream(waiting: WaitingOperation) -> str:
    return f"operations:{waiting.stream}"


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
