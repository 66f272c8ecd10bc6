"""Reads a day out of recorded steps: each input is put where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from acd.core import events as e
from acd.core import inputs as i
from acd.core import inputs_floor as f
from acd.core.cdr import Book
from acd.core.engine import Engine
from acd.core.events import CallOutcome, Event
from acd.core.ids import AgentId, CallId, OfferId
from agents.agent import Agent
from agents.state import AgentState, NotReadyReason
from sim.replay.day import Day, Doing, Noted, Ring, Talk, Waited, finished

#: About one call: by itself until somebody talks with it, then counted from the talk's beginning.
_OF_CALL = (
    *(i.CallArrived, i.MenuStepped, i.QueueRequested, i.FlowEnded, i.CallerHungUp, i.CallLost),
    *(f.PriorityGiven, f.CallMoveRequested, f.SurveyAsked, f.SurveyAnswered),
)
_OF_OFFER = (
    *(i.OfferAnswered, i.CallConnected, i.OfferFailed, i.LegEnded, i.HoldStarted, i.HoldEnded),
)
_IN_TALK = (i.TransferRequested, i.HangUpRequested)
_BY_ITSELF = (
    *(i.AgentLoggedIn, i.AgentLoggedOut, i.AgentPaused, f.SkillGiven, f.ModeRequested),
    *(i.PlanChanged, i.SwitchDown, i.SwitchUp),
)
#: Why somebody is not ready whose telephone failed.
_RANG_IN_VAIN = (
    *(NotReadyReason.NO_ANSWER, NotReadyReason.REJECTED),
    *(NotReadyReason.BUSY, NotReadyReason.UNREACHABLE),
)


def doing(engine: Engine) -> dict[str, Doing]:
    """What every operator does at this moment."""
    return {agent.id: (agent.state, agent.idle_from_s) for agent in engine.agents.values()}


class Recorder:
    """Feed it the recorded steps in order; ``day`` is what it has read."""

    def __init__(self, engine: bytes, book: bytes, tz: tzinfo, from_s: float) -> None:
        self._engine = Engine.restore(engine, tz)
        self._book = Book.restore(book)
        self.day = Day(engine, book, tz, from_s)
        self._rings: dict[OfferId, Ring] = {}
        self._talks: dict[OfferId, Talk] = {}
        self._of_agent: dict[AgentId, Talk] = {}
        self._failed: dict[AgentId, Ring] = {}
        self._queued: dict[CallId, tuple[str, float]] = {}
        # What was under way when the day began goes on as it did.
        self._under_way = dict.fromkeys(self._engine.state.offers)

    @property
    def calls_open(self) -> bool:
        """Whether a call is not over yet."""
        return bool(self._engine.calls)

    def take(self, seq: int, at_s: float, happened: i.Input, events: Sequence[Event]) -> None:
        """One recorded step."""
        noted = Noted(seq, at_s, happened)
        played = self._sort(noted)
        if not played:
            name = type(happened).__name__
            self.day.plain[name] = self.day.plain.get(name, 0) + 1
        for event in events:
            self._note(event, noted, played)
            self._engine.apply(event, at_s)
        self.day.rows += finished(self._book, at_s, events)
        self.day.to_s = at_s
        self.day.steps += 1

    # -- inputs -------------------------------------------------------------------------------

    def _sort(self, noted: Noted) -> bool:
        """Put an input where it belongs; False when it is not played again."""
        happened = noted.happened
        if isinstance(happened, i.TimerFired):
            timer = self._engine.state.timers.pending.get(happened.token)
            if timer is not None:
                key = (timer.kind, timer.subject, timer.at_s)
                self.day.late[key] = (noted.at_s, noted.seq)
            return True
        if isinstance(happened, _OF_CALL):
            talks = self.day.talks.get(happened.call)
            (talks[-1].then if talks else self.day.script).append(noted)
            return True
        if isinstance(happened, _OF_OFFER):
            return self._sort_offer(happened.offer, noted)
        if isinstance(happened, i.AgentReadied | i.WrapUpExtended):
            return self._sort_agent(happened.agent, noted)
        if isinstance(happened, _IN_TALK):
            agent = self._engine.agents.get(happened.agent)
            talk = self._talks.get(OfferId(agent.offer)) if agent and agent.offer else None
            (talk.then if talk else self.day.script).append(noted)
            return True
        if isinstance(happened, _BY_ITSELF):
            self.day.script.append(noted)
            return True
        return isinstance(happened, i.DispositionGiven | i.HelpRequested)

    def _sort_offer(self, offer: OfferId, noted: Noted) -> bool:
        ring, talk = self._rings.get(offer), self._talks.get(offer)
        if talk is not None:
            talk.then.append(noted)
        elif ring is not None:
            ring.heard.append(noted)
        elif offer in self._under_way:
            self.day.script.append(noted)
        else:
            return False
        return True

    def _sort_agent(self, agent_id: AgentId, noted: Noted) -> bool:
        agent = self._engine.agents.get(agent_id)
        kept = self._after(agent) if agent is not None else None
        (self.day.script if kept is None else kept).append(noted)
        return True

    def _after(self, agent: Agent) -> list[Noted] | None:
        """Where an operator's "ready" belongs: to the last talk, to the last failed ring, or to
        nothing but the clock."""
        name = AgentId(agent.id)
        if agent.state is AgentState.WRAP_UP and name in self._of_agent:
            return self._of_agent[name].wrote_up
        in_vain = agent.state is AgentState.NOT_READY and agent.reason in _RANG_IN_VAIN
        return self._failed[name].rest if in_vain and name in self._failed else None

    # -- events -------------------------------------------------------------------------------

    def _note(self, event: Event, noted: Noted, played: bool) -> None:
        at_s = noted.at_s
        if isinstance(event, e.CallOffered):
            ring = Ring(event.call, event.agent, at_s, doing(self._engine))
            self._rings[event.offer] = ring
            self.day.rings.setdefault(event.call, []).append(ring)
        elif isinstance(event, e.CallAnswered) and event.offer in self._rings:
            self._rings[event.offer].connected_s = at_s
            talk = self._talks[event.offer] = Talk(at_s)
            self.day.talks.setdefault(event.call, []).append(talk)
            self._waited(event.call, at_s, gave_up=False)
        elif isinstance(event, e.OfferEnded) and event.offer in self._rings:
            self._rings[event.offer].failed_s = at_s
            self._failed[event.agent] = self._rings[event.offer]
        elif isinstance(event, e.LegClosed) and event.offer in self._talks:
            talk = self._talks[event.offer]
            talk.ended_s = at_s
            self._of_agent[event.agent] = talk
            if not played:
                ended = i.LegEnded(event.offer, event.by)
                talk.then.append(Noted(noted.seq, at_s, ended))
        elif isinstance(event, e.CallQueued):
            self._queued.setdefault(event.call, (event.queue, at_s))
        elif isinstance(event, e.CallClosed):
            self._waited(event.call, at_s, gave_up=event.outcome is CallOutcome.ABANDONED)

    def _waited(self, call: CallId, at_s: float, *, gave_up: bool) -> None:
        queued = self._queued.get(call)
        if queued is not None:
            self.day.waits.setdefault(call, Waited(queued[0], at_s - queued[1], gave_up))
