"""Callers wait as long as it takes: Erlang C (M/M/n), classes with priority, one server (M/G/1).

Sources: Erlang (1917); Cobham (1954) for priorities; Pollaczek (1930) and Khinchine (1932).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from acd.errors import Refused
from sim.erlang.checks import load, positive, unstable, whole
from sim.erlang.lines import log_inverse_erlang_b


@dataclass(frozen=True, slots=True)
class ErlangC:
    """M/M/n in its steady state; ``drain_per_s`` = nμ − λ."""

    p_wait: float
    drain_per_s: float
    arrival_per_s: float
    occupancy: float

    @property
    def asa_s(self) -> float:
        """Mean wait of all, who are all answered: C ÷ (nμ − λ)."""
        return self.p_wait / self.drain_per_s

    @property
    def queue_mean(self) -> float:
        """Mean number waiting: λ × mean wait (Little)."""
        return self.arrival_per_s * self.asa_s

    def within(self, threshold_s: float) -> float:
        """Share answered within T: 1 − C·e^(−(nμ−λ)T)."""
        return 1 - self.p_wait * math.exp(-self.drain_per_s * threshold_s)

    def wait_quantile_s(self, share: float) -> float:
        """The wait that this share of all callers does not exceed."""
        return max(0.0, math.log(self.p_wait / (1 - share)) / self.drain_per_s)


def erlang_c(arrival_per_s: float, aht_s: float, agents: int) -> ErlangC:
    """M/M/n. C = B ÷ (1 − ρ(1 − B)), with B of Erlang's loss formula.

    Worked: one operator, ρ = ½: C = ρ, and half an AHT ÷ (1 − ρ) of wait.

    >>> one = erlang_c(0.5, 1.0, 1)
    >>> round(one.p_wait, 12), round(one.asa_s, 12)
    (0.5, 1.0)
    """
    erlangs = load(arrival_per_s, aht_s)
    whole("agents", agents)
    if erlangs >= agents:
        raise unstable()
    inverse = log_inverse_erlang_b(erlangs, agents)
    occupancy = erlangs / agents
    block = math.exp(-inverse)
    p_wait = block / (1 - occupancy * (1 - block))
    return ErlangC(p_wait, (agents - erlangs) / aht_s, arrival_per_s, occupancy)


def priority(
    arrivals_per_s: Sequence[float], aht_s: float, agents: int
) -> tuple[float, tuple[float, ...], float]:
    """P(wait), the mean wait of each class and of first come, first served. Classes in order, the
    first is served first; nobody is interrupted; all with one AHT.

    W_k = C ÷ (nμ(1−σ_{k−1})(1−σ_k)), σ_k = load of the classes up to k ÷ n. Worked: one operator,
    ρ = ¼ + ¼, C = ½: ½ ÷ ¾ and ½ ÷ (¾·½).

    >>> p_wait, classes, fifo = priority([0.25, 0.25], 1.0, 1)
    >>> [round(each, 6) for each in (p_wait, *classes, fifo)]
    [0.5, 0.666667, 1.333333, 1.0]
    """
    if not arrivals_per_s:
        raise Refused("at least one class must call", ja="業務を1つ以上指定してください。")
    for each in arrivals_per_s:
        positive("arrival_per_s", each)
    whole_line = erlang_c(math.fsum(arrivals_per_s), aht_s, agents)
    waits, before = [], 0.0
    for each in arrivals_per_s:
        upto = before + each * aht_s / agents
        waits.append(whole_line.p_wait * aht_s / (agents * (1 - before) * (1 - upto)))
        before = upto
    return whole_line.p_wait, tuple(waits), whole_line.asa_s


def mg1_wait_s(arrival_per_s: float, aht_s: float, service_scv: float) -> float:
    """Mean wait before one server with any service time (Pollaczek–Khinchine).

    W = λ·E[S²] ÷ (2(1−ρ)) = ρ·AHT·(1 + scv) ÷ (2(1−ρ)). Worked: λ 0.8, AHT 1, scv 2: 2.4 ÷ 0.4.

    >>> round(mg1_wait_s(0.8, 1.0, 2.0), 12)
    6.0
    """
    occupancy = load(arrival_per_s, aht_s)
    if occupancy >= 1:
        raise unstable()
    if not (math.isfinite(service_scv) and service_scv >= 0):
        raise Refused(
            f"service_scv must be 0 or more, not {service_scv:g}",
            ja=f"service_scv は0以上にしてください(いまは {service_scv:g})。",
        )
    return occupancy * aht_s * (1 + service_scv) / (2 * (1 - occupancy))
