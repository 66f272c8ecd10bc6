"""The ledger on a real PostgreSQL: tables, trouble, hostile text, and the verbs that read it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec.structs import replace
from typer.testing import CliRunner

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql import tables
from acd.adapters.sql.database import upgrade
from acd.adapters.sql.probe import probe
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.frames import encode_rows
from acd.app.journal import Journal
from acd.cli import ledger
from acd.core.cdr_types import CallRecord, DispositionRecord
from acd.core.events import VisitOutcome
from acd.core.ids import AgentId
from acd.errors import StoreUnavailable
from tests.call_stories import T0_S, abandoned_call, answered_call, call_id
from tests.contract.test_record_store import STREAM, frames_of
from tests.fakes.centre import CENTRE
from tests.fakes.postgres import Postgres
from tests.unit.test_ledger_commands import play

RUN = CliRunner()


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


def no_part(name: str | None, kind: str, _parents: object) -> bool:
    """The parts of the journal stand in no table of names: they come and go with the months."""
    return not (kind == "table" and str(name).startswith("journal_"))


def test_migrations_make_exactly_the_tables(url: str) -> None:
    upgrade(url)
    upgrade(url)
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": no_part}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


async def test_rows_come_back_as_they_were(url: str) -> None:
    store = SqlRecords(url)
    await store.store(STREAM, frames_of([*answered_call(1), *abandoned_call(2)]))
    reader = LedgerReader(url)
    calls = await reader.calls()
    assert [each.outcome.value for each in calls] == ["answered", "abandoned"]
    assert len(await reader.visits()) == 2
    assert (await reader.streams(), await reader.position(STREAM) > 0) == ([STREAM], True)
    await store.take_over([replace(calls[1], outcome=calls[0].outcome)], VisitOutcome.LOST)
    assert [each.outcome.value for each in await reader.calls()] == ["answered", "answered"]
    await reader.close()
    await store.close()


async def test_a_character_that_the_database_refuses_holds_nothing_up(url: str) -> None:
    store = SqlRecords(url)
    frames = frames_of(answered_call(1))
    await store.store(STREAM, frames)
    mark = DispositionRecord(call_id(1), AgentId("sato"), round(T0_S * 1000), "ta\0x", True)
    await store.store(STREAM, [replace(frames[-1], seq=99, rows=encode_rows([mark]))])
    reader = LedgerReader(url)
    assert [each.code for each in await reader.dispositions()] == ["tax"]
    assert (await reader.calls())[0].disposition == "tax"
    await reader.close()
    await store.close()


async def test_cut_off_and_back(url: str, postgres: Postgres) -> None:
    store = SqlRecords(url)
    frames = frames_of(answered_call(1))
    await store.store(STREAM, frames[:1])
    name = sqlalchemy.make_url(url).database
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.cut(str(name))
    with pytest.raises(StoreUnavailable):
        await store.store(STREAM, frames[1:])
    with pytest.raises(StoreUnavailable):
        await store.position(STREAM)
    postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await store.store(STREAM, frames)
    assert await store.position(STREAM) == len(frames)
    await store.close()


def test_who_may_only_read_is_told_so(url: str, postgres: Postgres) -> None:
    assert probe(url).startswith("postgresql+psycopg://")
    with pytest.raises(StoreUnavailable, match="permission denied"):
        probe(postgres.new_reader(url))


def test_the_verbs_work_on_it(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("STATE_DIR", str(tmp_path)),
        ("STORE__SPOOL_MIB", "8"),
        ("STORE__RESERVE_MIB", "1"),
        ("STORE__DATABASE_URL", url),
        ("CENTRE", str(CENTRE)),
    ):
        monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    monkeypatch.setenv("LANG", "C.UTF-8")
    world = play()

    async def written() -> None:
        spool = Spool(tmp_path / "spool", SpoolSize(8 * MIB, MIB))
        snapshots = SnapshotFiles(tmp_path / "spool")
        journal = Journal(spool, snapshots)
        journal.restore()
        journal.snapshot(world.start, journal.book.snapshot(), 0)
        journal.write(world.steps)
        records = SqlRecords(url)
        assert await Drainer(spool, records, snapshots).finish(10)
        await records.close()
        spool.close()

    asyncio.run(written())
    checked = RUN.invoke(ledger.app, ["check", "--json"])
    assert json.loads(checked.output)["balances"]
    exported = RUN.invoke(ledger.app, ["export", "--csv", str(tmp_path / "out")])
    assert exported.exit_code == 0, exported.output
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        count = connection.execute(sqlalchemy.text("select count(*) from calls")).scalar_one()
    engine.dispose()
    lines = (tmp_path / "out" / "calls.csv").read_text("utf-8").splitlines()
    assert len(lines) == count + 1 > 10
    assert CallRecord.__struct_fields__[0] in lines[0]
