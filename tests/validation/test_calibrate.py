"""What is simulated from a known scenario is found again, and small cases by hand."""

from __future__ import annotations

import datetime as dt
import math
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.calibrate.csv_file import read_text
from sim.calibrate.days import weekday_kind
from sim.calibrate.fit import Asked, Fit, fit
from sim.calibrate.lengths import fit_length
from sim.calibrate.patience import empirical, fit_patience, kaplan_meier
from sim.calibrate.redials import find_redials
from sim.calibrate.values import Why
from sim.calibrate.written import scenario_toml
from sim.inputs.distributions import Kind, exponential, lognormal, weibull
from sim.inputs.quantiles import quantiles
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.scenario_file.read import read_text as read_scenario
from tests.calls_csv import days_csv

ZONE = ZoneInfo("Asia/Tokyo")
RATES = tuple(n / 3600 for n in (40.0, 110.0, 150.0, 90.0))
TRUE = Scenario(
    name="true",
    period_s=3600.0,
    classes=(
        CallClass("tax", RATES, lognormal(200, 0.8), (exponential(90.0),) * 4, lognormal(40, 0.3)),
    ),
    groups=(Group("operators", (4, 7, 8, 6), ("tax",)),),
    busyness=40.0,
    redial=0.4,
    redial_after=exponential(150.0),
    opens_s=9 * 3600.0,
)


@pytest.fixture(scope="module")
def found() -> Fit:
    text = days_csv(TRUE, dt.date(2026, 6, 1), 168)
    past = read_text(text, "true.csv", ZONE)
    return fit(past, weekday_kind, Asked(busiest=False))


@pytest.mark.requirement("M14")
def test_the_parameters_come_back_within_their_intervals(found: Fit) -> None:
    queue = found.queues[0]
    # Each interval holds the truth in 95 of 100 samples: half as wide again holds it in 99.7.
    for fitted, truth in (
        (queue.talk.mean, 200.0),
        (queue.talk.scv, 0.8),
        (queue.wrap_up.mean, 40.0),
        (queue.wrap_up.scv, 0.3),
        (queue.patience.mean, 90.0),
        (queue.patience.shape, 1.0),
        (found.spread.extra, 1 / 40),
        (found.redials.share, 0.4),
        (found.redials.after, 150.0),
    ):
        assert fitted is not None
        assert fitted.value is not None
        assert fitted.half is not None
        assert abs(fitted.value - truth) <= 1.55 * fitted.half, (fitted, truth)
        assert fitted.half < 0.5 * fitted.value


def test_redials_are_no_fresh_demand(found: Fit) -> None:
    fresh = sum(found.scenario.classes[0].arrivals_per_s) * 3600
    counted = found.calls / found.days
    assert counted > 1.05 * fresh
    level = next(each.calls for each in found.levels)
    assert fresh == pytest.approx(390, rel=0.06)
    assert level.half is not None


def test_a_lognormal_is_seen_to_fit_and_the_operators_are_counted(found: Fit) -> None:
    assert found.queues[0].talk.gap is not None
    assert found.queues[0].talk.gap < 0.02
    assert found.scenario.groups[0].agents[2] in (7, 8)


def test_the_written_scenario_reads_back_as_the_fitted_one(found: Fit) -> None:
    study = read_scenario(scenario_toml(found.scenario, found, ["first", "a\nb"]))
    again, scenario = study.scenario.classes[0], found.scenario
    assert again.arrivals_per_s == pytest.approx(scenario.classes[0].arrivals_per_s, rel=1e-5)
    assert again.talk.mean_s == pytest.approx(scenario.classes[0].talk.mean_s, rel=1e-5)
    assert study.scenario.groups == scenario.groups
    assert study.scenario.busyness == pytest.approx(scenario.busyness, rel=1e-5)


def test_kaplan_and_meier_by_hand() -> None:
    # 8 callers: gave up at 10, 20, 20, 50; answered at 10, 15, 30, 60.
    # S(10) = 7/8; at 20 six are waiting (of 8, two ended at 10, one at 15 -> 5): 7/8 * 3/5;
    # at 50 two are waiting: * 1/2.
    wait = np.array([10, 20, 20, 50, 10, 15, 30, 60], float)
    gave_up = np.array([1, 1, 1, 1, 0, 0, 0, 0], bool)
    curve = kaplan_meier(wait, gave_up)
    assert curve.at_risk.tolist() == [8, 5, 2]
    assert curve.survival == pytest.approx([7 / 8, 7 / 8 * 3 / 5, 7 / 8 * 3 / 5 / 2])
    greenwood = 7 / 8 * 3 / 5 * math.sqrt(1 / (8 * 7) + 2 / (5 * 3))
    assert curve.error[1] == pytest.approx(greenwood)
    assert curve.median_s == 50
    assert curve.at(9.9) == 1.0
    assert curve.at(10) == 7 / 8


def test_answered_callers_never_wait_for_ever() -> None:
    wait = np.concatenate([np.full(900, 5.0), np.linspace(1, 60, 100)])
    gave_up = np.arange(1000) >= 900
    found = fit_patience(wait, gave_up)
    made = empirical(found.curve)
    assert made.survival_at[-1] == 0
    assert all(a < b for a, b in zip(made.times_s, made.times_s[1:], strict=False))
    lengths = quantiles(made, np.linspace(0, 1, 1001)[:-1])
    assert np.isfinite(lengths).all()
    assert found.mean.value == pytest.approx(wait.sum() / 100)


def test_weibull_intervals_hold_the_truth() -> None:
    held = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        patience = quantiles(weibull(100, 0.7), chance.random(2_000))
        answered = chance.exponential(60, 2_000)
        found = fit_patience(np.minimum(patience, answered), patience <= answered)
        assert found.shape is not None
        assert found.weibull_mean is not None
        assert found.better
        held += found.shape.holds(0.7) + found.weibull_mean.holds(100)
    # 80 intervals of 95 %: fewer than 70 of them would be chance of 1 in 1,000.
    assert held >= 70


def test_nobody_who_gave_up_is_said_not_guessed() -> None:
    found = fit_patience(np.array([1.0, 2.0]), np.zeros(2, bool))
    assert found.mean.value is None
    assert found.mean.why is Why.NO_ABANDONS
    assert found.distribution("auto") is None


def test_a_talk_of_no_length_is_no_fault() -> None:
    assert fit_length(np.zeros(3), Why.NO_TALKS).distribution is None
    equal = fit_length(np.array([60.0, 60.1, 59.9]), Why.NO_TALKS).distribution
    assert equal is not None
    assert equal.kind is Kind.DETERMINISTIC
    assert fit_length(np.array([np.nan]), Why.NO_TALKS).mean.why is Why.NO_TALKS


def test_redials_by_hand() -> None:
    text = """came,outcome,wait_s,caller
2026-11-24 09:00:00,abandoned,60,1
2026-11-24 09:05:00,abandoned,60,1
2026-11-24 09:50:00,answered,10,1
2026-11-24 09:10:00,answered,10,2
2026-11-24 09:12:00,answered,10,2
2026-11-24 09:20:00,abandoned,30,
"""
    found = find_redials(read_text(text, "x.csv", ZONE), 1800)
    # The second call of 1 is a redial; the third comes 44 minutes after; 2 was answered before.
    assert found.fresh.tolist() == [True, False, True, True, True, True]
    assert found.share.value == 1 / 2
    assert found.after.value == 240
    assert found.unknown == 1
