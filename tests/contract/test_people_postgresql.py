"""People and the operation log on a real PostgreSQL: kept, chained, and refused to be changed."""

from __future__ import annotations

import pytest
import sqlalchemy
from msgspec import structs
from sqlalchemy.exc import DBAPIError

from acd.adapters.sql.operations import SqlOperations
from acd.adapters.sql.people import SqlPeople
from acd.errors import StoreUnavailable
from acd.ports_people import (
    KeptSession,
    OperationEntry,
    OperationKind,
    OperationSpan,
    PeopleChanges,
    Person,
    WaitingOperation,
)
from tests.fakes.postgres import Postgres


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


def waiting(*numbers: int) -> list[WaitingOperation]:
    return [
        WaitingOperation("s", n, OperationEntry(n, OperationKind.SIGNED_IN, "ada", "auditor"))
        for n in numbers
    ]


async def test_people_and_sessions_come_back(url: str) -> None:
    store = SqlPeople(url, "key")
    person = Person("ada", "エイダ", ("auditor", "quality"), totp="JBSWY3DPEHPK3PXP")
    await store.put(person)
    kept = await store.put(structs.replace(person, disabled=True))
    assert await store.people() == [kept]
    session = KeptSession("1", "ada", 1, 2)
    await store.write(PeopleChanges(sessions=(session,)))
    await store.write(PeopleChanges(sessions=(structs.replace(session, seen_ms=3),)))
    assert await store.sessions() == [structs.replace(session, seen_ms=3)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE operations SET who = 'bob' WHERE number = 2",
        "DELETE FROM operations WHERE number = 2",
        "TRUNCATE operations",
    ],
)
async def test_the_log_cannot_be_changed(url: str, statement: str) -> None:
    log = SqlOperations(url, "key")
    await log.append(waiting(1, 2, 3))
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="cannot be changed"):
        connection.execute(sqlalchemy.text(statement))
    engine.dispose()
    await log.append(waiting(3, 4))
    found = await log.verify()
    assert (found.last, found.wrong_at) == (4, 0)
    assert len(await log.read(OperationSpan(limit=2))) == 2


async def test_a_database_that_is_cut_off_is_found_again(url: str, postgres: Postgres) -> None:
    log = SqlOperations(url, "key")
    await log.append(waiting(1))
    name = str(sqlalchemy.make_url(url).database)
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.cut(name)
    with pytest.raises(StoreUnavailable):
        await log.append(waiting(2))
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await log.append(waiting(2))
    assert (await log.verify()).last == 2
