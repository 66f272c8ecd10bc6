"""How long callers wait at most, from those who gave up and those who were answered before.

Somebody answered after 40 s would have waited at least 40 s: the call is *censored*, not endlessly
patient. Kaplan and Meier (1958) for the curve, maximum likelihood with censoring for the forms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.past import Floats
from sim.calibrate.values import Z95, Fitted, Why
from sim.inputs.distributions import Distribution, Kind, exponential, weibull

#: With fewer abandoned calls than this the form is not asked for: exponential.
ABANDONS_FOR_FORM = 50
#: Likelihood ratio (one more parameter) beyond which Weibull fits better than by chance, 95 %.
_RATIO_95 = 3.841458820694124
_POINTS_MAX = 200
_SHAPE_MIN, _SHAPE_MAX = 0.05, 20.0


@dataclass(frozen=True, slots=True)
class Curve:
    """``survival``: the share that waits longer than ``times_s``; ``error``: its standard error
    (Greenwood); ``at_risk``: who was still waiting just before."""

    times_s: Floats
    survival: Floats
    error: Floats
    at_risk: NDArray[np.int64]

    def at(self, t_s: float) -> float:
        """The share that waits longer."""
        number = int(np.searchsorted(self.times_s, t_s, side="right"))
        return float(self.survival[number - 1]) if number else 1.0

    @property
    def median_s(self) -> float | None:
        """When half would have given up; None if the records do not reach so far."""
        below = np.flatnonzero(self.survival <= 0.5)
        return float(self.times_s[below[0]]) if len(below) else None


@dataclass(frozen=True, slots=True)
class Patience:
    """``mean``: of the exponential form, seconds. ``shape``, ``weibull_mean``: of the Weibull form
    (None where it was not asked for). ``better``: Weibull fits better than by chance."""

    curve: Curve
    mean: Fitted
    shape: Fitted | None
    weibull_mean: Fitted | None
    better: bool
    waits: int

    def distribution(self, form: str) -> Distribution | None:
        """For a scenario: ``exponential``, ``weibull``, ``empirical``, or ``auto`` (Weibull if it
        is better). None if nobody gave up."""
        if self.mean.value is None:
            return None
        if form == "empirical":
            return empirical(self.curve)
        shape = self.shape.value if self.shape is not None else None
        wanted = form == "weibull" or (form == "auto" and self.better)
        mean = self.weibull_mean.value if self.weibull_mean is not None else None
        if wanted and shape and mean:
            return weibull(mean, shape)
        return exponential(self.mean.value)


def kaplan_meier(wait_s: Floats, gave_up: NDArray[np.bool_]) -> Curve:
    """The share still patient after each moment at which somebody gave up: Π (1 − d ÷ r), with d
    who gave up then and r who was waiting just before. Who was answered at the same moment was
    still waiting.

    >>> curve = kaplan_meier(np.array([5., 10, 10, 20, 30]), np.array([1, 0, 1, 1, 0], bool))
    >>> curve.times_s.tolist(), curve.survival.round(6).tolist()
    ([5.0, 10.0, 20.0], [0.8, 0.6, 0.3])
    """
    times, events = np.unique(wait_s[gave_up], return_counts=True)
    order = np.sort(wait_s)
    at_risk = len(order) - np.searchsorted(order, times, side="left")
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - events / at_risk)
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        error: Floats = np.where(survival > 0, survival * np.sqrt(greenwood), 0.0)
    return Curve(times, np.asarray(survival, float), error, at_risk.astype(np.int64))


def fit_patience(wait_s: Floats, gave_up: NDArray[np.bool_]) -> Patience:
    """All forms. Mean of the exponential: all waiting ÷ those who gave up.

    >>> fit_patience(np.array([30., 60, 90]), np.array([1, 0, 1], bool)).mean.value
    90.0
    """
    known = np.isfinite(wait_s) & (wait_s >= 0)
    wait_s, gave_up = wait_s[known], gave_up[known]
    n, total = int(gave_up.sum()), float(wait_s.sum())
    curve = kaplan_meier(wait_s, gave_up)
    if n == 0 or total <= 0:
        why = Why.NO_WAITS if not len(wait_s) else Why.NO_ABANDONS
        return Patience(curve, Fitted(None, None, n, why), None, None, False, len(wait_s))
    mean = Fitted(total / n, Z95 * total / n / math.sqrt(n), n)
    if n < ABANDONS_FOR_FORM:
        return Patience(curve, mean, None, None, False, len(wait_s))
    shape, weibull_mean, ratio = _weibull(wait_s, gave_up)
    return Patience(curve, mean, shape, weibull_mean, ratio > _RATIO_95, len(wait_s))


def _weibull(wait_s: Floats, gave_up: NDArray[np.bool_]) -> tuple[Fitted, Fitted, float]:
    """Shape by maximum likelihood (its equation has one root), the mean that goes with it, and the
    likelihood ratio against the exponential; half-widths from the observed information."""
    # Waits of 0 s carry no weight in the likelihood but its logarithm: a millisecond stands there.
    x = np.maximum(wait_s, 1e-3)
    events = np.log(x[gave_up])
    n, mean_log = len(events), float(events.mean())
    scaled, logs = x / x.max(), np.log(x)
    low, high = _SHAPE_MIN, _SHAPE_MAX
    for _ in range(60):
        k = math.sqrt(low * high)
        powers = scaled**k
        if 1 / k + mean_log > float((powers * logs).sum() / powers.sum()):
            low = k
        else:
            high = k
    scale = float((scaled**k).sum() / n) ** (1 / k) * float(x.max())
    likelihood = n * math.log(k) - n * k * math.log(scale) + (k - 1) * float(events.sum()) - n
    plain = -n * math.log(float(x.sum()) / n) - n
    half_shape, half_log = _weibull_halves(x / scale, k, n)
    mean = scale * math.gamma(1 + 1 / k)
    return Fitted(k, half_shape, n), Fitted(mean, mean * half_log, n), 2 * (likelihood - plain)


def _weibull_halves(relative: Floats, k: float, n: int) -> tuple[float, float]:
    """Half-widths of the shape and of the mean's logarithm: the inverse of the information of
    (shape, log scale), and the delta method for log mean = log scale + log Γ(1 + 1/k)."""
    from scipy.special import digamma

    weight, logs = relative**k, np.log(relative)
    of_shape = n / k**2 + float((weight * logs * logs).sum())
    between, of_scale = -k * float((weight * logs).sum()), k * k * n
    inside = of_shape * of_scale - between**2
    var_shape, var_scale, both = of_scale / inside, of_shape / inside, -between / inside
    turn = -float(digamma(1 + 1 / k)) / k**2
    var_log = var_scale + 2 * turn * both + turn * turn * var_shape
    return Z95 * math.sqrt(var_shape), Z95 * math.sqrt(max(0.0, var_log))


def empirical(curve: Curve) -> Distribution:
    """The curve itself, thinned to a few hundred points, and brought to an end.

    Beyond the last who gave up nothing is known; a curve that stayed there would make the rest wait
    for ever. It goes on as an exponential through its last point (Brown, Hollander and Korwar 1974)
    down to one in a thousand, who then leave.
    """
    keep = curve.survival > 0
    times, survival = curve.times_s[keep], curve.survival[keep]
    if len(times) > _POINTS_MAX:
        # Even steps of survival, the last point with them.
        levels = np.linspace(survival[0], survival[-1], _POINTS_MAX)
        index = np.unique(np.searchsorted(-survival, -levels, side="left"))
        times, survival = times[index], survival[index]
    points = list(zip(times.tolist(), survival.tolist(), strict=True))
    end_s = float(curve.times_s[-1])
    if curve.survival[-1] > 0:
        last_s, last = max(points[-1][0], 1e-3), points[-1][1]
        rate = -math.log(last) / last_s if last < 1 else 1 / last_s
        level = last
        while level > 0.002:
            level *= 0.9
            points.append((-math.log(level) / rate, level))
        end_s = points[-1][0] * 1.05
    elif points and points[-1][0] >= end_s:
        end_s = points[-1][0] * 1.05
    points.append((max(end_s, 1e-3), 0.0))
    area, before, alive = 0.0, 0.0, 1.0
    for at_s, share in points:
        area, before, alive = area + (at_s - before) * alive, at_s, share
    return Distribution(
        Kind.EMPIRICAL,
        max(area, 1e-9),
        times_s=tuple(each for each, _ in points),
        survival_at=tuple(each for _, each in points),
    )
