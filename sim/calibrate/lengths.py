"""How long talks and wrap-ups last: a lognormal with the mean and spread of the records."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.calibrate.past import Floats
from sim.calibrate.values import Z95, Fitted, Why
from sim.inputs.distributions import Distribution, deterministic, lognormal

#: Below it lengths are called equal (a scenario file has no smaller spread); beyond the other they
#: are those of a broken record.
_SCV_MIN, _SCV_MAX = 0.01, 100.0


@dataclass(frozen=True, slots=True)
class Length:
    """``mean`` seconds and ``scv`` (variance ÷ mean²); ``gap``: the largest distance between the
    records' distribution and the lognormal's, a share (0.03: nowhere more than 3 points apart)."""

    mean: Fitted
    scv: Fitted
    gap: float | None

    @property
    def distribution(self) -> Distribution | None:
        """What the scenario takes; None if nothing was recorded or all of it is 0."""
        if not self.mean.value:
            return None
        scv = self.scv.value or 0.0
        if scv < _SCV_MIN:
            return deterministic(self.mean.value)
        return lognormal(self.mean.value, min(scv, _SCV_MAX))


def fit_length(lengths_s: Floats, missing: Why) -> Length:
    """Mean and squared coefficient of variation by moments, so that the total work is the
    records' whatever the form; half-widths by the delta method.

    Lengths that are not known (NaN) are left out; those of 0 s count: their work is 0.

    >>> round(fit_length(np.array([60.0, 120.0, 180.0]), Why.NO_TALKS).mean.value, 6)
    120.0
    """
    x = lengths_s[np.isfinite(lengths_s)]
    n = len(x)
    if n == 0:
        return Length(Fitted(None, None, 0, missing), Fitted(None, None, 0, missing), None)
    mean = float(x.mean())
    if n < 2 or mean == 0:
        return Length(Fitted(mean, None, n), Fitted(0.0, None, n), None)
    second = float(np.mean(x * x))
    scv = second / mean**2 - 1
    # How much each record moves the scv: its derivative by both moments.
    moves = (x * x - second) / mean**2 - 2 * second / mean**3 * (x - mean)
    root = math.sqrt(n)
    half_scv = Z95 * float(moves.std(ddof=1)) / root
    half = Z95 * float(x.std(ddof=1)) / root
    return Length(Fitted(mean, half, n), Fitted(scv, half_scv, n), _gap(x, mean, scv))


def _gap(x: Floats, mean: float, scv: float) -> float | None:
    """Kolmogorov's distance to the lognormal of this mean and spread."""
    from scipy.special import ndtr

    if scv < _SCV_MIN:
        return None
    times, counts = np.unique(x, return_counts=True)
    upto = np.cumsum(counts) / len(x)
    sigma2 = math.log1p(scv)
    with np.errstate(divide="ignore"):
        model = ndtr((np.log(times) - math.log(mean) + sigma2 / 2) / math.sqrt(sigma2))
    before = np.concatenate(([0.0], upto[:-1]))
    return float(max(np.abs(upto - model).max(), np.abs(before - model).max()))
