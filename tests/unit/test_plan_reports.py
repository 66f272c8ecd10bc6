"""Reports and claims of verbs other than run and compare, as a planner asks for them."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli.plan import app
from acd.cli.plan.form import EXIT_CLAIM
from acd.errors import ConfigError, Refused
from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.scenario_file.find import study_of
from sim.staffing.absences import MOST_DAYS, Day, precise_enough, with_absent
from sim.staffing.cover import cover
from sim.staffing.look import Figure
from sim.staffing.people import assign
from sim.staffing.roster_file import read_roster, roster_of
from sim.staffing.shift_sentences import sentences
from tests.calls_csv import days_csv
from tests.unit.test_staffing import ROSTER, written


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty days of one centre."""
    rates = tuple(n / 3600 for n in (60.0, 90.0, 80.0, 40.0))
    usual = Scenario(
        "true", 3600.0,
        (CallClass("tax", rates, exponential(180.0), (exponential(90.0),) * 4),),
        (Group("operators", (5, 6, 6, 4), ("tax",)),), opens_s=9 * 3600.0,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("records") / "calls.csv"
    path.write_text(days_csv(usual, dt.date(2026, 6, 1), 30), "utf-8")
    return path


@pytest.mark.requirement("S6")
@pytest.mark.parametrize(
    ("verb", "said", "plots"),
    [
        (
            ("fit",),
            "Calls by kind of day",
            ("How long callers wait: tax", "How long talks last: tax"),
        ),
        (
            ("forecast", "--days", "3"),
            "By interval",
            (
                "The days so far, and those to come",
                "Past days, as they would have been told",
                "How far off each method was",
            ),
        ),
        (
            ("intraday", "--now", "2026-06-18 10:30"),
            "Seats for the rest of the day",
            ("The day so far, and what is to come", "With other numbers of operators"),
        ),
    ],
)
def test_what_is_learnt_from_records_makes_a_report_of_one_file(
    verb: tuple[str, ...], said: str, plots: tuple[str, ...], calls: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    path = tmp_path / "report.html"
    done = CliRunner().invoke(app, [verb[0], str(calls), *verb[1:], "--html", str(path)])
    assert done.exit_code == 0, done.output
    page = path.read_text("utf-8")
    assert said in page
    assert page.count('<section class="keep figure">') == len(plots)
    for title in plots:
        assert f"<h2>{title}" in page
    assert not re.search(r"<script|(src|href)=", page)
    # What is not there has no heading.
    assert "How it was computed" not in page


def test_the_plots_of_a_fit_show_the_records_beside_what_was_fitted(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    path = tmp_path / "report.html"
    CliRunner().invoke(app, ["fit", str(calls), "--html", str(path)], catch_exceptions=False)
    told = re.findall(r"at (\d+) s records (\d+) %, fit (\d+) %", path.read_text("utf-8"))
    assert len(told) >= 4
    for at_s, records, fitted in told:
        # Callers gave up after 90 s in the mean; answered ones are censored, not patient.
        assert int(fitted) == pytest.approx(100 * math.exp(-int(at_s) / 90), abs=5)
        assert int(records) == pytest.approx(int(fitted), abs=7)


ROSTERED = """date,operator,from,to,kind
2026-06-18,sato,09:00,13:00,work
2026-06-18,mori,09:00,11:00,work
2026-06-18,mori,11:00,11:30,break
2026-06-18,mori,11:30,13:00,work
2026-06-18,kato,12:00,13:00,training
2026-06-19,kato,09:00,13:00,work
"""


def test_the_rest_of_the_day_has_the_rosters_seats(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTERED, "utf-8")
    asked = ["intraday", str(calls), "--now", "2026-06-18 10:30", "--roster", str(roster)]
    done = CliRunner().invoke(app, [*asked, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert found["hours"][0]["now"] == {"operators": 2}
    assert found["hours"][1]["now"] == {"operators": 1}
    assert "The seats are those of roster.csv" in found["said"][-1]
    with pytest.raises(Refused, match="exclude each other"):
        CliRunner().invoke(app, [*asked, "--seats", "3"], catch_exceptions=False)
    roster.write_text(ROSTERED.replace("2026-06-18", "2026-06-20"), "utf-8")
    with pytest.raises(Refused, match="nobody is on the roster"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
    roster.write_text("2026-06-18,sato,9,10,work", "utf-8")
    with pytest.raises(ConfigError, match="no time such as"):
        CliRunner().invoke(app, asked, catch_exceptions=False)


@pytest.mark.requirement("M15")
def test_a_rosters_day_is_claimed_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    path = tmp_path / "roster.html"
    asked = ["shifts", "city-b", "--days", "4", "--absent", "0", "--precision", "2%",
             "--html", str(path)]  # fmt: skip
    broken = CliRunner().invoke(app, [*asked, "--surge", "2", "--assert", "answer_rate_a>=90%"])
    assert broken.exit_code == EXIT_CLAIM
    assert "does not hold" in broken.output
    page = path.read_text("utf-8")
    assert "People at the screen" in page
    assert "How it was computed" in page


@pytest.mark.requirement("S7")
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_roster_is_drawn_without_a_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8" if lang == "en" else "ja_JP.UTF-8")
    plan = read_roster(written(tmp_path, ROSTER))
    path = tmp_path / "roster.html"
    asked = ["shifts", str(tmp_path / "roster.toml"), "--html", str(path)]
    assert CliRunner().invoke(app, asked, catch_exceptions=False).exit_code == 0
    drawings = re.findall(r'<svg[^>]*aria-label="([^"]*)".*?</svg>', path.read_text("utf-8"))
    # Each of the two is there for paper and for a small screen.
    assert len(drawings) == 4
    seats = Counter(slot for each in cover(plan).duties for slot in each.at_screen())
    told = "12:00: {} needed, {} at the screen" if lang == "en" else "12:00 必要{} 画面の前{}"
    index = next(at for at in range(plan.slots) if plan.clock(at) == "12:00")
    assert told.format(plan.required["desk"][index], seats[index]) in drawings[0]
    assert len(re.findall("09:[03]0–13:[03]0", drawings[2])) == len(cover(plan).duties)


def test_days_are_added_until_the_roster_is_sure_enough() -> None:
    sure, unsure = Figure(0.9, 0.004), Figure(0.9, 0.02)
    day = Day(0, sure, unsure, 0.0, sure, sure)
    assert precise_enough([day], 50, 0.02) == 50
    assert precise_enough([day], 50, 0.01) == 221
    assert precise_enough([day], 50, 0.0001) == MOST_DAYS


def test_a_sweep_is_held_to_its_claims_at_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    asked = ["sweep", "city-a", "--seats", "4,6", "--days", "20"]
    done = CliRunner().invoke(app, [*asked, "--assert", "answer_rate_a>=90%"])
    assert done.exit_code == EXIT_CLAIM
    assert "--seats 4: answer_rate_a>=90% does not hold" in done.output
    assert "--seats 6" not in done.output.split("does not hold")[-1]


def test_a_staffing_is_held_to_claims_under_a_what_if(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    asked = ["staff", "city-a", "--days", "12", "--surge", "0.5"]
    done = CliRunner().invoke(app, [*asked, "--assert", "answer_rate_a>=99.9%"])
    assert done.exit_code == EXIT_CLAIM, done.output
    assert "does not hold" in done.output


def test_the_people_found_are_claimed_at_their_seats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    text = """
        name = "resting"
        period = "1h"
        [calls.a]
        arrivals = "60/h"
        talk = "240s"
        patience = "120s"
        [groups.ops]
        seats = 8
        skills = ["a"]
        [people]
        absence = "10%"
        break_every = "50m"
        break_length = "10m"
    """
    (tmp_path / "resting.toml").write_text(text, "utf-8")
    file = str(tmp_path / "resting.toml")
    asked = ["staff", file, "--days", "30", "--target", "answer_rate>=95%"]
    done = CliRunner().invoke(app, [*asked, "--assert", "answer_rate_a>=94%"])
    assert done.exit_code == 0, done.output


def test_lines_are_claimed_and_somebody_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    asked = ["lines", "--calls", "194/h", "--aht", "240s", "--seats", "17", "--absent", "1"]
    done = CliRunner().invoke(app, [*asked, "--assert", "lines_p99<=20"])
    assert done.exit_code == 0, done.output
    assert "With 16 seats" in done.output
    done = CliRunner().invoke(app, [*asked, "--assert", "lines_p999<=20"])
    assert done.exit_code == EXIT_CLAIM


def test_holidays_and_closed_days_have_no_duties_and_that_is_said(tmp_path: Path) -> None:
    begins = next(line for line in ROSTER.splitlines() if line.startswith("begins"))
    week = 'begins = 2026-11-23\nholidays = "closed"\nclosed = [2026-11-25]'
    plan = read_roster(written(tmp_path, ROSTER.replace(begins, week)))
    assert plan.closed == (dt.date(2026, 11, 23), dt.date(2026, 11, 25))
    assert not set(plan.closed) & set(plan.days)
    duties = assign(plan, cover(plan).duties)
    assert {each.day for each in duties} == set(plan.days)
    said = sentences(plan, cover(plan), duties, [], None, japanese=False)
    assert "Closed, and so without duties: 2026-11-23, 2026-11-25." in said
    nothing = 'begins = 2026-11-23\ndays = ["mon"]\nholidays = "closed"'
    with pytest.raises(ConfigError, match="no day that is open"):
        read_roster(written(tmp_path, ROSTER.replace(begins, nothing)))


def held(*asked: str) -> str:
    """What a verb prints; where a claim does not hold, that."""
    done = CliRunner().invoke(app, list(asked), catch_exceptions=False)
    assert done.exit_code in (0, EXIT_CLAIM), done.output
    return done.output if not done.exit_code else f"5: {done.stderr}"


@pytest.mark.requirement("S6")
@pytest.mark.parametrize(
    ("verb", "good", "bad"),
    [
        (("fit",), "tax.talk_mean_s>=60s", "tax.talk_mean_s<=60s"),
        (("forecast", "--days", "3"), "calls>=100", "busiest_day>=100000"),
        (("intraday", "--now", "2026-06-18 10:30"), "calls_to_come>=10", "sl_offered>1"),
    ],
)
def test_what_is_learnt_from_records_is_held_to_claims(
    verb: tuple[str, ...], good: str, bad: str, calls: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    asked = (verb[0], str(calls), *verb[1:])
    assert json.loads(held(*asked, "--json", "--assert", good))
    assert f"{bad} does not hold" in held(*asked, "--csv", "--assert", bad)


def test_the_rest_of_the_day_is_as_sure_as_is_asked(
    calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    asked = ("intraday", str(calls), "--now", "2026-06-18 10:30", "--json")
    usual = json.loads(held(*asked))["sl_offered"]["half_width_95"]
    wanted = usual / 1.3
    found = json.loads(held(*asked, "--precision", f"{100 * wanted:.4f}%"))
    assert found["sl_offered"]["half_width_95"] <= wanted * 1.02 < usual
    with pytest.raises(Refused, match=r"at least 0\.1%"):
        CliRunner().invoke(app, [*asked, "--precision", "0.0001%"], catch_exceptions=False)


@pytest.mark.requirement("M14")
def test_what_an_absence_costs_is_paired_with_its_half_width() -> None:
    plan, study = roster_of("city-b"), study_of("city-b")
    found = cover(plan)
    days = with_absent(study.scenario, plan, found.duties, [0, 2, None], days=12, seed=1)
    assert days[0].change is None
    for each in days[1:]:
        assert each.change is not None
        assert each.change.value == pytest.approx(each.answered.value - days[0].answered.value)
    two = days[1]
    assert two.change is not None
    assert two.change.half_width < two.answered.half_width
    said = sentences(plan, found, (), days, 20.0, japanese=False)
    assert re.search(
        r"With 2 absent: answer rate \d+\.\d % ± \d+\.\d \(-\d+\.\d ± \d+\.\d points\)", said[-2]
    )
    alone = with_absent(study.scenario, plan, found.duties, [2], days=4, seed=1)
    assert alone[0].change is None, "nothing is told of a day that was not asked for"
