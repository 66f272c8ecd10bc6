"""What an operator sees of a talk: who is in it, who is being asked."""

from __future__ import annotations

from typing import Any

from acd.core.decide_parties import parties_of
from acd.core.dial import Dial
from acd.core.engine import Engine
from acd.core.offer import Offer
from acd.core.party import Party, PartyKind

Json = dict[str, Any]


#: Who is called outside is shown to nobody by number.
OUTSIDE = {"ja": "外線", "en": "Outside line"}


def talk_view(engine: Engine, offer: Offer | None, dial: Dial | None = None) -> Json | None:
    """Legs besides the operator's own, and the one that is being asked; None outside of a talk.

    ``held_by``: who holds the caller, the switch or the telephone itself; only what the switch
    holds can be resumed by a request.
    """
    if dial is not None:
        return {"legs": [_outside(dial)], "consult": None, "held_by": None}
    if offer is None or offer.connected_s <= 0:
        return None
    call = engine.calls[offer.call]
    parties = parties_of(engine.state, call)
    held = offer.state.value == "held"
    legs = [
        {"id": "caller", "kind": "caller", "name": None, "state": "held" if held else "talking"}
    ]
    legs += [_party(engine, party) for party in parties]
    asked = [party for party in parties if party.kind is PartyKind.CONSULT]
    return {
        "legs": legs,
        "consult": _party(engine, asked[0]) if asked else None,
        "held_by": ("switch" if offer.apart else "telephone") if held else None,
    }


def _outside(dial: Dial) -> Json:
    state = "talking" if dial.answered_s else "ringing" if dial.picked_up_s else "own_phone"
    return {"id": dial.id, "kind": "outside", "name": OUTSIDE, "state": state}


def _party(engine: Engine, party: Party) -> Json:
    entry = engine.state.directory.get(party.target.value)
    name = {"ja": entry.name_ja, "en": entry.name_en} if entry else OUTSIDE
    return {
        "id": party.id,
        "kind": party.kind.value,
        "name": name,
        "state": "talking" if party.answered else "ringing",
    }
