"""After something that concerns many at once: both sets are matched anew."""

from __future__ import annotations

from acd.core.call import Call, CallState
from acd.core.ids import QueueId
from acd.core.overflow import (
    IF_NOT_SERVED,
    climb,
    is_closed,
    leave_if_overdue,
    leave_if_tried_enough,
    overflow_if_due,
)
from acd.core.plan import OverflowKind, OverflowRule
from acd.core.routing import route_calls
from acd.core.state import State
from acd.core.step import Step

#: What those who wait have been asked already, by queue: kind and threshold of each rule.
Asked = dict[QueueId, list[tuple[OverflowKind, float]]]

_CLOSED = OverflowKind.CLOSED
_ON_ENTRY = (_CLOSED, *IF_NOT_SERVED)


def asked_so_far(state: State, now: float) -> Asked:
    """The rules on entry that count at present; to be taken before other rules do.

    Of a queue that is open nobody has been asked whether it is closed: hours that end now because
    of another plan send those who wait away, hours that have run out by themselves do not.
    """
    return {
        queue.id: [
            _known_by(rule)
            for rule in queue.overflow
            if rule.kind is not _CLOSED or is_closed(state, queue, now)
        ]
        for queue in state.plan.queues
    }


def _known_by(rule: OverflowRule) -> tuple[OverflowKind, float]:
    return rule.kind, rule.threshold


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


def rules_changed(step: Step, asked: Asked | None = None) -> None:
    """Other rules apply: who can be served is, who should leave does. ``asked``: what counted
    before, where rules of queues may have changed."""
    leave_by_rules(step, match_all(step), asked)


def leave_by_rules(step: Step, waiting: list[Call], asked: Asked | None = None) -> None:
    """Of those whom nobody took, let all leave who should by the rules that count now.

    Who enters is asked first whether the line is closed and then whether it is too long: so here.
    A line that has become too long is left from its end, by who would not have entered it.
    """
    fresh = _fresh(step.state, asked) if asked is not None else {}
    placed = step.state.room.placed
    for call in waiting:
        if _CLOSED in fresh.get(call.queue, ()) and _leaves(step, call, (_CLOSED,)):
            continue
        leave_if_overdue(step, call)
        if call.failed_offers and call.id in placed:
            leave_if_tried_enough(step, call)
    if not fresh:
        return
    entries = [placed[call.id][0] for call in waiting if call.id in placed]
    for _key, _number, call in sorted(entries, reverse=True):
        kinds = tuple(kind for kind in fresh.get(call.queue, ()) if kind in IF_NOT_SERVED)
        if kinds:
            _leaves(step, call, kinds)


def _leaves(step: Step, call: Call, kinds: tuple[OverflowKind, ...]) -> bool:
    """Leave by a rule of these kinds; not who does not wait, nor while the switch is away."""
    return call.id in step.state.room.placed and overflow_if_due(step, call, kinds)


def _fresh(state: State, asked: Asked) -> dict[QueueId, tuple[OverflowKind, ...]]:
    """The kinds of rules on entry that are new, by the queue in which calls wait (of one that is
    gone, the default queue's)."""
    found = {}
    for queue_id, known in asked.items():
        queue = state.queues.get(queue_id) or state.queues[state.plan.default_queue]
        kinds = [
            rule.kind
            for rule in queue.overflow
            if rule.kind in _ON_ENTRY and _known_by(rule) not in known
        ]
        if kinds:
            found[queue_id] = tuple(kinds)
    return found
