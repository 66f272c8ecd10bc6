"""Steps as the engine would journal them, told by hand: calls whose rows are known beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.events import (
    AgentChanged,
    CallAnswered,
    CallClosed,
    CallOffered,
    CallOpened,
    CallOutcome,
    CallQueued,
    Event,
    LegClosed,
    MenuPassed,
    OfferPickedUp,
    VisitEnded,
    VisitOutcome,
)
from acd.core.ids import AgentId, CallId, QueueId, SwitchId, TimerToken, offer_id, visit_id
from acd.core.inputs import (
    CallArrived,
    CallConnected,
    Caller,
    CallerHungUp,
    CallerKind,
    EndedBy,
    Input,
    LegEnded,
    MenuStepped,
    OfferAnswered,
    QueueRequested,
    TimerFired,
)
from acd.core.plan import CallType
from acd.ports import Step
from agents.state import AgentState

T0_S = 1_800_000_000.0
SWITCH = SwitchId("a")
TAX = QueueId("tax")


def call_id(number: int) -> CallId:
    return CallId(f"1800000000.{number}")


def opened(number: int, caller: Caller | None = None) -> CallOpened:
    return CallOpened(
        call=call_id(number),
        switch=SWITCH,
        channel=f"PJSIP/carrier-{number:08x}",
        trunk="carrier",
        dialled="0466251111",
        caller=caller or Caller(CallerKind.NUMBER, "0312345678"),
        listed=True,
        adopted=False,
    )


def queued(number: int, visit: int, at_s: float, queue: QueueId = TAX) -> CallQueued:
    return CallQueued(
        call=call_id(number),
        visit=visit_id(visit),
        queue=queue,
        call_type=CallType.ENQUIRY,
        language="ja",
        needs=(),
        prefers=(),
        priority=None,
        age_from_s=at_s,
    )


def answered_call(
    number: int, at_s: float = T0_S, *, menu_s: float = 5.0, wait_s: float = 3.0,
    talk_s: float = 120.0, wrap_up_s: float = 10.0, agent: str = "sato",
) -> list[Step]:  # fmt: skip
    """Menu, wait (all of it ringing), talk, the caller hangs up, wrap-up."""
    call, offer, who = call_id(number), offer_id(number), AgentId(agent)
    first = opened(number)
    queue_s = at_s + menu_s
    answer_s = queue_s + wait_s
    end_s = answer_s + talk_s
    ready = AgentChanged(who, AgentState.READY, idle_from_s=end_s + wrap_up_s)
    story: list[tuple[float, Input, list[Event]]] = [
        (at_s, CallArrived(call, SWITCH, first.channel, "carrier", first.dialled, first.caller),
         [first]),
        (at_s + 2.0, MenuStepped(call, "main", "1"), [MenuPassed(call, "main", "1")]),
        (queue_s, QueueRequested(call, TAX),
         [queued(number, number, queue_s), CallOffered(offer, call, who)]),
        (answer_s - 0.01, OfferAnswered(offer), [OfferPickedUp(offer)]),
        (answer_s, CallConnected(offer), [CallAnswered(offer, call, who, visit_id(number))]),
        (end_s, CallerHungUp(call), [LegClosed(offer, call, who, EndedBy.CALLER),
                                     CallClosed(call, CallOutcome.ANSWERED, 16)]),
        (end_s + 0.01, LegEnded(offer, EndedBy.CALLER), []),
        (end_s + wrap_up_s, TimerFired(TimerToken(number)), [ready]),
    ]  # fmt: skip
    return [Step(at, happened, events) for at, happened, events in story]


def abandoned_call(
    number: int, at_s: float = T0_S, *, menu_s: float = 5.0, wait_s: float = 30.0
) -> list[Step]:
    """Menu, wait, the caller gives up."""
    call = call_id(number)
    first = opened(number)
    queue_s = at_s + menu_s
    story: list[tuple[float, Input, list[Event]]] = [
        (at_s, CallArrived(call, SWITCH, first.channel, "carrier", first.dialled, first.caller),
         [first]),
        (queue_s, QueueRequested(call, TAX), [queued(number, number, queue_s)]),
        (queue_s + wait_s, CallerHungUp(call),
         [VisitEnded(call, visit_id(number), VisitOutcome.ABANDONED),
          CallClosed(call, CallOutcome.ABANDONED, 16)]),
    ]  # fmt: skip
    return [Step(at, happened, events) for at, happened, events in story]


def many_calls(count: int, *, first: int = 1, gap_s: float = 1.0) -> Iterator[Step]:
    """One call after another; every fifth gives up."""
    for number in range(first, first + count):
        at_s = T0_S + number * gap_s
        yield from abandoned_call(number, at_s) if number % 5 == 0 else answered_call(number, at_s)
