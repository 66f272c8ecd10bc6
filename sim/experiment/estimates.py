"""How sure a figure is: half-widths of 95 % intervals over days, which are independent."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.results import Estimate

Array = NDArray[np.int64] | NDArray[np.float64]


def student(days: int) -> float:
    """The 97.5 % point of Student's t for so many days."""
    return float(stdtrit(days - 1, 0.975))


def mean_of(values: Array, scale: float = 1.0) -> Estimate:
    """The mean over days.

    >>> found = mean_of(np.array([1, 2, 3]))
    >>> found.mean, round(found.half, 3)
    (2.0, 2.484)
    """
    n = len(values)
    mean = float(values.mean()) * scale
    if n < 2:
        return Estimate(mean)
    half = student(n) * float(values.std(ddof=1)) / math.sqrt(n) * scale
    return Estimate(mean, half)


def ratio_of(top: Array, bottom: Array, scale: float = 1.0) -> Estimate:
    """Σ top ÷ Σ bottom over days, its half-width by the delta method: the spread of
    top − ratio × bottom, ÷ mean bottom. Never the mean of the days' ratios.

    >>> ratio_of(np.array([90, 10]), np.array([100, 10])).mean
    0.9090909090909091
    """
    whole = float(bottom.sum())
    if whole == 0:
        return Estimate(None)
    ratio = float(top.sum()) / whole
    n = len(top)
    if n < 2:
        return Estimate(ratio * scale)
    return Estimate(ratio * scale, _half(_residuals(top, bottom, ratio)) * abs(scale))


def difference_of(
    top: Array, bottom: Array, other_top: Array, other_bottom: Array, scale: float = 1.0
) -> Estimate:
    """One ratio minus another over the same days (common random numbers): the interval of the
    paired difference, day by day, which is far narrower than the two apart."""
    if not bottom.sum() or not other_bottom.sum():
        return Estimate(None)
    one, two = top.sum() / bottom.sum(), other_top.sum() / other_bottom.sum()
    mean = float(one - two) * scale
    if len(top) < 2:
        return Estimate(mean)
    spread = _residuals(top, bottom, one) - _residuals(other_top, other_bottom, two)
    return Estimate(mean, _half(spread) * abs(scale))


def _residuals(top: Array, bottom: Array, ratio: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (top - ratio * bottom) / bottom.mean()
    return found


def _half(values: NDArray[np.float64]) -> float:
    n = len(values)
    return student(n) * float(values.std(ddof=1)) / math.sqrt(n)


def quantile_of(
    values: NDArray[np.int64],
    counts: NDArray[np.int64],
    part: float,
    share_half: float | None,
    scale: float = 1.0,
) -> Estimate:
    """The nearest-rank quantile of a histogram (values ascending) of all days.

    ``share_half`` is the half-width of the share of those not above it; the interval reaches from
    the quantile of ``part`` less that share to that of ``part`` and it (Woodruff), and the larger
    side is given.
    """
    total = int(counts.sum())
    if not total:
        return Estimate(None)
    upto = counts.cumsum()

    def at(share: float) -> float:
        rank = min(max(1, math.ceil(share * total - 1e-9)), total)
        return float(values[np.searchsorted(upto, rank)])

    found = at(part)
    if share_half is None:
        return Estimate(found * scale)
    sides = found - at(part - share_half), at(part + share_half) - found
    return Estimate(found * scale, max(sides) * scale)
