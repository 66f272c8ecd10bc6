"""The operation log at work: first on the local disk, then in the database, each entry once."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.operation_file import FILE, OperationFile
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.operations import SqlOperations
from acd.app.operations import KeptOperations
from acd.errors import StoreUnavailable
from acd.ports_people import (
    KeptOperation,
    OperationEntry,
    OperationKind,
    OperationSpan,
    WaitingOperation,
)


def entry(number: int) -> OperationEntry:
    return OperationEntry(
        1_000 + number, OperationKind.CALL_MOVED, "ada", "supervisor", f"c{number}"
    )


class Forgetful:
    """A store whose answer to the first transaction is lost, though it was committed."""

    def __init__(self, store: SqlOperations) -> None:
        self._store = store
        self._lost = False

    async def append(self, waiting: list[WaitingOperation]) -> KeptOperation | None:
        kept = await self._store.append(waiting)
        if not self._lost:
            self._lost = True
            raise StoreUnavailable("the connection is gone")
        return kept

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        return await self._store.read(span)


@pytest.fixture
def store(tmp_path: Path) -> SqlOperations:
    return SqlOperations(sqlite_url(tmp_path / "m.sqlite"), "key")


@contextlib.asynccontextmanager
async def running(log: KeptOperations) -> AsyncIterator[None]:
    task = asyncio.create_task(log.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_entries_reach_the_database_and_leave_the_disk(
    tmp_path: Path, store: SqlOperations
) -> None:
    heads: list[str] = []
    log = KeptOperations(OperationFile(tmp_path), store, heads.append)
    async with running(log):
        await log.record(entry(1))
        await log.record(entry(2))
        async with asyncio.timeout(20):
            while len(await store.read(OperationSpan())) < 2:  # noqa: ASYNC110 - it is a database
                await asyncio.sleep(0.01)
    assert [each.entry for each in await log.read(OperationSpan())] == [entry(2), entry(1)]
    assert not (tmp_path / FILE).exists()
    assert heads[-1].startswith("2 ")


async def test_while_the_database_is_locked_entries_wait_on_the_disk(
    tmp_path: Path, store: SqlOperations
) -> None:
    log = KeptOperations(OperationFile(tmp_path), store, print)
    await log.record(entry(1))
    await log.store_waiting()
    with sqlite3.connect(tmp_path / "m.sqlite", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        await log.record(entry(2))
        with pytest.raises(StoreUnavailable):
            await log.read(OperationSpan())
        other.execute("ROLLBACK")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    # Another process, after a restart, stores what was left behind.
    again = KeptOperations(OperationFile(tmp_path), store, print)
    await again.record(entry(3))
    kept = await again.read(OperationSpan())
    assert [each.entry for each in kept] == [entry(3), entry(2), entry(1)]
    assert (await store.verify()).wrong_at == 0


async def test_an_answer_that_was_lost_makes_no_second_entry(
    tmp_path: Path, store: SqlOperations
) -> None:
    log = KeptOperations(OperationFile(tmp_path), Forgetful(store), print)  # type: ignore[arg-type]
    await log.record(entry(1))
    with pytest.raises(StoreUnavailable):
        await log.store_waiting()
    await log.record(entry(2))
    await log.store_waiting()
    assert [each.entry for each in await store.read(OperationSpan())] == [entry(2), entry(1)]


async def test_a_full_file_and_a_missing_disk_are_said(tmp_path: Path) -> None:
    OperationFile(tmp_path).check()
    OperationFile(tmp_path).append(entry(1))
    line = (tmp_path / FILE).stat().st_size
    small = OperationFile(tmp_path, max_bytes=2 * line)
    small.append(entry(2))
    with pytest.raises(StoreUnavailable):
        small.check()
    with pytest.raises(StoreUnavailable) as full:
        small.append(entry(3))
    assert full.value.code == "operation_log_full"
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        OperationFile(tmp_path / "file").append(entry(1))


async def test_entries_of_one_moment_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    file = OperationFile(tmp_path / "new")
    file.append(entry(1), entry(2))
    assert [(each.number, each.entry) for each in file.waiting(9)] == [(1, entry(1)), (2, entry(2))]
    line = (tmp_path / "new" / FILE).stat().st_size // 2
    small = OperationFile(tmp_path, max_bytes=2 * line)
    with pytest.raises(StoreUnavailable):
        small.append(entry(1), entry(2), entry(3))
    assert small.waiting(9) == []
    small.append(entry(1))
    assert [each.number for each in small.waiting(9)] == [1]


async def test_a_line_that_a_crash_cut_off_harms_no_other(
    tmp_path: Path, store: SqlOperations
) -> None:
    first = OperationFile(tmp_path)
    first.append(entry(1))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'["cut off\n')
    log = KeptOperations(OperationFile(tmp_path), store, print)
    await log.record(entry(2))
    await log.store_waiting()
    assert [each.entry for each in await store.read(OperationSpan())] == [entry(2), entry(1)]
    assert not (tmp_path / FILE).exists()


async def test_two_writers_at_once_lose_nothing(store: SqlOperations) -> None:
    await store.append([WaitingOperation("z", 1, entry(0))])

    async def write(stream: str) -> None:
        for number in range(1, 11):
            while True:
                with contextlib.suppress(StoreUnavailable):
                    await store.append([WaitingOperation(stream, number, entry(number))])
                    break

    await asyncio.gather(write("a"), write("b"))
    found = await store.verify()
    assert (found.last, found.wrong_at) == (21, 0)
