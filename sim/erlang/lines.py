"""Calls that find no free line are lost: Erlang B, its inverse, those who try again, few sources.

Sources: Erlang (1917); Jagerman (1974) for the recursion; Engset (1918); ITU-T teletraffic
handbook (Iversen) for the extended form.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from acd.errors import Refused
from sim.erlang.checks import LOAD_MAX, positive, probability, whole
from sim.erlang.quadrature import integrate, stretch_of

_RECURSION_MAX = 20_000


def log_inverse_erlang_b(erlangs: float, lines: int) -> float:
    """ln(1/B). Recursion 1/B ← 1 + (k/a)/B; for very many lines Fortet's integral
    1/B = a∫ e^(−at)(1+t)ⁿ dt. In logarithms, since 1/B may exceed any float.

    >>> round(math.exp(-log_inverse_erlang_b(1.0, 1)), 12)
    0.5
    """
    if lines > _RECURSION_MAX:

        def exponent(t: float) -> float:
            return lines * math.log1p(t) - erlangs * t

        where = stretch_of(exponent, 1 / erlangs)
        rtol = max(1e-14, 1e-15 * lines)  # what rounding leaves of an exponent of this size
        (area,) = integrate(lambda t: (math.exp(exponent(t) - where.peak),), where.cuts, rtol)
        return math.log(erlangs) + where.peak + math.log(area)
    inverse, shift = 1.0, 0.0
    for k in range(1, lines + 1):
        inverse = (k / erlangs) * inverse + math.exp(-shift)
        if inverse > 1e250:
            shift += math.log(inverse)
            inverse = 1.0
    return math.log(inverse) + shift


def erlang_b(erlangs: float, lines: int) -> float:
    """Share of calls lost when ``lines`` are offered ``erlangs``.

    B = (aⁿ/n!) ÷ Σ aᵏ/k!, by 1/B ← 1 + (k/a)/B. Worked: a = 1, n = 2: 0.5 ÷ 2.5 = 0.2.

    >>> round(erlang_b(1.0, 2), 12)
    0.2
    """
    positive("erlangs", erlangs)
    whole("lines", lines, 0)
    return math.exp(-log_inverse_erlang_b(erlangs, lines))


def erlang_b_inverse(lines: int, p_block: float) -> float:
    """The load in erlang that ``lines`` carry with this share lost; B rises with the load.

    Worked: two lines at 20 % carry 1 erlang.

    >>> round(erlang_b_inverse(2, 0.2), 9)
    1.0
    """
    whole("lines", lines)
    probability("p_block", p_block)
    target = -math.log(p_block)
    return root(lambda a: target - log_inverse_erlang_b(a, lines), 1e-9, LOAD_MAX)


def lines_for(erlangs: float, p_block: float) -> int:
    """The fewest lines that lose at most this share.

    >>> lines_for(1.0, 0.2), lines_for(8.108, 0.01)
    (2, 15)
    """
    positive("erlangs", erlangs)
    probability("p_block", p_block)
    low, high = -1, max(1, math.ceil(erlangs))
    while erlang_b(erlangs, high) > p_block:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if erlang_b(erlangs, middle) <= p_block else (middle, high)
    return high


def extended_erlang_b(first_erlangs: float, lines: int, retry: float) -> tuple[float, float]:
    """Share lost and total load when ``retry`` of the lost try again at once.

    total = first + retry·B(total)·total, solved for the total. Worked: without retries the total
    is the first.

    >>> [round(each, 9) for each in extended_erlang_b(1.0, 2, 0.0)]
    [0.2, 1.0]
    """
    positive("first_erlangs", first_erlangs)
    _retry(retry)
    if first_erlangs * max(retry, 1e-12) >= LOAD_MAX:
        raise Refused("the load is too large", ja="呼量が大きすぎます。")

    def excess(total: float) -> float:
        return total * (1 - retry * erlang_b(total, lines)) - first_erlangs

    high = first_erlangs
    while excess(high) < 0:
        if high > LOAD_MAX:
            raise Refused(
                "so many try again that no load is enough: add lines",
                ja="かけ直しが多すぎて、つり合う呼量がありません。回線を増やしてください。",
            )
        high *= 2
    total = root(excess, first_erlangs / 2, high)
    return erlang_b(total, lines), total


def extended_erlang_b_inverse(lines: int, p_block: float, retry: float) -> tuple[float, float]:
    """First-attempt and total load that ``lines`` carry with this share lost.

    The total is Erlang B's; first = total·(1 − retry·B). Worked: two lines at 20 %, half of the
    lost again: 1 and 0.9.

    >>> [round(each, 9) for each in extended_erlang_b_inverse(2, 0.2, 0.5)]
    [0.9, 1.0]
    """
    _retry(retry)
    total = erlang_b_inverse(lines, p_block)
    return total * (1 - retry * p_block), total


def _retry(retry: float) -> None:
    if not 0 <= retry <= 1:
        raise Refused(
            f"retry must lie between 0 and 1, not {retry:g}",
            ja=f"retry は0から1の間にしてください(いまは {retry:g})。",
        )


def engset(sources: int, lines: int, alpha: float) -> tuple[float, float]:
    """Call and time congestion when only ``sources`` can call; ``alpha`` = load of an idle one.

    Time congestion E = C(N,n)αⁿ ÷ Σ C(N,k)αᵏ, by 1/E ← 1 + k/((N−k+1)α)/E; a caller sees the
    system with the other N−1. Worked: two sources, one line, α = 1: 2 ÷ 3, and 1 ÷ 2.

    >>> [round(each, 12) for each in engset(2, 1, 1.0)]
    [0.5, 0.666666666667]
    """
    whole("sources", sources)
    whole("lines", lines, 0)
    positive("alpha", alpha)
    return _time_congestion(sources - 1, lines, alpha), _time_congestion(sources, lines, alpha)


def _time_congestion(sources: int, lines: int, alpha: float) -> float:
    if lines > sources:
        return 0.0
    inverse = 1.0
    for k in range(1, lines + 1):
        inverse = 1 + k / ((sources - k + 1) * alpha) * inverse
    return 1 / inverse


def engset_alpha(sources: int, lines: int, offered_erlangs: float) -> float:
    """The load of an idle source when all together offer so much: α = A ÷ (N − A(1 − B)), with B
    the call congestion; solved for α.

    >>> round(engset_alpha(2, 1, 1.0), 9)
    0.707106781
    """
    whole("sources", sources)
    positive("offered_erlangs", offered_erlangs)

    def excess(alpha: float) -> float:
        carried_free = 1 - engset(sources, lines, alpha)[0]
        return alpha * sources / (1 + alpha * carried_free) - offered_erlangs

    return root(excess, 1e-12, 1e12)


def root(f: Callable[[float], float], low: float, high: float) -> float:
    """Where f, which rises from below 0 to above, is 0: bisection to the last digit."""
    if f(low) > 0 or f(high) < 0:
        raise Refused("no value solves this", ja="条件を満たす値がありません。")
    for _ in range(400):
        middle = math.sqrt(low * high) if low > 0 and high > 4 * low else (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if f(middle) <= 0 else (low, middle)
    return (low + high) / 2
