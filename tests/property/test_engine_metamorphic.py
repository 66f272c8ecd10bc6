"""What must not matter does not matter: names, the order of the files, the epoch, the pace.

A small simulation answers every ring at once and talks for as long as the caller brought with
him, so that a run is a function of plan and arrivals alone. Times are whole numbers of sixteenths:
sums of them are exact, and two runs can be compared to the bit.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core import inputs as i
from acd.core.commands import OfferCall, StartTimer
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.plan import AgentPlan, LadderStep, Plan, QueuePlan, SkillNeed, Strategy
from tests.engine_world import JST, T0_S, caller

#: (waited seconds, call, operator) of one offer.
Offered = tuple[float, str, str]


@dataclass(frozen=True)
class Arrival:
    """A caller: when, to which queue, how important, how long the talk."""

    call: CallId
    at_s: float
    queue: QueueId
    priority: int
    talk_s: float


@dataclass(frozen=True)
class Day:
    """A plan, when each operator comes, and who calls."""

    plan: Plan
    shifts: tuple[tuple[AgentId, float], ...]
    arrivals: tuple[Arrival, ...]


def run(day: Day) -> list[Offered]:
    """Every offer, in order."""
    engine = Engine(day.plan, JST)
    arrived = {arrival.call: arrival for arrival in day.arrivals}
    heap: list[tuple[float, int, i.Input]] = []
    offers: list[Offered] = []

    def later(at_s: float, *happened: i.Input) -> None:
        for one in happened:
            heapq.heappush(heap, (at_s, later_count(), one))

    count = iter(range(10**9))

    def later_count() -> int:
        return next(count)

    for agent, at_s in day.shifts:
        later(at_s, i.AgentLoggedIn(agent), i.AgentReadied(agent))
    for a in day.arrivals:
        opened = i.CallArrived(a.call, SwitchId("a"), "c", "t", "1", caller(""))
        later(a.at_s, opened, i.QueueRequested(a.call, a.queue, priority=a.priority))
    while heap:
        now, _, happened = heapq.heappop(heap)
        for command in engine.handle(happened, now).commands:
            if isinstance(command, StartTimer):
                later(command.at_s, i.TimerFired(command.token))
            elif isinstance(command, OfferCall):
                arrival = arrived[command.call]
                offers.append((now - arrival.at_s, command.call, command.agent))
                later(now, i.CallConnected(command.offer))
                later(now + arrival.talk_s, i.CallerHungUp(command.call))
    return offers


def draw_day(chance: random.Random, strategy: Strategy | None = None) -> Day:
    """Three skills, up to three queues with ladders and priorities, up to six operators."""

    def seconds(most: int) -> float:
        return chance.randint(1, most * 16) / 16

    skills = "abc"[: chance.randint(1, 3)]
    queues = tuple(
        QueuePlan(
            QueueId(f"q-{skill}"),
            "",
            "",
            needs=(SkillNeed(skill, chance.randint(1, 6)),),
            strategy=strategy or chance.choice(list(Strategy)),
            wrap_up_s=chance.choice([0.0, 4.0]),
            max_wait_s=2.0**20,
            ladder=(LadderStep(seconds(30), lower=(SkillNeed(skill, 1),), raise_priority=2),),
        )
        for skill in skills
    )
    agents = tuple(
        AgentPlan(
            AgentId(f"op{n}"),
            "",
            f"d{n}",
            tuple(SkillNeed(s, chance.randint(1, 9)) for s in skills if chance.random() < 0.7),
        )
        for n in range(chance.randint(1, 6))
    )
    plan = Plan("1", queues, agents, default_queue=queues[0].id, priority_step_s=16.0)
    shifts = tuple((agent.id, T0_S + seconds(20)) for agent in agents)
    at_s, arrivals = T0_S, []
    for n in range(chance.randint(1, 25)):
        at_s += seconds(12)
        queue = chance.choice(queues).id
        arrivals.append(
            Arrival(CallId(f"c{n}"), at_s, queue, chance.choice([0, 0, 3, 9]), seconds(40))
        )
    return Day(plan, shifts, tuple(arrivals))


days = st.integers(0, 2**32).map(lambda seed: draw_day(random.Random(seed)))


@given(days, st.permutations(range(30)))
def test_names_do_not_matter(day: Day, names: list[int]) -> None:
    def renamed(name: str) -> str:
        return f"x{names[sum(map(ord, name)) % 30]}-{name[::-1]}"

    def skills(needs: tuple[SkillNeed, ...]) -> tuple[SkillNeed, ...]:
        return tuple(SkillNeed(renamed(need.skill), need.level) for need in needs)

    queues = tuple(
        msgspec.structs.replace(
            queue,
            id=renamed(queue.id),
            needs=skills(queue.needs),
            ladder=tuple(msgspec.structs.replace(s, lower=skills(s.lower)) for s in queue.ladder),
        )
        for queue in day.plan.queues
    )
    agents = tuple(
        msgspec.structs.replace(agent, id=renamed(agent.id), skills=skills(agent.skills))
        for agent in day.plan.agents
    )
    plan = msgspec.structs.replace(
        day.plan, queues=queues, agents=agents, default_queue=queues[0].id
    )
    other = Day(
        plan,
        tuple((AgentId(renamed(agent)), at_s) for agent, at_s in day.shifts),
        tuple(
            replace(a, call=CallId(renamed(a.call)), queue=QueueId(renamed(a.queue)))
            for a in day.arrivals
        ),
    )
    expected = [(wait_s, renamed(call), renamed(agent)) for wait_s, call, agent in run(day)]
    assert run(other) == expected


@given(days, st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(day: Day, chance: random.Random) -> None:
    queues, agents = list(day.plan.queues), list(day.plan.agents)
    chance.shuffle(queues)
    chance.shuffle(agents)
    plan = msgspec.structs.replace(day.plan, queues=tuple(queues), agents=tuple(agents))
    assert run(replace(day, plan=plan)) == run(day)


def paced(day: Day, clock: Callable[[float], float], pace: float) -> Day:
    """The same day on another clock; durations are multiplied by ``pace``."""
    queues = tuple(
        msgspec.structs.replace(
            queue,
            wrap_up_s=queue.wrap_up_s * pace,
            max_wait_s=queue.max_wait_s * pace,
            ring_timeout_s=queue.ring_timeout_s * pace,
            ladder=tuple(
                msgspec.structs.replace(step, after_s=step.after_s * pace) for step in queue.ladder
            ),
        )
        for queue in day.plan.queues
    )
    step_s = day.plan.priority_step_s * pace
    return Day(
        msgspec.structs.replace(day.plan, queues=queues, priority_step_s=step_s),
        tuple((agent, clock(at_s)) for agent, at_s in day.shifts),
        tuple(replace(a, at_s=clock(a.at_s), talk_s=a.talk_s * pace) for a in day.arrivals),
    )


@given(days, st.integers(0, 10**6))
def test_the_epoch_does_not_matter(day: Day, offset_s: int) -> None:
    assert run(paced(day, lambda at_s: at_s + offset_s, 1.0)) == run(day)


@given(days, st.sampled_from([0.5, 2.0, 8.0]))
def test_the_pace_does_not_matter(day: Day, pace: float) -> None:
    slower = paced(day, lambda at_s: T0_S + (at_s - T0_S) * pace, pace)
    expected = [(wait_s * pace, call, agent) for wait_s, call, agent in run(day)]
    assert run(slower) == expected


@given(days)
def test_when_all_are_equally_urgent_urgency_does_not_matter(day: Day) -> None:
    plain = tuple(msgspec.structs.replace(queue, ladder=()) for queue in day.plan.queues)
    day = replace(day, plan=msgspec.structs.replace(day.plan, queues=plain))
    urgent = tuple(replace(a, priority=9) for a in day.arrivals)
    calm = tuple(replace(a, priority=0) for a in day.arrivals)
    assert run(replace(day, arrivals=urgent)) == run(replace(day, arrivals=calm))


@given(st.integers(0, 2**32), st.sampled_from(list(Strategy)))
def test_one_more_operator_never_lengthens_the_waits_of_one_skill(
    seed: int, strategy: Strategy
) -> None:
    chance = random.Random(seed)
    skill = (SkillNeed("a"),)
    team = tuple(AgentPlan(AgentId(f"op{n}"), "", "", skill) for n in range(chance.randint(2, 5)))
    queue = QueuePlan(
        QueueId("q"), "", "", needs=skill, strategy=strategy, wrap_up_s=2.0, max_wait_s=2.0**20
    )
    at_s, arrivals = T0_S, []
    for n in range(30):
        at_s += chance.randint(1, 80) / 16
        arrivals.append(Arrival(CallId(f"c{n}"), at_s, queue.id, 0, chance.randint(16, 320) / 16))

    def waits(people: tuple[AgentPlan, ...]) -> list[float]:
        plan = Plan("1", (queue,), people, default_queue=queue.id)
        shifts = tuple((person.id, T0_S) for person in people)
        return [wait_s for wait_s, _, _ in run(Day(plan, shifts, tuple(arrivals)))]

    fewer, more = waits(team[:-1]), waits(team)
    assert len(fewer) == len(more) == len(arrivals)
    assert all(with_one_more <= before for before, with_one_more in zip(fewer, more, strict=True))


@pytest.mark.requirement("M3")
@given(days)
def test_nobody_is_overtaken_by_one_who_came_later_than_the_bound(day: Day) -> None:
    """The bound: nine steps of priority. Only callers of one queue, whom the same operators serve
    at every step of its ladder, are compared here; ``Fold`` compares all."""
    one = msgspec.structs.replace(day.plan.queues[0], ladder=())
    plan = msgspec.structs.replace(day.plan, queues=(one,), priority_step_s=4.0)
    arrivals = tuple(replace(a, queue=one.id) for a in day.arrivals)
    came_s = {a.call: a.at_s for a in arrivals}
    served = [
        came_s[CallId(call)] for _, call, _ in run(replace(day, plan=plan, arrivals=arrivals))
    ]
    for n, earlier in enumerate(served):
        assert all(earlier - later <= 9 * plan.priority_step_s for later in served[n + 1 :])


@pytest.mark.requirement("M3")
def test_a_stream_of_urgent_callers_does_not_starve_the_patient_one() -> None:
    """One operator, always more urgent callers than can be served: the patient one's turn comes
    exactly when nine steps of priority are waited off."""
    skill = (SkillNeed("a"),)
    queue = QueuePlan(
        QueueId("q"), "", "", needs=skill, wrap_up_s=0.0, max_wait_s=2.0**20, max_length=10_000
    )
    plan = Plan(
        "1", (queue,), (AgentPlan(AgentId("op"), "", "", skill),), default_queue=queue.id,
        priority_step_s=60.0,
    )  # fmt: skip
    urgent = [Arrival(CallId(f"u{n}"), T0_S + n, queue.id, 9, 2.0) for n in range(2_000)]
    patient = Arrival(CallId("patient"), T0_S + 0.5, queue.id, 0, 2.0)
    day = Day(plan, ((AgentId("op"), T0_S),), (urgent[0], patient, *urgent[1:]))
    order = [call for _, call, _ in run(day)]
    before = order[: order.index("patient")]
    assert before == [f"u{n}" for n in range(541)], "those who came within 9 × 60 s, and no other"
