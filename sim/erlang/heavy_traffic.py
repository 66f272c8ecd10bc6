"""Large centres by the square root: Halfin–Whitt, and how far its staffing is from the exact one.

Source: Halfin & Whitt (1981).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.erlang.checks import positive, probability
from sim.erlang.delay import erlang_c
from sim.erlang.lines import root


def halfin_whitt(beta: float) -> float:
    """P(wait) in the limit n = a + β√a: 1 ÷ (1 + β·Φ(β)/φ(β)).

    Worked: β → 0 is a centre without reserve, where everybody waits.

    >>> round(halfin_whitt(1e-9), 6), round(halfin_whitt(0.5), 6)
    (1.0, 0.504539)
    """
    positive("beta", beta)
    normal = 0.5 * math.erfc(-beta / math.sqrt(2))
    density = math.exp(-beta * beta / 2) / math.sqrt(2 * math.pi)
    return density / (density + beta * normal)


@dataclass(frozen=True, slots=True)
class SquareRoot:
    """``agents`` by the rule, and ``agents_exact`` by Erlang C."""

    beta: float
    agents: int
    agents_exact: int


def square_root_staffing(erlangs: float, p_wait_max: float) -> SquareRoot:
    """Seats so that at most this share waits: β of Halfin–Whitt, n = ⌈a + β√a⌉, and the exact n.

    The rule is one short at strict targets: 100 erlang at 5 % gives 118 where 119 are needed.

    >>> square_root_staffing(100, 0.05).agents, square_root_staffing(100, 0.05).agents_exact
    (118, 119)
    """
    positive("erlangs", erlangs)
    probability("p_wait_max", p_wait_max)
    beta = root(lambda b: p_wait_max - halfin_whitt(b), 1e-12, 35.0)
    by_rule = math.ceil(erlangs + beta * math.sqrt(erlangs))

    def enough(agents: int) -> bool:
        return agents > erlangs and erlang_c(erlangs, 1.0, agents).p_wait <= p_wait_max

    low, high = math.floor(erlangs), max(by_rule, 1)
    while not enough(high):
        low, high = high, high + max(1, high - math.floor(erlangs))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return SquareRoot(beta, by_rule, high)
