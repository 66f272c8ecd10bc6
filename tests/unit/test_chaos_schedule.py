"""What breaks in a chaos run is decided by its seed, and everything gets its turn."""

from __future__ import annotations

import pytest

from acd.errors import LimitExceeded
from tools.chaos.memory import Sample, growth_mib_per_min
from tools.chaos.schedule import LASTS_S, Kind, schedule

POSSIBLE = [
    (Kind.KILL, "controller"),
    (Kind.FREEZE, "switch"),
    (Kind.CUT_SILENT, "AMI"),
    (Kind.CLOCK_STEP, "controller"),
]


def test_the_same_seed_breaks_the_same_things_and_another_does_not() -> None:
    first = schedule(7, 600.0, 20.0, POSSIBLE)
    assert first == schedule(7, 600.0, 20.0, list(reversed(POSSIBLE)))
    assert first != schedule(8, 600.0, 20.0, POSSIBLE)


def test_something_breaks_every_twenty_seconds_and_everything_once_before_anything_twice() -> None:
    troubles = schedule(3, 600.0, 20.0, POSSIBLE)
    times = [trouble.at_s for trouble in troubles]
    assert times == [10.0 + 20.0 * n for n in range(len(troubles))]
    assert 600.0 - 20.0 <= times[-1] <= 600.0
    for first in range(0, len(troubles) - 4, 4):
        some = {(each.kind, each.target) for each in troubles[first : first + 4]}
        assert some == set(POSSIBLE)
    for trouble in troubles:
        least_s, most_s = LASTS_S[trouble.kind]
        assert least_s <= trouble.lasts_s <= most_s
        assert (trouble.step_s != 0) == (trouble.kind is Kind.CLOCK_STEP)


def test_a_run_without_end_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="at most"):
        schedule(1, 1e9, 20.0, POSSIBLE)


def test_memory_is_a_line_through_each_process_after_it_warmed_up() -> None:
    flat = [Sample("a", 1, float(t), 100.0 if t >= 60 else 50.0) for t in range(200)]
    rising = [Sample("a", 2, 300.0 + t, 100.0 + t / 60) for t in range(200)]
    assert growth_mib_per_min(flat) == pytest.approx(0.0)
    assert growth_mib_per_min([*flat, *rising]) == pytest.approx(0.5)
    assert growth_mib_per_min(flat[:100]) is None


def test_memory_that_beginning_to_lead_takes_is_no_growth() -> None:
    stands_by = [Sample("a", 1, float(t), 100.0, leads=False) for t in range(200)]
    leads = [Sample("a", 1, float(t), 120.0, leads=True) for t in range(200, 400)]
    assert growth_mib_per_min([*stands_by, *leads]) == pytest.approx(0.0)
