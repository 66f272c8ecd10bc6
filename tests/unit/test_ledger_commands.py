"""``madoguchi ledger`` and ``madoguchi replay`` on a centre's state, from the command line."""

from __future__ import annotations

import asyncio
import csv
import json
import random
import shutil
import sqlite3
from pathlib import Path

import pytest
import typer
from msgspec.structs import replace
from typer.testing import CliRunner

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.journal import Journal
from acd.app.replay import Replay
from acd.bootstrap.ledger_export import cell
from acd.bootstrap.people import operation_store
from acd.cli import ledger
from acd.config import load_settings
from acd.core.engine import Engine
from acd.core.events import CallOpened
from acd.core.inputs import AgentLoggedIn, AgentReadied, CallerHungUp
from acd.errors import ConfigError
from acd.ports import Step
from acd.ports_people import OperationKind, OperationSpan
from tests.call_stories import call_id
from tests.engine_world import JST
from tests.property.test_book_of_days import Recorded
from tests.unit.test_cel import abandoned, by_fallback

PROJECT = Path(__file__).parents[2]
RUN = CliRunner()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state directory for the example centre."""
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MADOGUCHI_STORE__SPOOL_MIB", "8")
    monkeypatch.setenv("MADOGUCHI_STORE__RESERVE_MIB", "1")
    monkeypatch.setenv("MADOGUCHI_CENTRE", str(PROJECT / "centre"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path


def play(calls: int = 30) -> Recorded:
    """Calls through the real engine: asked for, offered, some answered, all hung up."""
    chance = random.Random(5)
    world = Recorded(chance)
    for agent in list(world.engine.agents):
        world.tell(AgentLoggedIn(agent))
        world.tell(AgentReadied(agent))
    for _ in range(calls):
        world.now += 1.0
        world.ask_queue(world.arrive(chance), chance)
        world.pass_time(chance.random() * 20)
        world.tell(CallerHungUp(world.any_call(chance)))
    return world


def written(state: Path, world: Recorded, *, drain: bool = True) -> None:
    """The world's steps as a controller leaves them behind."""

    async def story() -> None:
        spool = Spool(state / "spool", SpoolSize(8 * MIB, MIB))
        snapshots = SnapshotFiles(state / "spool")
        journal = Journal(spool, snapshots)
        journal.restore()
        journal.snapshot(world.start, journal.book.snapshot(), 0)
        journal.write(world.steps)
        if drain:
            records = SqlRecords(sqlite_url(state / "madoguchi.sqlite"))
            assert await Drainer(spool, records, snapshots).finish(10)
            await records.close()
        spool.close()

    asyncio.run(story())


def test_check_stores_what_is_left_in_the_spool_and_balances(state: Path) -> None:
    world = play()
    written(state, world, drain=False)
    result = RUN.invoke(ledger.app, ["check"])
    assert result.exit_code == 0, result.output
    opened = sum(isinstance(e, CallOpened) for step in world.steps for e in step.events)
    assert f"calls: offered {opened} = " in result.output
    assert "the ledger balances" in result.output
    found = json.loads(RUN.invoke(ledger.app, ["check", "--json"]).output)
    assert found["balances"]
    assert found["calls"]["in_progress"] == len(world.engine.calls)
    assert sum(found["calls"]["outcomes"].values()) == len(world.fold.outcomes)


@pytest.mark.parametrize(
    "damage",
    [
        "delete from calls where call = (select min(call) from calls)",
        "update calls set outcome = 'failed' where call = (select min(call) from calls)",
        "update visits set wait_ms = wait_ms + 1 where visit = (select min(visit) from visits)",
        "delete from visits where visit = (select min(visit) from visits)",
    ],
)
def test_check_says_when_a_row_is_not_right(state: Path, damage: str) -> None:
    written(state, play())
    with sqlite3.connect(state / "madoguchi.sqlite") as connection:
        connection.execute(damage)
    result = RUN.invoke(ledger.app, ["check"])
    assert result.exit_code == 1
    assert "does NOT balance" in result.output


