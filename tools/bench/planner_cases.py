"""The planner's bench cases, and the same cases as models of SimPy and Ciw."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario

#: M/M/50 at 90 %: one pool, nobody gives up.
AGENTS_A = 50
BENCH_A = Scenario(
    "bench-A",
    1.0,
    (CallClass("calls", (0.25,), exponential(180), (None,)),),
    (Group("pool", (AGENTS_A,), ("calls",)),),
)
#: Two skills, three groups, abandonment, the longest wait first.
AGENTS_B = (28, 28, 16)
_PATIENCE = (exponential(120),)
BENCH_B = Scenario(
    "bench-B",
    1.0,
    (
        CallClass("A", (0.2,), exponential(180), _PATIENCE, prefers=(("A",), ("AB",))),
        CallClass("B", (0.15,), exponential(240), _PATIENCE, prefers=(("B",), ("AB",))),
    ),
    (
        Group("A", AGENTS_B[:1], ("A",)),
        Group("B", AGENTS_B[1:2], ("B",)),
        Group("AB", AGENTS_B[2:], ("A", "B")),
    ),
)


def lasting(scenario: Scenario, calls: int) -> Scenario:
    """The scenario, long enough for about so many calls."""
    rate = sum(of.arrivals_per_s[0] for of in scenario.classes)
    return replace(scenario, period_s=calls / rate)


def simpy_b(calls: int, seed: int) -> list[tuple[int, float | None]]:
    """bench-B as SimPy's users write it: skill and wait of each call (None: gave up).

    A group is a store of operators; a call asks its own group, then the shared one as well, and
    leaves both lines when its patience ends, as in SimPy's example of a bank.
    """
    import simpy

    env, chance = simpy.Environment(), random.Random(seed)
    groups = [simpy.Store(env) for _ in AGENTS_B]
    for group, agents in zip(groups, AGENTS_B, strict=True):
        group.items += range(agents)
    ended: list[tuple[int, float | None]] = []
    talk_s = (180.0, 240.0)

    def call(skill: int) -> Any:
        came = env.now
        asked = [groups[skill].get()]
        if not asked[0].triggered:
            asked.append(groups[2].get())
        if not asked[-1].triggered:
            yield env.any_of([*asked, env.timeout(chance.expovariate(1 / 120))])
        found = [each for each in asked if each.triggered]
        for each in asked:
            if each not in found[:1]:
                each.cancel()
        # Both groups may have come to it at the same instant.
        for each in found[1:]:
            yield groups[2].put(each.value)
        if not found:
            ended.append((skill, None))
            return
        ended.append((skill, env.now - came))
        yield env.timeout(chance.expovariate(1 / talk_s[skill]))
        yield groups[skill if found[0] is asked[0] else 2].put(found[0].value)

    def source() -> Any:
        for _ in range(calls):
            yield env.timeout(chance.expovariate(0.35))
            env.process(call(0 if chance.random() < 0.2 / 0.35 else 1))

    env.process(source())
    env.run()
    return ended


def ciw_b(calls: int, seed: int) -> list[tuple[int, float | None]]:
    """bench-B with Ciw: skill and wait of each call (None: gave up).

    Ciw's operators have no skills: one node of all operators is taught who serves whom.
    """
    import ciw

    only_a, no_shared = AGENTS_B[0], AGENTS_B[0] + AGENTS_B[1]

    def serves(server: Any, skill: str) -> bool:
        if server.id_number > no_shared:
            return True
        return (server.id_number <= only_a) is (skill == "A")

    class Skilled(ciw.Node):  # type: ignore[misc]
        came: Any = None
        free: Any = None

        def begin_service_if_possible_accept(self, individual: Any) -> None:
            self.came = individual
            super().begin_service_if_possible_accept(individual)

        def begin_service_if_possible_release(self, individual: Any, server: Any) -> None:
            self.came, self.free = None, server
            super().begin_service_if_possible_release(individual, server)

        def find_free_server(self, individual: Any) -> Any:
            skill = individual.customer_class
            free = (s for s in self.servers if not s.busy and serves(s, skill))
            return next(free, None)

        def choose_next_customer(self) -> Any:
            if self.came is not None:
                return self.came
            waiting = (i for i in self.individuals[0] if not i.server)
            return next((i for i in waiting if serves(self.free, i.customer_class)), None)

    exponential_ = ciw.dists.Exponential
    network = ciw.create_network(
        arrival_distributions={"A": [exponential_(0.2)], "B": [exponential_(0.15)]},
        service_distributions={"A": [exponential_(1 / 180)], "B": [exponential_(1 / 240)]},
        number_of_servers=[sum(AGENTS_B)],
        reneging_time_distributions={skill: [exponential_(1 / 120)] for skill in "AB"},
        routing={skill: [[0.0]] for skill in "AB"},
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network, node_class=Skilled)
    simulation.simulate_until_max_time(calls / 0.35)
    return [
        (
            "AB".index(record.customer_class),
            record.waiting_time if record.record_type == "service" else None,
        )
        for record in simulation.get_all_records()
    ]
