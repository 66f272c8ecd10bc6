"""Plans of all shapes for the engine's property tests, drawn by seeded chance."""

from __future__ import annotations

import random

from msgspec import structs

from acd.core.ids import AgentId, QueueId, SwitchId
from acd.core.outbound import OutboundPlan
from acd.core.plan import (
    AgentPlan,
    CalendarPlan,
    CooldownPlan,
    DaySpan,
    DirectoryEntry,
    InterpreterPlan,
    LadderStep,
    OverflowKind,
    OverflowRule,
    Plan,
    QueuePlan,
    SkillNeed,
    Strategy,
    TalkPlan,
    Target,
    TargetKind,
)
from tests.engine_floor import disaster

SKILLS = "abc"
QUEUES = tuple(QueueId(f"q{n}") for n in range(4))
CLOSED = CalendarPlan("never", ((),) * 7)
OPEN = CalendarPlan("always", ((DaySpan(0, 1440),),) * 7)


def draw_plan(chance: random.Random, version: str = "1") -> Plan:
    """Some queues with everything a queue can have, some operators, short times."""
    queues = tuple(_queue(chance, queue) for queue in QUEUES[: chance.randint(1, 4)])
    people = [n for n in range(6) if chance.random() < 0.8] or [0]
    if chance.random() < 0.2:
        chance.shuffle(people)
    cooldown = CooldownPlan(chance.choice([0.0, 5.0]), 3.0, chance.choice([0.0, 4.0]), 6.0)
    plan = Plan(
        version,
        queues,
        tuple(_agent(chance, n) for n in people),
        directory=(
            DirectoryEntry("hall", "", "", "hall@x"),
            DirectoryEntry("shut", "", "", "shut@x", "never"),
        ),
        talk=TalkPlan(
            ring_s=chance.choice([4.0, 20.0]),
            return_s=chance.choice([0.0, 9.0]),
            interpreters=(InterpreterPlan("en", "hall"),),
            outbound=OutboundPlan("x", ("0466",), chance.choice([2, 100]), 200, 9.0),
        ),
        calendars=(CLOSED, OPEN),
        default_queue=queues[0].id,
        priority_step_s=chance.choice([0.0, 10.0, 60.0]),
        last_agent_memory_s=chance.choice([20.0, 1000.0]),
        offer_lease_s=8.0,
        max_calls=chance.choice([4, 1000, 1000, 1000]),
        cooldown=cooldown,
        seed=chance.randint(1, 9),
    )
    other = random.Random(chance.random())
    worse = tuple(_queue(other, queue.id) for queue in queues)
    return structs.replace(plan, disaster=disaster(plan, worse))


def _skills(chance: random.Random, most: int) -> tuple[SkillNeed, ...]:
    """Up to ``most`` of the skills, each once."""
    names = sorted(chance.sample(SKILLS, chance.randint(0, most)))
    return tuple(SkillNeed(name, chance.choice([1, 3, 5, 9])) for name in names)


def _agent(chance: random.Random, number: int) -> AgentPlan:
    switch = SwitchId("a" if chance.random() < 0.9 else "b")
    return AgentPlan(AgentId(f"op{number}"), "", f"dev{number}", _skills(chance, 3), switch)


def _target(chance: random.Random) -> Target:
    return chance.choice(
        [
            *(Target(TargetKind.QUEUE, queue) for queue in QUEUES),
            Target(TargetKind.NUMBER, "hall"),
            Target(TargetKind.ANNOUNCEMENT, "sorry"),
            Target(TargetKind.CALL_BACK),
        ]
    )


def _ladder(chance: random.Random) -> tuple[LadderStep, ...]:
    steps = []
    after_s = 0.0
    for _ in range(chance.choice([0, 0, 1, 3])):
        after_s += chance.choice([0.0, 5.0, 12.0])
        steps.append(
            LadderStep(
                after_s,
                tuple(
                    SkillNeed(name, chance.choice([0, 1, 3]))
                    for name in SKILLS
                    if chance.random() < 0.3
                ),
                chance.random() < 0.3,
                chance.choice([None, *QUEUES]),
                chance.choice([0, 0, 2, 9]),
            )
        )
    return tuple(steps)


def _overflow(chance: random.Random) -> tuple[OverflowRule, ...]:
    thresholds = {
        OverflowKind.WAIT: [0.0, 7.0, 20.0],
        OverflowKind.LENGTH: [0.0, 2.0],
        OverflowKind.EXPECTED_WAIT: [5.0],
        OverflowKind.OFFERS: [1.0, 2.0],
    }
    kinds = [kind for kind in OverflowKind if chance.random() < 0.2]
    return tuple(
        OverflowRule(kind, _target(chance), chance.choice(thresholds.get(kind, [0.0])))
        for kind in kinds
    )


def _queue(chance: random.Random, queue: QueueId) -> QueuePlan:
    return QueuePlan(
        queue,
        "",
        "",
        needs=_skills(chance, 2),
        prefers=_skills(chance, 1),
        priority=chance.choice([0, 0, 3, 9]),
        strategy=chance.choice(list(Strategy)),
        ring_timeout_s=chance.choice([5.0, 15.0]),
        wrap_up_s=chance.choice([0.0, 0.0, 6.0]),
        max_length=chance.choice([2, 200]),
        max_wait_s=chance.choice([30.0, 600.0]),
        max_offers=chance.choice([1, 2, 10]),
        prefer_last_agent_s=chance.choice([0.0, 0.0, 9.0, 50.0]),
        hours=chance.choice(["", "always", "always", "never"]),
        ladder=_ladder(chance),
        overflow=_overflow(chance),
    )
