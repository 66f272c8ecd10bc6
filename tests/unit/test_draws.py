"""Chance drawn before the day: the right laws, and the same numbers for every variant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from acd.errors import LimitExceeded
from sim.inputs.distributions import (
    Distribution,
    Kind,
    deterministic,
    exponential,
    lognormal,
    weibull,
)
from sim.inputs.draws import MOST_TRIES, Draws, draw
from sim.inputs.quantiles import quantiles
from sim.inputs.scenario import CallClass, Group, Scenario

RATES = (0.05, 0.0, 0.1, 0.02)
A = CallClass("A", RATES, exponential(200), (exponential(90),) * 4, exponential(30))
B = CallClass("B", RATES[::-1], lognormal(300, 0.8), (None, *(weibull(60, 0.7),) * 3))
DAY = Scenario("day", 3600, (A, B), (Group("G", (9,) * 4, ("A", "B")),))
REDIALS = replace(DAY, redial=0.3, redial_after=exponential(300))


def alike(one: Draws, other: Draws) -> bool:
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in Draws.__dataclass_fields__
        if name != "habits"
    )


@pytest.mark.parametrize(
    "of",
    [
        exponential(5),
        deterministic(5),
        weibull(5, 0.7),
        lognormal(5, 2),
        Distribution(Kind.GAMMA, 5, shape=2),
        Distribution(Kind.HYPEREXPONENTIAL, 4.4, weights=(0.3, 0.7), means_s=(10.0, 2.0)),
        Distribution(Kind.EMPIRICAL, 5, times_s=(1.0, 2.0, 9.0), survival_at=(0.8, 0.5, 0.1)),
    ],
    ids=lambda of: of.kind,
)
def test_lengths_follow_their_law(of: Distribution) -> None:
    # Evenly spread numbers leave no chance: the share above t is the survival, but for one step.
    evenly = (np.arange(20_000) + 0.5) / 20_000
    lengths = quantiles(of, evenly)
    for t_s in (0.0, 0.5, 1.0, 1.5, 2.0, 8.0, 9.0, 30.0):
        assert (lengths > t_s).mean() == pytest.approx(of.survival(t_s), abs=1e-4)
    if of.kind is not Kind.HYPEREXPONENTIAL:
        assert np.all(lengths[1:] >= lengths[:-1])
    assert quantiles(of, np.zeros(1))[0] >= 0


def test_the_same_seed_gives_the_same_bytes_and_another_other_ones() -> None:
    assert alike(draw(REDIALS, 7, 3), draw(REDIALS, 7, 3))
    assert not alike(draw(REDIALS, 7, 3), draw(REDIALS, 7, 4))
    assert not alike(draw(REDIALS, 7, 3), draw(REDIALS, 8, 3))


def test_calls_come_by_the_rate_of_their_period() -> None:
    counts = np.zeros((2, 4))
    for replication in range(200):
        day = draw(DAY, 1, replication)
        assert np.all(np.diff(day.came_s) >= 0)
        assert day.came_s[0] >= 0
        assert day.came_s[-1] < DAY.day_s
        np.add.at(counts, (day.skill, (day.came_s // 3600).astype(int)), 1)
    expected = np.array([RATES, RATES[::-1]]) * 3600 * 200
    assert np.all(np.abs(counts - expected) <= 4.5 * np.sqrt(expected))


def test_more_operators_change_no_draw() -> None:
    more = replace(DAY, groups=(Group("G", (20,) * 4, ("A", "B")),))
    assert alike(draw(DAY, 1), draw(more, 1))


def test_longer_talks_are_the_same_talks_stretched() -> None:
    longer = replace(DAY, classes=(replace(A, talk=exponential(220)), B))
    one, other = draw(DAY, 1), draw(longer, 1)
    mine = one.skill == 0
    np.testing.assert_allclose(other.talk_s[mine], one.talk_s[mine] * 1.1, rtol=1e-14)
    assert other.talk_s[~mine].tobytes() == one.talk_s[~mine].tobytes()
    assert other.patience_s.tobytes() == one.patience_s.tobytes()


def test_a_surge_brings_the_same_callers_closer_together() -> None:
    surge = replace(A, arrivals_per_s=tuple(1.3 * rate for rate in RATES))
    one, other = draw(DAY, 1), draw(replace(DAY, classes=(surge, B)), 1)
    mine, theirs = one.skill == 0, other.skill == 0
    n = int(mine.sum())
    assert theirs.sum() > n
    assert other.talk_s[theirs][:n].tobytes() == one.talk_s[mine].tobytes()
    assert np.all(other.came_s[theirs][:n] < one.came_s[mine])
    assert other.came_s[~theirs].tobytes() == one.came_s[~mine].tobytes()


def test_a_busy_day_is_busy_for_all_classes() -> None:
    varied = replace(DAY, busyness=28.7)
    days = [draw(varied, 1, replication) for replication in range(300)]
    numbers = np.array([[np.sum(day.skill == skill) for skill in (0, 1)] for day in days])
    assert np.corrcoef(numbers.T)[0, 1] > 0.8
    spread = numbers.sum(axis=1).std() / numbers.sum(axis=1).mean()
    assert spread == pytest.approx(np.sqrt(1 / 28.7 + 1 / 1224), rel=0.15)
    quiet, busy = (len(draw(varied, 1, busyness_u=u)) for u in (0.05, 0.95))
    assert quiet < 0.8 * busy


def test_redials_are_geometric_and_bounded() -> None:
    days = [draw(REDIALS, 1, replication) for replication in range(20)]
    tries = np.concatenate([day.redials for day in days])
    assert tries.mean() == pytest.approx(0.3 / 0.7, rel=0.05)
    assert (tries >= 1).mean() == pytest.approx(0.3, rel=0.05)
    for day in days:
        owned = [
            np.arange(first, first + n)
            for first, n in zip(day.again_first, day.redials, strict=True)
        ]
        assert sorted(np.concatenate(owned)) == list(range(len(day.again_after_s)))
    always = draw(replace(REDIALS, redial=1.0), 1)
    assert np.all(always.redials == MOST_TRIES)


def test_empty_hours_and_no_calls_at_all() -> None:
    nobody = replace(A, arrivals_per_s=(0.0,) * 4)
    assert len(draw(replace(DAY, classes=(nobody,)), 1)) == 0
    assert set(draw(replace(DAY, classes=(nobody, B)), 1).skill) == {1}


def test_more_calls_than_fit_are_refused() -> None:
    flood = replace(A, arrivals_per_s=(1e6,) * 4)
    with pytest.raises(LimitExceeded, match="calls in one day"):
        draw(replace(DAY, classes=(flood,)), 1)
