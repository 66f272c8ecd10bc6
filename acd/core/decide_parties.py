"""Decisions on what parties do: they answer, do not, or go; and on an operator or caller who leaves
them. Whoever goes, the caller keeps somebody to talk to or a place in the line."""

from __future__ import annotations

from acd.core import inputs as i
from acd.core.call import Call
from acd.core.commands import HangUpLeg, HoldCaller
from acd.core.commands_talk import HandOver, ReuniteTalk
from acd.core.decide_colleagues import free, let_go, take_up
from acd.core.events import LegClosed, TalkHeld, TransferStarted
from acd.core.events_talk import PartyAnswered, PartyEnded, PartyMoved
from acd.core.ids import AgentId
from acd.core.inputs import EndedBy, OfferFailure
from acd.core.inputs_talk import PartyJoined, TalkFound
from acd.core.offer import Offer, OfferState
from acd.core.overflow import enqueue
from acd.core.party import Party, PartyKind, PartyResult
from acd.core.staffing import after_talk
from acd.core.state import State
from acd.core.step import Step

#: What a caller counts who comes back from somebody who did not answer: nobody is before them.
RETURNED_PRIORITY = 9

_LEAVING = ("part_talk", "hand_over")
_JOINING = ("reunite_talk", "merge_talk")


def parties_of(state: State, call: Call) -> list[Party]:
    """The call's parties, in the order in which they were asked."""
    return [party for party in state.parties.values() if party.call == call.id]


def consulted(state: State, call: Call) -> Party | None:
    """The party that the operator is asking while the caller waits."""
    for party in parties_of(state, call):
        if party.kind is PartyKind.CONSULT:
            return party
    return None


def party_answered(step: Step, party: Party) -> None:
    """Somebody picked up (told twice: by the answer, then by the talk with the caller)."""
    if not party.answered:
        step.emit(PartyAnswered(party.id, party.call, party.agent, party.colleague))


def party_picked_up(step: Step, party: Party) -> None:
    """A telephone was answered: by a person, unless a key has to say so."""
    if not _far(step, party):
        party_answered(step, party)


def _far(step: Step, party: Party) -> bool:
    """Whether it is a colleague in the public network, where machines answer too."""
    return bool(party.colleague) and is_outside(step.state, party.colleague)


def party_joined(step: Step, happened: PartyJoined) -> None:
    """Operator and party hear each other."""
    party = step.state.parties.get(happened.offer)
    if party is not None:
        party_answered(step, party)


def party_connected(step: Step, party: Party) -> None:
    """The party talks with the caller: with the operator who asked, or instead of that one."""
    party_answered(step, party)
    take_up(step, party)


def party_failed(step: Step, party: Party, failure: OfferFailure) -> None:
    """The party's leg came to nothing; of one that answered it is gone."""
    if failure is OfferFailure.REJECTED and _far(step, party):
        # Somebody, or something, picked up and pressed no key.
        failure = OfferFailure.NO_ANSWER
    _gone(step, party, PartyResult(failure.value))


def is_outside(state: State, agent: AgentId) -> bool:
    """Whether the operator's telephone is in the public network."""
    return state.agents[agent].device in state.outside


def party_left(step: Step, party: Party) -> None:
    """The party's leg is gone."""
    _gone(step, party, PartyResult.ERROR)


def party_timed_out(step: Step, party: Party) -> None:
    """Nobody picked up in time."""
    party_leaves(step, party, PartyResult.NO_ANSWER)


def party_leaves(step: Step, party: Party, unanswered: PartyResult) -> None:
    """The party is no longer there for this, by its own wish or for want of an answer."""
    let_go(step, party)
    _gone(step, party, unanswered)


def _gone(step: Step, party: Party, unanswered: PartyResult) -> None:
    kind, state = party.kind, step.state
    _end(step, party, unanswered)
    call = state.calls[party.call]
    offer = state.offers.get(call.offer) if call.offer else None
    if kind is PartyKind.CONSULT and offer is not None and offer.apart:
        reunite(step, call, offer)
    elif kind is PartyKind.TRANSFER and (party.colleague or not party.answered):
        # A colleague who got the caller is no party any more: this one never did.
        give_back(step, call, party.agent)


def _end(step: Step, party: Party, unanswered: PartyResult) -> None:
    result = PartyResult.TALKED if party.answered else unanswered
    who = (party.id, party.call, party.agent)
    step.emit(PartyEnded(*who, party.kind, result, party.colleague))
    if party.colleague:
        free(step, party, unanswered)