def test_calls_of_the_fallback_are_taken_over_once(state: Path) -> None:
    written(state, play(3))
    cel = state / "cel.csv"
    cel.write_text("\n".join([*by_fallback(901), *abandoned(902)]) + "\n", "utf-8")
    first = RUN.invoke(ledger.app, ["check", "--cel", str(cel)])
    assert first.exit_code == 1
    assert "calls only Asterisk saw: 2" in first.output
    taken = RUN.invoke(ledger.app, ["check", "--cel", str(cel), "--take-over"])
    assert "2 calls taken over (source=switch)" in taken.output
    with sqlite3.connect(state / "madoguchi.sqlite") as connection:
        query = "select outcome from calls where source = 'switch' order by call"
        assert connection.execute(query).fetchall() == [("answered",), ("abandoned",)]
    again = RUN.invoke(ledger.app, ["check", "--cel", str(cel), "--take-over"])
    assert "taken over" not in again.output
    assert "calls only Asterisk saw" not in again.output


def test_calls_are_taken_over_for_the_switch_where_they_came(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    further = {
        "b": {"sip_port": 5070, "ami_port": 5039},
        "b-2": {"sip_port": 5080, "ami_port": 5040},
    }
    monkeypatch.setenv("MADOGUCHI_SWITCHES", json.dumps(further))
    written(state, play(3))
    calls = {"a": "1800000009.1", "b": "node-b-1800000009.1", "b-2": "node-b-2-1800000009.1"}
    cel = state / "cel.csv"
    lines = [text.replace(call_id(901), call) for call in calls.values() for text in abandoned(901)]
    cel.write_text("\n".join(lines) + "\n", "utf-8")
    taken = RUN.invoke(ledger.app, ["check", "--cel", str(cel), "--take-over"])
    assert "3 calls taken over" in taken.output, taken.output
    with sqlite3.connect(state / "madoguchi.sqlite") as connection:
        query = "select switch, call from calls where source = 'switch'"
        assert dict(connection.execute(query)) == calls


def test_replay_finds_no_difference(state: Path) -> None:
    world = play()
    written(state, world)
    result = RUN.invoke(ledger.app, ["check"])
    assert result.exit_code == 0
    import typer

    app = typer.Typer()
    app.command()(ledger.replay)
    done = RUN.invoke(app, ["--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert (found["steps"], found["differing"]) == (len(world.steps), 0)


def test_replay_shows_where_the_engine_decides_otherwise() -> None:
    world = play()
    steps = list(world.steps)
    at = next(n for n, step in enumerate(steps) if isinstance(step.happened, CallerHungUp))
    shorter: Step = replace(steps[at], events=list(steps[at].events)[:-1])
    again = Replay(world.start, lambda data: Engine.restore(data, JST), 0)
    again.take_all(enumerate([*steps[:at], shorter], 1))
    assert again.found.differing == 1
    [shown] = again.found.shown
    assert (shown.seq, shown.happened, shown.recorded) == (at + 1, "CallerHungUp", ())
    assert len(shown.decided) == 1


def test_replay_stops_where_steps_are_missing() -> None:
    world = play(3)
    again = Replay(world.start, lambda data: Engine.restore(data, JST), 0)
    found = again.take_all([(1, world.steps[0]), (3, world.steps[2])])
    assert (found.steps, found.gap_at) == (1, 2)


def test_export(state: Path, tmp_path: Path) -> None:
    world = play()
    written(state, world)
    folder = tmp_path / "export"
    result = RUN.invoke(ledger.app, ["export", "--csv", str(folder)])
    assert result.exit_code == 0, result.output
    files = {path.name: path for path in folder.iterdir()}
    assert set(files) == {
        "calls.csv", "visits.csv", "legs.csv", "segments.csv", "dispositions.csv",
        "parties.csv", "outside_calls.csv",
    }  # fmt: skip
    with files["calls.csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["call"]: row["outcome"] for row in rows} == {
        call: outcome.value for call, outcome in world.fold.outcomes.items()
    }
    assert rows[0]["local_time"].endswith("+09:00")
    assert all(path.stat().st_mode & 0o077 == 0 for path in files.values())


def test_whoever_takes_numbers_out_is_in_the_operation_log(state: Path, tmp_path: Path) -> None:
    written(state, play(3))
    span = ["--from", "2026-11-01", "--to", "2026-11-30"]
    for arguments in (
        ["export", "--csv", str(tmp_path), *span],
        ["lost", "--numbers"],
        ["lost"],  # shows no numbers
        ["check"],
    ):
        assert RUN.invoke(ledger.app, arguments).exit_code == 0
    log = operation_store(load_settings(PROJECT / "centre"))
    kept = [each.entry for each in asyncio.run(log.read(OperationSpan()))]
    assert {each.kind for each in kept} == {OperationKind.RECORDS_EXPORTED}
    assert [each.subject for each in kept] == [
        "lost callers of all days",
        "ledger 2026-11-01..2026-11-30",
    ], "the newest first"
    assert all(each.who.startswith("command line:") for each in kept)


def test_export_of_days_without_calls_is_empty(state: Path, tmp_path: Path) -> None:
    written(state, play(3))
    arguments = ["export", "--csv", str(tmp_path), "--from", "2020-01-01", "--to", "2020-01-31"]
    assert RUN.invoke(ledger.app, arguments).exit_code == 0
    assert len((tmp_path / "calls.csv").read_text("utf-8-sig").splitlines()) == 1


@pytest.mark.requirement("M25")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("+81466251111", "+81466251111"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("山田", "山田"),
        (None, ""),
        (-5, -5),
    ],
)
def test_no_cell_is_a_formula(value: object, expected: object) -> None:
    assert cell(value) == expected


def test_spool_says_how_many_hours_it_holds(state: Path) -> None:
    empty = json.loads(RUN.invoke(ledger.app, ["spool", "--json"]).output)
    assert (empty["measured"], empty["calls_per_hour"]) == (False, 200.0)
    written(state, play(60))
    found = json.loads(
        RUN.invoke(ledger.app, ["spool", "--json", "--calls-per-hour", "100"]).output
    )
    assert found["measured"]
    assert 500 < found["call_bytes"] < 5_000
    assert found["hours"] == pytest.approx(found["ring_bytes"] / found["call_bytes"] / 100)
    assert "calls an hour it holds" in RUN.invoke(ledger.app, ["spool"]).output


def test_before_the_first_start_there_is_no_ledger(state: Path) -> None:
    result = RUN.invoke(ledger.app, ["check"])
    assert result.exit_code != 0
    assert getattr(result.exception, "code", "") == "store_missing"


def test_beside_a_running_controller(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller has the spool: what it journaled is stored by it, the check only waits."""
    world = play()
    written(state, world)
    spool = Spool(state / "spool", SpoolSize(8 * MIB, MIB))
    assert RUN.invoke(ledger.app, ["check"]).exit_code == 0
    journal = Journal(spool, SnapshotFiles(state / "spool"))
    journal.restore()
    journal.write(world.steps[-1:])
    monkeypatch.setattr("acd.bootstrap.ledger.WAIT_S", 0.3)
    behind = RUN.invoke(ledger.app, ["check"])
    assert getattr(behind.exception, "code", "") == "store_unavailable"
    assert "behind" in str(behind.exception)
    spool.close()


@pytest.mark.parametrize("verb", ["check", "spool", "export", "replay"])
def test_a_faulty_plan_does_not_hide_the_records(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    written(state, play())
    centre = tmp_path / "faulty"
    shutil.copytree(PROJECT / "centre", centre)
    plan = centre / "plan.toml"
    plan.write_text(plan.read_text("utf-8").replace("default_queue", "defualt_queue"), "utf-8")
    monkeypatch.setenv("MADOGUCHI_CENTRE", str(centre))
    options = {"export": ["--csv", str(tmp_path / "out")]}.get(verb, [])
    app = typer.Typer()
    app.add_typer(ledger.app, name="ledger")
    app.command("replay")(ledger.replay)
    done = RUN.invoke(app, [*([] if verb == "replay" else ["ledger"]), verb, *options])
    assert done.exit_code == 0, done.output


def test_a_plan_without_a_time_zone_is_refused_where_days_are_counted(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = tmp_path / "faulty"
    centre.mkdir()
    (centre / "settings.toml").write_text("", "utf-8")
    (centre / "plan.toml").write_text('timezone = "Mars/North"', "utf-8")
    monkeypatch.setenv("MADOGUCHI_CENTRE", str(centre))
    done = RUN.invoke(ledger.app, ["export", "--csv", str(tmp_path / "out")])
    assert isinstance(done.exception, ConfigError)
    assert "Mars/North" in str(done.exception)
