"""What supervisors ask of the engine in its random days, and plans for disasters."""

from __future__ import annotations

import random

from acd.core import inputs_floor as f
from acd.core.call import CallState
from acd.core.ids import CallId, QueueId, SpyId
from acd.core.plan import DisasterPlan, Mode, Plan, QueuePlan
from agents.state import AgentState
from tests.engine_world import World

BOSS = "supervisor:boss"


def disaster(plan: Plan, queues: tuple[QueuePlan, ...], max_calls: int = 50) -> DisasterPlan:
    """The plan's own parts with other queues and another cap."""
    return DisasterPlan(
        queues,
        plan.numbers,
        plan.calendars,
        plan.default_flow,
        max_calls,
        "災害対応中です。",
        "Disaster mode is on.",
    )


def floor_input(world: World, chance: random.Random) -> f.FloorInput:
    """Something that a supervisor asks for, or that callers answer."""
    call, agent = _call(world, chance), world.any_agent(chance)
    queues = [QueueId(queue.id) for queue in world.engine.plan.queues]
    away = [a.device for a in world.engine.agents.values() if a.state is AgentState.NOT_READY]
    device = chance.choice(["dev0", "dev1", "sv-phone", "web-sv", *away])
    some: list[f.FloorInput] = [
        f.PriorityGiven(call, chance.randint(-1, 10), BOSS),
        f.PriorityGiven(call, chance.randint(0, 9), BOSS),
        f.CallMoveRequested(call, chance.choice([*queues, QueueId("unknown")]), BOSS),
        f.CallMoveRequested(call, chance.choice(queues), BOSS),
        f.TakeOverRequested(call, device, BOSS),
        f.TakeOverRequested(call, device, BOSS),
        f.SkillGiven(
            agent, chance.choice(["a", "b", "c", "z"]), chance.choice([None, 0, 3, 9, 10]), BOSS
        ),
        f.SpyRequested(call, device, chance.choice(list(f.SpyMode)), BOSS),
        f.SpyRequested(call, device, f.SpyMode.LISTEN, BOSS),
        f.SpyEndRequested(call, device, BOSS),
        f.SpyLegGone(SpyId(f"s{chance.randint(1, 5):012d}")),
        f.ModeRequested(
            chance.choice(list(Mode)), chance.random() < 0.5, chance.choice(["", "地震"]), BOSS
        ),
        f.SurveyAsked(call),
        f.SurveyAnswered(call, chance.randint(0, 6)),
    ]
    return chance.choice(some)


def _call(world: World, chance: random.Random) -> CallId:
    """Mostly a call about which a supervisor can do something."""
    live = [call.id for call in world.engine.calls.values() if call.state is not CallState.MENU]
    talks = [call.id for call in world.engine.calls.values() if call.state is CallState.TALKING]
    if talks and chance.random() < 0.4:
        return chance.choice(talks)
    return chance.choice(live) if live and chance.random() < 0.8 else world.any_call(chance)
