"""Least cost: targets as written, the linear side, the search, and the roster of shifts."""

from __future__ import annotations

import datetime as dt
import doctest
import itertools
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from typer.testing import CliRunner

from acd.cli.plan.shifts import shifts
from acd.cli.plan.staff import staff as staff_verb
from acd.errors import ConfigError, LimitExceeded, NotFound, Refused
from metrics.roster import ShiftKind, parse_roster
from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.scenario_file.find import study_of
from sim.staffing import absences, roster, targets
from sim.staffing.absences import fit, with_absent
from sim.staffing.answer import staff
from sim.staffing.cover import Cover, cover
from sim.staffing.linear import work_of
from sim.staffing.operators import intervals
from sim.staffing.people import assign
from sim.staffing.roster import Duty, Kind, RosterPlan
from sim.staffing.roster_csv import roster_csv
from sim.staffing.roster_file import EXAMPLES, read_roster, roster_of
from sim.staffing.sample import Sample
from sim.staffing.search import find
from sim.staffing.targets import Reached, Target, parse_costs, parse_target

import typer  # isort: skip

COSTS = (1.0, 1.0, 1.1)


def two_skills(erlangs: float, hours: int = 4) -> Scenario:
    """Two kinds of call with so many erlangs each; somebody for each, and somebody for both."""

    def calls(name: str) -> CallClass:
        rates = (erlangs / 180,) * (hours + 1)
        patience = (exponential(120),) * (hours + 1)
        return CallClass(name, rates, exponential(180), patience, prefers=((name,), ("AB",)))

    groups = tuple(Group(name, (1,) * (hours + 1), tuple(name)) for name in ("A", "B", "AB"))
    return Scenario("two", 3600, (calls("A"), calls("B")), groups, warm_up_s=3600)


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (absences, roster, targets):
        failed, tried = doctest.testmod(module)
        assert tried
        assert not failed


def level(skill: str | None, at_least: float = 0.8) -> Target:
    return Target(Reached.SL_OFFERED, at_least, skill)


# -- targets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sl_offered", "not understood"),
        ("C:sl_offered>=80%", 'no kind of call "C"'),
        ("sl_offred>=80%", 'did you mean "sl_offered"'),
        ("sl_offered>=100%", "less than 100%"),
        ("sl_offered>=0%", "more than 0%"),
        ("sl_offered>=120", "not between"),
    ],
)
def test_a_target_that_cannot_be_met_or_read_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        parse_target(text, two_skills(1))


def test_costs_name_groups_and_are_above_nothing() -> None:
    assert parse_costs("AB=1.1", two_skills(1)) == (1.0, 1.0, 1.1)
    for text in ("X=1", "A=0", "A=-1", "A=nan", "A=much", "A=inf"):
        with pytest.raises(Refused):
            parse_costs(text, two_skills(1))


# -- the linear side ---------------------------------------------------------------------------


def test_an_operator_with_two_skills_is_one_operator_in_the_linear_bound() -> None:
    scenario = two_skills(10)
    (work,) = work_of(scenario, [level("A"), level("B")], intervals(scenario))
    found = work.cheapest((9.0, 9.0, 1.0), whole=False)
    assert found is not None
    # 80 % of 10 + 10 erlangs; whoever counts an operator for each skill in full says 8.
    assert found[1] == pytest.approx(16)
    lattice = np.array([[0, 0, 15], [0, 0, 16], [8, 7, 0], [8, 8, 0]], float)
    assert work.possible(lattice).tolist() == [False, True, False, True]


# -- the search --------------------------------------------------------------------------------


@pytest.mark.requirement("M14")
def test_the_search_finds_what_trying_everything_finds() -> None:
    scenario = two_skills(1.5)
    sample = Sample(scenario, [level("A"), level("B")], 16, 3)
    found = find(sample, COSTS)
    every = Sample(scenario, [level("A"), level("B")], 16, 3)
    cheapest = min(
        (float(np.dot(COSTS, staffing)), staffing)
        for staffing in itertools.product(range(8), repeat=3)
        if np.dot(COSTS, staffing) <= found.cost + 0.05
        and every.met(np.array(staffing, np.int64)[:, None])
    )
    assert found.cost == pytest.approx(cheapest[0])
    assert found.bound == pytest.approx(found.cost)
    assert found.linear_bound < found.cost
    assert found.simulations < every.simulations


def test_a_day_gets_operators_where_the_calls_are() -> None:
    study = study_of("city-b")
    answer = staff(study.scenario, [level(None)], (1.0,), seed=1, days=30)
    (row,) = answer.found.staffing.tolist()
    assert row[2] == max(row)
    assert row[9] == min(row)
    assert not answer.missed
    (fewer,) = answer.fewer
    assert fewer.changes[0].value + fewer.changes[0].half_width < 0
    assert fewer.missed >= 5


