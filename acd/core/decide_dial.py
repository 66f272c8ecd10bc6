"""Decisions on outside calls by operators: may they, and what becomes of them."""

from __future__ import annotations

from acd.core import inputs as i
from acd.core.commands import HangUpLeg
from acd.core.commands_talk import DialOut
from acd.core.dial import Dial, DialOutcome
from acd.core.events import RefusalReason, RequestRefused
from acd.core.events_talk import (
    DialAnswered,
    DialEnded,
    DialFailed,
    DialPickedUp,
    DialStarted,
    LineTaken,
)
from acd.core.ids import AgentId, OfferId, SwitchId, offer_id
from acd.core.inputs_talk import DialRequested, LineReported, OutsideFailed
from acd.core.outbound import calls_left, is_allowed, national
from acd.core.staffing import after_ring, after_talk, make_not_ready
from acd.core.state import State
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState, NotReadyReason

#: How long the operator's own telephone rings before an outside call.
OWN_RING_S = 15.0
#: How much longer than the switch an outside call is waited for.
MARGIN_S = 10.0

#: What became of an outside call by how the operator's leg ended, where nothing else is known.
_OUTCOMES = {
    i.OfferFailure.BUSY: DialOutcome.BUSY,
    i.OfferFailure.UNREACHABLE: DialOutcome.UNREACHABLE,
    i.OfferFailure.CALLER_GONE: DialOutcome.CANCELLED,
}

_FREE = (AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP)


def dial_requested(step: Step, happened: DialRequested) -> None:
    """Call outside, if allowed and within the day's limits."""
    agent = step.state.agents.get(happened.agent)
    reason = _why_not(step, agent, happened.number)
    if reason is not None or agent is None:
        refused = reason or RefusalReason.UNKNOWN_AGENT
        step.emit(RequestRefused(happened.agent, type(happened).__name__, refused))
        return
    if agent.state is AgentState.WRAP_UP:
        make_not_ready(step, agent, NotReadyReason.OTHER_WORK)
    talk = step.state.plan.talk
    dial = offer_id(step.state.counters.offers + 1)
    step.emit(DialStarted(dial, happened.agent, happened.number, OWN_RING_S))
    step.command(
        DialOut(
            dial,
            SwitchId(agent.switch),
            agent.device,
            outside(step, happened.number),
            happened.number,
            talk.shown,
            OWN_RING_S,
            talk.outbound.ring_s,
        )
    )


def _why_not(step: Step, agent: Agent | None, number: str) -> RefusalReason | None:
    if agent is None or agent.retired:
        return RefusalReason.UNKNOWN_AGENT
    if agent.state is AgentState.LOGGED_OUT:
        return RefusalReason.NOT_LOGGED_IN
    if agent.state not in _FREE:
        return RefusalReason.IN_A_CALL
    return may_not_call(step, AgentId(agent.id), number)


def may_not_call(step: Step, agent: AgentId, number: str) -> RefusalReason | None:
    """Why this operator may not call this number now; None if so."""
    plan = step.state.plan.talk.outbound
    if not is_allowed(plan, number):
        return RefusalReason.NUMBER_NOT_ALLOWED
    if not calls_left(plan, step.state.outbound, agent, step.now):
        return RefusalReason.LIMIT_REACHED
    return None


def outside(step: Step, number: str) -> str:
    """The dial string of an outside number, as it is dialled at home."""
    return f"PJSIP/{national(number)}@{step.state.plan.talk.outbound.trunk}"


def dial_heard(
    step: Step, happened: i.OfferAnswered | i.OfferFailed | i.CallConnected | i.LegEnded
) -> bool:
    """What the switch says of the operator's leg of an outside call; whether it is one."""
    dial = step.state.dials.get(happened.offer)
    if dial is None:
        return False
    if isinstance(happened, i.OfferAnswered):
        _picked_up(step, dial)
    elif isinstance(happened, i.CallConnected):
        _picked_up(step, dial)
        if not dial.answered_s:
            step.emit(DialAnswered(dial.id, dial.agent))
    elif isinstance(happened, i.OfferFailed):
        _end(step, dial, _OUTCOMES.get(happened.reason, DialOutcome.NOT_ANSWERED))
    else:
        _end(step, dial, DialOutcome.NOT_ANSWERED)
    return True


def _picked_up(step: Step, dial: Dial) -> None:
    if not dial.picked_up_s:
        until_s = step.now + step.state.plan.talk.outbound.ring_s + MARGIN_S
        step.emit(DialPickedUp(dial.id, dial.agent, until_s))


def outside_failed(step: Step, happened: OutsideFailed) -> None:
    """Nobody outside comes: it is known at once, and the call lasts as long as its tone."""
    dial = step.state.dials.get(happened.offer)
    if dial is not None and dial.picked_up_s:
        _failed(step, dial, happened.outcome)


def _failed(step: Step, dial: Dial, outcome: DialOutcome) -> None:
    if not dial.answered_s and dial.failed is None:
        step.emit(DialFailed(dial.id, dial.agent, outcome))


def line_reported(step: Step, happened: LineReported) -> None:
    """Which carrier has the call, and why no other: for the record."""
    where = (happened.offer, happened.call, happened.group, happened.line)
    step.emit(LineTaken(*where, happened.passed, happened.again))


def switch_of(state: State, dial: Dial) -> SwitchId:
    """Where the operator's leg is; the telephone may have moved meanwhile."""
    return SwitchId(dial.switch or state.agents[dial.agent].switch)


def hang_up(step: Step, dial: Dial) -> None:
    """The operator ends the outside call, or gives up waiting for it."""
    if dial.picked_up_s:
        _failed(step, dial, DialOutcome.CANCELLED)
    step.command(HangUpLeg(dial.id, switch_of(step.state, dial)))


def give_up(step: Step, dial: Dial) -> None:
    """End an outside call from here: nobody picked up in time, or the operator leaves."""
    step.command(HangUpLeg(dial.id, switch_of(step.state, dial)))
    _end(step, dial, DialOutcome.NOT_ANSWERED)


def _end(step: Step, dial: Dial, unanswered: DialOutcome) -> None:
    agent = step.state.agents[dial.agent]
    picked_up = bool(dial.picked_up_s)
    if dial.answered_s:
        outcome = DialOutcome.ANSWERED
    else:
        outcome = (dial.failed or unanswered) if picked_up else DialOutcome.OWN_PHONE
    step.emit(DialEnded(dial.id, dial.agent, outcome))
    if picked_up:
        after_talk(step, agent)
    else:
        after_ring(step, agent)


def dial_of(step: Step, agent: Agent) -> Dial | None:
    """The outside call that the operator makes now."""
    return step.state.dials.get(OfferId(agent.offer)) if agent.offer else None
