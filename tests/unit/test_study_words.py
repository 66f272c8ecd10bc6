"""What a planner writes and reads: changes, claims, ranges, and the answers of the verbs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.cli.plan import app
from acd.errors import MadoguchiError, NotFound, Refused
from sim.assertions import claim, failed
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.ranges import values_of
from sim.results import Estimate
from sim.scenario_file.find import study_of
from sim.what_if import WhatIf

CITY_A = study_of("city-a")


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("MADOGUCHI_STUDIES", str(tmp_path / "studies"))


def plan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


# -- changes ---------------------------------------------------------------------------------


def test_changes_say_what_they_do_and_leave_the_rest() -> None:
    of = study_of("city-b").scenario
    changed = WhatIf("2", "1.5", "+10%", "60s", "15", "30").applied(study_of("city-b")).scenario
    assert set(changed.groups[0].agents) == {13}
    assert changed.classes[0].talk.mean_s == pytest.approx(264)
    assert changed.classes[0].patience[0] is not None
    assert changed.classes[0].patience[0].mean_s == pytest.approx(60)
    assert changed.classes[0].arrivals_per_s == tuple(
        rate * 1.5 for rate in of.classes[0].arrivals_per_s
    )
    assert changed.lines == 30
    assert WhatIf().applied(study_of("city-b")) == study_of("city-b")


def test_of_several_groups_one_is_named() -> None:
    two = study_of("two-skills")
    names = [group.name for group in two.scenario.groups]
    with pytest.raises(Refused, match="say which group"):
        WhatIf(seats="5").applied(two)
    after = WhatIf(seats=f"{names[0]}=5").applied(two).scenario
    assert set(after.groups[0].agents) <= {0, 5}
    assert after.groups[1:] == two.scenario.groups[1:]
    most = [max(group.agents) for group in two.scenario.groups]
    gone = WhatIf(absent="1").applied(two).scenario
    assert sum(most) - sum(max(group.agents) for group in gone.groups) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"absent": "-1"}, {"absent": "x"}, {"absent": "none=1"}, {"seats": "1000001"},
        {"seats": "nan"}, {"surge": "0"}, {"surge": "inf"}, {"surge": "1e9"}, {"aht": "10"},
        {"aht": "-100%"}, {"aht": "-90s"}, {"patience": "0s"}, {"lines": "0"}, {"lines": "9" * 99},
    ],
)  # fmt: skip
def test_wrong_changes_are_refused_in_both_languages(wrong: dict[str, str]) -> None:
    with pytest.raises(MadoguchiError) as caught:
        WhatIf(**wrong).applied(CITY_A)
    assert caught.value.ja


# -- ranges ----------------------------------------------------------------------------------


def test_ranges_are_written_as_single_values_would_be() -> None:
    assert values_of("12..14") == ("12", "13", "14")
    assert values_of("0.8..1.2:0.2") == ("0.8", "1", "1.2")
    assert values_of("-10%..+10%:10%") == ("-10%", "+0%", "+10%")
    assert values_of("60s..120s:30") == ("60s", "90s", "120s")
    assert values_of("general=3..4") == ("general=3", "general=4")
    for wrong in ("12..", "5..3", "1..9:0", "1..1000", "1s..2m", ",", "a..b"):
        with pytest.raises(Refused):
            values_of(wrong)


# -- claims ----------------------------------------------------------------------------------


def test_claims_are_held_against_the_figures() -> None:
    asked = [
        claim(text, CITY_A.scenario)
        for text in (
            "answer_rate >= 75%", "sl_offered_20s<0.7", "switchboard.asa_s<=60s",
            "operators.occupancy>0.5", "lines_p999<=20", "worst_hour.answer_rate_a>=60%",
            "sl_offered_60s>=0.5",
        )
    ]  # fmt: skip
    extra = tuple(each.figure for each in asked if each.figure)
    result = Studies(Here()).run(CITY_A, Asked(days=20, extra=extra))
    assert failed(asked, result) == []
    longer, shorter = result.figure("sl_offered_60s").mean, result.figure("sl_offered").mean
    assert longer is not None
    assert shorter is not None
    assert longer > shorter
    (problem,) = failed([claim("worst_hour.answer_rate>=90%", CITY_A.scenario)], result)
    assert "worst_hour.answer_rate>=90% does not hold: 0.6" in problem.message
    assert "成り立ちません" in problem.ja
    worst = result.worst_hour()
    assert worst is not None
    assert worst.name == "10:00"


@pytest.mark.parametrize(
    "wrong",
    [
        "", "sl_offered", "sl_offered==0.8", "sl_ofered>=0.8", "sl_offered>=x", "sl_offered>=nan",
        "sl_offered>=120%", "nobody.sl_offered>=0.8", "wait_p95>=3", "worst_hour.lines_p99<=3",
        "switchboard.lines_p99<=3", "sl_offered>=0.8; rm", "a" * 5000 + ">=1",
    ],
)  # fmt: skip
def test_claims_that_cannot_be_understood_are_refused(wrong: str) -> None:
    with pytest.raises((Refused, NotFound)):
        claim(wrong, CITY_A.scenario)


# -- verbs -----------------------------------------------------------------------------------


@pytest.mark.requirement("M14")
@pytest.mark.usefixtures("english")
def test_run_answers_in_sentences_and_tables() -> None:
    said = plan("run", "city-a", "--days", "20", "--seats", "5")
    assert said.exit_code == 0, said.output
    assert "5 seats: answer rate 89.9 %" in said.output
    assert "The worst hour begins at 10:00" in said.output
    assert "With 4 seats the target is missed in" in said.output
    assert "±" in said.output
    assert "Seed: 1" in said.output


PAIRED = {
    "en": (
        r"With 1 seat less .*? \((\d+\.\d) ± (\d+\.\d) points less\), "
        r"with 1 more .*? \((\d+\.\d) ± (\d+\.\d) points more\)",
        r"With 2 more missing, .*? \((\d+\.\d) ± (\d+\.\d) points less\)",
    ),
    "ja": (
        r"1席減らすと.*?\((\d+\.\d) ± (\d+\.\d)ポイント減\)、"
        r"1席増やすと.*?\((\d+\.\d) ± (\d+\.\d)ポイント増\)",
        r"あと2人欠けると、.*?\((\d+\.\d) ± (\d+\.\d)ポイント減\)",
    ),
}


@pytest.mark.requirement("M14")
@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_a_seat_or_two_people_change_is_a_paired_difference_with_its_half_width(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", {"en": "C.UTF-8", "ja": "ja_JP.UTF-8"}[lang])
    path = tmp_path / "report.html"
    said = plan("run", "city-b", "--days", "20", "--html", str(path)).output
    report = path.read_text("utf-8")
    data = json.loads(plan("run", "city-b", "--days", "20", "--json").stdout)
    beside = {next(iter(each.items())): each for each in data["beside"]}
    assert set(beside) == {("seats", 15), ("seats", 17), ("missing", 2)}
    for text in (said, report):
        less, missing = (re.search(each, text) for each in PAIRED[lang])
        assert less is not None
        assert missing is not None
        assert len(beside) == 3
        for change, told in (
            (("seats", 15), less.groups()[:2]), (("seats", 17), less.groups()[2:]),
            (("missing", 2), missing.groups()),
        ):  # fmt: skip
            found = beside[change]["differences"]["sl_offered"]
            assert told[0] == f"{100 * abs(found['mean']):.1f}"
            assert told[1] == f"{max(0.1, 100 * found['half_width_95']):.1f}"
    # The interval is that of `plan compare`: of the same callers, not of two studies apart.
    compared = json.loads(
        plan("compare", "city-b", "--seats", "15", "--days", "20", "--json").stdout
    )
    assert beside["seats", 15]["differences"] == compared["differences"]
    apart = [data["figures"]["sl_offered"], beside["seats", 15]["figures"]["sl_offered"]]
    paired = beside["seats", 15]["differences"]["sl_offered"]["half_width_95"]
    assert paired < sum(each["half_width_95"] ** 2 for each in apart) ** 0.5


@pytest.mark.usefixtures("english")
def test_by_how_much_two_ways_of_counting_differ_has_a_half_width() -> None:
    said = plan("run", "city-b", "--seats", "11", "--days", "20")
    assert re.search(r"The two service levels differ by \d+\.\d ± \d+\.\d points", said.output)
    said = plan("run", "city-b", "--seats", "11", "--days", "20", "--json")
    data = json.loads(said.stdout)
    figures = data["figures"]
    apart = figures["sl_excl_early_abandons"]["mean"] - figures["sl_offered"]["mean"]
    assert data["levels_apart"]["mean"] == pytest.approx(apart)
    assert 0 < data["levels_apart"]["half_width_95"] < figures["sl_offered"]["half_width_95"]


@pytest.mark.usefixtures("english")
def test_japanese_is_said_in_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    said = plan("run", "city-a", "--days", "5", "--absent", "1")
    assert "応答率は" in said.output
    assert "2席では、10の時間帯のうち" in said.output
    compared = plan("compare", "city-a", "--surge", "1.3", "--days", "10")
    assert "20秒以内の応答は" in compared.output
    assert "下がります" in compared.output


@pytest.mark.usefixtures("english")
def test_the_same_seed_prints_the_same_bytes() -> None:
    for form in ("--json", "--csv"):
        one, two = (plan("run", "city-b", "--days", "6", "--seed", "3", form) for _ in range(2))
        assert one.exit_code == 0
        assert one.stdout_bytes == two.stdout_bytes
    data = json.loads(plan("run", "city-b", "--days", "6", "--seed", "3", "--json").stdout)
    assert data["stamp"]["seed"] == 3
    assert set(data["stamp"]["versions"]) == {"madoguchi", "numpy", "scipy"}
    rows = list(csv.DictReader(io.StringIO(plan("run", "city-b", "--days", "6", "--csv").stdout)))
    assert {row["from"] for row in rows} >= {"", "08:00", "17:00"}
    assert {"sl_offered", "operators.occupancy"} <= {row["figure"] for row in rows}


@pytest.mark.usefixtures("english")
def test_a_claim_that_fails_has_an_exit_code_of_its_own() -> None:
    good = plan("run", "city-b", "--days", "5", "--json", "--assert", "sl_offered_20s>=0.8")
    assert good.exit_code == 0
    bad = plan("run", "city-b", "--days", "5", "--json", "--assert", "sl_offered_20s>=99.9%")
    assert bad.exit_code == 5
    assert "sl_offered_20s>=99.9% does not hold" in bad.stderr
    assert json.loads(bad.stdout)["scenario"] == "city-b"


@pytest.mark.requirement("M14")
@pytest.mark.usefixtures("english")
def test_sweep_finds_the_fewest_seats() -> None:
    said = plan("sweep", "city-a", "--seats", "4..7", "--days", "20")
    assert "6 seats are the fewest that meet the day's targets (4–7)." in said.output
    data = json.loads(plan("sweep", "city-a", "--surge", "1,1.5", "--days", "4", "--json").stdout)
    assert [each["value"] for each in data["studies"]] == ["1", "1.5"]
    assert data["flag"] == "surge"
    wrong = plan("sweep", "city-a", "--seats", "4")
    assert isinstance(wrong.exception, Refused)


@pytest.mark.usefixtures("english")
def test_a_report_is_written_beside_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    said = plan("run", "city-a", "--days", "4", "--html", str(path), "--json")
    assert said.exit_code == 0, said.output
    text = path.read_text("utf-8")
    assert "<svg" in text
    assert "http" not in text.replace("http://www.w3.org", "")


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    "words",
    [
        ("run", "city-a"),
        ("compare", "city-a", "--absent", "1"),
        ("sweep", "city-a", "--seats", "4..5"),
    ],
    ids=lambda words: words[0],
)
def test_a_report_that_cannot_be_written_is_said(words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "no" / "where.html"
    said = plan(*words, "--days", "4", "--html", str(path))
    assert isinstance(said.exception, Refused), said.exception
    assert "name another file" in said.exception.message


def test_estimates_have_ends() -> None:
    assert (Estimate(0.5, 0.1).low, Estimate(0.5, 0.1).high) == (0.4, 0.6)
    assert Estimate(None).low is None
    assert Estimate(0.5).high is None


RESTING = """
name = "resting"
period = "1h"
day = "2h"
threshold = "20s"
[calls.a]
arrivals = "100/h"
talk = "240s"
patience = "120s"
[groups.ops]
seats = 10
skills = ["a"]
[people]
break_every = "50m"
break_length = "10m"
"""


@pytest.mark.requirement("M14")
@pytest.mark.usefixtures("english")
def test_the_seats_beside_the_chosen_ones_are_counted_as_the_engine_counts(tmp_path: Path) -> None:
    file, report = tmp_path / "resting.toml", tmp_path / "report.html"
    file.write_text(RESTING, "utf-8")
    for engine, seats in (("kernel", 8), ("twin", 10)):
        plan("run", str(file), "--days", "4", "--engine", engine, "--html", str(report))
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", report.read_text("utf-8")))
        answer = re.search(r"(\d+) seats: answer rate (\S+ %)", page)
        assert answer is not None
        assert answer[1] == str(seats)
        table = page.partition("without early abandons seats")[2] or page
        rates = dict(re.findall(r" (\d+) (\d+\.\d %) ± \d+\.\d \d+\.\d % ±", table))
        assert rates[str(seats)] == answer[2]
        ordered = [float(rates[str(each)][:-2]) for each in range(seats - 3, seats + 4)]
        assert ordered == sorted(ordered)
        told = plan("run", str(file), "--days", "4", "--engine", engine).output
        beside = dict(re.findall(r"(?m)^ +(\d+) +(\d+\.\d%)±", told))
        assert re.search(r"With 1 seat less \d+\.\d % ± \d", told), "every figure with its half"
        assert re.search(r"with 1 more \d+\.\d % ± \d", told)
        for each in (seats - 1, seats + 1):
            assert beside[str(each)].replace("%", " %") == rates[str(each)]
