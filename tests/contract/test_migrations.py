"""Every migration forward and back on a ledger with calls in it, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from acd.adapters.sql import database, tables
from acd.adapters.sql.database import downgrade, sqlite_url, upgrade
from acd.adapters.sql.people import SqlPeople
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.errors import StoreUnavailable
from acd.ports import Snapshot
from acd.ports_people import Person
from tests.call_stories import T0_S, many_calls
from tests.contract.test_postgresql import no_part
from tests.contract.test_record_store import STREAM, frames_of

CALLS = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.sqlite")
    return str(request.getfixturevalue("postgres").new_database())


def revisions() -> list[str]:
    """All of them, the newest first."""
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


async def fill(url: str) -> None:
    store = SqlRecords(url)
    await store.store(STREAM, frames_of(list(many_calls(CALLS, gap_s=86_400.0 * 3))))
    await store.keep_snapshot(Snapshot(STREAM, 3, T0_S, 1, b"engine", b"book"))
    await store.close()
    await SqlPeople(url, "key").put(Person("ada", "エイダ", ("auditor", "quality")))


async def journal(url: str) -> list[tuple[int, bytes]]:
    reader = LedgerReader(url)
    found = [(frame.seq, frame.detail) async for frame in reader.frames(STREAM)]
    await reader.close()
    return found


def blocking(url: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url.replace("+aiosqlite", ""))


def test_there_is_one_path() -> None:
    """No two revisions follow the same one: what was tried is what an installation does."""
    assert revisions() == sorted(revisions(), reverse=True)
    assert database.newest_version() == revisions()[0]


async def test_tables_of_a_later_program_are_refused(url: str) -> None:
    await fill(url)
    engine = blocking(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="cannot be brought to this version") as refused:
        upgrade(url)
    assert refused.value.code == "store_version"


async def test_the_last_step_back_and_forth_keeps_everything(url: str) -> None:
    await fill(url)
    before = await journal(url)
    assert len(before) == CALLS * 7
    downgrade(url, "0010")
    engine = blocking(url)
    with engine.connect() as connection:
        counted = sqlalchemy.text("SELECT COUNT(*) FROM journal")
        assert connection.execute(counted).scalar_one() == len(before)
        if engine.dialect.name == "postgresql":
            kind = sqlalchemy.text("SELECT relkind::text FROM pg_class WHERE relname = 'journal'")
            assert connection.execute(kind).scalar_one() == "r"
    engine.dispose()
    upgrade(url)
    assert await journal(url) == before
    await fill(url)
    assert await journal(url) == before


async def test_every_step_back_and_forth(url: str) -> None:
    await fill(url)
    for revision in revisions()[1:]:
        downgrade(url, revision)
    engine = blocking(url)
    with engine.connect() as connection:
        calls = sqlalchemy.text("SELECT COUNT(*) FROM calls")
        assert connection.execute(calls).scalar_one() == CALLS
    upgrade(url)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": no_part}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()
    assert len(await journal(url)) == CALLS * 7
    downgrade(url, "base")
    upgrade(url)
    assert await journal(url) == []
