"""Decisions on what an operator asks for in a talk: hold, consultation, transfer, a third voice.

All of it happens in the switch, so that a page, a desk phone and a phone far away can do the same.
A talk is taken apart (caller in music, operator waiting) and put together again; who is asked is a
party. What cannot be is refused with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd.core import events as e
from acd.core import inputs as i
from acd.core import inputs_talk as t
from acd.core.call import Call
from acd.core.commands import HangUpCaller, HangUpLeg, HoldCaller
from acd.core.commands_talk import MergeTalk, PartTalk, RingParty
from acd.core.decide_dial import dial_of, may_not_call, outside
from acd.core.decide_parties import (
    consulted,
    drop_party,
    hand_over,
    parties_of,
    reunite,
)
from acd.core.decide_take import drop_taking
from acd.core.events import RefusalReason
from acd.core.events_talk import PartyAsked, PartyMoved
from acd.core.ids import AgentId, OfferId, QueueId, SwitchId, offer_id
from acd.core.inputs import EndedBy
from acd.core.offer import Offer, OfferState
from acd.core.overflow import MAX_VISITS, enqueue
from acd.core.party import PartyKind
from acd.core.plan import DirectoryEntry, Target, TargetKind
from acd.core.staffing import after_talk
from acd.core.state import State
from acd.core.step import Step
from agents.agent import Agent
from agents.state import AgentState

#: Third voices in one talk.
MAX_GUESTS = 2

_IN_TALK = (AgentState.TALKING, AgentState.HOLD)
_R = RefusalReason


class _Refused(Exception):
    """A request that cannot be; ``args[0]`` is why."""


class _Talk:
    """The talk of the operator who asks; raises :class:`_Refused` when there is none."""

    def __init__(self, step: Step, agent_id: AgentId) -> None:
        agent = step.state.agents.get(agent_id)
        if agent is None:
            raise _Refused(_R.UNKNOWN_AGENT)
        if agent.state is AgentState.LOGGED_OUT:
            raise _Refused(_R.NOT_LOGGED_IN)
        if agent.state not in _IN_TALK or agent.offer is None:
            raise _Refused(_R.NOT_IN_A_CALL)
        offer = step.state.offers.get(OfferId(agent.offer))
        if offer is None:
            # The operator calls outside.
            raise _Refused(_R.NOT_IN_A_CALL)
        self.agent: Agent = agent
        self.offer: Offer = offer
        self.call: Call = step.state.calls[self.offer.call]

    @property
    def with_caller(self) -> bool:
        """Whether operator and caller hear each other."""
        return self.offer.state is OfferState.CONNECTED


_Asked = (
    i.TransferRequested
    | i.HangUpRequested
    | t.HoldRequested
    | t.ResumeRequested
    | t.ConsultRequested
    | t.ConsultCompleted
    | t.ConferenceRequested
    | t.PartyDropped
)


def decide(step: Step, happened: _Asked) -> None:
    """Carry out a request, or say why not."""
    agent = step.state.agents.get(happened.agent)
    dial = dial_of(step, agent) if agent is not None else None
    if dial is not None and agent is not None and isinstance(happened, i.HangUpRequested):
        step.command(HangUpLeg(dial.id, SwitchId(agent.switch)))
        return
    try:
        _DECIDERS[type(happened)](step, happened, _Talk(step, happened.agent))
    except _Refused as refused:
        reason: RefusalReason = refused.args[0]
        step.emit(e.RequestRefused(happened.agent, type(happened).__name__, reason))


# -- hold -------------------------------------------------------------------------------------


def _hold(step: Step, happened: t.HoldRequested, talk: _Talk) -> None:
    if not talk.with_caller:
        raise _Refused(_R.NOT_IN_A_CALL)
    if parties_of(step.state, talk.call):
        raise _Refused(_R.ANOTHER_PARTY)
    _part(step, talk)


def _part(step: Step, talk: _Talk) -> None:
    """Let the caller hear music and the operator wait, if they do not already."""
    call = talk.call
    if talk.with_caller:
        step.emit(e.TalkHeld(talk.offer.id, True, apart=True))
        step.command(PartTalk(call.id, call.switch, call.channel, talk.offer.id))
    elif not talk.offer.apart:
        # The phone itself holds the caller: it must come back first.
        raise _Refused(_R.NOT_IN_A_CALL)


def _resume(step: Step, happened: t.ResumeRequested, talk: _Talk) -> None:
    if not talk.offer.apart:
        raise _Refused(_R.NOT_ON_HOLD)
    party = consulted(step.state, talk.call)
    reunite(step, talk.call, talk.offer)
    if party is not None:
        drop_party(step, party)


# -- asking somebody --------------------------------------------------------------------------


def _consult(step: Step, happened: t.ConsultRequested, talk: _Talk) -> None:
    outside_number = happened.target.kind is TargetKind.OUTSIDE
    if outside_number:
        reason = may_not_call(step, happened.agent, happened.number)
        if reason is not None:
            raise _Refused(reason)
    entry = None if outside_number else _entry(step, happened.target)
    if parties_of(step.state, talk.call):
        raise _Refused(_R.ANOTHER_PARTY)
    if talk.call.visits >= MAX_VISITS:
        # Whom nobody takes must be able to come back.
        raise _Refused(_R.UNKNOWN_TARGET)
    _part(step, talk)
    if entry is None:
        _ring_outside(step, talk, happened.number)
    else:
        _ring(step, talk.call, talk.offer, entry, PartyKind.CONSULT)


def _complete(step: Step, happened: t.ConsultCompleted, talk: _Talk) -> None:
    party = consulted(step.state, talk.call)
    if party is None:
        raise _Refused(_R.NO_CONSULTATION)
    drop_taking(step, talk.call)
    hand_over(step, talk.call, talk.offer, party, EndedBy.TRANSFER)


def _conference(step: Step, happened: t.ConferenceRequested, talk: _Talk) -> None:
    call, offer = talk.call, talk.offer
    party = consulted(step.state, call)
    if happened.target is None and not happened.language:
        if party is None or not party.answered:
            raise _Refused(_R.NO_CONSULTATION)
        step.emit(e.TalkHeld(offer.id, False))
        step.emit(PartyMoved(party.id, call.id, party.agent, PartyKind.GUEST))
        step.command(MergeTalk(call.id, call.switch, call.channel, offer.id))
        return
    if happened.language:
        entry = _interpreter(step, happened.language)
    else:
        assert happened.target is not None
        entry = _entry(step, happened.target)
    if not talk.with_caller:
        raise _Refused(_R.NOT_IN_A_CALL)
    if len(parties_of(step.state, call)) >= MAX_GUESTS:
        raise _Refused(_R.ANOTHER_PARTY)
    _ring(step, call, offer, entry, PartyKind.GUEST)


def _drop(step: Step, happened: t.PartyDropped, talk: _Talk) -> None:
    party = step.state.parties.get(happened.party)
    if party is None or party.call != talk.call.id:
        raise _Refused(_R.UNKNOWN_TARGET)
    if party.kind is PartyKind.CONSULT:
        reunite(step, talk.call, talk.offer)
    drop_party(step, party)


def _ring(step: Step, call: Call, offer: Offer, entry: DirectoryEntry, kind: PartyKind) -> None:
    target = Target(TargetKind.NUMBER, entry.id)
    _ring_at(step, call, offer, kind, target, entry.dial)


def _ring_outside(step: Step, talk: _Talk, number: str) -> None:
    target = Target(TargetKind.OUTSIDE)
    dial = outside(step, number)
    _ring_at(step, talk.call, talk.offer, PartyKind.CONSULT, target, dial, number)


def _ring_at(
    step: Step,
    call: Call,
    offer: Offer,
    kind: PartyKind,
    target: Target,
    dial: str,
    number: str = "",
) -> None:
    talk = step.state.plan.talk
    party = offer_id(step.state.counters.offers + 1)
    shown = talk.shown if "@" in dial else ""
    step.emit(PartyAsked(party, call.id, offer.agent, kind, target, talk.ring_s, number))
    step.command(
        RingParty(
            party, call.id, call.switch, call.channel, offer.id, kind, dial, talk.ring_s, shown
        )
    )


def _entry(step: Step, target: Target) -> DirectoryEntry:
    """The directory entry that is meant, if somebody is there now."""
    entry = step.state.directory.get(target.value)
    if target.kind is not TargetKind.NUMBER or entry is None:
        raise _Refused(_R.UNKNOWN_TARGET)
    if not is_open(step.state, entry, step.now):
        raise _Refused(_R.CLOSED)
    return entry


def is_open(state: State, entry: DirectoryEntry, now: float) -> bool:
    """Whether somebody is there by the entry's hours; without hours always."""
    calendar = state.calendars.get(entry.hours)
    return calendar is None or calendar.is_open(now)