def drop_party(step: Step, party: Party) -> None:
    """A party is let go."""
    let_go(step, party)
    _end(step, party, PartyResult.CANCELLED)


def caller_gone(step: Step, call: Call) -> None:
    """The caller hung up: nobody has anything to talk about any more."""
    for party in parties_of(step.state, call):
        let_go(step, party)
        _end(step, party, PartyResult.CALLER_GONE)
    offer = step.state.offers.get(call.offer) if call.offer else None
    if offer is not None and offer.by_hand:
        step.command(HangUpLeg(offer.id, call.switch))


def reunite(step: Step, call: Call, offer: Offer) -> None:
    """Operator and caller talk again."""
    step.emit(TalkHeld(offer.id, False))
    step.command(ReuniteTalk(call.id, call.switch, call.channel, offer.id))


def give_back(step: Step, call: Call, agent: AgentId) -> None:
    """Nobody took the caller: back to the operator who sent the call on, and, if that operator is
    not there or not free soon, first in line for the next one. The age is kept."""
    state = step.state
    step.command(HoldCaller(call.id, call.switch, call.channel))
    queue = call.queue if call.queue in state.queues else state.plan.default_queue
    enqueue(
        step,
        call,
        queue,
        age_from_s=call.age_from_s,
        call_type=call.call_type,
        needs=call.needs,
        priority=RETURNED_PRIORITY,
        language=call.language,
        prefer_agent=agent,
        prefer_for_s=state.plan.talk.return_s,
    )


def talk_found(step: Step, happened: TalkFound) -> None:
    """After a lost connection: commands may have done what nobody saw, or not."""
    offer = step.state.offers.get(happened.offer)
    if offer is None or offer.state not in (OfferState.CONNECTED, OfferState.HELD):
        return
    call = step.state.calls[offer.call]
    if offer.apart and not happened.apart:
        for party in parties_of(step.state, call):
            drop_party(step, party)
        step.emit(TalkHeld(offer.id, False))
    elif offer.state is OfferState.CONNECTED and happened.apart:
        for party in parties_of(step.state, call):
            drop_party(step, party)
        step.emit(TalkHeld(offer.id, True, apart=True))


def hand_over(step: Step, call: Call, offer: Offer, party: Party, by: EndedBy) -> None:
    """The operator leaves the caller to the party that was consulted, or that still rings."""
    agent = step.state.agents[offer.agent]
    step.emit(TransferStarted(offer.id, call.id, party.target))
    step.emit(LegClosed(offer.id, call.id, offer.agent, by))
    moved = PartyMoved(party.id, call.id, party.agent, PartyKind.TRANSFER, party.colleague)
    step.emit(moved)
    step.command(HandOver(call.id, call.switch, call.channel, offer.id, party.id, party.answered))
    after_talk(step, agent)


def operator_gone(step: Step, call: Call, offer: Offer, by: EndedBy) -> bool:
    """The operator's leg is gone while caller and operator were apart, or three were talking;
    whether that was all to be done about it."""
    party = consulted(step.state, call)
    if offer.apart and party is not None:
        hand_over(step, call, offer, party, EndedBy.TRANSFER)
        return True
    for guest in parties_of(step.state, call):
        drop_party(step, guest)
    if not offer.apart:
        return False
    agent = step.state.agents[offer.agent]
    step.emit(LegClosed(offer.id, call.id, offer.agent, by))
    give_back(step, call, AgentId(agent.id))
    after_talk(step, agent)
    return True


def talk_command_failed(step: Step, happened: i.CommandFailed, call: Call) -> None:
    """A talk could not be taken apart or put together: what is believed of it follows what is so,
    and the operator can try again; a caller whom the operator has left goes back."""
    state, command = step.state, happened.command
    offer = state.offers.get(call.offer) if call.offer else None
    parties = parties_of(state, call)
    if offer is None:
        if command in _LEAVING and parties and not parties[0].answered:
            drop_party(step, parties[0])
            give_back(step, call, parties[0].agent)
    elif command == "part_talk" and offer.apart:
        for party in parties:
            drop_party(step, party)
        reunite(step, call, offer)
    elif offer.by_hand and offer.state is OfferState.CONNECTED and command in _JOINING:
        if command == "merge_talk" and parties:
            first = parties.pop(0)
            back = PartyMoved(first.id, call.id, first.agent, PartyKind.CONSULT, first.colleague)
            step.emit(back)
        for party in parties:
            drop_party(step, party)
        step.emit(TalkHeld(offer.id, True, apart=True))
