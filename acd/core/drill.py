"""A drill: chosen calls meet the rules for a disaster, everybody else is served as ever.

The lines of a drill stand beside the usual ones, under ids of their own that no file can name, so
that neither waits for the other's calls nor counts them; the operators are the same people.
"""

from __future__ import annotations

from msgspec import structs

from acd.core.dialled import same_number
from acd.core.ids import QueueId
from acd.core.plan import (
    DisasterPlan,
    LadderStep,
    OverflowRule,
    Plan,
    QueuePlan,
    Target,
    TargetKind,
)

#: Ids of a drill's lines and hours begin with this.
PREFIX = "drill:"
_JA, _EN = "【訓練】", "Drill: "


def drill_queue(queue: QueueId) -> QueueId:
    """The line of a drill that stands for a line of the plan."""
    return QueueId(PREFIX + queue)


def is_drill_queue(queue: str) -> bool:
    """Whether a line is one of a drill."""
    return queue.startswith(PREFIX)


def is_called(disaster: DisasterPlan | None, dialled: str, caller: str) -> bool:
    """Whether a call belongs to a drill: by the number dialled, or by who calls."""
    if disaster is None:
        return False
    by_number = any(same_number(each, dialled) for each in disaster.drill_numbers)
    return by_number or any(same_number(each, caller) for each in disaster.drill_callers)


def with_drill(plan: Plan, disaster: DisasterPlan, version: str) -> Plan:
    """The plan with the lines and hours of a drill beside its own."""
    hours = (structs.replace(each, id=PREFIX + each.id) for each in disaster.calendars)
    return structs.replace(
        plan,
        version=version,
        queues=(*plan.queues, *(_line(queue) for queue in disaster.queues)),
        calendars=(*plan.calendars, *hours),
    )


def _line(queue: QueuePlan) -> QueuePlan:
    return structs.replace(
        queue,
        id=drill_queue(queue.id),
        name_ja=_JA + queue.name_ja,
        name_en=_EN + queue.name_en,
        hours=PREFIX + queue.hours if queue.hours else "",
        ladder=tuple(_step(each) for each in queue.ladder),
        overflow=tuple(_rule(each) for each in queue.overflow),
    )


def _step(step: LadderStep) -> LadderStep:
    return structs.replace(step, add_queue=drill_queue(step.add_queue) if step.add_queue else None)


def _rule(rule: OverflowRule) -> OverflowRule:
    if rule.target.kind is not TargetKind.QUEUE:
        return rule
    target = Target(TargetKind.QUEUE, PREFIX + rule.target.value)
    return structs.replace(rule, target=target)
