"""``madoguchi plan lines``: channels, exactly, with menu, transfers and wrap-up."""

from __future__ import annotations

import csv
import doctest
import io
import json
import math

import pytest
from typer.testing import CliRunner

from acd.cli import app
from acd.errors import Refused
from sim.erlang.lines import erlang_b
from sim.inputs.distributions import deterministic, exponential
from sim.size import channels as module
from sim.size.channels import Besides, blocked, channels, lines_for
from sim.size.seats import Interval

CITY_B = Interval(194 / 3600, 240.0, exponential(120.0))
CITY_B_WORDS = ["lines", "--calls", "194/h", "--aht", "240s", "--seats", "16"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def planned(*words: str) -> str:
    result = CliRunner().invoke(app, ["plan", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_worked_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.requirement("M14")
def test_the_citys_peak_hour() -> None:
    found = channels(CITY_B, 16)
    assert (found.enough(0.99), found.enough(0.999)) == (20, 23)
    assert math.fsum(found.shares) == pytest.approx(1, abs=1e-9)


def test_the_menu_adds_its_callers_on_average() -> None:
    plain, menu = channels(CITY_B, 16), channels(CITY_B, 16, Besides(menu_s=30))
    assert menu.mean - plain.mean == pytest.approx(194 / 3600 * 30, rel=1e-9)


def test_a_transferred_call_holds_two_lines() -> None:
    answered = 0.9567324858642471
    besides = Besides(handed_on=0.2, handed_on_s=180)
    more = channels(CITY_B, 16, besides).mean - channels(CITY_B, 16).mean
    assert more == pytest.approx(2 * 194 / 3600 * answered * 0.2 * 180, rel=1e-6)


def test_nobody_is_on_the_line_in_wrap_up() -> None:
    plain, less = channels(CITY_B, 16), channels(CITY_B, 16, Besides(wrap_up_s=60))
    busy = 16 * 0.7733587594069331
    assert plain.mean - less.mean == pytest.approx(busy / 4, rel=1e-6)


@pytest.mark.parametrize("patience", [None, exponential(60), deterministic(30)])
def test_as_many_lines_as_seats_is_erlang_b(patience: object) -> None:
    of = Interval(0.1, 180, patience)  # type: ignore[arg-type]
    assert blocked(of, 20, 20) == pytest.approx(erlang_b(18, 20), rel=1e-10)


def test_the_fewest_lines_are_the_fewest() -> None:
    number = lines_for(CITY_B, 16, 0.01)
    assert blocked(CITY_B, 16, number) <= 0.01 < blocked(CITY_B, 16, number - 1)


@pytest.mark.requirement("M14")
def test_it_says_how_many_first() -> None:
    told = planned(*CITY_B_WORDS, "--lines", "18")
    assert told.startswith("With 16 seats 12.7 lines are in use on average. 20 are enough for 99 %")
    assert "With 18 lines 3.6 % of the calls find them all taken" in told
    assert "independent" not in told
    assert "independent" in planned(*CITY_B_WORDS, "--transferred", "10%")


def test_it_speaks_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    told = planned(*CITY_B_WORDS, "--menu", "15s", "--lines", "20")
    assert "本あれば時間の99 %" in told
    assert "案内を聞いている方" in told


def test_data() -> None:
    told = json.loads(planned(*CITY_B_WORDS, "--json"))
    assert (told["lines_p99"], told["lines_p999"]) == (20, 23)
    rows = list(csv.DictReader(io.StringIO(planned(*CITY_B_WORDS, "--csv", "--lines", "60"))))
    assert rows[-1]["lines"] == "60"
    assert float(rows[-1]["beyond"]) < 1e-9


@pytest.mark.parametrize(
    "words",
    [
        ["--calls", "194/h", "--aht", "240s", "--seats", "12", "--patience", "none"],
        ["--calls", "194/h", "--aht", "240s", "--seats", "100000"],
        ["--calls", "194/h", "--aht", "60s", "--seats", "5", "--wrap-up", "60s"],
        ["--calls", "194/h", "--aht", "240s", "--seats", "16", "--menu", "-1s"],
        ["--calls", "1000000/s", "--aht", "240s", "--seats", "16"],
        ["--calls", "194/h", "--aht", "240s", "--seats", "16", "--lines", "-4"],
    ],
)
def test_what_cannot_be_is_refused(words: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        CliRunner().invoke(app, ["plan", "lines", *words], catch_exceptions=False)
    assert refused.value.ja
