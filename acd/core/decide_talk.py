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
from acd.core.commands_talk import MergeTalk, PartTalk
from acd.core.decide_colleagues import PEOPLE, choose, party_with
from acd.core.decide_dial import dial_of, hang_up, may_not_call
from acd.core.decide_parties import (
    consulted,
    drop_party,
    give_back,
    hand_over,
    parties_of,
    party_leaves,
    reunite,
)
from acd.core.decide_ring import Rung, at_colleague, at_entry, at_number, ring
from acd.core.decide_take import drop_taking
from acd.core.events import RefusalReason
from acd.core.events_talk import PartyMoved
from acd.core.ids import AgentId, OfferId, QueueId
from acd.core.inputs import EndedBy
from acd.core.offer import Offer, OfferState
from acd.core.overflow import MAX_VISITS, enqueue
from acd.core.party import PartyKind, PartyResult
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
    if agent is not None and isinstance(happened, i.HangUpRequested):
        dial, party = dial_of(step, agent), party_with(step, agent)
        if dial is not None:
            hang_up(step, dial)
            return
        if party is not None:
            # As if the telephone was put down, or the ring turned away.
            party_leaves(step, party, PartyResult.REJECTED)
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


def _part(step: Step, talk: _Talk, *, asking: bool = False) -> None:
    """Let the caller hear music and the operator wait, if they do not already."""
    call = talk.call
    if talk.with_caller:
        step.emit(e.TalkHeld(talk.offer.id, True, apart=True))
        step.command(PartTalk(call.id, call.switch, call.channel, talk.offer.id, asking))
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
    if happened.target.kind is TargetKind.OUTSIDE:
        reason = may_not_call(step, happened.agent, happened.number)
        if reason is not None:
            raise _Refused(reason)
        rung = at_number(step, happened.number)
    else:
        rung = _whom(step, talk.agent, happened.target)
    if parties_of(step.state, talk.call):
        raise _Refused(_R.ANOTHER_PARTY)
    if talk.call.visits >= MAX_VISITS:
        # Whom nobody takes must be able to come back.
        raise _Refused(_R.UNKNOWN_TARGET)
    waits = not talk.with_caller
    _part(step, talk, asking=True)
    ring(step, talk.call, talk.offer, PartyKind.CONSULT, rung, tone=waits)


def _whom(step: Step, asker: Agent, target: Target) -> Rung:
    """Who is to be rung for a target: a colleague, or an entry of the directory."""
    if target.kind not in PEOPLE:
        return at_entry(_entry(step, target))
    chosen = choose(step, asker, target)
    if isinstance(chosen, RefusalReason):
        raise _Refused(chosen)
    return at_colleague(step, chosen, target)


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
        moved = PartyMoved(party.id, call.id, party.agent, PartyKind.GUEST, party.colleague)
        step.emit(moved)
        step.command(MergeTalk(call.id, call.switch, call.channel, offer.id))
        return
    if happened.language:
        rung = at_entry(_interpreter(step, happened.language))
    else:
        assert happened.target is not None
        rung = _whom(step, talk.agent, happened.target)
    if not talk.with_caller:
        raise _Refused(_R.NOT_IN_A_CALL)
    if len(parties_of(step.state, call)) >= MAX_GUESTS:
        raise _Refused(_R.ANOTHER_PARTY)
    ring(step, call, offer, PartyKind.GUEST, rung)


def _drop(step: Step, happened: t.PartyDropped, talk: _Talk) -> None:
    party = step.state.parties.get(happened.party)
    if party is None or party.call != talk.call.id:
        raise _Refused(_R.UNKNOWN_TARGET)
    if party.kind is PartyKind.CONSULT:
        reunite(step, talk.call, talk.offer)
    drop_party(step, party)


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
    to_queue = target.kind is TargetKind.QUEUE
    if call.visits >= MAX_VISITS or (to_queue and target.value not in state.queues):
        raise _Refused(_R.UNKNOWN_TARGET)
    rung = None if to_queue else _whom(step, agent, target)
    drop_taking(step, call)
    for party in parties_of(state, call):
        drop_party(step, party)
    was_apart = offer.apart
    step.emit(e.TransferStarted(offer.id, call.id, target))
    step.emit(e.LegClosed(offer.id, call.id, AgentId(agent.id), EndedBy.TRANSFER))
    if rung is None:
        step.command(HoldCaller(call.id, call.switch, call.channel))
    elif not was_apart:
        step.command(PartTalk(call.id, call.switch, call.channel))
    if offer.by_hand:
        step.command(HangUpLeg(offer.id, call.switch))
    if rung is None:
        enqueue(step, call, QueueId(target.value), age_from_s=step.now, language=call.language)
    elif rung.colleague and not state.agents[rung.colleague].available:
        # Who was let go just now left calls behind, and one of them took this colleague.
        give_back(step, call, AgentId(agent.id))
    else:
        ring(step, call, offer, PartyKind.TRANSFER, rung)
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
