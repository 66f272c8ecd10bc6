"""Decisions on what operators and supervisors ask for; what cannot be is refused with a reason."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.decide_colleagues import party_with
from acd.core.decide_dial import dial_of, give_up
from acd.core.decide_offers import agent_leaves_ring
from acd.core.decide_parties import party_leaves
from acd.core.decide_take import drop_taking, taking_of
from acd.core.events import AlertKind, RefusalReason
from acd.core.ids import OfferId
from acd.core.party import PartyResult
from acd.core.staffing import log_out, make_not_ready, make_ready, take_reserved_state
from acd.core.step import Step
from agents.agent import Agent
from agents.state import CHOSEN_REASONS, AgentState, AgentTrigger, NotReadyReason, next_state

#: A note longer than this is cut.
NOTE_CHARS = 2_000
#: The longest wrap-up that an operator can ask for in one go, in seconds.
LONGEST_EXTENSION_S = 1_800.0

_IN_CALL = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
_IN_TALK = (AgentState.TALKING, AgentState.HOLD)


def _refuse(step: Step, subject: str, happened: i.Input, reason: RefusalReason) -> None:
    step.emit(e.RequestRefused(subject, type(happened).__name__, reason))


def _at_work(
    step: Step,
    happened: i.AgentReadied | i.AgentPaused | i.AgentLoggedOut | i.WrapUpExtended,
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
    leaving = e.NextStateReserved(happened.agent, AgentState.LOGGED_OUT, by=happened.by)
    dial, party = dial_of(step, agent), party_with(step, agent)
    taking = taking_of(step, agent)
    if taking is not None:
        drop_taking(step, step.state.calls[taking.call], logs_out=True)
        log_out(step, agent, happened.by)
    elif agent.state in _IN_TALK:
        step.emit(leaving)
    elif dial is not None:
        # Reserved first: nothing that waits may be offered in between.
        step.emit(leaving)
        give_up(step, dial)
    elif party is not None:
        step.emit(leaving)
        party_leaves(step, party, PartyResult.CANCELLED)
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
        step.emit(e.NextStateReserved(happened.agent, AgentState.READY, by=happened.by))
    elif agent.state is not AgentState.READY:
        make_ready(step, agent, happened.by)


def agent_paused(step: Step, happened: i.AgentPaused) -> None:
    agent = _at_work(step, happened)
    if agent is None:
        return
    if happened.reason not in CHOSEN_REASONS:
        _refuse(step, happened.agent, happened, RefusalReason.REASON_NOT_ALLOWED)
    elif agent.state in _IN_CALL:
        reserved = e.NextStateReserved(
            happened.agent, AgentState.NOT_READY, happened.reason, happened.by
        )
        step.emit(reserved)
    else:
        make_not_ready(step, agent, happened.reason, by=happened.by)


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
                happened.note[:NOTE_CHARS],
            )
        )


def help_requested(step: Step, happened: i.HelpRequested) -> None:
    agent = step.state.agents.get(happened.agent)
    if agent is None:
        _refuse(step, happened.agent, happened, RefusalReason.UNKNOWN_AGENT)
    elif agent.state not in (AgentState.TALKING, AgentState.HOLD):
        _refuse(step, happened.agent, happened, RefusalReason.NOT_IN_A_CALL)
    else:
        step.emit(e.AlertRaised(AlertKind.HARASSMENT, happened.agent))
