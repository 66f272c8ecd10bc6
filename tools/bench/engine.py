"""Speed of the routing engine alone: calls per second of one core through the whole engine.

Small case: bench-B of the planning notes (two skills, three groups of operators, exponential
handling and patience). Large case: 1,000 operators, 50 skills, 30 queues and 5,000 calls waiting.
A world of instant phones first plays the case and writes down every input that the engine got, as
in production (arrival, queue, connection, hang-up, timers). What is timed is a fresh engine that
decides this script: every decision, event, command and timer, without the world around it.
"""

from __future__ import annotations

import gc
import heapq
import random
from datetime import timedelta, timezone
from time import process_time

from msgspec import Struct

from acd.core.commands import OfferCall, StartTimer
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    Input,
    QueueRequested,
    TimerFired,
)
from acd.core.plan import AgentPlan, Plan, QueuePlan, SkillNeed

JST = timezone(timedelta(hours=9))
SWITCH = SwitchId("a")
WITHHELD = Caller(CallerKind.WITHHELD)


class Case(Struct):
    """A plan and its load: per queue the arrival rate per second and the mean handling time."""

    plan: Plan
    loads: dict[QueueId, tuple[float, float]]
    patience_s: float
    start_waiting: int = 0


class Speed(Struct):
    """What a run measured; ``waiting`` is the mean number of calls waiting at arrivals."""

    calls: int
    cpu_s: float
    waiting: float

    @property
    def calls_per_s(self) -> float:
        """Calls per CPU second."""
        return self.calls / self.cpu_s


def bench_b() -> Case:
    """bench-B: rates 0.2 and 0.15 per s, handling 180 and 240 s, patience 120 s, 28/28/16."""
    a, b = SkillNeed("a"), SkillNeed("b")
    groups = ((28, (a,)), (28, (b,)), (16, (a, b)))
    people = [skills for count, skills in groups for _ in range(count)]
    agents = tuple(
        AgentPlan(AgentId(f"op{n:03d}"), "", f"d{n}", skills) for n, skills in enumerate(people)
    )
    queues = tuple(
        QueuePlan(QueueId(skill.skill), "", "", needs=(skill,), wrap_up_s=0.0, max_length=100_000)
        for skill in (a, b)
    )
    plan = Plan("bench-b", queues, agents, default_queue=QueueId("a"), max_calls=1_000_000)
    loads = {QueueId("a"): (0.2, 180.0), QueueId("b"): (0.15, 240.0)}
    return Case(plan, loads, 120.0)


def large() -> Case:
    """1,000 operators with 5 of 50 skills each, 30 queues, 5,000 calls waiting all the time."""
    chance = random.Random(7)
    skills = [f"s{n:02d}" for n in range(50)]
    agents = tuple(
        AgentPlan(
            AgentId(f"op{n:04d}"),
            "",
            f"d{n}",
            tuple(SkillNeed(s, chance.randint(1, 9)) for s in sorted(chance.sample(skills, 5))),
        )
        for n in range(1000)
    )
    queues = tuple(
        QueuePlan(
            QueueId(f"q{n:02d}"),
            "",
            "",
            needs=(SkillNeed(skills[n], 1 + n % 3),),
            wrap_up_s=0.0,
            max_length=100_000,
        )
        for n in range(30)
    )
    plan = Plan("large", queues, agents, default_queue=QueueId("q00"), max_calls=1_000_000)
    # 30 queues × 0.2 per s × 180 s = 1,080 erlang on 1,000 operators: the line never empties.
    return Case(plan, {q.id: (0.2, 180.0) for q in queues}, 30_000.0, start_waiting=6_500)


