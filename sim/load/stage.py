"""A centre made ready for the stage: an hour played in a minute.

What a centre decides stays as it is (queues, skills, ladders, order); only its clocks run faster,
it is open whatever the day, and its operators go back to work by themselves after a missed ring.
Its numbers say so wherever they are named: nobody takes what a screen shows for life.
"""

from __future__ import annotations

import msgspec

from acd.core.plan import (
    AgentPlan,
    CalendarPlan,
    CooldownPlan,
    DaySpan,
    LadderStep,
    NumberPlan,
    Plan,
    QueuePlan,
)

_ALL_DAY = (DaySpan(0, 24 * 60),)
_RING_S = 4.0
_COOLDOWN = CooldownPlan(no_answer_s=6.0, rejected_s=4.0, busy_s=4.0, unreachable_s=15.0)


def stage(plan: Plan, pace: float) -> Plan:
    """The plan with its waits ``pace`` times as short as in life."""
    return msgspec.structs.replace(
        open_always(plan),
        version=f"{plan.version} (stage)",
        numbers=tuple(_number(number, pace) for number in plan.numbers),
        queues=tuple(_queue(queue, pace) for queue in plan.queues),
        cooldown=_COOLDOWN,
    )


def open_always(plan: Plan) -> Plan:
    """The plan with every calendar open day and night."""
    calendars = tuple(CalendarPlan(each.id, week=(_ALL_DAY,) * 7) for each in plan.calendars)
    return msgspec.structs.replace(plan, calendars=calendars)


def _number(number: NumberPlan, pace: float) -> NumberPlan:
    return msgspec.structs.replace(
        number,
        name_ja=f"{number.name_ja} ({pace:g}倍速)",
        name_en=f"{number.name_en} ({pace:g} times as fast)",
    )


def _queue(queue: QueuePlan, pace: float) -> QueuePlan:
    return msgspec.structs.replace(
        queue,
        ring_timeout_s=min(queue.ring_timeout_s, _RING_S),
        wrap_up_s=queue.wrap_up_s / pace,
        prefer_last_agent_s=queue.prefer_last_agent_s / pace,
        ladder=tuple(_step(step, pace) for step in queue.ladder),
    )


def _step(step: LadderStep, pace: float) -> LadderStep:
    return msgspec.structs.replace(step, after_s=step.after_s / pace)


def phones(plan: Plan) -> list[str]:
    """The operators' devices, in the plan's order."""
    return [_device(agent) for agent in plan.agents]


def _device(agent: AgentPlan) -> str:
    return agent.device.removeprefix("PJSIP/")
