"""Decisions on inputs about offers and talks: answer, failure, hold, end, transfer."""

from __future__ import annotations

from acd.core import events as e
from acd.core import inputs as i
from acd.core.call import CallState
from acd.core.commands import CancelOffer, HangUpLeg, HoldCaller
from acd.core.decide_dial import dial_heard
from acd.core.decide_parties import (
    is_outside,
    operator_gone,
    party_connected,
    party_failed,
    party_left,
    party_picked_up,
)
from acd.core.decide_take import operator_left, taking_heard
from acd.core.events import AlertKind, OfferResult
from acd.core.ids import CallId, OfferId
from acd.core.inputs import EndedBy, OfferFailure
from acd.core.offer import Offer, OfferState
from acd.core.overflow import climb, leave_if_tried_enough
from acd.core.staffing import after_ring, after_talk, log_out, make_not_ready
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState, AgentTrigger, NotReadyReason

#: Seconds that a call is not offered after its caller seemed gone or could not be reached.
PARK_S = 2.0

#: Failures that are the operator's: what they become not ready for.
_BLAMED = {
    OfferFailure.NO_ANSWER: NotReadyReason.NO_ANSWER,
    OfferFailure.BUSY: NotReadyReason.BUSY,
    OfferFailure.REJECTED: NotReadyReason.REJECTED,
    OfferFailure.UNREACHABLE: NotReadyReason.UNREACHABLE,
}
_RINGING = (OfferState.RINGING, OfferState.PICKED_UP)


def offer_answered(step: Step, happened: i.OfferAnswered) -> None:
    if dial_heard(step, happened):
        return
    offer = step.state.offers.get(happened.offer)
    party = step.state.parties.get(happened.offer)
    if offer is not None and is_outside(step.state, offer.agent):
        # It may be an answering machine: only the key says that somebody is there.
        return
    if offer is not None and offer.state is OfferState.RINGING:
        step.emit(e.OfferPickedUp(offer.id))
    elif party is not None:
        party_picked_up(step, party)
    elif offer is None:
        taking_heard(step, happened)


def call_connected(step: Step, happened: i.CallConnected) -> None:
    state = step.state
    offer, party = state.offers.get(happened.offer), state.parties.get(happened.offer)
    if offer is not None and offer.state in _RINGING:
        visit = state.calls[offer.call].visit
        step.emit(e.CallAnswered(offer.id, offer.call, offer.agent, visit))
    elif dial_heard(step, happened):
        return
    elif party is not None:
        party_connected(step, party)
    elif offer is None and not taking_heard(step, happened):
        _rescue(step, happened.offer)


def _rescue(step: Step, offer_id: OfferId) -> None:
    """A phone answered a ring that was already given up: it is hung up, and a caller who waits
    goes back to wait."""
    call = step.state.calls.get(step.state.past_offers.get(offer_id, CallId("")))
    if call is None:
        return
    if call.state in (CallState.QUEUED, CallState.OFFERED):
        step.command(HoldCaller(call.id, call.switch, call.channel))
    step.command(HangUpLeg(offer_id, call.switch))


def offer_failed(step: Step, happened: i.OfferFailed) -> None:
    if dial_heard(step, happened):
        return
    offer = step.state.offers.get(happened.offer)
    party = step.state.parties.get(happened.offer)
    if party is not None:
        party_failed(step, party, happened.reason)
    elif offer is not None and offer.state not in _RINGING:
        # A leg that a new connection found waiting by itself was in a talk all the same.
        _talk_ended(step, offer, EndedBy.AGENT)
    elif offer is not None:
        reason = happened.reason
        if reason is OfferFailure.REJECTED and is_outside(step.state, offer.agent):
            # Somebody, or something, picked up and pressed no key.
            reason = OfferFailure.NO_ANSWER
        end_offer(step, offer, OfferResult(reason.value), _BLAMED.get(reason))
    else:
        taking_heard(step, happened)


def end_offer(step: Step, offer: Offer, result: OfferResult, blamed: NotReadyReason | None) -> None:
    """The ring came to nothing: the call keeps its place and tries on, the operator rests if the
    failure is theirs, else the call rests a moment."""
    call, agent = step.state.calls[offer.call], step.state.agents[offer.agent]
    step.emit(e.OfferEnded(offer.id, call.id, offer.agent, result))
    if blamed is None:
        step.emit(e.CallParked(call.id, step.now + PARK_S))
        after_ring(step, agent, as_if_not_rung=result is OfferResult.CALLER_GONE)
        leave_if_tried_enough(step, call)
    else:
        climb(step, call)
        leave_if_tried_enough(step, call)
        # What the operator reserved while it rang says more than the ring, and has no cool-down.
        reserved = agent.next_reason if agent.next_state is AgentState.NOT_READY else None
        make_not_ready(step, agent, reserved or blamed, AgentTrigger.OFFER_FAILED, call)


def hold_started(step: Step, happened: i.HoldStarted) -> None:
    offer = step.state.offers.get(happened.offer)
    if offer is not None and offer.state is OfferState.CONNECTED:
        step.emit(e.TalkHeld(offer.id, True))


def hold_ended(step: Step, happened: i.HoldEnded) -> None:
    offer = step.state.offers.get(happened.offer)
    if offer is not None and offer.state is OfferState.HELD and not offer.apart:
        step.emit(e.TalkHeld(offer.id, False))


def leg_ended(step: Step, happened: i.LegEnded) -> None:
    if step.state.dials and dial_heard(step, happened):
        return
    offer = step.state.offers.get(happened.offer)
    party = step.state.parties.get(happened.offer)
    if party is not None:
        party_left(step, party)
    elif offer is not None and offer.state in _RINGING:
        end_offer(step, offer, OfferResult.ERROR, None)
    elif offer is not None:
        _talk_ended(step, offer, happened.by)


def _talk_ended(step: Step, offer: Offer, by: EndedBy) -> None:
    """The operator's leg is gone."""
    if step.state.floor.takings and operator_left(step, offer, by):
        return
    agent = step.state.agents[offer.agent]
    if not operator_gone(step, step.state.calls[offer.call], offer, by):
        step.emit(e.LegClosed(offer.id, offer.call, offer.agent, by))
        after_talk(step, agent)


def ring_timed_out(step: Step, offer: Offer) -> None:
    """Nobody picked up in time."""
    call = step.state.calls[offer.call]
    step.command(CancelOffer(offer.id, call.id, call.switch, call.channel))
    end_offer(step, offer, OfferResult.NO_ANSWER, NotReadyReason.NO_ANSWER)


def lease_expired(step: Step, offer: Offer) -> None:
    """The operator picked up but nobody reported a connection in time: nobody stays stuck."""
    call = step.state.calls[offer.call]
    step.emit(e.AlertRaised(AlertKind.LEASE_EXPIRED, offer.id))
    step.command(CancelOffer(offer.id, call.id, call.switch, call.channel))
    end_offer(step, offer, OfferResult.EXPIRED, None)


def agent_leaves_ring(step: Step, agent: Agent, offer: Offer, by: str) -> None:
    """The operator logs out while the phone rings: the call goes on waiting."""
    call = step.state.calls[offer.call]
    step.emit(e.OfferEnded(offer.id, call.id, offer.agent, OfferResult.AGENT_LEFT))
    step.command(CancelOffer(offer.id, call.id, call.switch, call.channel))
    climb(step, call)
    leave_if_tried_enough(step, call)
    log_out(step, agent, by, call)