class World:
    """Instant phones around one engine; ``script`` is all that the engine was told."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case = case
        self.chance = random.Random(seed)
        self.engine = Engine(case.plan, JST)
        self.script: list[tuple[Input, float]] = []
        self.heap: list[tuple[float, int, Input]] = []
        self.number = 0
        self.service_s: dict[CallId, float] = {}
        for agent in case.plan.agents:
            self.feed(AgentLoggedIn(agent.id), 0.0)
            self.feed(AgentReadied(agent.id), 0.0)

    def later(self, at_s: float, happened: Input) -> None:
        """Let something happen at ``at_s``."""
        self.number += 1
        heapq.heappush(self.heap, (at_s, self.number, happened))

    def feed(self, happened: Input, now: float) -> None:
        """One input and what follows from its commands."""
        self.script.append((happened, now))
        for command in self.engine.handle(happened, now).commands:
            if type(command) is OfferCall:
                self.later(now + self.service_s[command.call], CallerHungUp(command.call))
                self.feed(CallConnected(command.offer), now)
            elif type(command) is StartTimer:
                self.later(command.at_s, TimerFired(command.token))

    def play(self, calls: int) -> float:
        """Play ``calls`` calls; returns the mean number waiting at arrivals."""
        waiting = 0
        for at_s, call, queue, service_s, gives_up_s in self._schedule(calls):
            self._play_until(at_s)
            self.service_s[call] = service_s
            self.later(gives_up_s, CallerHungUp(call))
            self.feed(CallArrived(call, SWITCH, "PJSIP/trunk", "trunk", "1", WITHHELD), at_s)
            self.feed(QueueRequested(call, queue), at_s)
            waiting += sum(self.engine.state.waiting_in.values())
        return waiting / calls

    def _play_until(self, at_s: float) -> None:
        heap, engine = self.heap, self.engine
        while heap and heap[0][0] <= at_s:
            due_s, _, happened = heapq.heappop(heap)
            if type(happened) is TimerFired and not engine.wants_timer(happened.token):
                continue
            if type(happened) is CallerHungUp:
                # Giving up means nothing to a call that was answered, and the end of a talk
                # means nothing to one that gave up.
                call = engine.calls.get(happened.call)
                if call is None or (call.offer and due_s < self._talk_end(call.id)):
                    continue
            self.feed(happened, due_s)

    def _talk_end(self, call: CallId) -> float:
        offer = self.engine.state.offers[self.engine.calls[call].offer or ""]  # type: ignore[index]
        return offer.connected_s + self.service_s[call] - 1e-9

    def _schedule(self, calls: int) -> list[tuple[float, CallId, QueueId, float, float]]:
        """(arrival, call, queue, handling, giving up) in order, drawn before the clock starts."""
        chance, case = self.chance, self.case
        total = sum(rate for rate, _ in case.loads.values())
        queues = list(case.loads)
        weights = [rate for rate, _ in case.loads.values()]
        at_s, out = 1.0, []
        for number in range(calls):
            if number >= case.start_waiting:
                at_s += chance.expovariate(total)
            queue = chance.choices(queues, weights)[0]
            service_s = chance.expovariate(1 / case.loads[queue][1])
            patience_s = chance.expovariate(1 / case.patience_s)
            out.append((at_s, CallId(f"{number:010d}"), queue, service_s, at_s + patience_s))
        return out


def measure(case: Case, calls: int, runs: int = 3) -> Speed:
    """The fastest of several fresh engines deciding the same script."""
    world = World(case, 1)
    waiting = world.play(calls)
    best_s = min(_decide(case.plan, world.script) for _ in range(runs))
    return Speed(calls, best_s, waiting)


def _decide(plan: Plan, script: list[tuple[Input, float]]) -> float:
    """CPU seconds that a fresh engine takes for a script."""
    handle = Engine(plan, JST).handle
    gc.collect()
    gc.freeze()
    start = process_time()
    for happened, now in script:
        handle(happened, now)
    cpu_s = process_time() - start
    gc.unfreeze()
    return cpu_s


def figures() -> dict[str, float]:
    """The bench's figures about the engine, by key."""
    small, big = measure(bench_b(), 40_000), measure(large(), 40_000)
    return {
        "engine_calls_per_s": small.calls_per_s,
        "engine_large_ratio": small.calls_per_s / big.calls_per_s,
        "engine_large_waiting": big.waiting,
    }


if __name__ == "__main__":
    for key, value in figures().items():
        print(f"{key}: {value:,.2f}")
