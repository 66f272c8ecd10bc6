"""The coming days: which model, how many calls in each interval, between which bounds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from acd.errors import Refused
from sim.calibrate.days import DayKind, Grid, KindOf
from sim.calibrate.demand import Spread
from sim.calibrate.fit import Fit
from sim.calibrate.past import Floats
from sim.calibrate.values import Fitted
from sim.forecast.backtest import Backtest, backtest, band
from sim.forecast.models import MODELS, Known, known_days

AHEAD_MAX = 62


@dataclass(frozen=True, slots=True)
class Coming:
    """One day to come: calls of each interval and of the day, with their bands. ``seen``: how many
    days of its kind are known."""

    date: dt.date
    kind: DayKind
    seen: int
    calls: Floats
    low: Floats
    high: Floats
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days asked for, what they were told by and how that did before."""

    days: tuple[Coming, ...]
    test: Backtest
    grid: Grid
    known: int


def forecast(of: Grid, kind_of: KindOf, first: dt.date, days: int) -> Forecast:
    """Forecast ``days`` calendar days from ``first`` on.

    Raises:
        Refused: there is no day with calls to learn from, or too many are asked for.
    """
    if not 1 <= days <= AHEAD_MAX:
        raise Refused(
            f"1 to {AHEAD_MAX} days can be forecast", ja=f"予測できるのは1日から{AHEAD_MAX}日です。"
        )
    known, _ = known_days(of)
    if not len(known.counts):
        raise Refused(
            "there is no day with calls in the records: nothing can be forecast",
            ja="記録に電話のあった日がないため、予測できません。",
        )
    dates = [first + dt.timedelta(days=n) for n in range(days)]
    ahead = sum(kind_of(each) is not DayKind.CLOSED for each in dates)
    test = backtest(known, max(1, min(ahead, 10)))
    found, step = [], 0
    for date in dates:
        kind = kind_of(date)
        calls = _calls(known, of, kind, step + 1, test)
        step += int(calls.any())
        found.append(_coming(date, kind, calls, known, test))
    return Forecast(tuple(found), test, of, len(known.counts))


def _calls(known: Known, of: Grid, kind: DayKind, ahead: int, test: Backtest) -> Floats:
    """None on days that have been without calls so far; a weekday that the records do not reach is
    taken for a day like all."""
    seen = bool((known.kinds == kind).any())
    unknown_weekday = kind <= DayKind.FRIDAY and kind not in of.kinds
    if not seen and not unknown_weekday:
        return np.zeros(of.periods)
    return np.maximum(0.0, MODELS[test.chosen](known, kind, ahead))


def _coming(date: dt.date, kind: DayKind, calls: Floats, known: Known, test: Backtest) -> Coming:
    low, high = band(calls, test.extra_interval)
    total = np.array([calls.sum()])
    total_low, total_high = band(total, test.extra_day)
    return Coming(
        date, kind, int((known.kinds == kind).sum()), calls, low, high,
        float(total[0]), float(total_low[0]), float(total_high[0]),
    )  # fmt: skip


def scenario_fit(fit: Fit, offered: Grid, calls: Floats, test: Backtest, name: str) -> Fit:
    """The fitted scenario with the calls of a forecast day. ``calls`` are all that are offered: the
    queues' shares and the part that is fresh demand (not redials) are those of the days so far; the
    day's busyness is as uncertain as past forecasts of days were."""
    rates = calls[:, None] * fresh_share(fit, offered) / fit.scenario.period_s
    classes = tuple(
        replace(each, arrivals_per_s=tuple(rates[:, n].tolist()))
        for n, each in enumerate(fit.scenario.classes)
    )
    spread = Spread(Fitted(test.extra_day, None, test.days), fit.spread.extra_interval)
    shape = None if test.extra_day <= 0 else spread.shape
    scenario = replace(fit.scenario, name=name, classes=classes, busyness=shape)
    return replace(fit, scenario=scenario, spread=spread)


def fresh_share(fit: Fit, offered: Grid) -> Floats:
    """What part of an interval's offered calls is each queue's fresh demand: ``[interval, queue]``,
    over all days so far; 0 in an interval without calls."""
    fresh = fit.grid.counts[fit.grid.days_of(None)].sum(axis=0).astype(float)
    whole = offered.counts[offered.days_of(None)].sum(axis=(0, 2)).astype(float)[:, None]
    share: Floats = np.divide(fresh, whole, out=np.zeros_like(fresh), where=whole > 0)
    return share
