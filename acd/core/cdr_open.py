"""What the book of records keeps of calls and legs that are not over, and how they become rows."""

from __future__ import annotations

from msgspec import Struct

from acd.core.cdr_types import (
    CallRecord,
    LegRecord,
    Record,
    Segment,
    SegmentEnd,
    SegmentKind,
    Source,
    VisitRecord,
)
from acd.core.events import (
    CallClosed,
    CallOffered,
    CallOpened,
    CallOutcome,
    LegClosed,
    OfferResult,
    VisitOutcome,
)
from acd.core.events_talk import TalkTakenUp
from acd.core.ids import AgentId, CallId, OfferId, QueueId, VisitId
from acd.core.plan import CallType, OverflowKind, Target

_K = SegmentKind


class OpenVisit(Struct):
    """A visit that has not ended."""

    visit: VisitId
    number: int
    queue: QueueId
    call_type: CallType
    language: str
    priority: int | None
    entered_ms: int
    offers: int = 0
    skills: str = ""


class OpenCall(Struct):
    """A call whose channel is still there; ``kind`` and ``from_ms`` say what it is doing."""

    opened: CallOpened
    offered_ms: int
    kind: SegmentKind
    from_ms: int
    segments: int = 0
    visits: int = 0
    legs: int = 0
    transfers: int = 0
    visit: OpenVisit | None = None
    answered_ms: int | None = None
    call_type: CallType | None = None
    language: str = ""
    detail: str = ""
    disposition: str = ""
    resolved: bool | None = None
    spent_ms: dict[SegmentKind, int] = {}
    forwarded: int = 0
    survey_asked: bool = False
    survey: int | None = None
    queue: QueueId = QueueId("")
    agent: AgentId = AgentId("")
    skills: str = ""
    returned: int = 0


class OpenLeg(Struct):
    """An offer that is ringing, a talk, or the wrap-up after it."""

    call: CallId
    offer: OfferId
    visit: VisitId
    queue: QueueId
    agent: AgentId
    offered_ms: int
    answered_ms: int | None = None
    held_from_ms: int | None = None
    held_ms: int = 0
    holds: int = 0
    target: Target | None = None
    closed: LegClosed | None = None
    ended_ms: int = 0
    wrap_up_number: int = 0
    drill: bool = False
    came_ms: int = 0
    dialled: str = ""
    trunk: str = ""
    call_type: CallType | None = None
    language: str = ""
    skills: str = ""


class Totals(Struct):
    """What went through the book since it was begun: the ledger's balance."""

    offered: int = 0
    entered: int = 0
    calls: dict[CallOutcome, int] = {}
    visits: dict[VisitOutcome, int] = {}


def taken_up(call: OpenCall, event: TalkTakenUp, now_ms: int) -> OpenLeg:
    """The leg of a colleague who has the caller now; the ring is in the party's row."""
    call.legs += 1
    call.segments += 1
    call.agent = event.agent
    return OpenLeg(
        event.call, event.offer, event.visit, event.queue, event.agent, now_ms, now_ms,
        wrap_up_number=call.segments, drill=call.opened.drill,
    )  # fmt: skip


def resume(leg: OpenLeg, now_ms: int) -> None:
    """End the hold, if there is one."""
    if leg.held_from_ms is not None:
        leg.held_ms += now_ms - leg.held_from_ms
        leg.held_from_ms = None


def turn(
    call: OpenCall,
    now_ms: int,
    kind: SegmentKind,
    end: SegmentEnd,
    leg: OpenLeg | None = None,
    queue: QueueId | None = None,
) -> Segment:
    """End what the caller is in and begin ``kind``."""
    spent = now_ms - call.from_ms
    call.segments += 1
    call.spent_ms[call.kind] = call.spent_ms.get(call.kind, 0) + spent
    segment = Segment(
        call.opened.call,
        call.segments,
        call.kind,
        call.from_ms,
        spent,
        end,
        queue or (leg.queue if leg else QueueId("")),
        leg.offer if leg else OfferId(""),
        leg.agent if leg else AgentId(""),
    )
    call.kind, call.from_ms = kind, now_ms
    return segment


def turn_rows(
    call: OpenCall,
    now_ms: int,
    kind: SegmentKind,
    end: SegmentEnd,
    queue: QueueId | None = None,
) -> list[Record]:
    """As :func:`turn`, but an AFTER of no length leaves no row."""
    if call.kind is _K.AFTER and call.from_ms == now_ms:
        call.kind = kind
        return []
    return [turn(call, now_ms, kind, end, queue=queue)]


