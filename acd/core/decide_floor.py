"""Decisions on what supervisors ask for about waiting calls and operators' skills.

A supervisor's word goes before the plan's, but not before the machines: a call that rings is first
taken back, a person has one call at a time.
"""

from __future__ import annotations

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import inputs_floor as i
from acd.core.call import Call
from acd.core.commands import CancelOffer
from acd.core.events import OfferResult, RefusalReason, VisitOutcome
from acd.core.hours import next_midnight
from acd.core.ids import QueueId, visit_id
from acd.core.overflow import MAX_VISITS, climb
from acd.core.plan import Plan, Target, TargetKind
from acd.core.routing import route_call
from acd.core.rules_changed import rules_changed
from acd.core.staffing import after_ring
from acd.core.state import WAITING
from acd.core.step import Step
from agents.agent import Agent


def refuse(step: Step, subject: str, happened: i.FloorInput, reason: RefusalReason) -> None:
    """A request changes nothing."""
    step.emit(e.RequestRefused(subject, type(happened).__name__, reason))


def _waiting(step: Step, happened: i.PriorityGiven | i.CallMoveRequested) -> Call | None:
    """The call of a request if it waits, ringing or not; refuses otherwise."""
    call = step.state.calls.get(happened.call)
    if call is None:
        refuse(step, happened.call, happened, RefusalReason.UNKNOWN_CALL)
    elif call.state not in WAITING:
        refuse(step, happened.call, happened, RefusalReason.NOT_WAITING)
    else:
        return call
    return None


def priority_given(step: Step, happened: i.PriorityGiven) -> None:
    call = _waiting(step, happened)
    if call is None:
        return
    if not 0 <= happened.priority <= 9:
        refuse(step, call.id, happened, RefusalReason.OUT_OF_BOUNDS)
        return
    ladder = step.state.queue_of(call).ladder[: call.ladder_done]
    own = happened.priority - sum(each.raise_priority for each in ladder)
    step.emit(f.PriorityChanged(call.id, happened.priority, own, happened.by))


def call_move_requested(step: Step, happened: i.CallMoveRequested) -> None:
    call = _waiting(step, happened)
    if call is None:
        return
    if happened.queue not in step.state.queues:
        refuse(step, call.id, happened, RefusalReason.UNKNOWN_TARGET)
    elif happened.queue == call.queue:
        refuse(step, call.id, happened, RefusalReason.NOTHING_TO_CHANGE)
    elif call.visits >= MAX_VISITS:
        refuse(step, call.id, happened, RefusalReason.OUT_OF_BOUNDS)
    else:
        step.emit(f.CallMoved(call.id, call.queue, happened.queue, happened.by))
        rung = take_back(step, call)
        target = Target(TargetKind.QUEUE, happened.queue)
        step.emit(e.VisitEnded(call.id, call.visit, VisitOutcome.WITHDRAWN, None, target))
        queue_again(step, call, happened.queue)
        climb(step, call)
        route_call(step, call)
        if rung is not None:
            after_ring(step, rung)


def take_back(step: Step, call: Call) -> Agent | None:
    """End a ring; returns the operator, who is to be freed when the call has gone on."""
    offer = step.state.offers.get(call.offer) if call.offer else None
    if offer is None:
        return None
    step.emit(e.OfferEnded(offer.id, call.id, offer.agent, OfferResult.WITHDRAWN))
    step.command(CancelOffer(offer.id, call.id, call.switch, call.channel))
    return step.state.agents[offer.agent]


def queue_again(step: Step, call: Call, queue_id: QueueId) -> None:
    """A new visit at the old age. The queue's overflow rules for those who enter are not asked:
    the supervisor knows better."""
    state = step.state
    step.emit(
        e.CallQueued(
            call.id,
            visit_id(state.counters.visits + 1),
            queue_id,
            call.call_type,
            call.language,
            call.needs,
            state.queues[queue_id].prefers,
            call.own_priority,
            call.age_from_s,
        )
    )


# -- skills for today -------------------------------------------------------------------------


def skill_given(step: Step, happened: i.SkillGiven) -> None:
    """The operator can do more, or less, until midnight; all who wait are matched anew."""
    state = step.state
    planned = next((each for each in state.plan.agents if each.id == happened.agent), None)
    level = happened.level
    if planned is None:
        refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_AGENT)
    elif happened.skill not in _skills(state.plan):
        refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_SKILL)
    elif level is not None and not 0 <= level <= 9:
        refuse(step, happened.agent, happened, RefusalReason.OUT_OF_BOUNDS)
    else:
        usual = {skill.skill: skill.level for skill in planned.skills}
        if level == usual.get(happened.skill, 0):
            level = None
        if level == state.floor.skills.get(happened.agent, {}).get(happened.skill):
            refuse(step, happened.agent, happened, RefusalReason.NOTHING_TO_CHANGE)
            return
        until_s = next_midnight(step.now, state.tz)
        step.emit(f.SkillChanged(happened.agent, happened.skill, level, until_s, happened.by))
        rules_changed(step)


def midnight(step: Step) -> None:
    """Every operator has the skills of the plan again."""
    step.emit(f.SkillsOfTodayEnded())
    rules_changed(step)


def _skills(plan: Plan) -> set[str]:
    """Every skill that the plan speaks of."""
    held = {skill.skill for agent in plan.agents for skill in agent.skills}
    return held | {need.skill for queue in plan.queues for need in (*queue.needs, *queue.prefers)}
