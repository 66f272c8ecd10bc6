"""How many lines an interval needs: everybody on the telephone, also who waits. Pure.

Callers at operators or waiting: M/M/n+G's own distribution. Callers in the menu before: Poisson,
independent of the line behind it (M/G/∞ in front of a Poisson stream). Talks handed on to a
department hold two channels, ours and the one that goes on: twice a Poisson number, taken as
independent of the rest. In wrap-up an operator is busy without a line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from acd.errors import Refused
from sim.erlang.checks import whole
from sim.erlang.special import log_poisson
from sim.erlang.waiting import Waiting, mmn_g, mmn_g_lines
from sim.size.seats import Interval

SEATS_MAX = 3_000
LOAD_MAX = 5_000.0
_NEGLIGIBLE = 1e-13


@dataclass(frozen=True, slots=True)
class Besides:
    """What holds lines besides callers at operators and in the queue: seconds in the menu, the
    share handed on and how long that talk lasts; and seconds of the AHT that need no line."""

    menu_s: float = 0.0
    handed_on: float = 0.0
    handed_on_s: float = 0.0
    wrap_up_s: float = 0.0

    @property
    def any(self) -> bool:
        """Whether there is any of it."""
        return self != Besides()


@dataclass(frozen=True, slots=True)
class Channels:
    """Item k of ``shares``: the share of the time in which exactly k lines are in use."""

    shares: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Lines in use on average."""
        return math.fsum(k * share for k, share in enumerate(self.shares))

    def enough(self, part: float) -> int:
        """The fewest lines that suffice for this part of the time.

        >>> Channels((0.5, 0.3, 0.2)).enough(0.75)
        1
        """
        reached = 0.0
        for k, share in enumerate(self.shares):
            reached += share
            if reached >= part - 1e-12:
                return k
        return len(self.shares)

    def beyond(self, lines: int) -> float:
        """The share of the time in which more would be in use than there are.

        >>> Channels((0.5, 0.3, 0.2)).beyond(1)
        0.2
        """
        return math.fsum(self.shares[lines + 1 :])


def channels(of: Interval, seats: int, besides: Besides | None = None) -> Channels:
    """Lines in use when there are enough of them.

    >>> from sim.inputs.distributions import exponential
    >>> city = channels(Interval(194 / 3600, 240, exponential(120)), 16)
    >>> city.enough(0.99), city.enough(0.999)
    (20, 23)
    """
    besides = besides or Besides()
    whole("seats", seats, 1, SEATS_MAX)
    _checked(of, besides)
    state = mmn_g(of.arrival_per_s, of.aht_s, seats, of.patience)
    numbers = _talking_and_waiting(state, 1 - besides.wrap_up_s / of.aht_s)
    numbers = _both(numbers, _poisson(of.arrival_per_s * besides.menu_s))
    handed = of.arrival_per_s * state.answered * besides.handed_on * besides.handed_on_s
    twice = [0.0] * (2 * len(_poisson(handed)) - 1)
    twice[::2] = _poisson(handed)
    return Channels(tuple(_trimmed(_both(numbers, twice))))


def blocked(of: Interval, seats: int, lines: int) -> float:
    """The share of calls that find all of ``lines`` taken, exactly (no menu, no handing on).

    >>> from sim.inputs.distributions import exponential
    >>> round(blocked(Interval(0.8, 60, exponential(120)), 50, 60), 10)
    0.0208828118
    """
    return mmn_g_lines(of.arrival_per_s, of.aht_s, seats, lines, of.patience).blocked


def lines_for(of: Interval, seats: int, p_block: float) -> int:
    """The fewest lines at which at most this share of the calls is blocked.

    >>> from sim.inputs.distributions import exponential
    >>> lines_for(Interval(194 / 3600, 240, exponential(120)), 16, 0.01)
    21
    """
    low, high = 0, max(2, seats)
    while blocked(of, seats, high) > p_block:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if blocked(of, seats, middle) <= p_block else (middle, high)
    return high


def _checked(of: Interval, besides: Besides) -> None:
    if besides.wrap_up_s >= of.aht_s:
        raise Refused(
            "wrap-up is a part of the handling time and must be shorter",
            ja="後処理は処理時間の一部です。処理時間より短くしてください。",
        )
    talks = of.arrival_per_s * max(besides.menu_s, besides.handed_on * besides.handed_on_s)
    if max(of.erlangs, talks) > LOAD_MAX:
        raise Refused(
            f"at most {LOAD_MAX:g} erlang are computed here",
            ja=f"ここで計算できるのは{LOAD_MAX:g}アーランまでです。",
        )


def _talking_and_waiting(state: Waiting, talking: float) -> list[float]:
    """P(k lines): ``talking`` is the share of a busy operator's time that is talk."""
    most = state.arrival_per_s * state.patience.lasting(state.stretch.high)
    waiting = _trimmed(state.waiting_numbers(math.ceil(most + 10 * math.sqrt(most) + 20)))
    idle = state.busy_numbers()
    if talking >= 1:
        return [*idle, *waiting]
    out = [0.0] * (state.agents + len(waiting))
    for busy, share in enumerate(idle):
        for k, part in _binomial(busy, talking):
            out[k] += share * part
    for k, part in _binomial(state.agents, talking):
        for number, share in enumerate(waiting):
            out[k + number] += share * part
    return out


def _binomial(n: int, p: float) -> list[tuple[int, float]]:
    """The likely k of n with their probabilities."""
    spread = 9 * math.sqrt(n * p * (1 - p)) + 9
    first, last = max(0, math.floor(n * p - spread)), min(n, math.ceil(n * p + spread))
    whole_ln = math.lgamma(n + 1)
    return [
        (
            k,
            math.exp(
                whole_ln
                - math.lgamma(k + 1)
                - math.lgamma(n - k + 1)
                + k * math.log(p)
                + (n - k) * math.log1p(-p)
            ),
        )
        for k in range(first, last + 1)
    ]


def _poisson(mean: float) -> list[float]:
    last = math.ceil(mean + 9 * math.sqrt(mean) + 20) if mean > 0 else 0
    return [math.exp(log_poisson(k, mean)) for k in range(last + 1)]


def _both(one: Sequence[float], two: Sequence[float]) -> list[float]:
    """The distribution of the sum of two independent numbers."""
    out = [0.0] * (len(one) + len(two) - 1)
    for i, a in enumerate(one):
        if a > _NEGLIGIBLE:
            for j, b in enumerate(two):
                out[i + j] += a * b
    return out


def _trimmed(shares: list[float]) -> list[float]:
    last = len(shares)
    while last > 1 and shares[last - 1] < _NEGLIGIBLE:
        last -= 1
    return shares[:last]
