"""SQLite in trouble: locked, full, taken away; and tables that are what the structs are."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import Spool, SpoolSize
from acd.adapters.sql import database, tables
from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.records import ROW_TABLES, SqlRecords
from acd.app.drainer import Drainer, DrainPolicy
from acd.app.journal import Journal
from acd.core.cdr_types import CallRecord, DetailDropped
from acd.core.events import VisitOutcome
from acd.errors import StoreUnavailable
from tests.call_stories import abandoned_call, answered_call, call_id, many_calls
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
    with pytest.raises(StoreUnavailable) as caught:
        await store.store(STREAM, frames_of(answered_call(2), first_seq=9))
    assert caught.value.code == "store_replaced", "whoever goes on must ask where it stands"
    assert await store.position(STREAM) == 0
    assert path.exists()
    await store.close()


async def test_taken_away_while_draining_the_spool_fills_a_new_one(
    path: Path, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool", SpoolSize(2**22, 2**18))
    journal = Journal(spool, SnapshotFiles(tmp_path / "spool"))
    journal.restore()
    store = SqlRecords(sqlite_url(path))
    policy = DrainPolicy(idle_s=0.01, retry_first_s=0.02)
    running = asyncio.create_task(Drainer(spool, store, policy=policy).run())
    journal.write(list(many_calls(20)))
    await until(lambda: spool.stored_seq == journal.last_seq)
    for file in path.parent.glob("ledger.sqlite*"):
        file.unlink()
    journal.write(answered_call(99))
    await until(lambda: path.exists() and _count_calls(path) == 21)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()
    spool.close()


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


async def test_calls_of_the_switch_are_put_in_once_and_visits_of_theirs_set_right(
    path: Path,
) -> None:
    store = SqlRecords(sqlite_url(path))
    await store.store(STREAM, frames_of([*answered_call(1), *abandoned_call(2)]))
    ours = {str(row["call"]): row for row in _call_rows(path)}
    served = _record(ours[call_id(2)] | {"source": "switch", "outcome": "answered"})
    stranger = _record(ours[call_id(1)] | {"call": "1800000000.77", "source": "switch"})
    for _ in range(2):
        await store.take_over([served, stranger], VisitOutcome.SENT_ELSEWHERE)
    rows = [(row["source"], row["outcome"]) for row in _call_rows(path)]
    assert rows == [("controller", "answered"), ("switch", "answered"), ("switch", "answered")]
    connection = sqlite3.connect(path)
    outcomes = connection.execute("select outcome from visits order by call").fetchall()
    connection.close()
    assert outcomes == [("answered",), ("sent_elsewhere",)]
    await store.close()


def _count_calls(path: Path) -> int:
    """How many calls there are; none while the tables are being made."""
    try:
        return len(_call_rows(path))
    except sqlite3.OperationalError:
        return 0


def _call_rows(path: Path) -> list[dict[str, object]]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute("select * from calls order by call")]
    connection.close()
    return rows


def _record(row: dict[str, object]) -> CallRecord:
    return msgspec.convert(["call", *row.values()], CallRecord, strict=False)


@pytest.mark.parametrize("seed", range(4))
async def test_stopped_at_any_moment_nothing_is_lost_or_doubled(
    path: Path, tmp_path: Path, seed: int
) -> None:
    """A stop cancels the drainer wherever it is; the next start goes on from there."""
    chance = random.Random(seed)
    spool = Spool(tmp_path / "spool", SpoolSize(2**22, 2**18))
    journal = Journal(spool, SnapshotFiles(tmp_path / "spool"))
    journal.restore()
    calls = list(many_calls(300))
    store = SqlRecords(sqlite_url(path))
    await store.position(spool.stream)
    policy = DrainPolicy(batch=40, idle_s=0.001)
    for start in range(0, len(calls), 60):
        journal.write(calls[start : start + 60])
        running = asyncio.create_task(Drainer(spool, store, policy=policy).run())
        await asyncio.sleep(chance.random() * 0.03)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        if chance.random() < 0.3:
            await store.close()
    last = Drainer(spool, store, policy=policy)
    assert await last.finish(20)
    assert last.status.behind == 0
    await store.close()
    with sqlite3.connect(path) as connection:
        seqs = connection.execute("select seq from journal order by seq").fetchall()
        assert seqs == [(seq,) for seq in range(1, len(calls) + 1)]
        assert connection.execute("select count(*) from calls").fetchone() == (300,)
        assert connection.execute("select count(*) from visits").fetchone() == (300,)
    spool.close()


async def test_trouble_is_reported_and_over_when_it_is_over(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    spool = Spool(tmp_path / "spool", SpoolSize(2**22, 2**18))
    journal = Journal(spool, SnapshotFiles(tmp_path / "spool"))
    journal.restore()
    store = SqlRecords(sqlite_url(path))
    drainer = Drainer(spool, store, policy=DrainPolicy(idle_s=0.01, retry_first_s=0.02))
    await store.position(spool.stream)
    other = sqlite3.connect(path)
    other.execute("begin exclusive")
    running = asyncio.create_task(drainer.run())
    journal.write(answered_call(1))
    await until(lambda: bool(drainer.status.fault))
    assert drainer.status.fault == "store_unavailable"
    assert drainer.status.behind == 8
    journal.write(answered_call(2))
    other.rollback()
    other.close()
    await until(lambda: not drainer.status.behind and not drainer.status.fault)
    assert spool.stored_seq == 16
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()
    spool.close()


async def until(holds: Callable[[], bool]) -> None:
    """Wait, ten seconds at most."""
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about")
