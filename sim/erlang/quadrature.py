"""Integrals of functions whose logarithm is concave: one peak, found first, then summed around.

The queueing integrals ∫ eᶠ have an exponent that may reach thousands and may peak far from 0. The
peak is divided out, the stretch around it that matters is cut at kinks, and each piece is halved
until two Gauss–Legendre sums agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

#: An integrand e⁻⁸⁰ below its peak adds nothing that a float could hold.
DROP = 80.0
_ORDER = 12
_DEPTH_MAX = 30
_STEPS_MAX = 200

Function = Callable[[float], float]
Values = tuple[float, ...]


@cache
def gauss_legendre(order: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights on −1 … 1, by Newton's method on the Legendre polynomial."""
    found = []
    for number in range(1, order + 1):
        x = math.cos(math.pi * (number - 0.25) / (order + 0.5))
        slope = 1.0
        for _ in range(100):
            before, value = 1.0, x
            for k in range(2, order + 1):
                before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
            slope = order * (x * value - before) / (x * x - 1)
            step = value / slope
            x -= step
            if abs(step) < 1e-16:
                break
        found.append((x, 2 / ((1 - x * x) * slope * slope)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where an integrand matters: from ``low`` to ``high``, with cuts; ``peak`` = largest f."""

    peak: float
    cuts: tuple[float, ...]

    @property
    def high(self) -> float:
        """Beyond this the integrand adds nothing."""
        return self.cuts[-1]


def stretch_of(f: Function, scale: float, kinks: Sequence[float] = ()) -> Stretch:
    """Where eᶠ (f concave on x ≥ 0) is not negligible; ``scale`` is a guess of its width."""
    top = scale
    while f(2 * top) > f(top) and top < 1e300:
        top *= 2
    mode = _peak(f, 0.0, 2 * top)
    if f(0.0) >= f(mode):
        mode = 0.0
    peak = f(mode)
    ends = (0.5, 2.0, 6.0, 16.0, 40.0, DROP)
    right = [_falls_to(f, mode, peak - drop, scale) for drop in ends]
    left = []
    if mode > 0:
        low = f(0.0)
        left = [_rises_to(f, mode, peak - drop) for drop in ends if low < peak - drop]
        left.append(0.0 if low >= peak - DROP else left[-1])
    first, last = (min(left) if left else 0.0), right[-1]
    inner = [kink for kink in kinks if first < kink < last]
    return Stretch(peak, tuple(sorted({*left, mode, *right, *inner})))


def _peak(f: Function, low: float, high: float) -> float:
    """The place of the maximum, by golden section."""
    ratio = (math.sqrt(5) - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    at_a, at_b = f(a), f(b)
    for _ in range(_STEPS_MAX):
        if high - low <= 1e-9 * high:
            break
        if at_a >= at_b:
            high, b, at_b = b, a, at_a
            a = high - ratio * (high - low)
            at_a = f(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + ratio * (high - low)
            at_b = f(b)
    return (low + high) / 2


def _falls_to(f: Function, mode: float, level: float, scale: float) -> float:
    reach = scale
    while f(mode + reach) > level and reach < 1e300:
        reach *= 2
    low, high = mode, mode + reach
    for _ in range(60):
        if high - low <= 1e-3 * (high - mode):
            break
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > level else (low, middle)
    return high


def _rises_to(f: Function, mode: float, level: float) -> float:
    low, high = 0.0, mode
    for _ in range(60):
        if high - low <= 1e-3 * (mode - low):
            break
        middle = (low + high) / 2
        low, high = (low, middle) if f(middle) > level else (middle, high)
    return low


def integrate(
    values_at: Callable[[float], Values], cuts: Sequence[float], rtol: float = 1e-14
) -> Values:
    """The integral of each component of ``values_at`` from the first cut to the last.

    >>> [round(each, 12) for each in integrate(lambda x: (x, x * x), (0.0, 1.0, 3.0))]
    [4.5, 9.0]
    """
    pieces = [(a, b, _piece(values_at, a, b)) for a, b in pairwise(cuts)]
    size = len(values_at(cuts[0]))
    rough = [math.fsum(abs(piece[2][i]) for piece in pieces) for i in range(size)]
    parts: list[Values] = []
    waiting = [(a, b, whole, 0) for a, b, whole in pieces]
    while waiting:
        a, b, whole, depth = waiting.pop()
        middle = (a + b) / 2
        left, right = _piece(values_at, a, middle), _piece(values_at, middle, b)
        halves = tuple(x + y for x, y in zip(left, right, strict=True))
        good = all(
            abs(x - y) <= rtol * most for x, y, most in zip(whole, halves, rough, strict=True)
        )
        if good or depth >= _DEPTH_MAX:
            parts.append(halves)
        else:
            waiting += [(a, middle, left, depth + 1), (middle, b, right, depth + 1)]
    return tuple(math.fsum(part[i] for part in parts) for i in range(size))


def _piece(values_at: Callable[[float], Values], a: float, b: float) -> Values:
    middle, half = (a + b) / 2, (b - a) / 2
    sums: list[float] | None = None
    for node, weight in gauss_legendre(_ORDER):
        values = values_at(middle + half * node)
        if sums is None:
            sums = [weight * each for each in values]
        else:
            for i, each in enumerate(values):
                sums[i] += weight * each
    return tuple(half * each for each in sums or ())
