"""Scenario files: read as people write them, with every fault at once, and hostile ones refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.cli.plan.new import new
from acd.errors import ConfigError, NotFound
from acd.japanese import in_japanese
from sim.inputs.distributions import Kind, exponential
from sim.inputs.scenario import Habits, Rule
from sim.results import Targets
from sim.scenario_file.find import example_names, found, study_of
from sim.scenario_file.new import commented
from sim.scenario_file.read import read_study, read_text, scenario_hash
from sim.scenario_file.study_file import Breaks

SMALL = """
name = "small"
opens_at = "08:30"
[calls.a]
arrivals = "60/h"
talk = "3m"
patience = "never"
[groups.g]
seats = 4
skills = ["a"]
"""


def faults_of(text: str) -> dict[str, str]:
    """What is wrong with a text, by path."""
    with pytest.raises(ConfigError) as caught:
        read_text(text, "x.toml")
    return {fault.path.removeprefix("x.toml:"): fault.message for fault in caught.value.faults}


def changed(old: str, new_: str) -> dict[str, str]:
    """The faults of the small scenario with one thing changed."""
    assert old in SMALL
    return faults_of(SMALL.replace(old, new_))


def test_a_small_file_says_what_it_means() -> None:
    of = read_text(SMALL)
    assert of.scenario.classes[0].arrivals_per_s == (60 / 3600,)
    assert of.scenario.classes[0].talk == exponential(180.0)
    assert of.scenario.classes[0].patience == (None,)
    assert (of.scenario.opens_s, of.scenario.period_s) == (8.5 * 3600, 3600.0)
    assert of.scenario.groups[0].agents == (4,)
    assert (of.targets, of.absence, of.breaks) == (Targets(), 0.0, None)


def test_calls_of_a_day_are_spread_by_their_shares() -> None:
    text = SMALL.replace('arrivals = "60/h"', "per_day = 1000\nshares = [1, 3]")
    of = read_text(text).scenario
    assert [rate * 3600 for rate in of.classes[0].arrivals_per_s] == pytest.approx([250, 750])
    assert of.groups[0].agents == (4, 4)


def test_every_length_of_the_file_can_be_any_kind() -> None:
    kinds = {
        '{ kind = "lognormal", mean = "3m", scv = 0.5 }': (Kind.LOGNORMAL, 180.0),
        '{ kind = "deterministic", mean = "90s" }': (Kind.DETERMINISTIC, 90.0),
        '{ kind = "weibull", mean = "90s", shape = 0.7 }': (Kind.WEIBULL, 90.0),
        '{ kind = "hyperexponential", weights = [0.25, 0.75], means = ["40s", "120s"] }': (
            Kind.HYPEREXPONENTIAL, 100.0,
        ),
        '{ kind = "empirical", times = ["10s", "30s"], survival = ["50%", "0%"] }': (
            Kind.EMPIRICAL, 20.0,
        ),
    }  # fmt: skip
    for text, (kind, mean_s) in kinds.items():
        talk = read_text(SMALL.replace('"3m"', text)).scenario.classes[0].talk
        assert talk.kind is kind
        assert talk.mean_s == pytest.approx(mean_s)


def test_all_faults_are_named_at_once_with_their_nearest_names() -> None:
    found_ = faults_of(
        SMALL.replace('name = "small"', 'name = "small"\nthreshhold = "20s"\nlines = 0')
        .replace('talk = "3m"', 'talk = "180"\npatiense = "1m"')
        .replace('"60/h"', '"60/hr2"')
        .replace("seats = 4", "seats = [4, -1]")
    )
    assert found_["threshhold"] == 'there is no such key; did you mean "threshold"?'
    assert found_["calls.a.patiense"] == 'there is no such key; did you mean "patience"?'
    assert "180s" in found_["calls.a.talk"]
    assert set(found_) > {"lines", "calls.a.arrivals", "groups.g.seats[1]"}


def test_what_tables_say_of_one_another_is_checked_at_once() -> None:
    found_ = faults_of(
        SMALL.replace('"60/h"', '["1/h", "2/h"]')
        .replace("seats = 4", "seats = [1, 2, 3]")
        .replace('"3m"', '{ kind = "hyperexponential", weights = [1.0] }')
        .replace('["a"]', '["b"]')
        + '[people]\nbreak_every = "1h"'
    )
    assert set(found_) == {
        "calls.a.arrivals", "calls.a.talk", "calls.a", "groups.g.skills", "people",
    }  # fmt: skip


def test_every_fault_is_said_in_japanese() -> None:
    wrong = (
        SMALL.replace('"60/h"', '"60/hh"').replace('"3m"', "180").replace('"never"', '"5"'),
        SMALL.replace('"60/h"', '["1/h", "2/h"]').replace('["a"]', '["b"]'),
        SMALL.replace('"08:30"', '"8"') + '[people]\nabsence = "120%"',
        "name = 3",
    )
    for text in wrong:
        for path, message in faults_of(text).items():
            assert in_japanese(message), (path, message)


def test_names_must_be_there() -> None:
    assert 'did you mean "a"' in changed('["a"]', '["aa"]')["groups.g.skills"]
    assert "calls.a" in changed('["a"]', '["aa"]')
    text = 'patience = "never"\nprefers = ["gg"]'
    assert 'did you mean "g"' in changed('patience = "never"', text)["calls.a.prefers"]
    assert "order" in faults_of(SMALL.replace("opens_at", 'order = ["a"]\nopens_at'))


@pytest.mark.parametrize(
    ("old", "new_", "path"),
    [
        ('"60/h"', '"-60/h"', "calls.a.arrivals"),
        ('"60/h"', "nan", "calls.a.arrivals"),
        ('"60/h"', '"1e300/h"', "calls.a.arrivals"),
        ('"60/h"', "[]", "calls.a.arrivals"),
        ("seats = 4", "seats = 1000001", "groups.g.seats"),
        ("seats = 4", "seats = true", "groups.g.seats"),
        ("seats = 4", "seats = []", "groups.g.seats"),
        ('"3m"', '"0s"', "calls.a.talk"),
        ('"3m"', "inf", "calls.a.talk"),
        ('"never"', '{ kind = "gamma", mean = "3m", shape = nan }', "calls.a.patience.shape"),
        ('"never"', '{ kind = "empirical", times = ["9s"] }', "calls.a.patience"),
        ('"08:30"', '"24:30"', "opens_at"),
        ('"small"', '""', "name"),
        ('"small"', '"a\\u0007b"', "name"),
        ("[calls.a]", '[calls."<b>"]', "calls.'<b>'"),
        ('opens_at = "08:30"', 'day = "32h"\nperiod = "1s"', "day"),
        ('opens_at = "08:30"', 'day = "61m"', "day"),
        ('arrivals = "60/h"', "per_day = 10\nshares = [0, 0]", "calls.a.shares"),
        ('arrivals = "60/h"', "", "calls.a"),
    ],
)  # fmt: skip
def test_hostile_values_are_refused_where_they_stand(old: str, new_: str, path: str) -> None:
    assert path in changed(old, new_)


def test_hostile_files_are_refused(tmp_path: Path) -> None:
    hostile = {
        "large": b"#" * 1_000_001,
        "bytes": b"\xff\xfe\x00",
        "deep": b"x = " + b"[" * 5000,
        "digits": b"lines = " + b"9" * 5000,
        "list": b"calls = 3\ngroups = []",
        "empty": b"",
    }
    for name, data in hostile.items():
        path = tmp_path / f"{name}.toml"
        path.write_bytes(data)
        with pytest.raises(ConfigError):
            read_study(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_study(tmp_path)


def test_the_hash_changes_with_what_figures_depend_on_alone() -> None:
    of = read_text(SMALL)
    same = read_text(SMALL + '[targets]\nanswer_rate = "95%"')
    other = read_text(SMALL.replace("seats = 4", "seats = 5"))
    absent = read_text(SMALL + '[people]\nabsence = "5%"')
    hashes = {scenario_hash(each) for each in (of, same, other, absent)}
    assert scenario_hash(of) == scenario_hash(same)
    assert len(hashes) == 3


def test_who_takes_a_break_is_not_at_a_seat() -> None:
    of = read_text(
        SMALL.replace("seats = 4", "seats = 16")
        + '[people]\nbreak_every = "50m"\nbreak_length = "10m"'
    )
    assert of.breaks == Breaks(3000.0, 600.0)
    assert of.scenario.groups[0].agents == (16,)
    assert of.at_seats.groups[0].agents == (13,)
    assert "people" in faults_of(SMALL + '[people]\nbreak_every = "50m"')


def test_a_key_that_is_like_none_is_answered_with_those_there_are() -> None:
    wrong = faults_of(SMALL.replace("talk =", "aht ="))["calls.a.aht"]
    assert wrong.startswith("there is no such key; those here are ")
    assert "talk" in wrong
    assert "patience" in wrong
    assert in_japanese(wrong).startswith("その項目はありません。書ける項目: ")


def test_the_hash_tells_breaks_apart_that_leave_as_many_at_their_seats() -> None:
    short, long = (
        read_text(f'{SMALL}[people]\nbreak_every = "{every}"\nbreak_length = "{length}"')
        for every, length in (("50m", "10m"), ("100m", "20m"))
    )
    assert short.at_seats == long.at_seats
    assert scenario_hash(short) != scenario_hash(long)


def test_examples_are_found_by_name_and_own_files_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {"city-a", "city-b", "city-b-peak"} <= set(example_names())
    for name in example_names():
        assert study_of(name).scenario.name == name
    assert study_of("city-a").scenario.rule is Rule.LONGEST_WAIT
    with pytest.raises(NotFound, match='did you mean "city-a"'):
        found("citya")
    with pytest.raises(NotFound):
        found("../../../../etc/passwd-none")
    monkeypatch.chdir(tmp_path)
    Path("city-a").write_text(SMALL, "utf-8")
    assert study_of("city-a").scenario.name == "small"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_commented_file_can_be_run_as_it_is(lang: str) -> None:
    text = commented(lang)
    of = read_text(text)
    assert of.scenario.periods == 9
    # What is commented out can be put to use as it stands.
    uncommented = "\n".join(
        line.removeprefix("# ")
        if line.startswith("# ") and (" = " in line or "# [" in line)
        else line
        for line in text.splitlines()
        if "arrivals =" not in line and "prefers =" not in line
    )
    whole = read_text(uncommented)
    assert (whole.scenario.lines, whole.scenario.waiting_places) == (30, 20)
    assert whole.breaks == Breaks(3600.0, 600.0)
    assert whole.scenario.habits == Habits(
        exponential(25.0), 0.04, exponential(4.0), 0.02, 15.0, 30.0
    )


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(new)
    path = tmp_path / "mine.toml"
    assert CliRunner().invoke(app, [str(path), "--from", "city-b"]).exit_code == 0
    assert read_study(path).scenario == study_of("city-b").scenario
    again = CliRunner().invoke(app, [str(path)])
    assert again.exit_code != 0
    assert read_study(path).scenario.name == "city-b"
