"""What an operator sees of a talk: who is in it, who is being asked, who asks."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

from acd.core.call import Call
from acd.core.decide_parties import parties_of
from acd.core.dial import Dial, DialOutcome
from acd.core.engine import Engine
from acd.core.ids import AgentId, OfferId
from acd.core.inputs import CallerKind
from acd.core.offer import Offer
from acd.core.party import Party, PartyKind
from acd.core.plan import CallType
from agents.agent import Agent
from web.answer import Words


class LegKind(StrEnum):
    """Who somebody in a talk is: the caller, whoever was called outside, the colleague who asks,
    or what a party is there for."""

    CALLER = "caller"
    OUTSIDE = "outside"
    COLLEAGUE = "colleague"
    CONSULT = PartyKind.CONSULT.value
    GUEST = PartyKind.GUEST.value
    TRANSFER = PartyKind.TRANSFER.value


class LegState(StrEnum):
    """How far a leg is; of an outside call also why nobody comes."""

    TALKING = "talking"
    HELD = "held"
    RINGING = "ringing"
    OWN_PHONE = DialOutcome.OWN_PHONE.value
    NOT_ANSWERED = DialOutcome.NOT_ANSWERED.value
    BUSY = DialOutcome.BUSY.value
    REJECTED = DialOutcome.REJECTED.value
    UNREACHABLE = DialOutcome.UNREACHABLE.value
    CANCELLED = DialOutcome.CANCELLED.value
    ANSWERED = DialOutcome.ANSWERED.value


class Leg(TypedDict):
    """Somebody in a talk besides the operator."""

    id: str
    kind: LegKind
    name: Words | None
    state: LegState


class Caller(TypedDict):
    """Who calls; the number only for whom the call is."""

    kind: CallerKind
    number: NotRequired[str]


class AskedCall(TypedDict):
    """The call that a colleague is asked about."""

    id: str
    queue: str | None
    call_type: CallType
    language: str
    dialled: str
    keys: str
    arrived_s: float
    caller: Caller


class Asked(TypedDict):
    """Who asks this operator, what for, and about which call."""

    by: str
    name: Words
    kind: PartyKind
    as_one_of: Words | None
    call: AskedCall


class Talk(TypedDict):
    """What an operator sees of a talk; ``held_by``: what the telephone holds, it resumes."""

    legs: list[Leg]
    consult: Leg | None
    held_by: Literal["switch", "telephone"] | None
    asked: Asked | None


#: Who is called outside is shown to nobody by number.
OUTSIDE: Words = {"ja": "外線", "en": "Outside line"}


def talk_view(engine: Engine, agent: Agent, *, own: bool) -> Talk | None:
    """Legs besides the operator's own, and the one that is being asked; None outside of a talk.

    ``held_by``: who holds the caller, the switch or the telephone itself; only what the switch
    holds can be resumed by a request. ``asked``: of an operator whom a colleague asks, who that is
    and for which caller; the caller's number only where the view is the operator's ``own``.
    """
    state, leg = engine.state, OfferId(agent.offer or "")
    offer, dial, party = state.offers.get(leg), state.dials.get(leg), state.parties.get(leg)
    if dial is not None:
        return _seen([_outside(dial)])
    if party is not None:
        return _seen([_asker(engine, party)], asked=_asked(engine, party, own=own))
    if offer is None or offer.connected_s <= 0:
        return None
    return _talk(engine, offer)


def _seen(
    legs: list[Leg],
    *,
    consult: Leg | None = None,
    held_by: Literal["switch", "telephone"] | None = None,
    asked: Asked | None = None,
) -> Talk:
    return {"legs": legs, "consult": consult, "held_by": held_by, "asked": asked}


def _talk(engine: Engine, offer: Offer) -> Talk:
    call = engine.calls[offer.call]
    parties = parties_of(engine.state, call)
    held = offer.state.value == "held"
    now = LegState.HELD if held else LegState.TALKING
    legs: list[Leg] = [{"id": "caller", "kind": LegKind.CALLER, "name": None, "state": now}]
    legs += [_party(engine, party) for party in parties]
    asked = [party for party in parties if party.kind is PartyKind.CONSULT]
    return _seen(
        legs,
        consult=_party(engine, asked[0]) if asked else None,
        held_by=("switch" if offer.apart else "telephone") if held else None,
    )


def _outside(dial: Dial) -> Leg:
    state = LegState.RINGING if dial.picked_up_s else LegState.OWN_PHONE
    if dial.answered_s:
        state = LegState.TALKING
    if dial.failed is not None:
        state = LegState(dial.failed.value)
    return {"id": dial.id, "kind": LegKind.OUTSIDE, "name": OUTSIDE, "state": state}


def _party(engine: Engine, party: Party) -> Leg:
    entry = engine.state.directory.get(party.target.value)
    name: Words = {"ja": entry.name_ja, "en": entry.name_en} if entry else OUTSIDE
    if party.colleague:
        name = _name(engine, party.colleague)
    return {
        "id": party.id,
        "kind": LegKind(party.kind.value),
        "name": name,
        "state": LegState.TALKING if party.answered else LegState.RINGING,
    }


def _name(engine: Engine, agent: AgentId) -> Words:
    """An operator's name, the same in every language; of a guest, the id."""
    name = next((each.name for each in engine.plan.agents if each.id == agent), "") or agent
    return {"ja": name, "en": name}


def _asker(engine: Engine, party: Party) -> Leg:
    return {
        "id": party.id,
        "kind": LegKind.COLLEAGUE,
        "name": _name(engine, party.agent),
        "state": LegState.TALKING if party.answered else LegState.RINGING,
    }


def _asked(engine: Engine, party: Party, *, own: bool) -> Asked:
    call = engine.calls[party.call]
    queue = engine.state.queues.get(party.queue)
    return {
        "by": party.agent,
        "name": _name(engine, party.agent),
        "kind": party.kind,
        "as_one_of": {"ja": queue.name_ja, "en": queue.name_en} if queue else None,
        "call": _call(call, own=own),
    }


def _call(call: Call, *, own: bool) -> AskedCall:
    """The call that a colleague is asked about."""
    caller: Caller = {"kind": call.caller.kind}
    if own and call.caller.kind is CallerKind.NUMBER:
        caller["number"] = call.caller.number
    return {
        "id": call.id,
        "queue": call.queue or None,
        "call_type": call.call_type,
        "language": call.language,
        "dialled": call.dialled,
        "keys": call.keys if own else "",
        "arrived_s": call.arrived_s,
        "caller": caller,
    }
