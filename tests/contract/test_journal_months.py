"""PostgreSQL keeps the journal by months: made ahead, found by readers, dropped whole."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy
from msgspec.structs import replace

from acd.adapters.sql import journal_months
from acd.adapters.sql.database import async_engine, upgrade
from acd.adapters.sql.journal_months import month_of
from acd.adapters.sql.prune import Pruned, make_months, prune
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.ports import Snapshot
from tests.call_stories import T0_S, many_calls
from tests.contract.test_record_store import STREAM, frames_of
from tests.fakes.postgres import Postgres

#: A call every two days: four months of them.
CALLS, GAP_S = 60, 2 * 86_400.0
STEPS = 7


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


async def parts(url: str) -> list[str]:
    engine = async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(journal_months.parts)
    await engine.dispose()
    return [part.name for part in found]


def rows_in(url: str, name: str) -> int:
    engine = sqlalchemy.create_engine(url)
    query = sqlalchemy.select(sqlalchemy.func.count()).select_from(sqlalchemy.table(name))
    with engine.connect() as connection:
        count = connection.execute(query).scalar_one()
    engine.dispose()
    return int(count)


async def filled(url: str) -> dt.date:
    """Four months of steps in the rest and a snapshot a day; returns the last day."""
    store = SqlRecords(url)
    steps = list(many_calls(CALLS, gap_s=GAP_S))
    await store.store(STREAM, frames_of(steps))
    for number in range(0, len(steps), STEPS):
        at_s = steps[number].at_s
        await store.keep_snapshot(Snapshot(STREAM, number, at_s, 1, b"engine", b"book"))
    await store.close()
    return dt.datetime.fromtimestamp(steps[-1].at_s, dt.UTC).date()


async def numbers(url: str) -> list[int]:
    reader = LedgerReader(url)
    found = [frame.seq async for frame in reader.frames(STREAM)]
    await reader.close()
    return found


def test_a_month_is_one_in_utc() -> None:
    part = month_of(dt.date(2024, 2, 29))
    assert (part.name, part.to_ms - part.from_ms) == ("journal_2024_02", 29 * 86_400_000)
    assert journal_months.following(month_of(dt.date(2026, 12, 31))).name == "journal_2027_01"


async def test_months_are_there_before_they_begin(url: str) -> None:
    upgrade(url)
    now = dt.datetime.now(dt.UTC).date()
    made = await parts(url)
    assert [month_of(now).name] == made[:1]
    assert len(made) == 1 + journal_months.AHEAD
    assert await make_months(url, now) == []
    later = now + dt.timedelta(days=70)
    assert len(await make_months(url, later)) >= 2
    assert month_of(later).name in await parts(url)


async def test_a_step_without_a_month_is_kept_and_finds_one_later(url: str) -> None:
    last = await filled(url)
    everything = await numbers(url)
    assert everything == list(range(1, CALLS * STEPS + 1))
    made = await make_months(url, last)
    assert month_of(last).name in await parts(url)
    assert made
    assert (rows_in(url, "journal_rest"), await numbers(url)) == (0, everything)
    wild = replace(frames_of(list(many_calls(1)))[0], seq=CALLS * STEPS + 1)
    store = SqlRecords(url)
    await store.store(STREAM, [wild])
    await store.store(STREAM, [wild])
    await store.close()
    assert len(await numbers(url)) == len(everything) + 1


async def test_old_months_are_dropped_whole_and_the_rest_begins_with_a_snapshot(url: str) -> None:
    last = await filled(url)
    await make_months(url, last)
    names = await parts(url)
    first = month_of(dt.datetime.fromtimestamp(T0_S, dt.UTC).date())
    second = journal_months.following(first)
    # In the middle of the second month: only the first is over.
    within_ms = second.from_ms + 10 * 86_400_000
    pruned = await prune(url, within_ms, 0)
    left = await numbers(url)
    assert first.name in names
    assert first.name not in await parts(url)
    assert pruned.steps == CALLS * STEPS - len(left) > 0
    reader = LedgerReader(url)
    kept = await reader.snapshots(STREAM)
    await reader.close()
    assert kept[0].seq == left[0] - 1
    assert kept[0].at_s * 1000 <= within_ms
    assert await prune(url, within_ms, 0) == Pruned()


async def test_nothing_is_dropped_that_no_snapshot_stands_for(url: str) -> None:
    store = SqlRecords(url)
    steps = list(many_calls(CALLS, gap_s=GAP_S))
    await store.store(STREAM, frames_of(steps))
    await store.keep_snapshot(Snapshot(STREAM, 7, T0_S, 1, b"engine", b"book"))
    await store.close()
    far = dt.datetime.fromtimestamp(steps[-1].at_s, dt.UTC).date()
    await make_months(url, far)
    assert await prune(url, month_of(far).from_ms, 0) == Pruned()
    assert len(await numbers(url)) == CALLS * STEPS
