"""How many call, when, and how much that differs from day to day beyond chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.calibrate.days import DayKind, Grid
from sim.calibrate.past import Floats, Ints
from sim.calibrate.values import Z95, Fitted, Why

#: With fewer days of a kind its profile is that of all days, at the kind's level.
DAYS_FOR_PROFILE = 4
#: Bounds of the Gamma factor's shape: beyond them it is chance alone, or no centre.
SHAPE_MIN, SHAPE_MAX = 0.5, 10_000.0


@dataclass(frozen=True, slots=True)
class Level:
    """Calls a day of one kind of day."""

    kind: DayKind
    calls: Fitted


@dataclass(frozen=True, slots=True)
class Spread:
    """Over-dispersion: calls of a day are Poisson with a mean times a factor of mean 1 and
    variance ``extra``; of an interval, given its day, ``extra_interval``. ``shape`` = 1 ÷ extra,
    None where the days scatter no more than chance."""

    extra: Fitted
    extra_interval: Fitted

    @property
    def shape(self) -> float | None:
        """Shape of the Gamma factor."""
        if self.extra.value is None or self.extra.why is Why.ONLY_CHANCE:
            return None
        return min(SHAPE_MAX, max(SHAPE_MIN, 1 / self.extra.value))


def levels(of: Grid) -> tuple[Level, ...]:
    """Mean calls a day by kind of day, of those that were open."""
    totals = of.of_day.sum(axis=1)
    found = []
    for kind in DayKind:
        days = of.days_of(kind)
        if len(days):
            found.append(Level(kind, _mean(totals[days])))
    return tuple(found)


def _mean(values: Ints) -> Fitted:
    n = len(values)
    half = Z95 * float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else None
    return Fitted(float(values.mean()), half, n)


def profile(of: Grid, kind: DayKind | None) -> Floats:
    """Mean calls by period and queue on an open day of a kind (None: of all kinds).

    With few such days, the profile of all days is brought to the level of these.
    """
    days, everything = of.days_of(kind), of.days_of(None)
    if not len(days):
        return np.zeros(of.counts.shape[1:])
    mean: Floats = of.counts[days].mean(axis=0)
    if len(days) >= DAYS_FOR_PROFILE or len(days) == len(everything):
        return mean
    whole: Floats = of.counts[everything].mean(axis=0)
    total = whole.sum()
    return whole * (mean.sum() / total) if total else mean


def spread(of: Grid, *, as_one_kind: bool) -> Spread:
    """Over-dispersion by the method of moments, half-widths by leaving out one day at a time.

    A day's total N of a kind with mean m has variance m + m² × extra, so extra = Σ[(N − m̂)² − m̂] ÷
    Σ m̂², over all days of all kinds with the degrees of freedom that the means took. Given its
    total, a day's intervals are a multinomial; what they scatter beyond it is ``extra_interval``,
    by the same method. ``as_one_kind`` takes all open days as one kind.
    """
    groups = [of.days_of(None)] if as_one_kind else [of.days_of(each) for each in DayKind]
    groups = [days for days in groups if len(days) > 1]
    if not groups:
        nothing = Fitted(None, None, int(sum(map(len, groups))), Why.ONE_DAY)
        return Spread(nothing, nothing)
    counts = [of.of_day[days].astype(float) for days in groups]
    by_day = _jackknife([each.sum(axis=1)[:, None] for each in counts], _day_moments)
    return Spread(by_day, _jackknife(counts, _interval_moments))


def _day_moments(days: Floats) -> tuple[float, float]:
    """Excess variance and the squared means it is relative to, of days of one kind."""
    n = len(days)
    if n < 2:
        return 0.0, 0.0
    mean = float(days.mean())
    squares = float(((days - mean) ** 2).sum())
    return squares - (n - 1) * mean, (n - 1) * mean * mean


def _interval_moments(days: Floats) -> tuple[float, float]:
    """The same within days: intervals against their share of the day's own total."""
    n = len(days)
    total = days.sum()
    if n < 2 or not total:
        return 0.0, 0.0
    share = days.sum(axis=0) / total
    expected = days.sum(axis=1)[:, None] * share
    squares = float(((days - expected) ** 2).sum())
    chance = float((expected * (1 - share)).sum())
    free = (n - 1) / n
    return squares - free * chance, free * float((expected**2).sum())


def _jackknife(groups: list[Floats], moments: Callable[[Floats], tuple[float, float]]) -> Fitted:
    parts = [moments(each) for each in groups]
    top, bottom = sum(each for each, _ in parts), sum(each for _, each in parts)
    n = sum(map(len, groups))
    if bottom <= 0:
        return Fitted(None, None, n, Why.NO_CALLS)
    without = []
    for (own_top, own_bottom), days in zip(parts, groups, strict=True):
        for left_out in range(len(days)):
            less = moments(np.delete(days, left_out, axis=0))
            rest = bottom - own_bottom + less[1]
            if rest > 0:
                without.append((top - own_top + less[0]) / rest)
    half = None
    if len(without) > 1:
        scatter = np.asarray(without)
        half = Z95 * math.sqrt((n - 1) / n * float(((scatter - scatter.mean()) ** 2).sum()))
    value = top / bottom
    return Fitted(max(0.0, value), half, n, Why.ONLY_CHANCE if value <= 0 else None)
