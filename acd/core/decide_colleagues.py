"""Decisions on operators who are asked by an operator: who may be, and what they are afterwards.

A colleague is reserved as for an offer, so no other call rings there meanwhile. Whoever only gave
an answer is ready again at once; whoever got the caller has a talk like any other.
"""

from __future__ import annotations

from acd.core.commands_talk import DropParty
from acd.core.events import RefusalReason
from acd.core.events_talk import TalkTakenUp
from acd.core.ids import AgentId, OfferId, QueueId
from acd.core.party import Party, PartyKind, PartyResult
from acd.core.plan import Target, TargetKind
from acd.core.routing import select_for_queue
from acd.core.staffing import after_ring, after_talk, make_not_ready
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState, AgentTrigger, NotReadyReason

#: Kinds of target that are operators.
PEOPLE = (TargetKind.AGENT, TargetKind.QUEUE)

#: Results that are the colleague's: what they become not ready for, as after an offer.
_BLAMED = {
    PartyResult.NO_ANSWER: NotReadyReason.NO_ANSWER,
    PartyResult.BUSY: NotReadyReason.BUSY,
    PartyResult.REJECTED: NotReadyReason.REJECTED,
    PartyResult.UNREACHABLE: NotReadyReason.UNREACHABLE,
}


def choose(step: Step, asker: Agent, target: Target) -> Agent | RefusalReason:
    """The operator to ring: the one who is named, or the next suitable of a queue; or why none.
    Who asks is in a talk, so never ready, and never chosen."""
    state = step.state
    if target.kind is TargetKind.QUEUE:
        queue = state.queues.get(QueueId(target.value))
        if queue is None:
            return RefusalReason.UNKNOWN_TARGET
        return select_for_queue(state, queue, step.now) or RefusalReason.NOBODY_FREE
    agent = state.agents.get(AgentId(target.value))
    if agent is None or agent.retired or agent is asker:
        return RefusalReason.UNKNOWN_TARGET
    return agent if agent.available else RefusalReason.COLLEAGUE_BUSY


def party_with(step: Step, agent: Agent) -> Party | None:
    """The party that this operator is: rung, or asked, by a colleague."""
    return step.state.parties.get(OfferId(agent.offer)) if agent.offer else None


def free(step: Step, party: Party, result: PartyResult) -> None:
    """The party is over: its colleague takes calls again, or what was reserved meanwhile."""
    agent = step.state.agents[party.colleague]
    if party.answered:
        after_talk(step, agent)
        return
    blamed = _BLAMED.get(result)
    if blamed is None:
        after_ring(step, agent)
        return
    reserved = agent.next_reason if agent.next_state is AgentState.NOT_READY else None
    make_not_ready(step, agent, reserved or blamed, AgentTrigger.OFFER_FAILED)


def take_up(step: Step, party: Party) -> None:
    """Caller and colleague talk, and nobody else has the caller: it is the colleague's call."""
    if party.kind is PartyKind.TRANSFER and party.colleague:
        call = step.state.calls[party.call]
        step.emit(
            TalkTakenUp(party.id, call.id, party.colleague, party.agent, call.queue, call.visit)
        )


def let_go(step: Step, party: Party) -> None:
    """Stop ringing, or end the leg of, somebody who was asked."""
    step.command(DropParty(party.call, step.state.calls[party.call].switch, party.id))
