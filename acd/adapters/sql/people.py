"""People, sessions and failed sign-ins in the database; second factors are sealed there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct, structs
from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.adapters.sql import tables
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.seldom import SeldomUsed
from acd.errors import StoreCorrupt
from acd.ports_people import KeptSession, PeopleChanges, Person, SignIns

_T = TypeVar("_T", bound=Struct)
_NONCE_BYTES = 12


class SqlPeople:
    """A PeopleStore. ``key`` is a secret of the centre that seals the second factors, so that a
    copy of the database alone is not enough to use them."""

    def __init__(self, url: str, key: str, fence: SqlFence | None = None) -> None:
        self._store = SeldomUsed(url, fence)
        self._cipher = AESGCM(hashlib.sha256(f"second factors:{key}".encode()).digest())

    async def stamp(self) -> int:
        """Grows whenever a person is put."""
        return await self._store.transaction(_stamp)

    async def people(self) -> list[Person]:
        """Everybody, by user; raises StoreCorrupt when a second factor cannot be opened."""
        return [self._person(row) for row in await self._rows(tables.people)]

    async def put(self, person: Person) -> Person:
        """Add or replace a person."""
        table = tables.people

        async def work(connection: AsyncConnection) -> Person:
            newest = await _stamp(connection)
            new = structs.replace(person, changed_ms=max(person.changed_ms, newest + 1))
            sealed = {"roles": " ".join(new.roles), "totp": self._seal(new.totp, new.user)}
            row = structs.asdict(new) | sealed
            await connection.execute(delete(table).where(table.c.user == person.user))
            await connection.execute(insert(table), row)
            return new

        return await self._store.change(work)

    async def sessions(self) -> list[KeptSession]:
        """The sessions at rest."""
        return await self._all(tables.sessions, KeptSession)

    async def sign_ins(self) -> list[SignIns]:
        """The failures at rest."""
        return await self._all(tables.sign_ins, SignIns)

    async def write(self, changes: PeopleChanges) -> None:
        """Keep what changed in memory."""

        async def work(connection: AsyncConnection) -> None:
            ids = [each.id for each in changes.sessions]
            await _replace(connection, tables.sessions, "id", ids, changes.sessions)
            await _replace(connection, tables.sessions, "id", changes.ended, ())
            keys = [each.key for each in changes.sign_ins]
            worth = [each for each in changes.sign_ins if each != SignIns(each.key)]
            await _replace(connection, tables.sign_ins, "key", keys, worth)

        await self._store.change(work)

    def _person(self, row: dict[str, Any]) -> Person:
        totp = self._open(row["totp"], row["user"])
        whole = row | {"roles": tuple(row["roles"].split()), "totp": totp}
        return msgspec.convert(whole, Person, strict=False)

    async def _all(self, table: Table, struct: type[_T]) -> list[_T]:
        return [msgspec.convert(row, struct, strict=False) for row in await self._rows(table)]

    async def _rows(self, table: Table) -> list[dict[str, Any]]:
        async def work(connection: AsyncConnection) -> Sequence[Any]:
            query = select(table).order_by(*table.primary_key.columns)
            return (await connection.execute(query)).mappings().all()

        rows = await self._store.transaction(work)
        return [{str(name): value for name, value in row.items()} for row in rows]

    def _seal(self, secret: str, user: str) -> str:
        if not secret:
            return ""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.encode(), user.encode())
        return base64.b64encode(nonce + sealed).decode()

    def _open(self, sealed: str, user: str) -> str:
        if not sealed:
            return ""
        try:
            data = base64.b64decode(sealed, validate=True)
            secret = self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], user.encode())
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise StoreCorrupt(
                f"the second factor of {user} cannot be opened: is this the secrets file that"
                " belongs to the database?"
            ) from error
        return secret.decode()


async def _stamp(connection: AsyncConnection) -> int:
    newest = (await connection.execute(select(func.max(tables.people.c.changed_ms)))).scalar()
    return int(newest or 0)


async def _replace(
    connection: AsyncConnection,
    table: Table,
    key: str,
    keys: Sequence[str],
    rows: Sequence[Struct],
) -> None:
    if keys:
        await connection.execute(delete(table).where(table.c[key].in_(keys)))
    if rows:
        await connection.execute(insert(table), [structs.asdict(row) for row in rows])
