"""What an operator sees of a talk: who is in it, who is being asked, who asks."""

from __future__ import annotations

from typing import Any

from acd.core.call import Call
from acd.core.decide_parties import parties_of
from acd.core.dial import Dial
from acd.core.engine import Engine
from acd.core.ids import AgentId, OfferId
from acd.core.inputs import CallerKind
from acd.core.offer import Offer
from acd.core.party import Party, PartyKind
from agents.agent import Agent

Json = dict[str, Any]


#: Who is called outside is shown to nobody by number.
OUTSIDE = {"ja": "外線", "en": "Outside line"}


def talk_view(engine: Engine, agent: Agent, *, own: bool) -> Json | None:
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
    legs: list[Json],
    *,
    consult: Json | None = None,
    held_by: str | None = None,
    asked: Json | None = None,
) -> Json:
    return {"legs": legs, "consult": consult, "held_by": held_by, "asked": asked}


def _talk(engine: Engine, offer: Offer) -> Json:
    call = engine.calls[offer.call]
    parties = parties_of(engine.state, call)
    held = offer.state.value == "held"
    legs = [
        {"id": "caller", "kind": "caller", "name": None, "state": "held" if held else "talking"}
    ]
    legs += [_party(engine, party) for party in parties]
    asked = [party for party in parties if party.kind is PartyKind.CONSULT]
    return _seen(
        legs,
        consult=_party(engine, asked[0]) if asked else None,
        held_by=("switch" if offer.apart else "telephone") if held else None,
    )


def _outside(dial: Dial) -> Json:
    state = "talking" if dial.answered_s else "ringing" if dial.picked_up_s else "own_phone"
    if dial.failed is not None:
        state = dial.failed.value
    return {"id": dial.id, "kind": "outside", "name": OUTSIDE, "state": state}


def _party(engine: Engine, party: Party) -> Json:
    entry = engine.state.directory.get(party.target.value)
    name = {"ja": entry.name_ja, "en": entry.name_en} if entry else OUTSIDE
    if party.colleague:
        name = _name(engine, party.colleague)
    return {
        "id": party.id,
        "kind": party.kind.value,
        "name": name,
        "state": "talking" if party.answered else "ringing",
    }


def _name(engine: Engine, agent: AgentId) -> dict[str, str]:
    """An operator's name, the same in every language; of a guest, the id."""
    name = next((each.name for each in engine.plan.agents if each.id == agent), "") or agent
    return {"ja": name, "en": name}


def _asker(engine: Engine, party: Party) -> Json:
    return {
        "id": party.id,
        "kind": "colleague",
        "name": _name(engine, party.agent),
        "state": "talking" if party.answered else "ringing",
    }


def _asked(engine: Engine, party: Party, *, own: bool) -> Json:
    call = engine.calls[party.call]
    queue = engine.state.queues.get(party.queue)
    return {
        "by": party.agent,
        "name": _name(engine, party.agent),
        "kind": party.kind.value,
        "as_one_of": {"ja": queue.name_ja, "en": queue.name_en} if queue else None,
        "call": _call(call, own=own),
    }


def _call(call: Call, *, own: bool) -> Json:
    """The call that a colleague is asked about."""
    caller: Json = {"kind": call.caller.kind.value}
    if own and call.caller.kind is CallerKind.NUMBER:
        caller["number"] = call.caller.number
    return {
        "id": call.id,
        "queue": call.queue or None,
        "call_type": call.call_type.value,
        "language": call.language,
        "dialled": call.dialled,
        "keys": call.keys if own else "",
        "arrived_s": call.arrived_s,
        "caller": caller,
    }
