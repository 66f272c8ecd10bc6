"""The ledger's rows of everybody else: who was rung in a talk, who was called outside."""

from __future__ import annotations

from msgspec import Struct

from acd.core.cdr_types import OutsideRecord, PartyRecord
from acd.core.events_talk import (
    DialAnswered,
    DialEnded,
    DialEvent,
    DialFailed,
    DialPickedUp,
    DialStarted,
    LineTaken,
    PartyAnswered,
    PartyAsked,
    PartyEnded,
    PartyEvent,
    PartyMoved,
    TalkTakenUp,
)
from acd.core.ids import CallId, OfferId
from acd.core.party import PartyKind, PartyResult
from acd.core.plan import TargetKind


class OpenParty(Struct):
    """A party that has not ended; ``kind`` is what it is there for now."""

    asked: PartyAsked
    asked_ms: int
    kind: PartyKind
    answered_ms: int | None = None


class OpenDial(Struct):
    """An outside call that is not over."""

    started: DialStarted
    started_ms: int
    picked_up_ms: int | None = None
    answered_ms: int | None = None
    trunk: str = ""


class Aside(Struct):
    """What the book keeps of everybody besides callers and operators."""

    parties: dict[OfferId, OpenParty] = {}
    dials: dict[OfferId, OpenDial] = {}


#: Kinds of target outside of the centre.
AWAY = (TargetKind.NUMBER, TargetKind.OUTSIDE)
#: The events that :func:`fold_aside` takes.
ASIDE = (
    *(PartyAsked, PartyAnswered, PartyMoved, PartyEnded),
    *(DialStarted, DialPickedUp, DialAnswered, DialEnded, LineTaken),
)


def fold_aside(
    aside: Aside, now_ms: int, event: PartyEvent | DialEvent | LineTaken
) -> PartyRecord | OutsideRecord | None:
    """Take one event; returns the row of what is over."""
    match event:
        case PartyAsked():
            aside.parties[event.party] = OpenParty(event, now_ms, event.kind)
        case DialStarted():
            aside.dials[event.dial] = OpenDial(event, now_ms)
        case PartyAnswered() | PartyMoved() | PartyEnded():
            party = aside.parties.get(event.party)
            return _party(aside, party, now_ms, event) if party is not None else None
        case TalkTakenUp():
            party = aside.parties.pop(event.offer, None)
            return _record(party, now_ms, PartyResult.TALKED) if party is not None else None
        case LineTaken():
            if event.offer in aside.dials:
                aside.dials[event.offer].trunk = event.line
        case DialFailed():
            pass
        case _:
            dial = aside.dials.get(event.dial)
            return _dial(aside, dial, now_ms, event) if dial is not None else None
    return None


def _party(
    aside: Aside, party: OpenParty, now_ms: int, event: PartyAnswered | PartyMoved | PartyEnded
) -> PartyRecord | None:
    if isinstance(event, PartyAnswered):
        party.answered_ms = now_ms
    elif isinstance(event, PartyMoved):
        party.kind = event.kind
    else:
        del aside.parties[event.party]
        return _record(party, now_ms, event.result)
    return None


def _dial(
    aside: Aside, dial: OpenDial, now_ms: int, event: DialPickedUp | DialAnswered | DialEnded
) -> OutsideRecord | None:
    if isinstance(event, DialPickedUp):
        dial.picked_up_ms = now_ms
        return None
    if isinstance(event, DialAnswered):
        dial.answered_ms = now_ms
        return None
    del aside.dials[event.dial]
    answered_ms = dial.answered_ms
    return OutsideRecord(
        call=CallId(f"out-{event.dial}"),
        agent=event.agent,
        number=dial.started.number,
        started_ms=dial.started_ms,
        picked_up_ms=dial.picked_up_ms,
        answered_ms=answered_ms,
        ended_ms=now_ms,
        talk_ms=0 if answered_ms is None else now_ms - answered_ms,
        outcome=event.outcome,
        trunk=dial.trunk,
    )


def _record(party: OpenParty, now_ms: int, result: PartyResult) -> PartyRecord:
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
        result=result,
    )
