"""After something that concerns many at once: both sets are matched anew."""

from __future__ import annotations

from acd.core.call import Call, CallState
from acd.core.overflow import climb, leave_if_overdue
from acd.core.routing import route_calls
from acd.core.step import Step


def match_all(step: Step) -> list[Call]:
    """Match both sets anew, in the global order; returns the calls that waited."""
    waiting = [
        call
        for call in step.state.calls.values()
        if call.state is CallState.QUEUED and not call.parked
    ]
    for call in waiting:
        climb(step, call)
    route_calls(step, waiting)
    return waiting


def rules_changed(step: Step) -> None:
    """Other rules apply: who can be served is, who should leave does."""
    for call in match_all(step):
        leave_if_overdue(step, call)
