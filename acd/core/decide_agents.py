"""Decisions on what operators and supervisors ask for; what cannot be is refused with a reason."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.commands import DialTarget, HangUpLeg, HoldCaller
from acd.core.decide_offers import agent_leaves_ring
from acd.core.events import RefusalReason
from acd.core.ids import AgentId, OfferId, QueueId
from acd.core.inputs import EndedBy
from acd.core.offer import Offer
from acd.core.overflow import MAX_VISITS, enqueue
from acd.core.plan import TargetKind
from acd.core.staffing import after_talk, log_out, make_not_ready, make_ready, take_reserved_state
from acd.core.step import Step
from agents.agent import Agent
from agents.state import CHOSEN_REASONS, AgentState, AgentTrigger, NotReadyReason, next_state

#: The longest wrap-up that an operator can ask for in one go, in seconds.
LONGEST_EXTENSION_S = 1_800.0

_IN_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
_IN_TALK = (AgentState.TALKING, AgentState.HOLD)


def _refuse(step: Step, subject: str, happened: i.Input, reason: RefusalReason) -> None:
    step.emit(e.RequestRefused(subject, type(happened).__name__, reason))


def _at_work(
    step: Step,
    happened: i.AgentReadied
    | i.AgentPaused
    | i.AgentLoggedOut
    | i.WrapUpExtended
    | i.TransferRequested
    | i.HangUpRequested,
) -> Agent | None:
    """The operator of a request if logged in; refuses otherwise."""
    agent = step.state.agents.get(happened.agent)
    if agent is None:
        _refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_AGENT)
    elif agent.state is AgentState.LOGGED_OUT:
        _refuse(step, happened.agent, happened, RefusalReason.NOT_LOGGED_IN)
    else:
        return agent
    return None


def agent_logged_in(step: Step, happened: i.AgentLoggedIn) -> None:
    agent = step.state.agents.get(happened.agent)
    if agent is None or agent.retired:
        _refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_AGENT)
    elif agent.state is not AgentState.LOGGED_OUT:
        _refuse(step, happened.agent, happened, RefusalReason.ALREADY_LOGGED_IN)
    else:
        step.emit(
            e.AgentChanged(
                happened.agent,
                next_state(agent.state, AgentTrigger.LOG_IN),
                NotReadyReason.LOGGED_IN,
                device=happened.device,
            )
        )


def agent_logged_out(step: Step, happened: i.AgentLoggedOut) -> None:
    agent = _at_work(step, happened)
    if agent is None:
        return
    if agent.state in _IN_TALK:
        step.emit(e.NextStateReserved(happened.agent, AgentState.LOGGED_OUT))
    elif agent.state is AgentState.RINGING and agent.offer is not None:
        offer = step.state.offers[OfferId(agent.offer)]
        agent_leaves_ring(step, agent, offer, happened.by)
    else:
        log_out(step, agent, happened.by)


def agent_readied(step: Step, happened: i.AgentReadied) -> None:
    agent = _at_work(step, happened)
    if agent is None:
        return
    if agent.state in _IN_CALL:
        step.emit(e.NextStateReserved(happened.agent, AgentState.READY))
    elif agent.state is not AgentState.READY:
        make_ready(step, agent)


def agent_paused(step: Step, happened: i.AgentPaused) -> None:
    agent = _at_work(step, happened)
    if agent is None:
        return
    if happened.reason not in CHOSEN_REASONS:
        _refuse(step, happened.agent, happened, RefusalReason.REASON_NOT_ALLOWED)
    elif agent.state in _IN_CALL:
        step.emit(e.NextStateReserved(happened.agent, AgentState.NOT_READY, happened.reason))
    else:
        make_not_ready(step, agent, happened.reason)


def wrap_up_extended(step: Step, happened: i.WrapUpExtended) -> None:
    agent = _at_work(step, happened)
    if agent is None:
        return
    if agent.state is not AgentState.WRAP_UP:
        _refuse(step, happened.agent, happened, RefusalReason.NOT_IN_WRAP_UP)
    elif not 0 < happened.extra_s <= LONGEST_EXTENSION_S:
        _refuse(step, happened.agent, happened, RefusalReason.OUT_OF_BOUNDS)
    else:
        # The timer may be overdue (a busy machine): what is asked for counts from now then.
        until_s = max(agent.wrap_up_until_s, step.now) + happened.extra_s
        step.emit(e.WrapUpProlonged(happened.agent, until_s))


def wrap_up_over(step: Step, agent: Agent) -> None:
    """The wrap-up's time is up."""
    if agent.state is AgentState.WRAP_UP:
        take_reserved_state(step, agent)


def cooldown_over(step: Step, agent: Agent) -> None:
    """The rest after a failed ring is over."""
    if agent.state is AgentState.NOT_READY:
        make_ready(step, agent)


def disposition_given(step: Step, happened: i.DispositionGiven) -> None:
    if happened.agent not in step.state.agents:
        _refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_AGENT)
    elif not 0 < len(happened.code) <= 64:
        _refuse(step, happened.agent, happened, RefusalReason.OUT_OF_BOUNDS)
    else:
        step.emit(
            e.DispositionRecorded(
                happened.agent,
                happened.call,
                happened.code,
                happened.resolved,
                happened.call_type,
            )
        )


def _talk_of(
    step: Step, happened: i.TransferRequested | i.HangUpRequested
) -> tuple[Agent, Offer] | None:
    """The operator and the talk of a request; refuses when there is none."""
    agent = _at_work(step, happened)
    if agent is None:
        return None
    if agent.state not in _IN_TALK or agent.offer is None:
        _refuse(step, happened.agent, happened, RefusalReason.NOT_IN_A_CALL)
        return None
    return agent, step.state.offers[OfferId(agent.offer)]


def hang_up_requested(step: Step, happened: i.HangUpRequested) -> None:
    found = _talk_of(step, happened)
    if found is not None:
        _agent, offer = found
        step.command(HangUpLeg(offer.id, step.state.calls[offer.call].switch))


def transfer_requested(step: Step, happened: i.TransferRequested) -> None:
    found = _talk_of(step, happened)
    if found is None:
        return
    agent, offer = found
    state, target = step.state, happened.target
    call = state.calls[offer.call]
    to_queue = target.kind is TargetKind.QUEUE and target.value in state.queues
    to_number = target.kind is TargetKind.NUMBER and target.value in state.directory
    if not (to_queue or to_number) or call.visits >= MAX_VISITS:
        _refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_TARGET)
        return
    step.emit(e.TransferStarted(offer.id, call.id, target))
    step.emit(e.LegClosed(offer.id, call.id, AgentId(agent.id), EndedBy.TRANSFER))
    if to_queue:
        step.command(HoldCaller(call.id, call.switch, call.channel))
        enqueue(step, call, QueueId(target.value), age_from_s=step.now, language=call.language)
    else:
        entry = state.directory[target.value]
        step.command(DialTarget(call.id, call.switch, call.channel, entry.id, entry.dial))
    after_talk(step, agent)
