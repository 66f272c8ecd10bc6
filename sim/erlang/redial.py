"""Callers who gave up call again: the load that this makes of the fresh one."""

from __future__ import annotations

from acd.errors import Refused
from sim.erlang.waiting import Waiting, mmn_g
from sim.inputs.distributions import Distribution


def redial(
    arrival_per_s: float,
    aht_s: float,
    agents: int,
    patience: Distribution | None,
    share: float,
    waiting_places: int | None = None,
) -> Waiting:
    """The steady state when this share of those who gave up or were blocked calls again.

    attempts = fresh + share·lost(attempts)·attempts, taking all attempts together as Poisson.
    ``arrival_per_s`` of the result are the attempts: counting them as fresh demand would size
    the centre for callers who do not exist.

    >>> from sim.inputs.distributions import exponential
    >>> round(redial(0.8, 60, 50, exponential(120), 0.3).arrival_per_s, 6)
    0.808362
    """
    if not 0 <= share < 1:
        raise Refused(
            f"the share that calls again must be at least 0 and below 1, not {share:g}",
            ja=f"かけ直す割合は0以上1未満にしてください(いまは {share:g})。",
        )

    def state(attempts: float) -> Waiting:
        return mmn_g(attempts, aht_s, agents, patience, waiting_places)

    def excess(attempts: float) -> float:
        lost = state(attempts)
        return attempts * (1 - share * (lost.abandoned + lost.blocked)) - arrival_per_s

    if share == 0:
        return state(arrival_per_s)
    low, high = arrival_per_s, arrival_per_s / (1 - share)
    at_low, at_high = excess(low), excess(high)
    for _ in range(100):
        # Regula falsi (Illinois): a dozen steps where bisection takes fifty.
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        at_middle = excess(middle)
        if abs(at_middle) <= 1e-13 * arrival_per_s or not low < middle < high:
            break
        if at_middle < 0:
            low, at_low, at_high = middle, at_middle, at_high / 2
        else:
            high, at_high, at_low = middle, at_middle, at_low / 2
    return state(middle)
