"""People and sessions at rest, and an operation log that cannot be edited unseen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from msgspec import structs

from acd.adapters.sql import database
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.operations import SqlOperations
from acd.adapters.sql.people import SqlPeople
from acd.errors import StoreCorrupt, StoreUnavailable
from acd.ports_people import (
    KeptSession,
    OperationEntry,
    OperationKind,
    OperationSpan,
    PeopleChanges,
    Person,
    SignIns,
    WaitingOperation,
)

ADA = Person(
    "ada", "Ada", ("operator", "quality"), "op01", "$argon2id$x", "JBSWY3DPEHPK3PXP", created_ms=5
)


def waiting(*numbers: int) -> list[WaitingOperation]:
    return [WaitingOperation("s", number, entry(number)) for number in numbers]


def entry(number: int) -> OperationEntry:
    return OperationEntry(
        1_000 + number, OperationKind.RECORDING_PLAYED, "ada", "quality", f"r{number}"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "m.sqlite"


async def test_people_are_kept_whole_and_second_factors_sealed(file: Path) -> None:
    store = SqlPeople(sqlite_url(file), "key")
    kept = await store.put(ADA)
    assert kept == structs.replace(ADA, changed_ms=1)
    assert await store.people() == [kept]
    assert b"JBSWY3DPEHPK3PXP" not in file.read_bytes()
    wal = file.with_name(file.name + "-wal")
    assert not wal.exists() or b"JBSWY3DPEHPK3PXP" not in wal.read_bytes()
    with pytest.raises(StoreCorrupt):
        await SqlPeople(sqlite_url(file), "another key").people()


async def test_the_stamp_grows_with_every_change_however_the_clock_runs(file: Path) -> None:
    store = SqlPeople(sqlite_url(file), "key")
    await store.put(structs.replace(ADA, changed_ms=9_000))
    first = await store.stamp()
    await store.put(structs.replace(ADA, changed_ms=10, disabled=True))
    assert await store.stamp() > first == 9_000
    assert [each.disabled for each in await store.people()] == [True]


async def test_what_changed_in_memory_is_written_in_one_go(file: Path) -> None:
    store = SqlPeople(sqlite_url(file), "key")
    one, two = KeptSession("1", "ada", 1, 1), KeptSession("2", "ada", 2, 2)
    await store.write(PeopleChanges((one, two), (), (SignIns("k", 3, 1),)))
    later = structs.replace(one, seen_ms=9)
    locked, once = SignIns("l", locked_until_ms=9), SignIns("m", signed_in_ms=8)
    await store.write(PeopleChanges((later,), ("2",), (SignIns("k"), locked, once)))
    assert await store.sessions() == [later]
    assert await store.sign_ins() == [locked, once]


async def test_a_locked_database_is_said_and_found_again(file: Path) -> None:
    store = SqlPeople(sqlite_url(file), "key")
    await store.put(ADA)
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable):
            await store.put(ADA)
        other.execute("ROLLBACK")
    await store.put(ADA)
    file.unlink()
    with pytest.raises(StoreUnavailable):
        await store.people()
    assert await store.people() == []


async def test_the_operation_log_is_read_newest_first_and_in_pages(file: Path) -> None:
    log = SqlOperations(sqlite_url(file), "key")
    await log.append(waiting(1, 2))
    last = await log.append(waiting(2, 3))
    assert last is not None
    assert last.number == 3
    read = await log.read(OperationSpan(limit=2))
    assert [each.entry for each in read] == [entry(3), entry(2)]
    assert [each.number for each in await log.read(OperationSpan(before=2))] == [1]
    assert await log.read(OperationSpan(who="bob")) == []
    assert len(await log.read(OperationSpan(from_ms=1_002, to_ms=1_003))) == 1
    assert (await log.verify()).wrong_at == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE operations SET who = 'bob' WHERE number = 2",
        "DELETE FROM operations WHERE number = 2",
        "DELETE FROM operations",
        "INSERT OR REPLACE INTO operations SELECT * FROM operations WHERE number = 2",
    ],
)
async def test_the_database_refuses_to_change_the_log(file: Path, statement: str) -> None:
    log = SqlOperations(sqlite_url(file), "key")
    await log.append(waiting(1, 2, 3))
    database = sqlite3.connect(file)
    with pytest.raises(sqlite3.IntegrityError, match="cannot be changed"):
        database.execute(statement)
    database.close()
    assert (await log.verify()).last == 3


def forge(file: Path, *statements: str) -> None:
    """What somebody does who owns the file: takes the triggers away first."""
    with sqlite3.connect(file) as database:
        for name in ("update", "delete"):
            database.execute(f"DROP TRIGGER operations_no_{name}")
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize(
    ("statements", "wrong_at"),
    [
        (["UPDATE operations SET who = 'bob' WHERE number = 2"], 2),
        (["UPDATE operations SET allowed = 0 WHERE number = 3"], 3),
        (["DELETE FROM operations WHERE number = 1"], 1),
        (["DELETE FROM operations WHERE number = 2"], 2),
        (
            [
                "DELETE FROM operations WHERE number = 2",
                "UPDATE operations SET number = 2 WHERE number = 3",
            ],
            2,
        ),
        (
            [
                "INSERT INTO operations SELECT 4, at_ms, kind, who, role, subject, reason,"
                " allowed, digest FROM operations WHERE number = 3"
            ],
            4,
        ),
    ],
)
async def test_an_edited_log_is_found_where_it_was_edited(
    file: Path, statements: list[str], wrong_at: int
) -> None:
    log = SqlOperations(sqlite_url(file), "key")
    await log.append(waiting(1, 2, 3))
    forge(file, *statements)
    assert (await log.verify()).wrong_at == wrong_at


async def test_a_log_made_with_another_secret_is_found(file: Path) -> None:
    await SqlOperations(sqlite_url(file), "theirs").append(waiting(1))
    assert (await SqlOperations(sqlite_url(file), "ours").verify()).wrong_at == 1


async def test_a_long_log_is_verified_page_by_page(file: Path) -> None:
    log = SqlOperations(sqlite_url(file), "key")
    last = await log.append(waiting(*range(1, 4_002)))
    assert last is not None
    found = await log.verify()
    assert (found.last, found.digest, found.wrong_at) == (4_001, last.digest, 0)


async def test_who_had_one_role_keeps_it_and_of_several_one_stays_on_the_way_back(
    file: Path,
) -> None:
    await SqlPeople(sqlite_url(file), "key").put(ADA)
    migrate(file, "0008")
    with sqlite3.connect(file) as old:
        assert old.execute("SELECT role FROM people").fetchall() == [("operator",)]
    migrate(file, "head")
    kept = await SqlPeople(sqlite_url(file), "key").people()
    assert [each.roles for each in kept] == [("operator",)]


def migrate(file: Path, revision: str) -> None:
    """Bring the database to the tables of an older or newer version."""
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)
    engine.dispose()
