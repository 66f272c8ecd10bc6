"""The ledger as the planner reads it: who asked for an operator, and how that ended."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.adapters.sql.database import sqlite_url
from acd.bootstrap.ledger_figures import bring_roster, read_roster
from acd.bootstrap.past_calls import groups_by_operator, kinds_of, past_of
from acd.cli.plan import app
from acd.config import load_centre
from acd.core.cdr_types import AgentSpan
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId
from acd.errors import MadoguchiError
from agents.state import AgentState
from metrics.dimensions import Row
from sim.calibrate.days import DayKind
from sim.calibrate.past import Ended, Past
from sim.scenario_file.find import study_of
from tests.ledger_rows import Visit, a_call, ms, stored

DAY = "2026-11-20"


def centre_with(rows: list[Row], folder: Path) -> Path:
    """A copy of the example city with this ledger."""
    shutil.copytree("centre", folder / "centre")
    stored(rows, folder / "ledger.sqlite")
    settings = folder / "centre" / "settings.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace('state_dir = "../var"', f'state_dir = "{folder}/var"')
    url = sqlite_url(folder / "ledger.sqlite")
    settings.write_text(text.replace('database_url = ""', f'database_url = "{url}"'), "utf-8")
    return folder / "centre"


def some_rows() -> list[Row]:
    answered, abandoned = CallOutcome.ANSWERED, CallOutcome.ABANDONED
    rows: list[Row] = []
    rows += a_call(1, ms(f"{DAY}T09:00"), answered,
                   Visit("tax", 12, VisitOutcome.ANSWERED, "op01", 100, 20, 30))  # fmt: skip
    # An overflow goes on with the wait; it is the first queue's call.
    rows += a_call(2, ms(f"{DAY}T09:05"), answered, Visit("tax", 60, VisitOutcome.OVERFLOWED),
                   Visit("general", 10, VisitOutcome.ANSWERED, "op04", 50))  # fmt: skip
    # Sent on by an operator: somebody in another queue is asked for anew.
    rows += a_call(3, ms(f"{DAY}T09:10"), answered,
                   Visit("tax", 5, VisitOutcome.ANSWERED, "op01", 40),
                   Visit("general", 7, VisitOutcome.ANSWERED, "op04", 60))  # fmt: skip
    rows += a_call(4, ms(f"{DAY}T09:20"), abandoned, Visit("tax", 45, VisitOutcome.ABANDONED))
    rows += a_call(5, ms(f"{DAY}T09:25"), abandoned, Visit("tax", 9, VisitOutcome.ABANDONED),
                   drill=True)  # fmt: skip
    rows += a_call(6, ms(f"{DAY}T09:30"), CallOutcome.LEFT_IN_MENU)
    rows += a_call(7, ms("2026-11-21T00:00"), answered,
                   Visit("tax", 1, VisitOutcome.ANSWERED, "op01", 10))  # fmt: skip
    for state, begin, end in ((AgentState.READY, "09:00", "09:30"),
                              (AgentState.NOT_READY, "09:30", "10:00")):  # fmt: skip
        at, until = ms(f"{DAY}T{begin}"), ms(f"{DAY}T{end}")
        rows.append(AgentSpan(AgentId("op01"), at, until, state))
    return rows


def read(folder: Path) -> Past:
    day = dt.date.fromisoformat(DAY)
    return asyncio.run(past_of(load_centre(folder), day, day, 0.0))


def test_each_wish_for_an_operator_is_one_item(tmp_path: Path) -> None:
    past = read(centre_with(some_rows(), tmp_path))
    names = [past.queues[each] for each in past.queue]
    assert names == ["tax", "tax", "tax", "general", "tax"]
    assert past.wait_s.tolist() == [12, 70, 5, 7, 45]
    assert past.ended.tolist() == [Ended.ANSWERED] * 4 + [Ended.ABANDONED]
    assert past.talk_s[:4].tolist() == [120, 50, 40, 60]
    assert past.wrap_s[0] == 30
    assert past.ring_s == 2.0
    assert past.thresholds_s[past.queues.index("switchboard")] == 10


def test_days_from_before_the_ledger_began_are_not_days_without_calls(tmp_path: Path) -> None:
    first, day = dt.date(2026, 8, 1), dt.date.fromisoformat(DAY)
    folder = centre_with(some_rows(), tmp_path)
    past = asyncio.run(past_of(load_centre(folder), first, day, 0.0))
    assert (past.first, past.last, len(past)) == (day, day, 5)


def test_operators_are_counted_while_they_can_take_calls(tmp_path: Path) -> None:
    past = read(centre_with(some_rows(), tmp_path))
    tax = next(each for each in past.present if "tax" in each.queues and each.there.any())
    nine = 9 * 4
    assert tax.there[0, nine - 1 : nine + 4].tolist() == [0, 1, 1, 0, 0]


def test_the_centre_s_calendar_tells_closed_days_and_days_of_their_own() -> None:
    kind = kinds_of(load_centre("centre").plan)
    assert kind is not None
    assert kind(dt.date(2026, 11, 3)) is DayKind.CLOSED
    assert kind(dt.date(2026, 11, 21)) is DayKind.CLOSED
    assert kind(dt.date(2026, 12, 31)) is DayKind.CLOSED
    assert kind(dt.date(2026, 11, 24)) is DayKind.TUESDAY
    assert kind(dt.date(2027, 3, 28)) is DayKind.HOLIDAY


@pytest.mark.requirement("M14")
@pytest.mark.parametrize("lang", ["ja_JP.UTF-8", "C"])
def test_the_verb_fits_the_ledger_without_anybody_s_number(
    tmp_path: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", lang)
    folder, out = centre_with(some_rows(), tmp_path), tmp_path / "made.toml"
    common = ["--centre", str(folder), "--from", DAY, "--to", DAY]
    done = CliRunner().invoke(app, ["fit", *common, "--write", str(out)])
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert "0312345678" not in done.output + text
    assert "[calls.tax]" in text
    data = CliRunner().invoke(app, ["fit", *common, "--json"])
    values = json.loads(data.stdout)["values"]
    assert values["tax.talk_mean_s"]["n"] == 4
    again = CliRunner().invoke(app, ["run", str(out), "--days", "5", "--json"])
    assert again.exit_code == 0, again.output


def test_priorities_and_ladders_are_those_of_the_plan(tmp_path: Path) -> None:
    folder = centre_with(some_rows(), tmp_path)
    plan, past = load_centre(folder).plan, read(folder)
    rules = dict(zip(past.queues, past.rules, strict=True))
    assert rules["switchboard"].priority == 2
    assert past.priority_step_s == plan.priority_step_s == 60
    own = groups_by_operator(plan)
    for queue in plan.queues:
        helped = [name for _, name in rules[queue.id].helps]
        taken = {name for name, queues in own.values() if queue.id in queues}
        assert len(helped) == len(set(helped))
        assert not taken & set(helped)
    assert {after for after, _ in rules["switchboard"].helps} == {30.0}
    out = tmp_path / "made.toml"
    common = ["--centre", str(folder), "--from", DAY, "--to", DAY, "--write", str(out)]
    said = CliRunner().invoke(app, ["fit", *common], env={"LC_ALL": "C"}).output
    assert "switchboard has priority 2" in said
    assert "are not in the scenario" in said
    made = study_of(str(out)).scenario
    assert {of.name: of.priority for of in made.classes}["switchboard"] == 2
    for of in made.classes:
        there = {group.name for group in made.groups if of.name not in group.skills}
        assert of.overflow == tuple(each for each in rules[of.name].helps if each[1] in there)


def test_the_rest_of_the_day_has_the_seats_of_the_roster_that_was_taken_in(tmp_path: Path) -> None:
    folder = centre_with(some_rows(), tmp_path)
    roster = tmp_path / "roster.csv"
    names = ("op01", "op04", "op05")
    lines = [f"2026-11-24,{name},09:00,12:00,work" for name in names]
    roster.write_text("\n".join(lines), "utf-8")
    plan = load_centre(folder)
    asyncio.run(bring_roster(plan, read_roster(plan, roster.read_text("utf-8"))))
    asked = ["intraday", "--centre", str(folder), "--from", "2026-11-19",
             "--now", "2026-11-24 08:50", "--json"]  # fmt: skip
    runner, env = CliRunner(), {"LC_ALL": "C"}
    found = json.loads(runner.invoke(app, asked, env=env).stdout)
    assert "the roster that was taken in" in found["said"][-1]
    own = groups_by_operator(plan.plan)
    expected = Counter(own[name][0] for name in names)
    nine = next(hour for hour in found["hours"] if hour["from"] == "9:00")
    assert nine["now"] == dict(expected)
    given = json.loads(runner.invoke(app, [*asked, "--seats", "7"], env=env).stdout)
    assert given["hours"][0]["now"] == {"operators": 7}
    assert "roster" not in str(given["said"])
    roster.write_text(lines[1].replace("op04", "nobody"), "utf-8")
    wrong = runner.invoke(app, [*asked, "--roster", str(roster)], env=env)
    assert "there is no operator" in str(wrong.exception)


def test_hostile_and_mistaken_words_get_a_sentence_not_a_trace(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("came,talk_s\n2026-11-24 09:00,=cmd|' /C calc'!A0\n", "utf-8")
    good = tmp_path / "good.csv"
    good.write_text("came,calls\n2026-11-23 09:00,9\n2026-11-24 09:00,9\n", "utf-8")
    for words in (
        ["fit", str(bad)],
        ["fit", str(tmp_path)],
        ["fit", str(good), "--day", "mon ", "--json"],
        ["fit", str(good), "--period", "7m"],
        ["fit", str(good), "--from", "2026-12-01", "--to", "2026-11-01"],
        ["fit", str(good), "--from", "2030-01-01"],
        ["fit", str(good), "--write", str(tmp_path)],
        ["forecast", str(bad)],
        ["intraday", str(good), "--target", "101%"],
        ["intraday", str(good), "--now", "2026-11-23 12:00"],
        ["intraday", str(good), "--now", "2026-11-24 23:00"],
    ):
        done = CliRunner().invoke(app, words)
        assert isinstance(done.exception, MadoguchiError), (words, done.output)
        assert "calc" not in str(done.exception)


def test_the_day_is_told_as_data_and_as_a_table(tmp_path: Path) -> None:
    rows = ["came,outcome,wait_s,talk_s,wrap_up_s"]
    for day in (17, 18, 19, 20):
        for minute in range(0, 180, 4):
            rows.append(
                f"2026-11-{day} {9 + minute // 60}:{minute % 60:02d},answered,{minute % 7},200,20"
            )
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(rows), "utf-8")
    words = ["intraday", str(path), "--now", "2026-11-20 10:05", "--seats", "4"]
    data = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert data["came"] == 15
    assert [each["from"] for each in data["hours"]] == ["10:00", "11:00"]
    table = CliRunner().invoke(app, [*words, "--csv"]).stdout.splitlines()
    assert table[0].startswith("from,calls,seats_now,change")
    assert len(table) == 3
    coming = CliRunner().invoke(app, ["forecast", str(path), "--days", "5", "--csv"]).stdout
    assert coming.count("2026-11-24,tuesday") == 3
    assert "2026-11-21,saturday,09:00,0.0" in coming
