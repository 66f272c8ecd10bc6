"""Menus, telephones that ring, rings that nobody answers and breaks, through the engine itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.errors import Refused
from sim.experiment.days import Engine
from sim.experiment.hours import hours_of
from sim.experiment.measuring import measured
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.inputs.distributions import deterministic, exponential
from sim.inputs.draws import Draws, HabitDraws, draw
from sim.inputs.scenario import Group, Habits, Scenario
from sim.kernel import simulate as kernel
from sim.records import Outcome
from sim.scenario_file.read import read_text
from sim.scenario_file.study_file import Breaks, StudyFile
from sim.twin.world import simulate
from tests.unit.test_twin import NEVER, a_centre, a_class, story, the_day

ONE = (Group("g", (1,), ("a",)),)
TWO = (Group("g", (2,), ("a",)),)


def with_habits(
    day: Draws, menu: list[float], leaves: list[bool], unanswered: list[int], ring: list[float]
) -> Draws:
    drawn = HabitDraws(
        np.array(menu), np.array(leaves), np.array(unanswered, np.int32), np.array(ring)
    )
    return replace(day, habits=drawn)


def test_who_is_in_the_menu_holds_a_line_and_waits_from_the_queue_on() -> None:
    menu = Habits(menu=deterministic(20.0), leaves=0.5)
    centre = a_centre(a_class(), groups=ONE, habits=menu, lines=2)
    day = with_habits(
        the_day(
            (0.0, 0, 60.0, 0.0, NEVER), (1.0, 0, 60.0, 0.0, 30.0), (2.0, 0, 60.0, 0.0, NEVER),
            (15.0, 0, 60.0, 0.0, NEVER),
        ),
        [20.0, 12.0, 20.0, 5.0], [False, True, False, False], [0] * 4, [0.0] * 4,
    )  # fmt: skip
    records = simulate(centre, day)
    # The first talks from 20 to 80; the second leaves at 13, so that the fourth finds a line.
    assert story(records) == [
        ("answered", 0.0, 0, 0),
        ("left_in_menu", 0.0, -1, -1),
        ("blocked", 0.0, -1, -1),
        ("answered", 60.0, 0, 0),
    ]
    assert records.menu_s is not None
    assert records.menu_s.tolist() == [20.0, 12.0, 0.0, 5.0]


def test_patience_counts_from_the_queue() -> None:
    menu = Habits(menu=deterministic(20.0))
    centre = a_centre(a_class(), groups=(Group("g", (0,), ("a",)),), habits=menu)
    day = with_habits(the_day((0.0, 0, 60.0, 0.0, 30.0)), [20.0], [False], [0], [0.0])
    assert story(simulate(centre, day)) == [("abandoned", 30.0, -1, -1)]


def test_ringing_is_waiting_and_keeps_the_operator() -> None:
    centre = a_centre(a_class(), groups=ONE, habits=Habits(ring=deterministic(5.0)))
    day = with_habits(
        the_day((0.0, 0, 60.0, 0.0, NEVER), (1.0, 0, 60.0, 0.0, NEVER)),
        [0.0] * 2, [False] * 2, [0] * 2, [5.0, 3.0],
    )  # fmt: skip
    assert story(simulate(centre, day)) == [("answered", 5.0, 0, 0), ("answered", 67.0, 0, 0)]


def test_a_ring_that_nobody_answers_goes_on_to_the_next_and_the_first_is_away_a_while() -> None:
    habits = Habits(ring=deterministic(2.0), unanswered=0.5, ring_timeout_s=15.0, away_s=30.0)
    centre = a_centre(a_class(), groups=TWO, habits=habits)
    day = with_habits(
        the_day((0.0, 0, 60.0, 0.0, NEVER), (20.0, 0, 60.0, 0.0, NEVER)),
        [0.0] * 2, [False] * 2, [1, 0], [2.0, 2.0],
    )  # fmt: skip
    # Missed by the first until 15, then the second answers; the first is back at 45.
    assert story(simulate(centre, day)) == [("answered", 17.0, 0, 1), ("answered", 27.0, 0, 0)]


def test_a_ring_that_would_last_too_long_is_missed_and_the_next_one_lasts_the_rest() -> None:
    habits = Habits(ring=deterministic(20.0), ring_timeout_s=15.0, away_s=30.0)
    centre = a_centre(a_class(), groups=ONE, habits=habits)
    day = with_habits(the_day((0.0, 0, 60.0, 0.0, 100.0)), [0.0], [False], [0], [20.0])
    # Missed at 15, back at 45, answered five seconds later.
    assert story(simulate(centre, day)) == [("answered", 50.0, 0, 0)]


@pytest.mark.parametrize("wrap_s", [0.0, 10.0])
def test_a_break_begins_when_the_operator_is_free_and_ends_in_time(wrap_s: float) -> None:
    wrap_up = exponential(10.0) if wrap_s else None
    habits = Habits(break_every_s=100.0, break_length_s=50.0)
    centre = a_centre(a_class(wrap_up=wrap_up), groups=ONE, habits=habits)
    day = with_habits(
        the_day((90.0, 0, 60.0, wrap_s, NEVER), (140.0, 0, 10.0, wrap_s, NEVER)),
        [0.0] * 2, [False] * 2, [0] * 2, [0.0] * 2,
    )  # fmt: skip
    # Due at 100, in a talk until 150: the break lasts from then (or after the wrap-up) for 50 s.
    assert story(simulate(centre, day)) == [
        ("answered", 0.0, 0, 0), ("answered", 60.0 + wrap_s, 0, 0),
    ]  # fmt: skip


def test_a_break_a_ring_and_the_rest_after_a_missed_one_are_no_time_ready() -> None:
    habits = Habits(ring=deterministic(5.0), unanswered=0.5, ring_timeout_s=15.0, away_s=30.0,
                    break_every_s=100.0, break_length_s=50.0)  # fmt: skip
    of = a_class(arrivals_per_s=(0.1,), patience=(None,))
    centre = a_centre(of, groups=ONE, habits=habits, period_s=200.0)
    day = with_habits(
        the_day((10.0, 0, 60.0, 0.0, NEVER)), [0.0], [False], [1], [5.0]
    )  # fmt: skip
    records = simulate(centre, day)
    # Missed from 10 to 25, back at 55, rings again until 60, talks until 120, then the break.
    assert story(records) == [("answered", 50.0, 0, 0)]
    assert records.apart_s is not None
    assert records.apart_s.tolist() == [[0, 10, 25], [0, 25, 55], [0, 55, 60], [0, 120, 170]]
    chunk = measured([centre], [records], hours_of(centre), ())
    assert chunk.handled.tolist() == [[[60_000]]]
    assert chunk.present.tolist() == [[[100_000]]]


def test_who_is_on_a_break_when_the_shift_ends_goes_home_after_it() -> None:
    habits = Habits(break_every_s=3590.0, break_length_s=50.0)
    of = a_class(arrivals_per_s=(0.1, 0.1), patience=(None, None))
    groups = (Group("g", (1, 0), ("a",)), Group("h", (0, 1), ("a",)))
    centre = a_centre(of, groups=groups, habits=habits)
    day = with_habits(the_day((3650.0, 0, 10.0, 0.0, NEVER)), [0.0], [False], [0], [0.0])
    assert story(simulate(centre, day)) == [("answered", 0.0, 1, 0)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_habits_of_nothing_change_nothing(seed: int, wraps: bool) -> None:
    wrap_up = exponential(30.0) if wraps else None
    of = a_class(arrivals_per_s=(0.05, 0.1), patience=(exponential(60.0),) * 2, wrap_up=wrap_up,
                 talk=exponential(120.0))  # fmt: skip
    plain = a_centre(of, groups=(Group("g", (8, 6), ("a",)),), lines=14)
    lively = replace(plain, habits=Habits(ring_timeout_s=15.0))
    one, other = simulate(plain, draw(plain, seed)), simulate(lively, draw(lively, seed))
    assert story(one) == story(other)
    assert other.menu_s is not None
    assert not other.menu_s.any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_whatever_their_habits_each_call_ends_once_and_nobody_has_two_at_a_time(seed: int) -> None:
    habits = Habits(exponential(20.0), 0.1, exponential(5.0), 0.1, 15.0, 30.0, 900.0, 120.0)
    of = a_class(arrivals_per_s=(0.05, 0.08, 0.03), patience=(exponential(60.0),) * 3,
                 talk=exponential(120.0), wrap_up=exponential(20.0))  # fmt: skip
    centre = a_centre(of, groups=(Group("g", (6, 9, 4), ("a",)),), lines=20, redial=0.3,
                      redial_after=exponential(60.0), habits=habits)  # fmt: skip
    found = simulate(centre, draw(centre, seed))
    assert set(found.outcome.tolist()) <= set(map(int, Outcome))
    assert found.menu_s is not None
    begun = found.came_s + found.menu_s + found.wait_s
    for agent in range(9):
        mine = np.flatnonzero(found.agent == agent)
        mine = mine[np.argsort(begun[mine])]
        ends = (begun + found.talk_s + found.wrap_s)[mine]
        assert np.all(begun[mine][1:] >= ends[:-1] - 1e-6)


def steady(habits: Habits | None, seats: int = 10) -> Scenario:
    of = a_class(arrivals_per_s=(0.04,) * 4, patience=(exponential(120.0),) * 4,
                 talk=exponential(180.0))  # fmt: skip
    return a_centre(of, groups=(Group("g", (seats,) * 4, ("a",)),), habits=habits)


def figures(study: StudyFile) -> dict[str, float]:
    asked = Asked(seed=3, days=8, engine=Engine.TWIN)
    found = Studies(Here()).run(study, asked).figures
    return {key: each.mean for key, each in found.items() if each.mean is not None}


@pytest.mark.requirement("M15")
def test_a_study_counts_who_left_and_what_menus_ringing_and_breaks_cost() -> None:
    plain = figures(StudyFile(steady(None)))
    leaving = figures(StudyFile(steady(Habits(menu=deterministic(30.0), leaves=0.2))))
    assert leaving["offered"] == pytest.approx(plain["offered"])
    queued = leaving["answered"] + leaving["abandoned"]
    assert queued / leaving["offered"] == pytest.approx(0.8, abs=0.02)
    # Everybody holds a line for a minute more.
    longer = figures(StudyFile(steady(Habits(menu=deterministic(60.0)))))
    assert longer["lines_p99"] > plain["lines_p99"]
    ringing = figures(StudyFile(steady(Habits(ring=deterministic(6.0), unanswered=0.05))))
    assert ringing["asa_s"] > 6.0 > plain["asa_s"]
    resting = figures(StudyFile(steady(None), breaks=Breaks(1800.0, 600.0)))
    assert resting["answer_rate_a"] < plain["answer_rate_a"]


def test_the_kernel_says_that_only_the_twin_plays_them() -> None:
    centre = steady(Habits(menu=deterministic(20.0)))
    with pytest.raises(Refused, match="--engine twin"):
        kernel(centre, draw(centre, 1))


@pytest.mark.requirement("M15")
def test_a_file_says_them_with_units() -> None:
    study = read_text("""
name = "x"
period = "1h"
[calls.a]
arrivals = "100/h"
talk = "3m"
patience = "2m"
[groups.g]
seats = 8
skills = ["a"]
[people]
break_every = "1h"
break_length = "10m"
[menu]
length = "25s"
leaves = "4%"
[ringing]
length = "4s"
unanswered = "2%"
""")
    found = study.one_by_one.habits
    expected = Habits(exponential(25.0), 0.04, exponential(4.0), 0.02, 15.0, 30.0, 3600.0, 600.0)
    assert found == expected
    assert study.at_seats.habits == replace(expected, break_every_s=None, break_length_s=0.0)
