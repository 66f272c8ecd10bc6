"""Ways to tell a day's calls by interval from the days before it. The first is the baseline.

Each takes the open days so far and a kind of day, and gives the calls of each interval. Small on
purpose: a centre has some hundred days, and a model of many parameters learns their chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.calibrate.days import DayKind, Grid
from sim.calibrate.past import Floats, Ints

#: Days of a kind that the median looks back at.
LOOK_BACK = 26
#: A kind's profile counts as many days of all kinds besides its own.
PRIOR_DAYS = 4.0
#: Weight of the newest day in the level, and how fast it is forgotten per day ahead.
NEWEST, DAMPED = 0.2, 0.9
#: A day so many of its kind ago counts half.
HALF_LIFE = 4.0


@dataclass(frozen=True, slots=True)
class Known:
    """Open days in order: ``counts[day, interval]`` and the kind of each."""

    counts: Floats
    kinds: Ints

    def of(self, kind: DayKind) -> Floats:
        """The days of a kind; of all kinds where there is none."""
        own = self.counts[self.kinds == kind]
        return own if len(own) else self.counts

    def upto(self, number: int) -> Known:
        """The first days alone."""
        return Known(self.counts[:number], self.kinds[:number])


Model = Callable[[Known, DayKind, int], Floats]


def known_days(of: Grid) -> tuple[Known, Ints]:
    """The open days of a history, and where they are in it."""
    days = of.days_of(None)
    kinds = np.array([of.kinds[n] for n in days.tolist()], np.int64)
    return Known(of.of_day[days].astype(float), kinds), days


def median(known: Known, kind: DayKind, ahead: int) -> Floats:
    """The seasonal median: weekday × interval, holidays as their own kind.

    >>> days = Known(np.array([[4.0, 1.0], [6.0, 3.0], [50.0, 2.0]]), np.zeros(3, np.int64))
    >>> median(days, DayKind.MONDAY, 1).tolist()
    [6.0, 2.0]
    """
    found: Floats = np.median(known.of(kind)[-LOOK_BACK:], axis=0)
    return found


def shrunk(known: Known, kind: DayKind, ahead: int) -> Floats:
    """The kind's mean, drawn to the profile of all days as a Gamma prior of a few days draws it."""
    own = known.of(kind)
    whole = known.counts.mean(axis=0)
    level = own.sum(axis=1).mean()
    prior = whole * (level / whole.sum()) if whole.sum() else whole
    found: Floats = (own.sum(axis=0) + PRIOR_DAYS * prior) / (len(own) + PRIOR_DAYS)
    return found


def level(known: Known, kind: DayKind, ahead: int) -> Floats:
    """Profile × a damped level: the days' totals without their kind's part, smoothed; the further
    ahead, the nearer to the mean."""
    totals = known.counts.sum(axis=1)
    mean = totals.mean()
    if not mean:
        return np.zeros(known.counts.shape[1])
    by_kind = {each: known.of(DayKind(each)).sum(axis=1).mean() for each in set(known.kinds)}
    part = np.array([by_kind[each] for each in known.kinds.tolist()])
    relative = np.divide(totals, part, out=np.ones_like(totals), where=part > 0)
    now = 1.0
    for each in relative.tolist():
        now += NEWEST * (each - now)
    found: Floats = shrunk(known, kind, ahead) * (1 + DAMPED**ahead * (now - 1))
    return found


def recent(known: Known, kind: DayKind, ahead: int) -> Floats:
    """The kind's mean in which newer days weigh more."""
    own = known.of(kind)
    weights = 0.5 ** (np.arange(len(own))[::-1] / HALF_LIFE)
    found: Floats = weights @ own / weights.sum()
    return found


BASELINE = "median"
#: All models by name; the first one is used unless another beats it.
MODELS: dict[str, Model] = {
    BASELINE: median, "shrunk": shrunk, "level": level, "recent": recent,
}  # fmt: skip
