"""What a deposed controller can no longer write: the token's fence, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import time

import pytest
import sqlalchemy

from acd.adapters.sql import tables
from acd.adapters.sql.database import async_engine
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.operations import SqlOperations
from acd.adapters.sql.people import SqlPeople
from acd.adapters.sql.recordings import SqlRecordings
from acd.adapters.sql.records import SqlRecords
from acd.core.recording import DeletionReason, HoldReason
from acd.errors import Deposed
from acd.ports import Snapshot
from acd.ports_people import (
    KeptSession,
    OperationEntry,
    OperationKind,
    PeopleChanges,
    Person,
    WaitingOperation,
)
from tests.call_stories import T0_S, answered_call, many_calls
from tests.contract.test_record_store import STREAM, frames_of
from tests.fakes.postgres import Postgres


class Tenure:
    """A Leadership that a test hands out."""

    def __init__(self, token: int) -> None:
        self.token = token
        self.told: list[int] = []

    def holds(self) -> bool:
        return not self.told

    def refused(self, token: int) -> None:
        self.told.append(token)


def records(url: str, token: int, node: str) -> SqlRecords:
    return SqlRecords(url, SqlFence(Tenure(token), node))


async def rows(url: str, table: sqlalchemy.Table) -> int:
    engine = async_engine(url, pooled=False)
    async with engine.connect() as connection:
        query = sqlalchemy.select(sqlalchemy.func.count()).select_from(table)
        count = (await connection.execute(query)).scalar_one()
    await engine.dispose()
    return int(count)


async def test_without_a_cluster_nobody_looks_at_a_token(ledger_url: str) -> None:
    store = SqlRecords(ledger_url)
    await store.store(STREAM, frames_of(answered_call(1)))
    await store.close()
    assert await rows(ledger_url, tables.calls) == 1
    assert await rows(ledger_url, tables.leadership) == 0


async def test_nothing_of_the_one_before_gets_in_after_the_new_ones_first_word(
    ledger_url: str,
) -> None:
    old, new = records(ledger_url, 7, "a"), records(ledger_url, 8, "b")
    frames = frames_of(list(many_calls(2)))
    await old.store(STREAM, frames[:7])
    await new.fence()
    for refused in (
        old.store(STREAM, frames[7:]),
        old.keep_snapshot(Snapshot(STREAM, 7, T0_S, 1, b"engine", b"book")),
    ):
        with pytest.raises(Deposed) as error:
            await refused
        assert (error.value.code, error.value.token) == ("deposed", 8)
    assert await old.position(STREAM) == 7
    assert await rows(ledger_url, tables.calls) == 1
    assert await rows(ledger_url, tables.snapshots) == 0
    await new.store(STREAM, frames[7:])  # what the old one had told it, under its own token
    assert await rows(ledger_url, tables.calls) == 2
    await old.close()
    await new.close()


async def test_the_same_token_of_another_is_refused_and_told(ledger_url: str) -> None:
    first, tenure = records(ledger_url, 3, "a"), Tenure(3)
    twin = SqlRecords(ledger_url, SqlFence(tenure, "b"))
    await first.fence()
    with pytest.raises(Deposed):
        await twin.fence()
    assert tenure.told == [3]
    await first.store(STREAM, frames_of(answered_call(1)))
    await first.close()
    await twin.close()


async def test_who_leads_no_more_is_refused_without_a_word_to_the_database(ledger_url: str) -> None:
    tenure = Tenure(5)
    store = SqlRecords(ledger_url, SqlFence(tenure, "a"))
    await store.fence()
    tenure.token = 0
    with pytest.raises(Deposed):
        await store.store(STREAM, frames_of(answered_call(1)))
    await store.close()


async def test_one_controllers_writers_do_not_hinder_one_another(ledger_url: str) -> None:
    first, second = records(ledger_url, 4, "a"), records(ledger_url, 4, "a")
    await first.fence()
    frames = frames_of(list(many_calls(4)))
    await asyncio.gather(first.store(STREAM, frames[:14]), second.store("1" * 32, frames[14:]))
    assert await rows(ledger_url, tables.calls) == 4
    await first.close()
    await second.close()


async def test_people_and_recordings_are_behind_the_fence_and_the_operation_log_is_not(
    ledger_url: str,
) -> None:
    new = records(ledger_url, 9, "b")
    await new.fence()
    await new.close()
    fence = SqlFence(Tenure(8), "a")
    people, recordings = (
        SqlPeople(ledger_url, "key", fence),
        SqlRecordings(ledger_url, fence),
    )
    session = KeptSession("0" * 64, "ada", 1, 1)
    for refused in (
        people.put(Person("ada", "エイダ", ("auditor",))),
        people.write(PeopleChanges((session,))),
        recordings.hold("r1", "ada", HoldReason.DISPUTE, 1),
        recordings.delete("r1", DeletionReason.RETENTION, "system", 1),
    ):
        with pytest.raises(Deposed):
            await refused
    assert await people.people() == []
    assert await people.sessions() == []
    # What somebody did is true whoever writes it down, and the log refuses nobody.
    entry = OperationEntry(1, OperationKind.SIGNED_IN, "ada", "auditor")
    assert await SqlOperations(ledger_url, "key").append([WaitingOperation("s", 1, entry)])


async def test_a_writer_that_stands_still_in_the_middle_holds_nobody_up_for_long(
    postgres: Postgres,
) -> None:
    """SIGSTOP between the fence and the commit: PostgreSQL ends its connection."""
    ledger_url = postgres.new_database()
    store = records(ledger_url, 7, "a")
    await store.fence()
    engine = async_engine(ledger_url, pooled=False)
    frozen = await engine.connect()
    await SqlFence(Tenure(7), "a").admit(frozen)
    new = records(ledger_url, 8, "b")
    began_s = time.monotonic()
    await asyncio.wait_for(new.fence(), 20.0)
    assert 1.0 < time.monotonic() - began_s < 6.0
    with pytest.raises(sqlalchemy.exc.DBAPIError):
        await frozen.execute(sqlalchemy.text("DELETE FROM calls"))
    await frozen.invalidate()
    await frozen.close()
    await engine.dispose()
    await store.close()
    await new.close()