def _interpreter(step: Step, language: str) -> DirectoryEntry:
    """The first interpreter of the language who is there now."""
    state = step.state
    known = [each for each in state.plan.talk.interpreters if each.language == language]
    entries = [state.directory[each.entry] for each in known if each.entry in state.directory]
    for entry in entries:
        if is_open(state, entry, step.now):
            return entry
    raise _Refused(_R.CLOSED if entries else _R.UNKNOWN_TARGET)


# -- ending the operator's part ---------------------------------------------------------------


def _hang_up(step: Step, happened: i.HangUpRequested, talk: _Talk) -> None:
    call = talk.call
    if talk.offer.apart:
        # Nobody may be left in the music: the end of the talk is the end of the call.
        step.command(HangUpCaller(call.id, call.switch, call.channel))
    else:
        step.command(HangUpLeg(talk.offer.id, call.switch))


def _transfer(step: Step, happened: i.TransferRequested, talk: _Talk) -> None:
    call, offer, target = talk.call, talk.offer, happened.target
    state, agent = step.state, talk.agent
    to_queue = target.kind is TargetKind.QUEUE and target.value in state.queues
    if call.visits >= MAX_VISITS:
        raise _Refused(_R.UNKNOWN_TARGET)
    entry = None if to_queue else _entry(step, target)
    drop_taking(step, call)
    for party in parties_of(state, call):
        drop_party(step, party)
    was_apart = offer.apart
    step.emit(e.TransferStarted(offer.id, call.id, target))
    step.emit(e.LegClosed(offer.id, call.id, AgentId(agent.id), EndedBy.TRANSFER))
    if entry is None:
        step.command(HoldCaller(call.id, call.switch, call.channel))
    elif not was_apart:
        step.command(PartTalk(call.id, call.switch, call.channel))
    if offer.by_hand:
        step.command(HangUpLeg(offer.id, call.switch))
    if entry is None:
        enqueue(step, call, QueueId(target.value), age_from_s=step.now, language=call.language)
    else:
        _ring(step, call, offer, entry, PartyKind.TRANSFER)
    after_talk(step, agent)


_DECIDERS: dict[type, Callable[[Step, Any, _Talk], None]] = {
    i.TransferRequested: _transfer,
    i.HangUpRequested: _hang_up,
    t.HoldRequested: _hold,
    t.ResumeRequested: _resume,
    t.ConsultRequested: _consult,
    t.ConsultCompleted: _complete,
    t.ConferenceRequested: _conference,
    t.PartyDropped: _drop,
}
#: The inputs that :func:`decide` answers.
ASKED = tuple(_DECIDERS)
