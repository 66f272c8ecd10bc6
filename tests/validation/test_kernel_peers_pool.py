"""SimPy and Ciw on one pool: strict priorities, few places to wait, one patience for everybody."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.inputs.distributions import deterministic, exponential
from sim.inputs.draws import draw
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.kernel import simulate
from sim.records import Outcome
from tools.bench.planner_cases import lasting

pytestmark = pytest.mark.requirement("M14")
_POOL, _PLACES, _PATIENT_S, _TALK_S, _SOON_S = 10, 4, 45.0, 120.0, 20.0
_RATES = (0.03, 0.06)
_CALLS, _BATCHES = 40_000, 20
#: A call's kind and its wait; NaN: gave up; infinite: found no place.
Ended = list[tuple[int, float]]
CENTRE = Scenario(
    "strict",
    1.0,
    tuple(
        CallClass(name, (rate,), exponential(_TALK_S), (deterministic(_PATIENT_S),), priority=rank)
        for name, rate, rank in zip("AB", _RATES, (1, 0), strict=True)
    ),
    (Group("pool", (_POOL,), ("A", "B")),),
    # So long a step that no wait lifts a call above the next priority.
    priority_step_s=1e7,
    waiting_places=_PLACES,
)


def in_simpy(seed: int) -> Ended:
    """A resource with priorities, whose users look at its queue before they join it."""
    import simpy

    env, chance = simpy.Environment(), random.Random(seed)
    pool, ended = simpy.PriorityResource(env, _POOL), []

    def call(kind: int) -> Any:
        if len(pool.queue) >= _PLACES:
            ended.append((kind, math.inf))
            return
        came, asked = env.now, pool.request(priority=kind)
        if not asked.triggered:
            yield asked | env.timeout(_PATIENT_S)
        if not asked.triggered:
            asked.cancel()
            ended.append((kind, math.nan))
            return
        ended.append((kind, env.now - came))
        yield env.timeout(chance.expovariate(1 / _TALK_S))
        pool.release(asked)

    def source() -> Any:
        for _ in range(_CALLS):
            yield env.timeout(chance.expovariate(sum(_RATES)))
            env.process(call(0 if chance.random() < _RATES[0] / sum(_RATES) else 1))

    env.process(source())
    env.run()
    return ended


def in_ciw(seed: int) -> Ended:
    """A node with priority classes, a queue capacity and reneging."""
    import ciw

    network = ciw.create_network(
        arrival_distributions={
            kind: [ciw.dists.Exponential(rate)] for kind, rate in zip("AB", _RATES, strict=True)
        },
        service_distributions={kind: [ciw.dists.Exponential(1 / _TALK_S)] for kind in "AB"},
        number_of_servers=[_POOL],
        queue_capacities=[_PLACES],
        reneging_time_distributions={kind: [ciw.dists.Deterministic(_PATIENT_S)] for kind in "AB"},
        priority_classes={"A": 0, "B": 1},
        routing={kind: [[0.0]] for kind in "AB"},
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(_CALLS / sum(_RATES))
    instead = {"renege": math.nan, "rejection": math.inf}
    records = sorted(simulation.get_all_records(), key=lambda each: each.arrival_date)
    return [
        ("AB".index(each.customer_class), instead.get(each.record_type, each.waiting_time))
        for each in records
    ]


def shares(waits: np.ndarray) -> tuple[float, float, float]:
    """Found no place, gave up, answered within 20 s."""
    return (
        float(np.isinf(waits).mean()),
        float(np.isnan(waits).mean()),
        float((waits <= _SOON_S).mean()),
    )


@pytest.fixture(scope="module")
def ours() -> list[tuple[float, float, float]]:
    scenario = lasting(CENTRE, 1_000_000)
    found = simulate(scenario, draw(scenario, 1), compiled=True)
    waits = np.where(found.outcome == Outcome.ANSWERED, found.wait_s, math.nan)
    waits[found.outcome == Outcome.BLOCKED] = math.inf
    return [shares(waits[found.skill == kind]) for kind in (0, 1)]


@pytest.mark.parametrize("peer", [in_simpy, in_ciw])
def test_peers_agree_on_priorities_places_and_one_patience(
    peer: Callable[[int], Ended], ours: list[tuple[float, float, float]]
) -> None:
    ended = peer(7)
    for kind in (0, 1):
        waits = np.array([wait for each, wait in ended if each == kind])
        parts = np.array([shares(part) for part in np.array_split(waits, _BATCHES)])
        error = parts.std(axis=0, ddof=1) / math.sqrt(_BATCHES)
        assert np.all(np.abs(parts.mean(axis=0) - ours[kind]) <= 4 * error), kind
        assert np.all(error < [0.02, 0.02, 0.03])  # or the test would say nothing
        assert np.all(np.array(ours[kind])[[0, 2]] > 0.005)
