"""Callers wait, give up after any patience, and may find no place: M/M/n+G, with places or lines.

Sources: Baccelli & Hébuterne (1981); Zeltyn & Mandelbaum (2005); Brandt & Brandt (1999) for the
number waiting, from which follows the system with finitely many places.

With H(x) = ∫₀ˣ(1−G), E = 1/B(n−1, a) and V the wait that a caller of endless patience would have:
V has the density λe^(λH(x)−nμx) ÷ (E + λJ), J = ∫e^(λH−nμx). With V = x, the number found waiting
is Poisson of mean λH(x); K places cut it at K, which is state n+K, and multiply the density by
P(Poisson < K).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from acd.errors import Refused
from sim.erlang.checks import load, unstable, whole
from sim.erlang.lines import log_inverse_erlang_b, root
from sim.erlang.patience import Patience, patience_of
from sim.erlang.quadrature import Stretch, integrate, stretch_of
from sim.erlang.special import log_poisson, log_poisson_at_most
from sim.inputs.distributions import Distribution


@dataclass(frozen=True)
class Waiting:
    """The steady state. Shares are of all calls, also the blocked; times in seconds.

    ``waiting_places``: None for any number.
    """

    arrival_per_s: float
    aht_s: float
    agents: int
    patience: Patience
    waiting_places: int | None = None

    def _exponent(self, x: float) -> float:
        mean = self.arrival_per_s * self.patience.lasting(x)
        places = self.waiting_places
        cut = 0.0 if places is None else log_poisson_at_most(places, mean)
        return mean + cut - self.agents / self.aht_s * x

    def _blocked_part(self, x: float) -> tuple[float, float]:
        """Of the callers who would wait x: the shares admitted and blocked."""
        places = self.waiting_places
        if places is None:
            return 1.0, 0.0
        mean = self.arrival_per_s * self.patience.lasting(x)
        whole_ln = log_poisson_at_most(places, mean)
        return (
            math.exp(log_poisson_at_most(places - 1, mean) - whole_ln),
            math.exp(log_poisson(places, mean) - whole_ln),
        )

    @cached_property
    def stretch(self) -> Stretch:
        """The waits that matter."""
        return stretch_of(self._exponent, self.aht_s / self.agents, self.patience.kinks_s)

    def _densities(self, x: float) -> tuple[float, ...]:
        weight = math.exp(self._exponent(x) - self.stretch.peak)
        admitted, blocked = self._blocked_part(x)
        held, left = admitted * weight, self.patience.survival(x)
        return (
            held,
            held * left,
            held * self.patience.gone(x),
            held * x * left,
            held * self.patience.lasting(x),
            blocked * weight,
        )

    def _areas(self, low: float, high: float) -> tuple[float, ...]:
        inner = [cut for cut in self.stretch.cuts if low < cut < high]
        if low >= high:
            return (0.0,) * 6
        # Rounding leaves no more than this of an exponent that is a difference of large numbers.
        size = self.agents / self.aht_s * self.stretch.high
        return integrate(self._densities, (low, *inner, high), max(1e-14, 1e-15 * size))

    @cached_property
    def _all(self) -> tuple[float, ...]:
        return self._areas(self.stretch.cuts[0], self.stretch.high)

    @cached_property
    def _scales(self) -> tuple[float, float]:
        """P(somebody is idle), and the factor that turns areas into probabilities."""
        idle_ln = log_inverse_erlang_b(self.arrival_per_s * self.aht_s, self.agents - 1)
        busy_ln = self.stretch.peak + math.log(self.arrival_per_s)
        top = max(idle_ln, busy_ln)
        idle, busy = math.exp(idle_ln - top), math.exp(busy_ln - top)
        total = idle + busy * (self._all[0] + self._all[5])
        return idle / total, busy / total

    @property
    def idle(self) -> float:
        """Share of calls that find somebody idle."""
        return self._scales[0]

    @cached_property
    def blocked(self) -> float:
        """Share of calls that find no place."""
        return self._scales[1] * self._all[5]

    @cached_property
    def abandoned(self) -> float:
        """Share of calls that give up."""
        return self._scales[1] * self._all[2]

    @cached_property
    def answered(self) -> float:
        """Share of calls that are answered: the answer rate."""
        return self._scales[0] + self._scales[1] * self._all[1]

    @property
    def p_wait(self) -> float:
        """Of the admitted, the share that finds nobody idle."""
        waits = self._scales[1] * self._all[0]
        return waits / (waits + self._scales[0])

    @property
    def asa_s(self) -> float:
        """Mean wait of the answered, those at once included (their wait is 0)."""
        return self._scales[1] * self._all[3] / self.answered

    @property
    def wait_mean_s(self) -> float:
        """Mean wait of the admitted, those who give up included."""
        return self._scales[1] * self._all[4] / (1 - self.blocked)

    @property
    def queue_mean(self) -> float:
        """Mean number waiting (Little)."""
        return self.arrival_per_s * self._scales[1] * self._all[4]

    @property
    def occupancy(self) -> float:
        """Share of the operators' time that is spent on calls."""
        return self.arrival_per_s * self.aht_s * self.answered / self.agents

    def by(self, threshold_s: float) -> tuple[float, float]:
        """Shares of all calls answered, and given up, within T (exactly T counts)."""
        at = min(max(threshold_s, self.stretch.cuts[0]), self.stretch.high)
        before = self._areas(self.stretch.cuts[0], at)
        beyond = self._all[0] - before[0]
        early = before[2] + self.patience.gone(threshold_s) * max(0.0, beyond)
        idle, scale = self._scales
        return idle + scale * before[1], scale * early

    def longer(self, t_s: float) -> float:
        """Of the admitted, the share whose wait, ended either way, is longer than t."""
        at = min(max(t_s, self.stretch.cuts[0]), self.stretch.high)
        beyond = self._areas(at, self.stretch.high)[0]
        return self.patience.survival(t_s) * self._scales[1] * beyond / (1 - self.blocked)

    def wait_quantile_s(self, share: float) -> float:
        """The wait, ended either way, that this share of the admitted does not exceed."""
        if self.longer(0.0) <= 1 - share:
            return 0.0
        return root(lambda t: (1 - share) - self.longer(t), 0.0, self.stretch.high)

    def waiting_numbers(self, most: int) -> list[float]:
        """P(all operators busy and k wait) for k = 0 … ``most``."""
        places = self.waiting_places
        top = most if places is None else min(most, places)

        def densities(x: float) -> tuple[float, ...]:
            mean = self.arrival_per_s * self.patience.lasting(x)
            base = mean - self.agents / self.aht_s * x - self.stretch.peak
            return tuple(math.exp(base + log_poisson(k, mean)) for k in range(top + 1))

        areas = integrate(densities, self.stretch.cuts, 1e-11)
        return [self._scales[1] * area for area in areas]

    def busy_numbers(self) -> list[float]:
        """P(j operators busy, nobody waiting) for j = 0 … n−1."""
        erlangs = self.arrival_per_s * self.aht_s
        last = log_poisson(self.agents - 1, erlangs)
        one_less = self.idle * math.exp(
            -log_inverse_erlang_b(erlangs, self.agents - 1)
        )  # P(n−1 busy) of those with somebody idle
        return [one_less * math.exp(log_poisson(j, erlangs) - last) for j in range(self.agents)]