def test_what_no_number_of_operators_can_reach_is_said() -> None:
    lines = Scenario(
        "lines", 3600.0,
        (CallClass("A", (0.5,), exponential(180), (exponential(60),)),),
        (Group("A", (1,), ("A",)),), lines=5,
    )  # fmt: skip
    blocked_too = Target(Reached.SL_INCL_BLOCKED, 0.8, "A")
    with pytest.raises(LimitExceeded, match="too few lines"):
        find(Sample(lines, [blocked_too], 12, 1), (1.0,))
    # As everywhere, the plain service level is of the calls that came into the queue.
    assert find(Sample(lines, [level("A")], 12, 1), (1.0,)).cost <= 5


def test_callers_who_never_give_up_are_a_miss_where_nobody_serves_them() -> None:
    scenario = two_skills(1.0)
    endless = replace(
        scenario, classes=tuple(replace(c, patience=(None,) * 5) for c in scenario.classes)
    )
    sample = Sample(endless, [level("A"), level(None)], 12, 1)
    assert not sample.met(np.array([[9], [0], [0]]))
    assert find(sample, COSTS).gap == 0


def test_without_calls_nobody_is_needed_and_that_is_said() -> None:
    scenario = two_skills(1.0)
    silent = replace(
        scenario, classes=tuple(replace(c, arrivals_per_s=(0.0,) * 5) for c in scenario.classes)
    )
    with pytest.raises(Refused, match="nobody calls"):
        staff(silent, [level(None)], COSTS, seed=1)


def run(verb: object, *arguments: str) -> str:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(verb)  # type: ignore[type-var]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_same_seed_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    arguments = ["city-b", "--days", "20", "--target", "sl_offered>=80%", "--json"]
    first, second = (run(staff_verb, *arguments) for _ in range(2))
    assert first == second
    whole = json.loads(first)
    assert whole["bounds"]["gap"] == 0
    assert sum(each["operators"] for each in whole["staffing"]) == whole["cost"]
    other = run(staff_verb, *arguments, "--seed", "2")
    assert json.loads(other)["reached"] != whole["reached"]


# -- shifts ------------------------------------------------------------------------------------

ROSTER = """
name = "small"
opens_at = "09:00"
required.desk = [2, 3, 3, 2]
[shifts.long]
starts = ["09:00", "09:30"]
length = "4h"
groups = ["desk"]
[breaks]
meal_away = "1h"
[week]
begins = 2026-12-02
"""


@cache
def city() -> tuple[RosterPlan, Cover]:
    plan = roster_of("city-b")
    return plan, cover(plan)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "roster.toml"
    path.write_text(text, encoding="utf-8")
    return path


def kept(duty: Duty, plan: RosterPlan) -> None:
    """The break rules, looked at from outside."""
    minutes = plan.slot_s / 60
    worked, meal = 0.0, 0.0
    assert duty.stretches[0].begin == duty.shift.start
    assert duty.stretches[-1].end == duty.shift.end
    for before, after in itertools.pairwise(duty.stretches):
        assert before.end == after.begin
        assert Kind.WORK in (before.kind, after.kind)
    for each in duty.stretches:
        length = (each.end - each.begin) * minutes
        if each.kind is Kind.WORK:
            assert length <= 60
            worked += length
        elif each.kind is Kind.REST:
            assert 10 <= length <= 15
            worked += length  # paid, and no meal
        else:
            meal += length
    assert meal >= (60 if worked > 480 else 45 if worked > 360 else 0)


@pytest.mark.requirement("S7")
def test_the_citys_week_is_covered_within_the_break_rules_at_a_proven_cost() -> None:
    plan, found = city()
    for duty in found.duties:
        kept(duty, plan)
    there = [0] * plan.slots
    for duty in found.duties:
        for slot in duty.at_screen():
            there[slot] += 1
    required = plan.required["operators"]
    assert all(n * 0.9 >= need for n, need in zip(there, required, strict=True))
    assert found.cost == pytest.approx(sum(duty.shift.cost for duty in found.duties))
    assert found.linear_bound <= found.bound <= found.cost
    assert found.gap < 0.005


@pytest.mark.requirement("S7")
def test_the_roster_is_imported_as_it_is_written() -> None:
    plan, found = city()
    assigned = assign(plan, found.duties)
    people = {each.person for each in assigned}
    rows = parse_roster(roster_csv(plan, assigned), people, ZoneInfo("Asia/Tokyo"))
    assert len(rows) == sum(len(each.duty.stretches) for each in assigned)
    assert {each.kind for each in rows} == {ShiftKind.WORK, ShiftKind.BREAK, ShiftKind.LUNCH}
    assert {dt.datetime.fromtimestamp(each.from_ms / 1000, ZoneInfo("Asia/Tokyo")).date()
            for each in rows} == set(plan.days)  # fmt: skip


def test_people_get_what_they_can_do_and_no_more(tmp_path: Path) -> None:
    people = "".join(f"[people.p{number}]\ndays = 4\n" for number in range(7))
    plan = read_roster(written(tmp_path, ROSTER + people + 'off = ["wed"]\n'))
    duties = cover(plan).duties
    assigned = assign(plan, duties)
    assert len(assigned) == len(duties) * 5
    for name in {each.person for each in assigned} - {""}:
        days = [each.day for each in assigned if each.person == name]
        assert len(days) == len(set(days)) <= 4
    assert dt.date(2026, 12, 2) not in {each.day for each in assigned if each.person == "p6"}
    few = read_roster(written(tmp_path, ROSTER + "[people.one]\n"))
    alone = assign(few, duties)
    assert sum(each.person == "one" for each in alone) == 5
    assert sum(not each.person for each in alone) == len(alone) - 5
    assert roster_csv(few, alone).count("\n") == 1 + sum(
        len(each.duty.stretches) for each in alone if each.person
    )


