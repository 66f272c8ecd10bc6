"""The Poisson and the incomplete gamma functions, in logarithms: nothing overflows or vanishes."""

from __future__ import annotations

import math

_SMALL = 1e-300
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def stirling_error(k: float) -> float:
    """ln k! less Stirling's approximation of it, to the last digit.

    ln Γ(k+1) − (k+½)·ln k + k − ½·ln 2π; for k ≥ 16 its series 1/12k − 1/360k³ + … .
    """
    if k < 16:
        return math.lgamma(k + 1) - (k + 0.5) * math.log(k) + k - _HALF_LOG_2PI
    square = 1 / (k * k)
    return (1 / 12 - (1 / 360 - (1 / 1260 - square / 1680) * square) * square) / k


def _deviance(k: float, mean: float) -> float:
    """d − ln(1+d), d = mean/k − 1, without cancellation."""
    d = (mean - k) / k
    if abs(d) > 0.1:
        return d - math.log(mean) + math.log(k)
    total, power, number = 0.0, d, 1
    while True:
        power *= -d
        number += 1
        term = power / number
        total -= term
        if abs(term) <= abs(total) * 1e-17:
            return total


def log_poisson(k: float, mean: float) -> float:
    """ln of P(a Poisson number of this mean is k), good for any size (Loader's saddle point).

    >>> round(math.exp(log_poisson(2, 1.0)), 12) == round(0.5 / math.e, 12)
    True
    """
    if mean <= 0:
        return 0.0 if k == 0 else -math.inf
    if k == 0:
        return -mean
    return -stirling_error(k) - k * _deviance(k, mean) - _HALF_LOG_2PI - 0.5 * math.log(k)


def log_poisson_at_most(k: int, mean: float) -> float:
    """ln of P(a Poisson number of this mean is at most k): ln Q(k+1, mean).

    >>> round(math.exp(log_poisson_at_most(1, 1.0)), 12) == round(2 / math.e, 12)
    True
    """
    if k < 0:
        return -math.inf
    if mean <= 0:
        return 0.0
    if mean > k:
        return log_poisson(k, mean) + math.log(_downwards(k, mean))
    upper = math.exp(log_poisson(k + 1, mean)) * _upwards(k + 1, mean)
    return math.log1p(-min(upper, 1 - 1e-16))


def _downwards(k: float, mean: float) -> float:
    """Σ over j ≤ k of P(j) ÷ P(k)."""
    total = term = 1.0
    while k > 0 and term > total * 1e-17:
        term *= k / mean
        total += term
        k -= 1
    return total


def _upwards(k: float, mean: float) -> float:
    """Σ over j ≥ k of P(j) ÷ P(k)."""
    total = term = 1.0
    while term > total * 1e-17:
        k += 1
        term *= mean / k
        total += term
    return total


def gamma_shares(shape: float, x: float) -> tuple[float, float]:
    """P(shape, x) and Q(shape, x), the regularised incomplete gamma functions, each to full
    relative accuracy: series below the mean, continued fraction (modified Lentz) above.

    >>> [round(each, 12) for each in gamma_shares(1.0, math.log(2))]
    [0.5, 0.5]
    """
    if x <= 0:
        return 0.0, 1.0
    front = math.exp(log_poisson(shape, x))
    if x < shape + 1:
        lower = min(1.0, front * _upwards(shape, x))
        return lower, 1 - lower
    b = x + 1 - shape
    c, d = 1 / _SMALL, 1 / b
    fraction = d
    for i in range(1, 10_000):
        a = -i * (i - shape)
        b += 2
        d = 1 / (a * d + b or _SMALL)
        c = b + a / c or _SMALL
        step = c * d
        fraction *= step
        if abs(step - 1) < 1e-16:
            break
    upper = min(1.0, front * shape * fraction)
    return 1 - upper, upper
