"""The load lags behind the arrivals: M(t)/G/∞, the modified offered load.

Sizing each interval for its own arrivals (SIPP) forgets the calls that are still being talked.
Source: Eick, Massey & Whitt (1993).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from acd.errors import Refused
from sim.erlang.checks import positive
from sim.erlang.quadrature import integrate

_REACH = 45.0


def busy_mean(rate_per_s: Callable[[float], float], aht_s: float, t_s: float) -> float:
    """Mean number of calls in progress at t when everybody is answered; exponential AHT.

    m(t) = ∫₀^∞ λ(t−u)e^(−u/AHT) du, with λ known as far back as it matters. Worked: a constant
    rate is a = λ·AHT.

    >>> round(busy_mean(lambda t: 0.1, 180.0, 0.0), 9)
    18.0
    """
    positive("aht_s", aht_s)
    cuts = [0.5 * aht_s * i for i in range(int(2 * _REACH) + 1)]
    (mean,) = integrate(lambda u: (rate_per_s(t_s - u) * math.exp(-u / aht_s),), cuts)
    return mean


def busy_means(rates_per_s: Sequence[float], period_s: float, aht_s: float) -> list[float]:
    """Mean number of calls in progress at the end of each period, from an empty start.

    m ← a + (m − a)·e^(−period/AHT) with a = λ·AHT of the period. Worked: an hour of 1 erlang with
    an AHT of an hour reaches 1 − 1/e.

    >>> [round(each, 6) for each in busy_means([1 / 3600], 3600, 3600)]
    [0.632121]
    """
    positive("period_s", period_s)
    positive("aht_s", aht_s)
    if any(not (math.isfinite(each) and each >= 0) for each in rates_per_s):
        raise Refused("rates must be 0 or more", ja="着信の割合は0以上にしてください。")
    mean, keep, found = 0.0, math.exp(-period_s / aht_s), []
    for rate in rates_per_s:
        load = rate * aht_s
        mean = load + (mean - load) * keep
        found.append(mean)
    return found
