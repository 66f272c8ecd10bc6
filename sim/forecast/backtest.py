"""Which model would have told the past days best, from what was known before each of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.calibrate.days import DayKind
from sim.calibrate.past import Floats
from sim.calibrate.values import Fitted
from sim.forecast.models import BASELINE, MODELS, Known

#: With fewer open days before the first forecast, or fewer days forecast, nothing is compared.
TRAIN_MIN, TESTS_MIN = 10, 10
#: The newest days that are forecast again.
TESTS_MAX = 180
#: A spread between days of 10 % where there is nothing to learn it from.
USUAL_EXTRA = 0.01
BAND = 0.9


@dataclass(frozen=True, slots=True)
class Score:
    """One model over the days that were forecast. ``error``: mean absolute error of the intervals
    as a share of the calls; ``gain``: by how many calls a day it errs less than the median, with
    the half-width of the paired interval (widened for the number of models compared)."""

    name: str
    error: float
    gain: Fitted

    @property
    def better(self) -> bool:
        """Whether it beats the median by more than chance."""
        return self.gain.half is not None and self.gain.low > 0


@dataclass(frozen=True, slots=True)
class Tested:
    """One past day (by its place among the open ones) as it was told the open day before: calls
    that came, and those told by the median and by the chosen model."""

    day: int
    came: float
    usual: float
    chosen: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """``scores`` in the order of the models; ``days``: how many days were forecast again, each up
    to ``ahead`` days before. ``extra_interval``, ``extra_day``: variance of what really came
    relative to the forecast, beyond chance. ``covered``: share of intervals in the band.
    ``tested``: the days themselves."""

    scores: tuple[Score, ...]
    chosen: str
    days: int
    ahead: int
    extra_interval: float
    extra_day: float
    covered: float | None
    tested: tuple[Tested, ...] = ()


def backtest(known: Known, ahead: int) -> Backtest:
    """Rolling origin: after each open day the next ``ahead`` ones are forecast from it and what
    came before, by every model; a day's errors are averaged over the origins it was told from."""
    whole = len(known.counts)
    first = max(TRAIN_MIN, whole - TESTS_MAX)
    if whole - first < TESTS_MIN:
        return Backtest((), BASELINE, 0, ahead, USUAL_EXTRA, USUAL_EXTRA, None)
    told = {name: np.zeros((whole - first, ahead, known.counts.shape[1])) for name in MODELS}
    used = np.zeros((whole - first, ahead), bool)
    for origin in range(first, whole):
        train = known.upto(origin)
        for step in range(min(ahead, whole - origin)):
            target = origin + step
            used[target - first, step] = True
            kind = DayKind(int(known.kinds[target]))
            for name, model in MODELS.items():
                told[name][target - first, step] = model(train, kind, step + 1)
    came = known.counts[first:, None, :]
    errors = {name: _by_day(np.abs(each - came).sum(axis=2), used) for name, each in told.items()}
    scores = _scores(errors, float(came.sum(axis=2).mean()), ahead)
    best = max((each for each in scores if each.better), key=lambda e: e.gain.value or 0.0,
               default=None)  # fmt: skip
    chosen = best.name if best else BASELINE
    mean, real = told[chosen][used], np.broadcast_to(came, told[chosen].shape)[used]
    extra_interval = extra(mean, real)
    low, high = band(mean, extra_interval)
    some = mean > 0
    covered = float(((real >= low) & (real <= high))[some].mean()) if some.any() else None
    extra_day = extra(mean.sum(axis=1), real.sum(axis=1))
    totals = (each[:, 0].sum(axis=1) for each in (came, told[BASELINE], told[chosen]))
    tested = tuple(
        Tested(first + n, *map(float, each)) for n, each in enumerate(zip(*totals, strict=True))
    )
    return Backtest(
        scores, chosen, whole - first, ahead, extra_interval, extra_day, covered, tested
    )


def _by_day(errors: Floats, used: np.ndarray) -> Floats:
    mean: Floats = np.where(used, errors, 0).sum(axis=1) / used.sum(axis=1)
    return mean


def _scores(errors: dict[str, Floats], calls: float, ahead: int) -> tuple[Score, ...]:
    base = errors[BASELINE]
    found = []
    for name, each in errors.items():
        gain = paired(base - each, ahead, len(errors) - 1)
        found.append(Score(name, float(each.mean()) / calls if calls else 0.0, gain))
    return tuple(found)


def paired(gains: Floats, ahead: int, compared: int) -> Fitted:
    """Mean of paired differences with its 95 % half-width. Days told from the same origin are not
    independent: their covariance up to ``ahead`` - 1 days apart counts (Newey and West 1987). With
    several models compared, the level is divided by their number (Bonferroni)."""
    from scipy.special import stdtrit

    n = len(gains)
    apart = gains - gains.mean()
    variance = float(apart @ apart) / n
    for lag in range(1, min(ahead, n - 1)):
        variance += 2 * (1 - lag / ahead) * float(apart[lag:] @ apart[:-lag]) / n
    variance = max(variance, float(apart @ apart) / n * 0.1)
    quantile = float(stdtrit(n - 1, 1 - 0.025 / max(1, compared)))
    return Fitted(float(gains.mean()), quantile * math.sqrt(variance / (n - 1)), n)


def extra(mean: Floats, came: Floats) -> float:
    """Variance of what came relative to its forecast beyond Poisson chance: Σ[(n − f)² − f] ÷ Σ f²,
    at least 0."""
    squares = float((mean**2).sum())
    if not squares:
        return USUAL_EXTRA
    return max(0.0, float((((came - mean) ** 2) - mean).sum()) / squares)


def band(mean: Floats, extra_variance: float, part: float = BAND) -> tuple[Floats, Floats]:
    """Between which counts the middle part lies: a Poisson count whose mean is the forecast times a
    Gamma factor of this variance (a negative binomial)."""
    tail = (1 - part) / 2
    return _quantile(tail, mean, extra_variance), _quantile(1 - tail, mean, extra_variance)


def _quantile(share: float, mean: Floats, extra_variance: float) -> Floats:
    """The smallest count that at least this share does not exceed, by halving.

    >>> _quantile(0.95, np.array([0.0, 80.0]), 0.0).tolist()
    [0.0, 95.0]
    """
    from scipy.special import betainc, pdtr

    shape = None if extra_variance < 1e-9 else 1 / extra_variance
    below = np.full(mean.shape, -1.0)
    enough = np.ceil(mean + 20 * np.sqrt(mean + extra_variance * mean**2) + 20)
    while (enough - below > 1).any():
        middle = np.floor((below + enough) / 2)
        at = np.maximum(middle, 0)
        if shape is None:
            reached = pdtr(at, mean) >= share
        else:
            reached = betainc(shape, at + 1, shape / (shape + mean)) >= share
        reached &= middle >= 0
        enough, below = np.where(reached, middle, enough), np.where(reached, below, middle)
    found: Floats = enough
    return found