def test_nobody_comes_before_the_rest_between_two_days(tmp_path: Path) -> None:
    text = """
name = "rest"
opens_at = "06:00"
required.desk = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
[shifts.early]
starts = "06:00"
length = "4h"
[shifts.late]
starts = "20:00"
length = "3h30m"
[breaks]
meal_away = "1h"
[week]
begins = 2026-12-02
[people.a]
[people.b]
[people.c]
[people.d]
"""
    plan = read_roster(written(tmp_path, text))
    assigned = assign(plan, cover(plan).duties)
    assert all(each.person for each in assigned)
    for each in assigned:
        for other in assigned:
            if each.person == other.person and (other.day - each.day).days == 1:
                pause = 24 * 4 + other.duty.shift.start - each.duty.shift.end
                assert pause >= 11 * 4


def test_an_hour_that_no_shift_reaches_is_named(tmp_path: Path) -> None:
    text = ROSTER.replace("[2, 3, 3, 2]", "[2, 3, 3, 2, 0, 2]")
    with pytest.raises(Refused, match="no shift works in desk 14:00–15:00: add"):
        cover(read_roster(written(tmp_path, text)))


def test_too_few_of_a_shift_are_named(tmp_path: Path) -> None:
    text = ROSTER.replace('length = "4h"', 'length = "4h"\nmost = 1')
    with pytest.raises(Refused, match="do not suffice in desk 09:00"):
        cover(read_roster(written(tmp_path, text)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[2, 3, 3, 2]", "[2, -1]", "greater than or equal to 0"),
        ("[2, 3, 3, 2]", "[2, 1000000]", "less than or equal to 10000"),
        ('"4h"', '"4"', "no unit"),
        ('"4h"', '"4h10m"', "whole number of slots"),
        ('"4h"', '"24h"', "over more than 24 hours"),
        ("[2, 3, 3, 2]", str([1] * 25), "more than 24 hours"),
        ('"4h"', '"6h30m"\nmeal = "30m"', "at least 45m by law"),
        ('groups = ["desk"]', 'groups = ["dsk"]', 'did you mean "desk"'),
        ("length", "lenght", 'did you mean "length"'),
        ('meal_away = "1h"', 'screen = "2h"', "at most 60m"),
        ('meal_away = "1h"', 'rest = "5m"', "10m to 30m"),
        ("begins = 2026-12-02", "begins = 7", "date"),
        ('opens_at = "09:00"', 'opens_at = "9"', "time of day"),
        ('name = "small"', 'name = "small"\nabsence = "100%"', "at most 90%"),
        ('name = "small"', 'name = "small"\nslot = "7m"', "must be 5m, 10m or 15m"),
    ],
)
def test_what_is_wrong_with_a_roster_file_is_said(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in ROSTER
    with pytest.raises(ConfigError) as raised:
        read_roster(written(tmp_path, ROSTER.replace(old, new)))
    assert said in str(raised.value)


def test_all_faults_come_at_once_and_a_missing_file_names_the_examples(tmp_path: Path) -> None:
    text = ROSTER.replace('"4h"', '"4"').replace("desk =", "desk = [1]\nrequired.x =")
    text = text.replace('opens_at = "09:00"', 'opens_at = "29:00"')
    with pytest.raises(ConfigError) as raised:
        read_roster(written(tmp_path, text))
    assert len(raised.value.faults) >= 2
    with pytest.raises(NotFound, match="city-b"):
        roster_of("city-c")
    assert (EXAMPLES / "city-b.toml").is_file()


@pytest.mark.requirement("M14")
def test_each_absence_costs_callers_more() -> None:
    (plan, found), study = city(), study_of("city-b")
    days = with_absent(study.scenario, plan, found.duties, [0, 2, 5, None], days=12, seed=1)
    answered = [each.answered.value for each in days]
    assert answered[0] > answered[1] > answered[2]
    assert answered[2] < answered[3] < answered[0]
    assert all(each.worst_answered.value <= each.answered.value for each in days)


def test_a_scenario_with_other_groups_or_hours_is_refused(tmp_path: Path) -> None:
    plan = read_roster(written(tmp_path, ROSTER))
    with pytest.raises(ConfigError, match="has the groups desk"):
        fit(study_of("city-b").scenario, plan)


def test_the_verb_prints_what_can_be_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    path = str(written(tmp_path, ROSTER))
    text = run(shifts, path, "--csv")
    assert text.startswith("date,operator,from,to,kind\n2026-11-30,desk-long-01,")
    said = json.loads(run(shifts, path, "--json"))
    assert said["bounds"]["linear"] <= said["cost"]
    assert said["sentences"][0].startswith("1日に")
