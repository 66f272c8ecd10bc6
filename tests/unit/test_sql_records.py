"""SQLite in trouble: locked, full, taken away; and tables that are what the structs are."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from acd.adapters.sql import database, tables
from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.records import ROW_TABLES, SqlRecords
from acd.core.cdr_types import CallRecord, DetailDropped
from acd.errors import StoreUnavailable
from tests.call_stories import answered_call, many_calls
from tests.contract.test_record_store import STREAM, frames_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.mark.parametrize("struct", list(ROW_TABLES), ids=lambda struct: struct.__name__)
def test_columns_are_the_fields_of_the_struct_in_order(struct: type) -> None:
    columns = [column.name for column in ROW_TABLES[struct].columns]
    fields = list(struct.__struct_fields__)  # type: ignore[attr-defined]
    assert columns == (["stream", *fields] if struct is DetailDropped else fields)


def test_migrations_make_exactly_the_tables(path: Path) -> None:
    upgrade(sqlite_url(path))
    upgrade(sqlite_url(path))
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_the_file_is_private(path: Path) -> None:
    upgrade(sqlite_url(path))
    assert path.stat().st_mode & 0o077 == 0


async def test_locked_by_another_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    store = SqlRecords(sqlite_url(path))
    assert await store.position(STREAM) == 0
    other = sqlite3.connect(path)
    other.execute("begin exclusive")
    frames = frames_of(answered_call(1))
    with pytest.raises(StoreUnavailable) as caught:
        await store.store(STREAM, frames)
    assert caught.value.retryable
    other.rollback()
    other.close()
    await store.store(STREAM, frames)
    assert await store.position(STREAM) == len(frames)
    await store.close()


async def test_full(path: Path) -> None:
    store = SqlRecords(sqlite_url(path))
    await store.position(STREAM)
    engine = store._engine
    assert engine is not None

    @sqlalchemy.event.listens_for(engine.sync_engine, "begin")
    def limit(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 40")

    with pytest.raises(StoreUnavailable, match="full"):
        await store.store(STREAM, frames_of(list(many_calls(200))))
    assert await store.position(STREAM) == 0
    sqlalchemy.event.remove(engine.sync_engine, "begin", limit)
    await store.close()


async def test_taken_away_it_is_made_anew_and_says_that_it_holds_nothing(path: Path) -> None:
    store = SqlRecords(sqlite_url(path))
    await store.store(STREAM, frames_of(answered_call(1)))
    for file in path.parent.glob("ledger.sqlite*"):
        file.unlink()
    assert await store.position(STREAM) == 0
    assert path.exists()
    await store.close()


async def test_folder_gone(tmp_path: Path) -> None:
    store = SqlRecords(sqlite_url(tmp_path / "missing" / "ledger.sqlite"))
    with pytest.raises(StoreUnavailable):
        await store.position(STREAM)


async def test_damaged_file(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreUnavailable):
        await SqlRecords(sqlite_url(path)).position(STREAM)


async def test_errors_hold_no_personal_data(path: Path) -> None:
    store = SqlRecords(sqlite_url(path))
    await store.position(STREAM)
    connection = sqlite3.connect(path)
    connection.execute("drop table calls")
    connection.commit()
    with pytest.raises(StoreUnavailable) as caught:
        await store.store(STREAM, frames_of(answered_call(1)))
    error: BaseException | None = caught.value
    while error is not None:
        assert "0312345678" not in str(error)
        error = error.__cause__
    connection.close()
    await store.close()


async def test_calls_that_only_the_switch_saw_do_not_replace_ours(path: Path) -> None:
    store = SqlRecords(sqlite_url(path))
    frames = frames_of(answered_call(1))
    await store.store(STREAM, frames)
    ours = _call_rows(path)[0]
    stranger = ours | {"call": "1800000000.77", "source": "switch"}
    calls = [_record(ours | {"source": "switch"}), _record(stranger)]
    assert await store.take_over(calls) == 1
    assert [row["source"] for row in _call_rows(path)] == ["controller", "switch"]
    await store.close()


def _call_rows(path: Path) -> list[dict[str, object]]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute("select * from calls order by call")]
    connection.close()
    return rows


def _record(row: dict[str, object]) -> CallRecord:
    import msgspec

    return msgspec.convert(["call", *row.values()], CallRecord, strict=False)
