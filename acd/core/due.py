"""When a waiting call's circumstances change next: one clock per visit, set to the earliest."""

from __future__ import annotations

from acd.core.call import Call
from acd.core.plan import OverflowKind, QueuePlan

# Looked up once: a member of an Enum costs as much as a call.
_WAIT = OverflowKind.WAIT


def preference_until(queue: QueuePlan, call: Call) -> float:
    """Until when only the preferred operator may take the call (engine seconds)."""
    return call.visit_from_s + (call.prefer_for_s or queue.prefer_last_agent_s)


def next_due(queue: QueuePlan, call: Call, looked_at_s: float = 0.0) -> float:
    """The earliest of ladder step, end of preference, overflow by wait and longest wait.

    An overflow by wait that was due at ``looked_at_s`` and led nowhere is not asked again: the
    clock would ring for it for ever.
    """
    start = call.visit_from_s
    due = start + queue.max_wait_s
    if call.ladder_done < len(queue.ladder):
        due = min(due, start + queue.ladder[call.ladder_done].after_s)
    if call.prefer_agent is not None:
        due = min(due, preference_until(queue, call))
    for rule in queue.overflow:
        if rule.kind is _WAIT and start + rule.threshold > looked_at_s:
            due = min(due, start + rule.threshold)
    return due
