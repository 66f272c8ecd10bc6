"""The rest of the day, from what the day has brought so far: one pure rule.

A day is as busy as usual times a *busyness*: a number with mean 1 that nobody knows in the morning,
Gamma-distributed with shape α (its variance is 1 ÷ α), the same all day. Of a usual day's intervals
those that are over expected m calls, and n came: the busyness to expect now is (α + n) ÷ (α + m).
Source: Jongbloed and Koole (2001), Avramidis et al. (2004): Poisson arrivals with a random rate.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

#: Shape of the busyness when too few days are known to tell: a spread of 10 %.
USUAL_SHAPE = 100.0
#: Fewer days than these tell nothing of the spread.
DAYS_MIN = 5
SHAPE_MIN, SHAPE_MAX = 1.0, 10_000.0


class Forecast(Struct, frozen=True):
    """``busyness`` of 1 is a usual day. ``rest`` calls are still to come (``by_interval``, in the
    order of the intervals that are not over), ``whole`` with those that came."""

    busyness: float
    so_far: int
    expected_so_far: float
    rest: float
    whole: float
    by_interval: tuple[float, ...]


def forecast(usual: Sequence[float], so_far: Sequence[int], shape: float = USUAL_SHAPE) -> Forecast:
    """What is to come. ``usual``: the mean of each interval of such a day; ``so_far``: the counts
    of those that are over (the one that runs is not).

    Busyness = (α + n) ÷ (α + m): with α = 100, 60 calls where 50 were usual make 160 ÷ 150.

    >>> found = forecast([50.0, 30.0, 15.0], [60], 100.0)
    >>> round(found.busyness, 4), round(found.rest, 2), round(found.whole, 2)
    (1.0667, 48.0, 108.0)
    """
    over = len(so_far)
    came, expected = sum(so_far), sum(usual[:over])
    busyness = (shape + came) / (shape + expected)
    to_come = tuple(busyness * each for each in usual[over:])
    rest = sum(to_come)
    return Forecast(busyness, came, expected, rest, came + rest, to_come)


def usual_day(days: Sequence[Sequence[int]]) -> list[float]:
    """The mean of each interval over earlier days of the same kind; a shorter day counts as far as
    it goes. Empty without days.

    >>> usual_day([[10, 20], [14, 30]])
    [12.0, 25.0]
    """
    longest = max(map(len, days), default=0)
    columns = [[day[i] for day in days if i < len(day)] for i in range(longest)]
    return [sum(column) / len(column) for column in columns]


def shape_of_days(totals: Sequence[int]) -> float:
    """α from the totals of earlier days, by moments: a total has mean μ and variance μ + μ² ÷ α.

    With days that scatter no more than chance alone, α is at its upper bound; with fewer than
    :data:`DAYS_MIN` it is the usual one.

    >>> round(shape_of_days([80, 90, 100, 110, 120]), 1)
    66.7
    >>> shape_of_days([100, 100, 100, 100, 100]), shape_of_days([3])
    (10000.0, 100.0)
    """
    if len(totals) < DAYS_MIN:
        return USUAL_SHAPE
    mean = sum(totals) / len(totals)
    variance = sum((each - mean) ** 2 for each in totals) / (len(totals) - 1)
    if variance <= mean:
        return SHAPE_MAX
    return min(SHAPE_MAX, max(SHAPE_MIN, mean * mean / (variance - mean)))
