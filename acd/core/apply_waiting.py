"""What events of several kinds do to calls that wait: their clock, their place, other rules."""

from __future__ import annotations

from acd.core.call import Call, CallState
from acd.core.due import next_due
from acd.core.floor_memory import in_force
from acd.core.plan import Plan
from acd.core.state import State
from acd.core.timers import TimerKind

# Looked up once: a member of an Enum costs as much as a call.
_VISIT = TimerKind.VISIT


def arm_visit(state: State, call: Call, at: float, looked_at_s: float = 0.0) -> None:
    """Set the call's clock to when its circumstances change next."""
    if call.timer:
        state.timers.forget(call.timer)
    due = next_due(state.queue_of(call), call, looked_at_s)
    call.timer = state.timers.arm(_VISIT, call.id, due if due > at else at)


def place_anew(state: State, call: Call, at: float) -> None:
    """The call stands in other lines, or at another place, from here on."""
    state.room.remove(call)
    state.place(call)
    arm_visit(state, call, at)


def under_plan(state: State, plan: Plan, at: float) -> None:
    """Work under a plan, in the mode that is set: its rules apply to those who wait already."""
    then = in_force(plan, state.floor.mode)
    queues = {queue.id: queue for queue in then.queues}
    for call in state.calls.values():
        # Steps that the new ladder takes later than the old one are taken back.
        ladder = queues.get(call.queue, queues[then.default_queue]).ladder
        due = sum(1 for step in ladder if call.visit_from_s + step.after_s <= at)
        call.ladder_done = min(call.ladder_done, due)
    state.adopt(plan)
    for call in state.calls.values():
        if call.state is CallState.QUEUED and not call.parked:
            arm_visit(state, call, at)
