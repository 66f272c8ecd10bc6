"""``madoguchi plan size``: the city's figures, what it says, and what it refuses."""

from __future__ import annotations

import csv
import doctest
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli import app
from acd.errors import MadoguchiError
from sim.inputs import lengths
from sim.inputs.distributions import exponential
from sim.size import seats, words
from sim.size.seats import Goals, Interval, figures, least

CITY_B = Interval(194 / 3600, 240.0, exponential(120.0))
CITY_B_WORDS = ["--calls", "194/h", "--aht", "240s", "--patience", "120s"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def planned(*words: str) -> str:
    result = CliRunner().invoke(app, ["plan", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("module", [seats, words, lengths])
def test_the_worked_examples_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "answered", "within"),
    [(12, 83.0, 57.5), (14, 91.2, 76.1), (15, 93.7, 82.2), (16, 95.6, 87.6), (18, 98.2, 94.7)],
)
@pytest.mark.requirement("M14")
def test_the_citys_combined_centre(number: int, answered: float, within: float) -> None:
    found = figures(CITY_B, number)
    assert 100 * found.answer_rate == pytest.approx(answered, abs=1)
    assert 100 * found.sl_offered == pytest.approx(within, abs=2)
    assert found.sl_offered < found.sl_excl_early_abandons


@pytest.mark.parametrize("goals", [Goals(0.9, 0.8), Goals(None, 0.95), Goals(0.99, None)])
def test_the_least_number_is_the_least(goals: Goals) -> None:
    found = least(CITY_B, goals)
    assert found.meets(goals)
    assert not figures(CITY_B, found.seats - 1).meets(goals)


@pytest.mark.requirement("M14")
def test_it_says_first_what_the_seats_give_and_what_one_fewer_does() -> None:
    told = planned("size", *CITY_B_WORDS, "--seats", "16", "--absent", "2", "--shrinkage", "30%")
    assert told.startswith("16 seats: answer rate 95.7 %, within 20 s 87.7 %")
    assert "89.9 % without those who gave up within 20 s" in told
    assert "With 2 absent, 14 seats would give 90.8 %" in told
    assert "15 seats would give 93.6 %" in told
    assert "23 must be rostered for 16 seats" in told


def test_it_speaks_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    told = planned("size", *CITY_B_WORDS)
    assert told.startswith("15席: 応答率 93.6 %、20秒以内につながる割合 82.2 %")
    assert "目標を満たします" in told


def test_changes_are_given_after_the_value() -> None:
    plain = json.loads(planned("size", "--calls", "252.2/h", "--aht", "264s", "--patience", "60s",
                               "--json"))  # fmt: skip
    changed = json.loads(planned("size", *CITY_B_WORDS, "--surge", "1.3", "--aht", "+10%",
                                 "--patience", "-50%", "--json"))  # fmt: skip
    assert changed["seats"] == plain["seats"]
    assert changed["figures"][0]["asa_s"] == pytest.approx(plain["figures"][0]["asa_s"])


def test_data_hold_every_figure() -> None:
    rows = list(csv.DictReader(io.StringIO(planned("size", *CITY_B_WORDS, "--csv"))))
    assert [row["seats"] for row in rows] == ["15", "14", "16"]
    assert float(rows[2]["answer_rate"]) == pytest.approx(0.9567, abs=1e-4)


def test_a_centre_without_impatience_is_erlang_c() -> None:
    told = json.loads(planned("size", "--calls", "200/h", "--aht", "180s", "--patience", "none",
                              "--service-level", "80%", "--json"))  # fmt: skip
    assert told["seats"] == 14
    assert [each["seats"] for each in told["figures"]] == [14, 13, 15]
    assert told["figures"][0]["sl_offered"] == pytest.approx(0.88835, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--calls", "194", "--aht", "240s"], "194/h"),
        (["--calls", "-5/h", "--aht", "240s"], "negative"),
        (["--calls", "0/h", "--aht", "240s"], "nobody calls"),
        (["--calls", "194/h", "--aht", "0s"], "more than 0"),
        (["--calls", "194/h", "--aht", "240s", "--patience", "0s"], "more than 0"),
        (["--calls", "194/h", "--aht", "240s", "--patience", "weibul:3s:1"], "weibull"),
        (["--calls", "194/h", "--aht", "240s", "--seats", "0"], "whole number"),
        (["--calls", "194/h", "--aht", "240s", "--seats", "10000000"], "1000000"),
        (
            ["--calls", "194/h", "--aht", "240s", "--seats", "9", "--patience", "none"],
            "without end",
        ),
        (["--calls", "194/h", "--aht", "240s", "--lines", "10"], "add lines"),
        (["--calls", "194/h", "--aht", "240s", "--answer-rate", "100%"], "between 0 and 1"),
        (["--calls", "1e9/s", "--aht", "240s"], "too large"),
        (["--calls", "194/h", "--aht", "240s", "--aht", "-100%"], "nothing"),
        (["--calls", "194/h", "--aht", "240s", "--shrinkage", "100%"], "below 100%"),
    ],
)
def test_what_cannot_be_is_refused_and_why(words: list[str], told: str) -> None:
    with pytest.raises(MadoguchiError) as refused:
        CliRunner().invoke(app, ["plan", "size", *words], catch_exceptions=False)
    assert told in str(refused.value)
    assert refused.value.ja


def test_a_million_seats_are_answered_at_once() -> None:
    told = json.loads(planned("size", *CITY_B_WORDS, "--seats", "1000000", "--json"))
    assert told["figures"][0]["answer_rate"] == 1.0


CITY_A_SHARES = (4.0, 13.2, 16.3, 12.8, 8.5, 12.0, 12.3, 10.2, 7.6, 2.8)


@pytest.mark.parametrize(("number", "answered"), [(3, 67), (4, 81), (5, 90), (6, 95)])
@pytest.mark.requirement("M14")
def test_the_citys_switchboard_hour_by_hour(number: int, answered: float) -> None:
    calls = [2050 * share / sum(CITY_A_SHARES) for share in CITY_A_SHARES]
    hours = [
        figures(Interval(each / 3600, 60.0, exponential(90.0)), number).answer_rate
        for each in calls
    ]
    # A day's rate is answered calls ÷ calls, never the mean of the hours' rates.
    whole = sum(n * rate for n, rate in zip(calls, hours, strict=True)) / sum(calls)
    assert 100 * whole == pytest.approx(answered, abs=2)
    assert min(hours) == hours[2]
    if number == 5:
        assert 100 * hours[2] == pytest.approx(80, abs=2)


def test_claims_are_for_machines() -> None:
    held = [*CITY_B_WORDS, "--seats", "16", "--assert", "sl_offered_20s>=0.8"]
    assert CliRunner().invoke(app, ["plan", "size", *held]).exit_code == 0
    broken = [*CITY_B_WORDS, "--seats", "12", "--assert", "answer_rate>=90%"]
    result = CliRunner().invoke(app, ["plan", "size", *broken])
    assert result.exit_code == 5
    assert "answer_rate" in result.stderr


def test_it_is_written_as_a_report(tmp_path: Path) -> None:
    path = tmp_path / "size.html"
    planned("size", *CITY_B_WORDS, "--seats", "16", "--html", str(path))
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "95.7" in page
    with pytest.raises(MadoguchiError, match="cannot be written"):
        planned("size", *CITY_B_WORDS, "--html", str(tmp_path / "no" / "where.html"))
