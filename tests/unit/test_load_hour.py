"""The plot of the hour: the same for the same seed, and with everything in it."""

from __future__ import annotations

import msgspec
import pytest

from sim.load import scenario
from sim.load.hour import (
    CallPlan,
    Door,
    Habit,
    Hour,
    Kind,
    caller_row,
    callers,
    habits,
    phone_rows,
)

HOUR = Hour(
    length_s=60.0,
    calls_per_s=1.5,
    number="0466001111",
    unlisted="0466009999",
    doors=(Door("tax", ((1.0, "1"), (8.0, "1")), 2), Door("general", ((1.0, "3"),), 1)),
    seed=7,
)


def test_the_same_seed_gives_the_same_hour() -> None:
    assert callers(HOUR) == callers(HOUR)
    other = Hour(60.0, 1.5, HOUR.number, HOUR.unlisted, HOUR.doors, seed=8)
    assert callers(HOUR) != callers(other)


@pytest.mark.parametrize("length_s", [5.0, 15.0, 60.0, 600.0])
def test_every_behaviour_is_there_even_in_the_shortest_hour(length_s: float) -> None:
    hour = Hour(length_s, 1.5, HOUR.number, HOUR.unlisted, HOUR.doors)
    assert {plan.kind for plan in callers(hour)} == set(Kind)


def test_arrivals_are_in_order_within_the_hour_and_swell_towards_its_middle() -> None:
    starts = [plan.start_s for plan in callers(Hour(600.0, 2.0, "1", "2", HOUR.doors))]
    assert starts == sorted(starts)
    assert starts[0] >= 0.0
    assert starts[-1] <= 600.0
    middle = sum(150 <= start < 450 for start in starts)
    assert middle > 1.3 * (len(starts) - middle)


def test_numbers_are_each_used_once() -> None:
    plans = callers(Hour(600.0, 16.0, "1", "2", HOUR.doors))
    assert len({plan.number for plan in plans}) == len(plans)


def test_a_withheld_number_is_only_in_the_asserted_identity() -> None:
    plan = CallPlan(1.5, Kind.WITHHELD, "0466001111", "0466123456", 0, 180.0)
    _, dialled, shown, identity, privacy, sound, patience = caller_row(plan, "127.0.0.1")
    assert "0466123456" not in shown
    assert identity == "P-Asserted-Identity: <sip:0466123456@127.0.0.1>"
    assert (dialled, privacy, sound, patience) == ("0466001111", "Privacy: id", "1", "180000")


def test_only_the_unlisted_caller_dials_the_unlisted_number() -> None:
    for plan in callers(HOUR):
        assert (plan.dialled == HOUR.unlisted) == (plan.kind is Kind.UNLISTED)


def test_phones_do_as_their_habit_says() -> None:
    actions = {habit: {int(row[0]) for row in phone_rows(habit, 1, 4.0)} for habit in Habit}
    assert actions[Habit.RELIABLE] == {scenario.ANSWER}
    assert actions[Habit.SLEEPY] == {scenario.ANSWER, scenario.RING_ON}
    assert actions[Habit.BUSY] == {scenario.ANSWER, scenario.BUSY}
    assert scenario.DECLINE in actions[Habit.DECLINING]


def test_twelve_operators_show_every_habit() -> None:
    found = habits([f"op{n:02d}" for n in range(12)])
    assert len(found) == 12
    assert set(found.values()) == set(Habit)


def test_the_rows_hold_nothing_that_breaks_a_row() -> None:
    for plan in callers(HOUR):
        assert not any(";" in cell or "\n" in cell for cell in caller_row(plan, "127.0.0.1"))
    assert msgspec.json.encode(phone_rows(Habit.SLEEPY, 3, 4.0)) == msgspec.json.encode(
        phone_rows(Habit.SLEEPY, 3, 4.0)
    )
