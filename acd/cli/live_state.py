"""What the live view shows, as a fold over the engine's events. Knows no terminal and no clock."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from acd.core.call import CallState
from acd.core.engine import Engine
from acd.core.events import (
    AgentChanged,
    AlertKind,
    AlertRaised,
    CallAnswered,
    CallClosed,
    CallOffered,
    CallOpened,
    CallOutcome,
    CallQueued,
    Event,
    LegClosed,
    OfferEnded,
    OfferResult,
    PlanAdopted,
    TalkHeld,
    VisitEnded,
    VisitOutcome,
)
from acd.core.events_talk import PartyAnswered, PartyAsked, TalkTakenUp
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.plan import Plan
from agents.state import AgentState, NotReadyReason

RECENT = 12
_NOWHERE = QueueId("")
_NOBODY = AgentId("")


class Happening(StrEnum):
    """What is worth a line."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    MISSED = "missed"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Line:
    """One recent happening. ``seconds`` is the caller's wait; ``detail`` a reason's value."""

    at_s: float
    what: Happening
    queue: QueueId = _NOWHERE
    agent: AgentId = _NOBODY
    seconds: float = 0.0
    detail: str = ""


@dataclass(slots=True)
class Tally:
    """One queue's figures so far."""

    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    worst_wait_s: float = 0.0


@dataclass(slots=True)
class Seat:
    """One operator: the state since when, and why."""

    state: AgentState = AgentState.LOGGED_OUT
    since_s: float = 0.0
    reason: NotReadyReason | None = None
    calls: int = 0


