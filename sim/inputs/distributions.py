"""How long things last: patience, talk, wrap-up. Plain numbers, without any library.

Engines draw from these (:mod:`sim.inputs.draws`); closed forms ask for ``survival``.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The families that are known."""

    EXPONENTIAL = "exponential"
    DETERMINISTIC = "deterministic"
    LOGNORMAL = "lognormal"
    WEIBULL = "weibull"
    GAMMA = "gamma"
    HYPEREXPONENTIAL = "hyperexponential"
    EMPIRICAL = "empirical"


@dataclass(frozen=True, slots=True)
class Distribution:
    """A positive length of time, in seconds.

    ``mean_s`` is the mean of all kinds (of ``EMPIRICAL``: over the points, the rest beyond the last
    counted there). ``shape``: of WEIBULL and GAMMA; ``scv``: squared coefficient of variation of
    LOGNORMAL. HYPEREXPONENTIAL: ``weights`` (sum 1) and ``means_s``. EMPIRICAL: ``times_s``
    (ascending) and ``survival_at``, the share that lasts longer than each: a step function, 1
    before the first, constant after the last (who outlasts it never ends).
    """

    kind: Kind
    mean_s: float
    shape: float = 1.0
    scv: float = 1.0
    weights: tuple[float, ...] = ()
    means_s: tuple[float, ...] = ()
    times_s: tuple[float, ...] = ()
    survival_at: tuple[float, ...] = ()

    def survival(self, t_s: float) -> float:
        """P(longer than ``t_s``)."""
        if t_s < 0:
            return 1.0
        return _SURVIVAL[self.kind](self, t_s)


def _weibull_scale(of: Distribution) -> float:
    return of.mean_s / math.gamma(1 + 1 / of.shape)


def _lognormal(of: Distribution, t_s: float) -> float:
    if t_s == 0:
        return 1.0
    sigma2 = math.log1p(of.scv)
    mu = math.log(of.mean_s) - sigma2 / 2
    return 0.5 * math.erfc((math.log(t_s) - mu) / math.sqrt(2 * sigma2))


def _hyperexponential(of: Distribution, t_s: float) -> float:
    parts = zip(of.weights, of.means_s, strict=True)
    return math.fsum(weight * math.exp(-t_s / mean_s) for weight, mean_s in parts)


def _empirical(of: Distribution, t_s: float) -> float:
    number = bisect_right(of.times_s, t_s)
    return of.survival_at[number - 1] if number else 1.0


def _gamma(of: Distribution, t_s: float) -> float:
    """Series of the lower incomplete gamma function; good for the shapes of durations (≤ 100)."""
    x, a = t_s * of.shape / of.mean_s, of.shape
    if x == 0:
        return 1.0
    term = total = 1 / a
    number = a
    while term > total * 1e-16:
        number += 1
        term *= x / number
        total += term
    return max(0.0, 1 - total * math.exp(-x + a * math.log(x) - math.lgamma(a)))


_SURVIVAL = {
    Kind.EXPONENTIAL: lambda of, t_s: math.exp(-t_s / of.mean_s),
    Kind.DETERMINISTIC: lambda of, t_s: 1.0 if t_s < of.mean_s else 0.0,
    Kind.WEIBULL: lambda of, t_s: math.exp(-((t_s / _weibull_scale(of)) ** of.shape)),
    Kind.LOGNORMAL: _lognormal,
    Kind.GAMMA: _gamma,
    Kind.HYPEREXPONENTIAL: _hyperexponential,
    Kind.EMPIRICAL: _empirical,
}


def exponential(mean_s: float) -> Distribution:
    """The memoryless one."""
    return Distribution(Kind.EXPONENTIAL, mean_s)


def deterministic(value_s: float) -> Distribution:
    """Always the same."""
    return Distribution(Kind.DETERMINISTIC, value_s)


def lognormal(mean_s: float, scv: float) -> Distribution:
    """The usual form of talk times; ``scv`` = variance ÷ mean²."""
    return Distribution(Kind.LOGNORMAL, mean_s, scv=scv)


def weibull(mean_s: float, shape: float) -> Distribution:
    """``shape`` below 1: who has waited long waits longer."""
    return Distribution(Kind.WEIBULL, mean_s, shape=shape)


def stretched(of: Distribution, times: float) -> Distribution:
    """Every length so many times as long; the form stays.

    >>> stretched(exponential(60.0), 1.5).mean_s
    90.0
    """
    return replace(
        of,
        mean_s=of.mean_s * times,
        means_s=tuple(each * times for each in of.means_s),
        times_s=tuple(each * times for each in of.times_s),
    )
