"""What the closed forms ask of patience: its survival, and how long it lasts up to a time.

H(x) = ∫₀ˣ (1−G) = E[min(patience, x)] exactly for every kind, so that no error of a numerical
integral stands in an exponent.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise

from acd.errors import Refused
from sim.erlang.special import gamma_shares
from sim.inputs.distributions import Distribution, Kind

Function = Callable[[float], float]
MAX_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Patience:
    """``survival`` and ``gone`` = 1 − survival (each to its own accuracy), ``lasting`` = H, and
    ``kinks_s``, where survival jumps. ``stays``: share that never gives up."""

    survival: Function
    gone: Function
    lasting: Function
    kinks_s: tuple[float, ...] = ()
    stays: float = 0.0


def patience_of(of: Distribution | None) -> Patience:
    """The functions of one distribution; None never gives up.

    >>> round(patience_of(Distribution(Kind.DETERMINISTIC, 60.0)).lasting(90.0), 6)
    60.0
    """
    if of is None:
        return Patience(lambda _: 1.0, lambda _: 0.0, lambda x: x, stays=1.0)
    _checked(of)
    return _MAKERS[of.kind](of)


def _checked(of: Distribution) -> None:
    numbers = (of.mean_s, of.shape, of.scv, *of.means_s)
    good = all(math.isfinite(each) and each > 0 for each in numbers)
    if of.kind is Kind.HYPEREXPONENTIAL:
        good = good and len(of.weights) == len(of.means_s) > 0
        good = good and min(of.weights) >= 0 and abs(math.fsum(of.weights) - 1) < 1e-9
    if of.kind is Kind.EMPIRICAL:
        times, left = of.times_s, of.survival_at
        good = len(times) == len(left) > 0 and len(times) <= MAX_POINTS and times[0] >= 0
        good = good and all(a < b for a, b in pairwise(times))
        good = good and all(a >= b for a, b in zip((1.0, *left), (*left, 0.0), strict=True))
    if not good:
        raise Refused(
            f"this {of.kind} time is none: its numbers must be finite and more than 0, weights "
            "must sum to 1, times ascend and shares descend",
            ja=f"この{of.kind}の分布は使えません。数値は0より大きく、重みの合計は1、"
            "時刻は昇順、割合は降順にしてください。",
        )


def _exponential(of: Distribution) -> Patience:
    mean_s = of.mean_s
    return Patience(
        lambda x: math.exp(-x / mean_s),
        lambda x: -math.expm1(-x / mean_s),
        lambda x: -mean_s * math.expm1(-x / mean_s),
    )


def _deterministic(of: Distribution) -> Patience:
    value_s = of.mean_s
    return Patience(
        lambda x: 1.0 if x < value_s else 0.0,
        lambda x: 0.0 if x < value_s else 1.0,
        lambda x: min(x, value_s),
        (value_s,),
    )


def _weibull(of: Distribution) -> Patience:
    shape, scale = of.shape, of.mean_s / math.gamma(1 + 1 / of.shape)

    def lasting(x: float) -> float:
        return of.mean_s * gamma_shares(1 / shape, (x / scale) ** shape)[0]

    return Patience(
        lambda x: math.exp(-((x / scale) ** shape)),
        lambda x: -math.expm1(-((x / scale) ** shape)),
        lasting,
    )


def _gamma(of: Distribution) -> Patience:
    shape, per_s = of.shape, of.shape / of.mean_s

    def lasting(x: float) -> float:
        left = gamma_shares(shape, x * per_s)[1]
        return of.mean_s * gamma_shares(shape + 1, x * per_s)[0] + x * left

    return Patience(
        lambda x: gamma_shares(shape, x * per_s)[1],
        lambda x: gamma_shares(shape, x * per_s)[0],
        lasting,
    )


def _lognormal(of: Distribution) -> Patience:
    variance = math.log1p(of.scv)
    spread = math.sqrt(2 * variance)
    middle = math.log(of.mean_s) - variance / 2

    def above(x: float, shift: float, sign: float) -> float:
        if x <= 0:
            return 1.0 if sign > 0 else 0.0
        return 0.5 * math.erfc(sign * (math.log(x) - middle - shift) / spread)

    return Patience(
        lambda x: above(x, 0.0, 1.0),
        lambda x: above(x, 0.0, -1.0),
        lambda x: of.mean_s * above(x, variance, -1.0) + x * above(x, 0.0, 1.0),
    )


def _hyperexponential(of: Distribution) -> Patience:
    parts = tuple(zip(of.weights, of.means_s, strict=True))
    return Patience(
        lambda x: math.fsum(w * math.exp(-x / m) for w, m in parts),
        lambda x: math.fsum(-w * math.expm1(-x / m) for w, m in parts),
        lambda x: math.fsum(-w * m * math.expm1(-x / m) for w, m in parts),
    )


def _empirical(of: Distribution) -> Patience:
    times = (0.0, *of.times_s)
    left = (1.0, *of.survival_at)
    widths = (b - a for a, b in pairwise(times))
    held = (0.0, *accumulate(s * w for s, w in zip(left, widths, strict=False)))

    def survival(x: float) -> float:
        return left[bisect_right(times, x, 1) - 1]

    def lasting(x: float) -> float:
        at = bisect_right(times, x, 1) - 1
        return held[at] + left[at] * (x - times[at])

    kinks = tuple(each for each in of.times_s if each > 0)
    return Patience(survival, lambda x: 1 - survival(x), lasting, kinks, left[-1])


_MAKERS: dict[Kind, Callable[[Distribution], Patience]] = {
    Kind.EXPONENTIAL: _exponential,
    Kind.DETERMINISTIC: _deterministic,
    Kind.WEIBULL: _weibull,
    Kind.GAMMA: _gamma,
    Kind.LOGNORMAL: _lognormal,
    Kind.HYPEREXPONENTIAL: _hyperexponential,
    Kind.EMPIRICAL: _empirical,
}
