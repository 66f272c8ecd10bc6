"""This morning tells the rest of the day: the posterior of the day's busyness, as a scenario.

The rule is the wall's own (:mod:`metrics.forecast`): a day is as busy as usual times a Gamma factor
of shape α; with n calls where m were usual it is (α + n) ÷ (α + m) in the mean, and Gamma with
shape α + n, so what is to come of an interval is a negative binomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from acd.errors import Refused
from metrics.forecast import forecast, shape_of_days, usual_day
from sim.calibrate.days import DayKind, Grid
from sim.calibrate.fit import Fit
from sim.calibrate.past import Floats
from sim.forecast.backtest import band
from sim.forecast.coming import fresh_share
from sim.inputs.scenario import Scenario

#: How many earlier days of the same kind tell how a usual one is, as on the wall.
DAYS_BACK = 8


@dataclass(frozen=True, slots=True)
class Today:
    """``over``: how many intervals are over. ``usual`` of the whole day; ``expected`` with its band
    of those from ``over`` on. ``shape``: of the Gamma factor that is still uncertain. ``seen``:
    days that tell the usual one, of ``kind`` (None: of all kinds, for there was none such).
    ``so_far``: today's calls in the intervals that are over."""

    kind: DayKind | None
    seen: int
    over: int
    came: int
    usual_so_far: float
    busyness: float
    shape: float
    usual: Floats
    expected: Floats
    low: Floats
    high: Floats
    rest: float
    rest_low: float
    rest_high: float
    opens_s: int
    period_s: int
    so_far: tuple[int, ...] = ()


def today(of: Grid, kind: DayKind, so_far: Sequence[int]) -> Today:
    """``of``: the days before today; ``so_far``: today's intervals that are over, in its hours.

    Raises:
        Refused: the day is over, or no earlier day tells what is usual.
    """
    days = of.days_of(kind)[-DAYS_BACK:]
    known: DayKind | None = kind
    if not len(days):
        known, days = None, of.days_of(None)[-DAYS_BACK * 5 :]
    if not len(days):
        raise Refused(
            "there is no earlier day with calls: what is usual is not known",
            ja="電話のあった過去の日がないため、いつもの件数がわかりません。",
        )
    if len(so_far) >= of.periods:
        raise Refused(
            "the day is over: there is nothing left to plan; use plan forecast for the next ones",
            ja="今日の受付は終わっています。次の日は plan forecast を使ってください。",
        )
    rows = of.of_day[days]
    shape = shape_of_days([int(each) for each in rows.sum(axis=1)])
    found = forecast(usual_day(rows.tolist()), list(so_far), shape)
    after = shape + found.so_far
    expected = np.asarray(found.by_interval)
    low, high = band(expected, 1 / after)
    rest_low, rest_high = band(np.array([found.rest]), 1 / after)
    return Today(
        known, len(days), len(so_far), found.so_far, found.expected_so_far, found.busyness, after,
        np.asarray(usual_day(rows.tolist())), expected, low, high,
        found.rest, float(rest_low[0]), float(rest_high[0]), of.opens_s, of.period_s,
        tuple(so_far),
    )  # fmt: skip


def rest_scenario(fit: Fit, offered: Grid, now: Today) -> Scenario:
    """The rest of the day, from the interval that runs. The one before it is simulated as well and
    not counted, so that the rest does not begin with an empty centre."""
    begin = max(0, now.over - 1)
    calls = now.busyness * now.usual[begin:]
    rates = calls[:, None] * fresh_share(fit, offered)[begin:] / now.period_s
    classes = tuple(
        replace(each, arrivals_per_s=tuple(rates[:, n].tolist()), patience=each.patience[begin:])
        for n, each in enumerate(fit.scenario.classes)
    )
    groups = tuple(replace(each, agents=each.agents[begin:]) for each in fit.scenario.groups)
    return replace(
        fit.scenario,
        name="rest of the day",
        classes=classes,
        groups=groups,
        busyness=now.shape,
        warm_up_s=float((now.over - begin) * now.period_s),
        opens_s=float(now.opens_s + begin * now.period_s),
    )
