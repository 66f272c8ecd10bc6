"""The ledger's rows of parties: everybody besides caller and operator who was rung in a talk."""

from __future__ import annotations

from msgspec import Struct

from acd.core.cdr_types import PartyRecord
from acd.core.events_talk import PartyAnswered, PartyAsked, PartyEnded, PartyMoved
from acd.core.ids import OfferId
from acd.core.party import PartyKind


class OpenParty(Struct):
    """A party that has not ended; ``kind`` is what it is there for now."""

    asked: PartyAsked
    asked_ms: int
    kind: PartyKind
    answered_ms: int | None = None


#: What the book keeps of them.
OpenParties = dict[OfferId, OpenParty]


def fold_party(
    parties: OpenParties, now_ms: int, event: PartyAsked | PartyAnswered | PartyMoved | PartyEnded
) -> PartyRecord | None:
    """Take one event; returns the row if the party is over."""
    if isinstance(event, PartyAsked):
        parties[event.party] = OpenParty(event, now_ms, event.kind)
        return None
    party = parties.get(event.party)
    if party is None:
        return None
    if isinstance(event, PartyAnswered):
        party.answered_ms = now_ms
    elif isinstance(event, PartyMoved):
        party.kind = event.kind
    else:
        del parties[event.party]
        return _record(party, now_ms, event)
    return None


def _record(party: OpenParty, now_ms: int, ended: PartyEnded) -> PartyRecord:
    asked, answered_ms = party.asked, party.answered_ms
    rang_until_ms = now_ms if answered_ms is None else answered_ms
    return PartyRecord(
        call=asked.call,
        party=asked.party,
        agent=asked.agent,
        kind=party.kind,
        target_kind=asked.target.kind,
        target=asked.target.value,
        number=asked.number,
        asked_ms=party.asked_ms,
        ring_ms=rang_until_ms - party.asked_ms,
        answered_ms=answered_ms,
        ended_ms=now_ms,
        talk_ms=0 if answered_ms is None else now_ms - answered_ms,
        result=ended.result,
    )
