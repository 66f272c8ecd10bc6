"""Rosters whose day goes on after midnight."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from metrics.roster import parse_roster
from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.staffing.absences import roster_day
from sim.staffing.cover import cover
from sim.staffing.people import assign
from sim.staffing.roster import RosterPlan
from sim.staffing.roster_csv import roster_csv
from sim.staffing.roster_file import read_roster

ZONE = ZoneInfo("Asia/Tokyo")
#: From 17:00 to 08:00; the second shift begins at 01:00 of the next morning.
NIGHT = """
name = "night"
opens_at = "17:00"
required.desk = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
[shifts.evening]
starts = "17:00"
length = "9h"
[shifts.morning]
starts = "01:00"
length = "7h"
[week]
begins = 2026-12-02
days = ["mon", "tue", "wed"]
[people.a]
[people.b]
[people.c]
[people.d]
"""


@pytest.fixture
def plan(tmp_path: Path) -> RosterPlan:
    path = tmp_path / "night.toml"
    path.write_text(NIGHT, "utf-8")
    return read_roster(path)


def test_every_hour_of_the_night_has_somebody_at_the_screen(plan: RosterPlan) -> None:
    duties = cover(plan).duties
    there = {slot for duty in duties for slot in duty.at_screen()}
    assert there == set(range(plan.slots))
    midnight = round(7 * 3600 / plan.slot_s)
    assert [plan.clock(slot) for slot in (0, midnight, plan.slots)] == ["17:00", "00:00", "08:00"]
    assert {duty.shift.name for duty in duties} == {"evening 17:00", "morning 01:00"}


def test_the_roster_that_is_imported_is_whole_and_on_the_right_dates(plan: RosterPlan) -> None:
    assigned = assign(plan, cover(plan).duties)
    assert all(each.person for each in assigned)
    text = roster_csv(plan, assigned)
    rows = parse_roster(text, None, ZONE)
    planned_s = sum(
        (each.end - each.begin) * plan.slot_s for one in assigned for each in one.duty.stretches
    )
    assert sum(row.to_ms - row.from_ms for row in rows) / 1000 == planned_s
    first = dt.datetime(2026, 11, 30, 17, tzinfo=ZONE).timestamp()
    last = dt.datetime(2026, 12, 3, 8, tzinfo=ZONE).timestamp()
    assert min(row.from_ms for row in rows) == first * 1000
    assert max(row.to_ms for row in rows) == last * 1000


def test_nobody_comes_before_the_rest_from_the_night(plan: RosterPlan) -> None:
    slots_a_day = round(86_400 / plan.slot_s)
    assigned = assign(plan, cover(plan).duties)
    for each in assigned:
        for other in assigned:
            if each.person == other.person and (other.day - each.day).days == 1:
                pause = slots_a_day + other.duty.shift.start - each.duty.shift.end
                assert pause * plan.slot_s >= plan.between_s


def test_the_small_hours_of_a_day_have_last_nights_people(plan: RosterPlan) -> None:
    calls = CallClass("calls", (0.01,) * 24, exponential(60.0), (exponential(60.0),) * 24)
    whole = Scenario("day and night", 3600.0, (calls,), (Group("desk", (0,) * 24, ("calls",)),))
    agents = roster_day(whole, plan, cover(plan).duties).groups[0].agents
    an_hour = round(3600 / plan.slot_s)
    assert min(agents[: 8 * an_hour]) == 1
    assert set(agents[8 * an_hour : 17 * an_hour]) == {0}
    assert min(agents[17 * an_hour :]) == 1