def mmn_g(
    arrival_per_s: float,
    aht_s: float,
    agents: int,
    patience: Distribution | None,
    waiting_places: int | None = None,
) -> Waiting:
    """M/M/n+G; patience None never gives up. Erlang C and B are its ends.

    Worked: one operator, AHT 1, λ = ½, nobody gives up: half of the calls wait (Erlang C); without
    a place to wait a third is lost (Erlang B).

    >>> round(mmn_g(0.5, 1.0, 1, None).p_wait, 9), round(mmn_g(0.5, 1.0, 1, None, 0).blocked, 9)
    (0.5, 0.333333333)
    """
    erlangs = load(arrival_per_s, aht_s)
    whole("agents", agents)
    if waiting_places is not None:
        whole("waiting_places", waiting_places, 0)
    functions = patience_of(patience)
    if waiting_places is None and erlangs * functions.stays >= agents:
        raise unstable()
    return Waiting(arrival_per_s, aht_s, agents, functions, waiting_places)


def mmn_g_lines(
    arrival_per_s: float, aht_s: float, agents: int, lines: int, patience: Distribution | None
) -> Waiting:
    """M/M/n+G in which every call holds one of ``lines``, also while it waits.

    Worked: as many lines as operators is Erlang B: 1 erlang, two of each: a fifth is lost.

    >>> round(mmn_g_lines(1.0, 1.0, 2, 2, None).blocked, 9)
    0.2
    """
    whole("lines", lines)
    # Without a line no operator is reached: those beyond the lines have nothing to do.
    agents = min(agents, lines)
    if lines > 10**6:
        raise Refused("at most a million lines", ja="回線は100万までです。")
    return mmn_g(arrival_per_s, aht_s, agents, patience, lines - agents)
