"""The note of a recording that is under way, and what becomes of it: pure, one event at a time."""

from __future__ import annotations

from msgspec.structs import replace

from acd.core.commands import Recorded
from acd.core.commands_talk import DialOut, RingParty
from acd.core.dial import DialOutcome
from acd.core.engine import Engine
from acd.core.events import CallAnswered, LegClosed, OfferEnded, TalkHeld
from acd.core.events_talk import DialEnded, DialPickedUp, TalkTakenUp
from acd.core.ids import OfferId, QueueId
from acd.core.recording import (
    SILENCED,
    GapKind,
    NotRecorded,
    Stretch,
    TapeState,
    recording_rule,
)
from acd.ports_recording import Incoming, Note, Told

#: The events that change a note.
Followed = CallAnswered | TalkHeld | LegClosed | OfferEnded | DialPickedUp | DialEnded | TalkTakenUp


def begun(engine: Engine, command: Recorded, recording: str, at_ms: int) -> Note:
    """The note of a talk that is about to be rung for. A number called outside is not in it. A
    colleague who only gives an answer is not recorded: there will be no sound."""
    if isinstance(command, DialOut):
        dial = engine.state.dials.get(command.offer)
        agent = dial.agent if dial is not None else ""
        return Note(recording, command.offer, command.offer, agent, "", "", 0, at_ms)
    call = engine.calls.get(command.call)
    offer, agent = (
        (command.party, command.colleague)
        if isinstance(command, RingParty)
        else (command.offer, command.agent)
    )
    return Note(
        id=recording,
        call=command.call,
        offer=offer,
        agent=agent,
        queue=command.queue,
        dialled=call.dialled if call is not None else "",
        keep_days=0,
        offered_ms=at_ms,
    )


def told_note(engine: Engine, told: Told, recording: str, keep_days: int) -> Note:
    """The note of a recording that the switch began by itself. Whose telephone it was is known,
    who sat there is not: whoever is logged in at it, or else whose it is. A caller who waited for
    a queue that is exempt by now was in the switch before it could be told: nothing is kept."""
    call, plan = engine.calls.get(told.call), engine.plan
    queue = call.queue if call is not None else QueueId("")
    rule = recording_rule(plan, told.dialled, queue, enabled=True, keep_days=keep_days)
    people = [each.id for each in engine.agents.values() if each.device == told.phone]
    people += [each.id for each in plan.agents if each.device == told.phone]
    return Note(
        id=recording,
        call=told.call,
        offer=_nobodys(recording),
        agent=people[0] if people else "",
        queue=queue,
        dialled=told.dialled,
        keep_days=rule.keep_days,
        offered_ms=told.started_s * 1000,
        started_ms=told.started_s * 1000,
        unanswered=rule.why_not is NotRecorded.QUEUE_EXEMPT,
    )


def stranger(raw: Incoming) -> Note:
    """A note for sound whose own note is lost: it is kept, with nothing known of it."""
    return Note(raw.id, "", _nobodys(raw.id), "", "", "", 0, raw.ended_ms)


def _nobodys(recording: str) -> OfferId:
    """Stands where no offer of ours led to the talk."""
    return OfferId(f"?{recording}")


def leg_of(event: Followed) -> OfferId:
    """The operator's leg that an event is about."""
    return event.dial if isinstance(event, DialPickedUp | DialEnded) else event.offer


def followed(note: Note, event: Followed, at_ms: int) -> Note:
    """The note after an event. A call outside is recorded from the operator's own pick-up on."""
    match event:
        case CallAnswered() | DialPickedUp() | TalkTakenUp():
            return replace(note, started_ms=at_ms)
        case TalkHeld():
            note = closed(note, at_ms, held=True)
            kind = GapKind.APART if event.apart else GapKind.HOLD
            return opened(note, kind, at_ms) if event.on else note
        case LegClosed() | OfferEnded() | DialEnded():
            over = replace(closed(closed(note, at_ms), at_ms, held=True), ended_ms=at_ms)
            unheard = isinstance(event, DialEnded) and event.outcome is not DialOutcome.ANSWERED
            return replace(over, unanswered=unheard)


def shown(note: Note | None) -> TapeState | None:
    """What a person is told of a recording: nothing before the talk and after it."""
    return note.state if note is not None and note.started_ms and not note.ended_ms else None


def opened(note: Note, kind: GapKind, at_ms: int) -> Note:
    """The note with a stretch that begins now."""
    return replace(note, stretches=(*note.stretches, Stretch(kind, at_ms)))


def closed(note: Note, at_ms: int, *, held: bool = False) -> Note:
    """The note with its open pause (or, ``held``, what else is open) ended."""

    def ends(each: Stretch) -> bool:
        return each.to_ms == 0 and (each.kind not in SILENCED) == held

    stretches = (replace(each, to_ms=at_ms) if ends(each) else each for each in note.stretches)
    return replace(note, stretches=tuple(stretches))