def call_record(call: OpenCall, now_ms: int, event: CallClosed) -> CallRecord:
    """The row of a call that is over."""
    opened, spent = call.opened, call.spent_ms
    return CallRecord(
        call=opened.call,
        switch=opened.switch,
        trunk=opened.trunk,
        dialled=opened.dialled,
        caller_kind=opened.caller.kind,
        caller_number=opened.caller.number,
        listed=opened.listed,
        adopted=opened.adopted,
        source=Source.CONTROLLER,
        offered_ms=call.offered_ms,
        closed_ms=now_ms,
        outcome=event.outcome,
        cause=event.cause,
        call_type=call.call_type,
        language=call.language,
        detail=call.detail,
        answered_ms=call.answered_ms,
        menu_ms=spent.get(_K.MENU, 0),
        wait_ms=spent.get(_K.WAIT, 0),
        talk_ms=spent.get(_K.TALK, 0),
        hold_ms=spent.get(_K.HOLD, 0),
        after_ms=spent.get(_K.AFTER, 0),
        visits=call.visits,
        legs=call.legs,
        transfers=call.transfers,
        disposition=call.disposition,
        resolved=call.resolved,
        forwarded=call.forwarded,
        drill=opened.drill,
        survey_asked=call.survey_asked,
        survey=call.survey,
        queue=call.queue,
        agent=call.agent,
        skills=call.skills,
        returned=call.returned,
    )


def leg_record(leg: OpenLeg, wrap_up_ms: int) -> LegRecord:
    """The row of a talk whose wrap-up is over."""
    answered_ms = leg.ended_ms if leg.answered_ms is None else leg.answered_ms
    return LegRecord(
        call=leg.call,
        offer=leg.offer,
        visit=leg.visit,
        queue=leg.queue,
        agent=leg.agent,
        offered_ms=leg.offered_ms,
        ring_ms=answered_ms - leg.offered_ms,
        answered_ms=answered_ms,
        ended_ms=leg.ended_ms,
        talk_ms=leg.ended_ms - answered_ms - leg.held_ms,
        hold_ms=leg.held_ms,
        holds=leg.holds,
        wrap_up_ms=wrap_up_ms,
        ended_by=leg.closed.by if leg.closed else None,
        target_kind=leg.target.kind if leg.target else None,
        target=leg.target.value if leg.target else "",
        drill=leg.drill,
        came_ms=leg.came_ms,
        dialled=leg.dialled,
        trunk=leg.trunk,
        call_type=leg.call_type,
        language=leg.language,
        skills=leg.skills,
    )


def visit_record(
    call: OpenCall,
    visit: OpenVisit,
    now_ms: int,
    outcome: VisitOutcome,
    *,
    agent: AgentId | None = None,
    rule: OverflowKind | None = None,
    target: Target | None = None,
) -> VisitRecord:
    """The row of a visit that is over."""
    return VisitRecord(
        call=call.opened.call,
        visit=visit.visit,
        number=visit.number,
        queue=visit.queue,
        call_type=visit.call_type,
        language=visit.language,
        priority=visit.priority,
        entered_ms=visit.entered_ms,
        ended_ms=now_ms,
        outcome=outcome,
        wait_ms=now_ms - visit.entered_ms,
        caller_ms=now_ms - call.offered_ms,
        offers=visit.offers,
        agent=agent,
        rule=rule,
        target_kind=target.kind if target else None,
        target=target.value if target else "",
        drill=call.opened.drill,
        came_ms=call.offered_ms,
        dialled=call.opened.dialled,
        trunk=call.opened.trunk,
        skills=visit.skills,
    )


def open_leg(call: OpenCall, visit: OpenVisit, event: CallOffered, now_ms: int) -> OpenLeg:
    """The leg that begins with an offer."""
    opened = call.opened
    return OpenLeg(
        event.call, event.offer, visit.visit, visit.queue, event.agent, now_ms, drill=opened.drill,
        came_ms=call.offered_ms, dialled=opened.dialled, trunk=opened.trunk,
        call_type=visit.call_type, language=visit.language, skills=visit.skills,
    )  # fmt: skip


def missed_leg(leg: OpenLeg, now_ms: int, result: OfferResult) -> LegRecord:
    """The row of an offer that came to nothing."""
    return LegRecord(
        leg.call, leg.offer, leg.visit, leg.queue, leg.agent, leg.offered_ms,
        now_ms - leg.offered_ms, result, drill=leg.drill, came_ms=leg.came_ms,
        dialled=leg.dialled, trunk=leg.trunk, call_type=leg.call_type, language=leg.language,
        skills=leg.skills,
    )  # fmt: skip
