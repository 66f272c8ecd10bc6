"""Old steps go, and what is left is checked, replayed and counted as before."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy
import typer
from typer.testing import CliRunner

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql import journal_months
from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.prune import Pruned, prune
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.journal import Journal
from acd.cli import ledger
from acd.core.engine import Engine
from acd.core.events import SCHEMA
from acd.errors import StoreUnavailable
from acd.ports import Snapshot, Step
from tests.fakes.centre import CENTRE
from tests.property.test_book_of_days import Recorded
from tests.unit.test_ledger_commands import play

RUN = CliRunner()
UTC = ZoneInfo("UTC")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    made = sqlite_url(tmp_path / "x.sqlite")
    if request.param == "postgresql":
        made = request.getfixturevalue("postgres").new_database()
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MADOGUCHI_STORE__SPOOL_MIB", "8")
    monkeypatch.setenv("MADOGUCHI_STORE__RESERVE_MIB", "1")
    monkeypatch.setenv("MADOGUCHI_STORE__DATABASE_URL", made)
    monkeypatch.setenv("MADOGUCHI_CENTRE", str(CENTRE))
    monkeypatch.setenv("LANG", "C.UTF-8")
    return made


def cut_at(url: str, at_s: float) -> int:
    """Where old and young part: on PostgreSQL a month ends there. Returns it in Unix ms."""
    at_ms = round(at_s * 1000) + 1
    upgrade(url)
    if url.startswith("postgresql"):
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            for part in journal_months.parts(connection):
                journal_months.drop(connection, part)
            connection.exec_driver_sql(
                "CREATE TABLE journal_old PARTITION OF journal"
                f" FOR VALUES FROM (MINVALUE) TO ({at_ms})"
            )
        engine.dispose()
    return at_ms


def engine_after(world: Recorded, steps: list[Step]) -> Engine:
    engine = Engine.restore(world.start, UTC)
    for step in steps:
        for event in step.events:
            engine.apply(event, step.at_s)
    return engine


def stored(folder: Path, url: str, world: Recorded, every: int) -> list[Snapshot]:
    """The world's steps in the database, with a snapshot after each so many."""
    kept: list[Snapshot] = []

    async def story() -> None:
        spool = Spool(folder / "spool", SpoolSize(8 * MIB, MIB))
        journal = Journal(spool, SnapshotFiles(folder / "spool"))
        journal.restore()
        store = SqlRecords(url)
        for first in range(0, len(world.steps), every):
            before = world.steps[:first]
            snapshot = Snapshot(
                spool.stream,
                first,
                before[-1].at_s if before else world.steps[0].at_s,
                SCHEMA,
                engine_after(world, before).snapshot(),
                journal.book.snapshot(),
            )
            kept.append(snapshot)
            await store.keep_snapshot(snapshot)
            journal.write(world.steps[first : first + every])
        assert await Drainer(spool, store).finish(10)
        await store.close()
        spool.close()

    asyncio.run(story())
    return kept


def test_what_is_left_balances_and_is_decided_alike(tmp_path: Path, url: str) -> None:
    world = play(60)
    every = len(world.steps) // 4
    at_ms = cut_at(url, world.steps[2 * every - 1].at_s)
    middle = stored(tmp_path, url, world, every)[2]
    assert engine_after(world, world.steps[: middle.seq]).calls, "calls are under way at the cut"
    before = json.loads(RUN.invoke(ledger.app, ["check", "--json"]).output)
    assert asyncio.run(prune(url, at_ms, 0)) == Pruned(steps=middle.seq, snapshots=2)
    after = json.loads(RUN.invoke(ledger.app, ["check", "--json"]).output)
    assert before["balances"], after["balances"]
    assert after["steps"] == len(world.steps) - middle.seq
    for part in ("outcomes", "in_progress", "offered"):
        assert after["calls"][part] == before["calls"][part]
        assert after["visits"][part] == before["visits"][part]
    assert after["calls"]["before"] > 0
    assert asyncio.run(prune(url, at_ms, 0)) == Pruned()


def test_the_rest_is_replayed_without_difference(tmp_path: Path, url: str) -> None:
    world = play(40)
    every = len(world.steps) // 3
    at_ms = cut_at(url, world.steps[every - 1].at_s)
    kept = stored(tmp_path, url, world, every)
    assert asyncio.run(prune(url, at_ms, 0)).steps == kept[1].seq
    app = typer.Typer()
    app.command("replay")(ledger.replay)
    found = RUN.invoke(app, ["--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.output)["first_seq"] == kept[1].seq + 1


def test_of_old_snapshots_one_a_day_is_kept(tmp_path: Path, url: str) -> None:
    world = play(20)
    kept = stored(tmp_path, url, world, every=5)
    assert len(kept) > 4

    async def numbers() -> list[int]:
        reader = LedgerReader(url)
        left = [each.seq for each in await reader.snapshots(kept[0].stream)]
        await reader.close()
        return left

    far_ms = round(kept[-1].at_s * 1000) + 1
    pruned = asyncio.run(prune(url, 0, far_ms))
    assert (pruned.steps, asyncio.run(numbers())) == (0, [kept[0].seq, kept[-1].seq])


def test_the_verb_keeps_what_is_young(tmp_path: Path, url: str) -> None:
    stored(tmp_path, url, play(5), every=5)
    done = RUN.invoke(ledger.app, ["prune"])
    assert (done.exit_code, done.output) == (0, "0 steps and 0 snapshots dropped\n")


def test_nothing_to_prune_where_there_is_nothing(url: str) -> None:
    done = RUN.invoke(ledger.app, ["prune"])
    if url.startswith("sqlite"):
        assert done.output == "0 steps and 0 snapshots dropped\n"
    else:
        assert isinstance(done.exception, StoreUnavailable), "the tables are not made yet"