@dataclass(slots=True)
class LiveState:
    """The floor as of the last event."""

    plan: Plan
    in_menu: set[CallId] = field(default_factory=set)
    waiting: dict[CallId, tuple[QueueId, float]] = field(default_factory=dict)
    talking: dict[OfferId, QueueId] = field(default_factory=dict)
    seats: dict[AgentId, Seat] = field(default_factory=dict)
    tallies: dict[QueueId, Tally] = field(default_factory=dict)
    outcomes: Counter[CallOutcome] = field(default_factory=Counter)
    recent: deque[Line] = field(default_factory=lambda: deque(maxlen=RECENT))
    arrived: int = 0
    _offers: dict[OfferId, QueueId] = field(default_factory=dict)
    _talkers: dict[OfferId, AgentId] = field(default_factory=dict)
    _thresholds: dict[QueueId, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._adopt(self.plan)

    def _adopt(self, plan: Plan) -> None:
        """Show the queues and operators of this plan; what is known of them stays."""
        self.plan = plan
        self.seats = {agent.id: self.seats.get(agent.id, Seat()) for agent in plan.agents}
        for queue in plan.queues:
            self._tally(queue.id)
        self._thresholds = {queue.id: queue.sl_threshold_s for queue in plan.queues}

    def catch_up(self, engine: Engine) -> None:
        """Start from what an engine knows already (one that was restored)."""
        for agent in engine.agents.values():
            seat = self.seats.setdefault(AgentId(agent.id), Seat())
            seat.state, seat.reason, seat.since_s = agent.state, agent.reason, agent.since_s
        for call in engine.calls.values():
            if call.state in (CallState.QUEUED, CallState.OFFERED):
                self.waiting[call.id] = (call.queue, call.age_from_s)
            elif call.state is CallState.MENU:
                self.in_menu.add(call.id)

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the events of one step (this is an EventSink)."""
        for event in events:
            self._call(at_s, event)
            self._floor(at_s, event)

    def longest_wait_s(self, queue: QueueId, now_s: float) -> float:
        """How long the caller who waits longest has waited; 0 when nobody waits."""
        return max((now_s - at for where, at in self.waiting.values() if where == queue), default=0)

    def _call(self, at_s: float, event: Event) -> None:
        match event:
            case CallOpened():
                self.arrived += 1
                self.in_menu.add(event.call)
            case CallQueued():
                self.in_menu.discard(event.call)
                self.waiting[event.call] = (event.queue, at_s)
                self._tally(event.queue).offered += 1
            case CallAnswered():
                self._answered(at_s, event)
            case VisitEnded():
                self._left(at_s, event)
            case CallClosed():
                self.in_menu.discard(event.call)
                self.waiting.pop(event.call, None)
                self.outcomes[event.outcome] += 1
            case _:
                pass

    def _floor(self, at_s: float, event: Event) -> None:
        match event:
            case CallOffered():
                queue, _ = self.waiting.get(event.call, (_NOWHERE, 0.0))
                self._offers[event.offer] = queue
                self._sit(event.agent, AgentState.RINGING, at_s)
            case OfferEnded():
                queue = self._offers.pop(event.offer, _NOWHERE)
                if event.result not in (OfferResult.CALLER_GONE, OfferResult.WITHDRAWN):
                    self._note(at_s, Happening.MISSED, queue, event.agent, 0.0, event.result.value)
            case TalkHeld():
                held = AgentState.HOLD if event.on else AgentState.TALKING
                self._sit(self._talkers.get(event.offer, _NOBODY), held, at_s)
            case TalkTakenUp():
                self.talking[event.offer] = event.queue
                self._talkers[event.offer] = event.agent
                self._sit(event.agent, AgentState.TALKING, at_s)
                self.seats[event.agent].calls += 1
            case PartyAsked() if event.colleague:
                self._sit(event.colleague, AgentState.RINGING, at_s)
            case PartyAnswered() if event.colleague:
                self._sit(event.colleague, AgentState.TALKING, at_s)
            case LegClosed():
                self.talking.pop(event.offer, None)
                self._talkers.pop(event.offer, None)
                self._sit(event.agent, AgentState.WRAP_UP, at_s)
            case AgentChanged():
                self._sit(event.agent, event.state, event.idle_from_s or at_s, event.reason)
            case AlertRaised():
                # An unlisted number is the caller's doing; its digits stay out of the view.
                shown = "" if event.kind is AlertKind.UNLISTED_NUMBER else event.subject
                detail = f"{event.kind.value} {shown}".rstrip()
                self._note(at_s, Happening.ALERT, _NOWHERE, _NOBODY, 0.0, detail)
            case PlanAdopted():
                self._adopt(event.plan)
            case _:
                pass

    def _sit(
        self,
        agent: AgentId,
        state: AgentState,
        since_s: float,
        reason: NotReadyReason | None = None,
    ) -> None:
        seat = self.seats.setdefault(agent, Seat())
        seat.state, seat.since_s, seat.reason = state, since_s, reason

    def _answered(self, at_s: float, event: CallAnswered) -> None:
        queue, since_s = self.waiting.pop(event.call, (_NOWHERE, at_s))
        self._offers.pop(event.offer, None)
        self.talking[event.offer] = queue
        self._talkers[event.offer] = event.agent
        self._sit(event.agent, AgentState.TALKING, at_s)
        self.seats[event.agent].calls += 1
        wait_s = at_s - since_s
        tally = self._tally(queue)
        tally.answered += 1
        tally.in_time += wait_s <= self._thresholds.get(queue, 0.0)
        tally.worst_wait_s = max(tally.worst_wait_s, wait_s)
        self._note(at_s, Happening.ANSWERED, queue, event.agent, wait_s)

    def _left(self, at_s: float, event: VisitEnded) -> None:
        queue, since_s = self.waiting.pop(event.call, (_NOWHERE, at_s))
        tally = self._tally(queue)
        if event.outcome is VisitOutcome.ABANDONED:
            tally.abandoned += 1
            tally.worst_wait_s = max(tally.worst_wait_s, at_s - since_s)
            self._note(at_s, Happening.ABANDONED, queue, _NOBODY, at_s - since_s)
        elif event.outcome is VisitOutcome.OVERFLOWED:
            rule = event.rule.value if event.rule else ""
            self._note(at_s, Happening.OVERFLOWED, queue, _NOBODY, at_s - since_s, rule)

    def _tally(self, queue: QueueId) -> Tally:
        return self.tallies.setdefault(queue, Tally())

    def _note(
        self,
        at_s: float,
        what: Happening,
        queue: QueueId,
        agent: AgentId,
        seconds: float = 0.0,
        detail: str = "",
    ) -> None:
        self.recent.append(Line(at_s, what, queue, agent, seconds, detail))
