"""A backup beside a running centre brings all of it back, from SQLite and from PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy
import typer
from typer.testing import CliRunner

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.recordings import SqlRecordings
from acd.app.journal import Journal
from acd.bootstrap.backup import BackedUp, Wanted, back_up
from acd.bootstrap.ledger import check
from acd.bootstrap.people import operation_store, people_store
from acd.bootstrap.recording import kept_recordings
from acd.bootstrap.restore import restore
from acd.bootstrap.verify import What, verify_backup, verify_centre
from acd.cli.backup import backup, seconds, verify
from acd.cli.backup import restore as restore_verb
from acd.config.settings import Settings
from acd.core.cdr_types import CallRecord
from acd.core.engine import Engine
from acd.core.recording import DeletionReason
from acd.errors import NotFound, Refused, StoreCorrupt
from acd.ports_recording import RecordingQuery
from tests.backup_kit import (
    journal_steps,
    make_centre,
    note,
    put_person,
    put_recording,
    settings_of,
)
from tests.contract.test_prune import UTC
from tests.fakes.postgres import Postgres
from tests.property.test_book_of_days import Recorded
from tests.unit.test_ledger_commands import play

RUN = CliRunner()
NOW_MS = 1_800_000_000_000


def silent(_what: str) -> None:
    """Nobody listens."""


class Place:
    """A centre, where its backup goes, and where it is brought back to."""

    def __init__(self, tmp_path: Path, postgres: Postgres | None) -> None:
        self._postgres = postgres
        self.centre = make_centre(tmp_path / "here", postgres.new_database() if postgres else "")
        self.settings = settings_of(self.centre)
        self.backup, self.there = tmp_path / "backup", tmp_path / "there"
        self.world = play(20)

    def back_up(self, *, whole: bool = False, keep: int = 7) -> BackedUp:
        return back_up(self.settings, self.centre, self.backup, Wanted(whole, keep=keep))

    def half(self, number: int, *, drain: bool = True) -> None:
        """Journal the first or second half of what happens."""
        middle = len(self.world.steps) // 2
        steps = self.world.steps[middle:] if number else self.world.steps[:middle]
        journal_steps(self.settings, steps, self.world, drain=drain)

    def bring_back(self, monkeypatch: pytest.MonkeyPatch) -> Settings:
        """Restore it elsewhere, into a database of its own."""
        if self._postgres:
            url = self._postgres.new_database()
            monkeypatch.setenv("MADOGUCHI_STORE__DATABASE_URL", url)
        restore(self.backup, self.there, "", silent)
        return settings_of(self.there / "centre")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    wanted = request.param == "postgresql"
    return Place(tmp_path, request.getfixturevalue("postgres") if wanted else None)


@pytest.fixture
def at_home(tmp_path: Path) -> Place:
    """One with SQLite, for what does not hang on the database."""
    return Place(tmp_path, None)


async def calls(settings: Settings) -> list[CallRecord]:
    reader = LedgerReader(settings.database_url)
    try:
        return await reader.calls()
    finally:
        await reader.close()


def engine_of(settings: Settings, world: Recorded) -> Engine:
    """What a controller would go on with."""
    folder = settings.state_dir / "spool"
    spool = Spool(folder, SpoolSize(8 * MIB, MIB))
    restored = Journal(spool, SnapshotFiles(folder)).restore()
    spool.close()
    assert restored.engine is not None
    assert not restored.gap
    engine = Engine.restore(restored.engine, UTC)
    for step in restored.steps:
        for event in step.events:
            engine.apply(event, step.at_s)
    return engine


@pytest.mark.requirement("M18")
def test_everything_comes_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place.settings
    place.half(0)
    first = put_recording(here, 1, NOW_MS)
    put_person(here, "ada", "エイダ")
    note(here, NOW_MS)
    assert place.back_up().whole
    # What comes after the whole copy, some of it on the local disk alone.
    place.half(1, drain=False)
    second = put_recording(here, 2, NOW_MS + 1)
    put_person(here, "ada", "エイダ・ラブレス")
    put_person(here, "bob", "ボブ")
    note(here, NOW_MS + 1)
    kept = kept_recordings(here, lambda: NOW_MS / 1000)
    asyncio.run(kept.delete(first, DeletionReason.REQUEST_OF_PERSON, "ada"))
    done = place.back_up()
    assert (done.whole, done.steps) == (False, len(place.world.steps) - len(place.world.steps) // 2)
    assert [each.wrong for each in verify_backup(place.backup)] == [()] * 4
    assert not list(place.backup.glob(f"recordings/??/{first}.rec")), "deleted means deleted"

    there = place.bring_back(monkeypatch)
    assert asyncio.run(check(there)).balances
    assert len(asyncio.run(calls(there))) == len(place.world.fold.outcomes)
    people = asyncio.run(people_store(there).people())
    assert [(each.user, each.name) for each in people] == [
        ("ada", "エイダ・ラブレス"),
        ("bob", "ボブ"),
    ]
    found = asyncio.run(SqlRecordings(there.database_url).search(RecordingQuery()))
    assert [each.recording.id for each in found] == [second]
    log = asyncio.run(operation_store(there).verify())
    assert (log.last, log.wrong_at) == (2, 0)
    engine = engine_of(there, place.world)
    assert set(engine.calls) == set(place.world.engine.calls)
    assert [each.wrong for each in verify_centre(there)] == [()] * 5


def test_what_is_there_is_never_overwritten(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place.half(0)
    place.back_up()
    with pytest.raises(Refused, match="not empty"):
        restore(place.backup, None, "", silent)
    place.bring_back(monkeypatch)
    shutil.rmtree(place.there / "centre")
    before = sorted(path.name for path in (place.there / "var").rglob("*"))
    with pytest.raises(Refused, match="not empty"):
        restore(place.backup, place.there, "", silent)
    assert sorted(path.name for path in (place.there / "var").rglob("*")) == before
    if place.settings.store.database_url:
        with pytest.raises(Refused, match="database"):
            restore(place.backup, tmp_path / "third", "", silent)
        assert not list((tmp_path / "third").glob("*"))


def test_damage_is_found_and_not_restored(at_home: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home.half(0)
    recording = put_recording(at_home.settings, 3, NOW_MS)
    at_home.back_up()
    [path] = at_home.backup.glob(f"recordings/??/{recording}.rec")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    wrong = {each.what: each.wrong for each in verify_backup(at_home.backup)}
    assert wrong.pop(What.RECORDINGS) == (recording,)
    assert set(wrong.values()) == {()}
    [steps] = at_home.backup.glob("*/000001/frames.bin")
    steps.write_bytes(steps.read_bytes() + b"x")
    assert verify_backup(at_home.backup)[0].wrong == ("000001/frames.bin",)
    with pytest.raises(StoreCorrupt, match=r"frames\.bin"):
        at_home.bring_back(monkeypatch)
    assert not at_home.there.exists()


def test_steps_are_saved_while_the_database_is_away(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.half(0)
    place.back_up()
    place.half(1, drain=False)
    away = "postgresql+psycopg://u@127.0.0.1:1/n" if place.settings.store.database_url else ""
    real = place.settings
    if away:
        store = real.store.model_copy(update={"database_url": away})
        place.settings = real.model_copy(update={"store": store})
    else:
        (real.state_dir / "madoguchi.sqlite").rename(real.state_dir / "away")
        (real.state_dir / "madoguchi.sqlite").mkdir()
    done = place.back_up()
    assert (done.whole, done.database) == (False, False)
    assert done.steps > 0
    there = place.bring_back(monkeypatch)
    assert len(asyncio.run(calls(there))) == len(place.world.fold.outcomes)


def test_who_stands_by_backs_up_the_log_of_who_leads(at_home: Place) -> None:
    at_home.half(0)
    at_home.back_up()
    at_home.half(1, drain=False)
    state = at_home.settings.state_dir
    (state / "spool").rename(state / "copy")
    (state / "copy" / "token").write_text("5", encoding="ascii")
    done = at_home.back_up()
    assert (done.whole, done.steps > 0) == (False, True)


def test_old_sets_go_and_half_ones_are_no_sets(at_home: Place) -> None:
    at_home.half(0)
    names = [at_home.back_up(whole=True, keep=2).name for _ in range(3)]
    half = at_home.backup / "20990101T000000Z" / "base.part"
    half.mkdir(parents=True)
    assert at_home.back_up(keep=2).name == names[-1]
    there = sorted(each.name for each in at_home.backup.iterdir() if each.name[0] == "2")
    assert there == names[1:]
    with pytest.raises(NotFound, match=names[1]):
        restore(at_home.backup, at_home.there, names[0], silent)


def test_secrets_may_be_kept_apart(
    at_home: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at_home.half(0)
    recording = put_recording(at_home.settings, 5, NOW_MS)
    apart = Wanted(secrets=tmp_path / "apart")
    for _ in range(2):
        back_up(at_home.settings, at_home.centre, at_home.backup, apart)
    assert not list(at_home.backup.rglob("secrets.json"))
    with pytest.raises(Refused, match="--secrets"):
        at_home.bring_back(monkeypatch)
    restore(at_home.backup, at_home.there, "", silent, tmp_path / "apart")
    there = settings_of(at_home.there / "centre")
    [found] = asyncio.run(kept_recordings(there, lambda: NOW_MS / 1000).verify())
    assert (found.recording, found.condition.value) == (recording, "sound")


def test_a_place_inside_the_state_is_refused(at_home: Place) -> None:
    at_home.half(0)
    for to in (at_home.settings.state_dir / "backup", at_home.settings.state_dir.parent):
        with pytest.raises(Refused, match="lie in one another"):
            back_up(at_home.settings, at_home.centre, to, Wanted())


def test_tables_of_an_earlier_version_are_brought_to_this_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acd.adapters.sql.database import downgrade

    place.half(0)
    downgrade(place.settings.database_url, "0010")
    place.back_up()
    [base] = place.backup.glob("2*/base/info.json")
    assert json.loads(base.read_bytes())["revision"] == "0010"
    there = place.bring_back(monkeypatch)
    assert asyncio.run(check(there)).balances
    engine = sqlalchemy.create_engine(there.database_url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        newest = sqlalchemy.text("SELECT version_num FROM alembic_version")
        assert connection.execute(newest).scalar_one() > "0010"
    engine.dispose()


def test_the_verbs_say_what_they_did(at_home: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    at_home.half(0)
    app = typer.Typer()
    for verb in (backup, restore_verb, verify):
        app.command(verb.__name__)(verb)
    to, centre = str(at_home.backup), str(at_home.centre)
    made = RUN.invoke(app, ["backup", "--to", to, "--centre", centre])
    assert (made.exit_code, "whole copy" in made.output) == (0, True)
    assert "all is well" in RUN.invoke(app, ["verify", to]).output
    brought = RUN.invoke(app, ["restore", to, "--into", str(at_home.there)])
    assert (brought.exit_code, "Restored up to" in brought.output) == (0, True)
    [steps] = at_home.backup.glob("*/000001/frames.bin")
    steps.unlink()
    wrong = RUN.invoke(app, ["verify", to])
    assert (wrong.exit_code, "000001/frames.bin" in wrong.output) == (1, True)
    with pytest.raises(Refused, match="no length of time"):
        seconds("5")
    assert seconds("5m") == 300.0
