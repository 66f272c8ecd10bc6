"""What is going on, as it happens: a snapshot, then numbered changes, over WebSocket.

Frames are JSON. ``{"type": "snapshot", "n": 0, "state": {...}}`` comes first; then
``{"type": "delta", "n": 1, ...}`` with those queues, operators and calls that changed, each whole
(``null``: gone or no longer visible). ``n`` counts up by one for each frame of a connection: a
client that sees a gap connects again. Changes are collected for a moment, so that the number of
frames does not grow with the number of calls. A client that does not read is dropped: it must
never hold up the others or fill the memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acd.config.screen_settings import pop_address
from acd.core.engine import Engine
from acd.core.events import AlertRaised, CallOffered, Event
from acd.core.events_talk import PartyAsked, PartyEnded
from acd.core.ids import AgentId, CallId
from acd.core.party import PartyKind, PartyResult
from acd.core.recording import TapeState
from web.answer import json_text
from web.channel import Channel
from web.floor_alarms import FloorAlarm
from web.frames import (
    Changed,
    FloorSnapshot,
    NotReached,
    OwnSnapshot,
    OwnState,
    Pop,
    RecordingNow,
    SeatAt,
)
from web.identity import Identity
from web.roles import Role
from web.subscriber import Subscriber
from web.views import (
    CallSeen,
    Moment,
    OperatorSeen,
    agent_names,
    agent_view,
    agents_by_state,
    own_or_all,
    queue_views,
    state_view,
    visible_calls,
)
from web.wiring import Wiring

#: How an attempt to reach somebody for the operator ends that the operator has to be told of.
_NOT_REACHED = frozenset(
    {
        PartyResult.NO_ANSWER,
        PartyResult.BUSY,
        PartyResult.REJECTED,
        PartyResult.UNREACHABLE,
        PartyResult.ERROR,
    }
)


class Live(Channel):
    """Follows the engine's events (it is an EventSink) and feeds every connection."""

    #: Changes are collected for this long before they are sent.
    flush_every_s = 0.1
    #: Open connections whose token was revoked are closed within this time.
    recheck_every_s = 5.0

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring, wiring.settings.max_sockets_per_token)
        self._agents: dict[AgentId, None] = {}
        self._calls: dict[CallId, None] = {}
        self._changed = False
        self._new_alerts: list[FloorAlarm] = []
        self._rung: list[tuple[AgentId, CallId]] = []
        self._not_reached: list[PartyEnded] = []
        self._plan = ""
        wiring.seats.follow(self._tell_seat)
        wiring.floor_alarms.follow(self._note_alarm)
        if wiring.recorder is not None:
            wiring.recorder.told = self._tell_recording

    def alarm(
        self,
        kind: str,
        subject: str = "",
        text: tuple[str, str] = ("", ""),
        since_s: float | None = None,
    ) -> None:
        """Show the floor something that the engine knows nothing of; what is to be said of it
        (Japanese, English) where its kind alone does not tell, and since when, if not now."""
        at_s = self._wiring.now() if since_s is None else since_s
        self._wiring.floor_alarms.add(at_s, kind, subject, text)

    def _note_alarm(self, alarm: FloorAlarm) -> None:
        self._new_alerts.append(alarm)
        self._changed = True

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Note what the events touch; it is looked at when the next frames are made."""
        for event in events:
            if isinstance(event, AlertRaised):
                self._wiring.floor_alarms.add(at_s, event.kind.value, event.subject)
        if not self._subscribers:
            # Nobody looks: whoever comes gets a snapshot, and calls are not slowed down by us.
            return
        self._changed = self._changed or bool(events)
        for event in events:
            agent = getattr(event, "agent", None)
            call = getattr(event, "call", None)
            if agent:
                self._agents[agent] = None
            if call:
                self._calls[call] = None
            if not agent and not call:
                self._note_by_offer(event)
            colleague: AgentId = getattr(event, "colleague", AgentId(""))
            if colleague:
                self._agents[colleague] = None
            if isinstance(event, CallOffered):
                self._rung.append((event.agent, event.call))
            elif isinstance(event, PartyAsked) and colleague:
                self._rung.append((colleague, event.call))
            elif isinstance(event, PartyEnded) and event.result in _NOT_REACHED:
                self._not_reached.append(event)

    def _note_by_offer(self, event: Event) -> None:
        offer_id = getattr(event, "offer", None)
        offer = self._wiring.engine().state.offers.get(offer_id) if offer_id else None
        if offer is not None:
            self._agents[offer.agent] = None
            self._calls[offer.call] = None

    def subscribe(self, who: Identity, page: str = "") -> Subscriber:
        """A new connection, its snapshot queued; raises when there are too many. ``page`` is the
        name of an operator's page that would work (see :class:`web.seats.Seats`)."""
        subscriber = self.admit(who, page)
        if not self._subscribers:
            self._forget_changes()
            self._plan = self._wiring.engine().plan.version
        if page and who.agent:
            others = {each.page for each in self._of(who.agent)}
            self._wiring.seats.arrive(who.agent, page, others)
        self._subscribers.add(subscriber)
        self._snapshots([subscriber])
        return subscriber

    def flush(self) -> None:
        """Make one frame for each connection of what changed since the last time."""
        if not self._changed:
            return
        agents, calls, alerts = list(self._agents), list(self._calls), self._new_alerts
        rung, not_reached = self._rung, self._not_reached
        self._forget_changes()
        engine = self._wiring.engine()
        if engine.plan.version != self._plan:
            self._plan = engine.plan.version
            self._snapshots(self._subscribers)
            return
        frames = _Frames(engine, self._wiring.now(), agents, calls, alerts)
        for subscriber in self._subscribers:
            subscriber.push("delta", frames.delta(subscriber))
        for who, rings in rung:
            self._pop(who, rings)
        for ended in not_reached:
            self._tell_not_reached(ended)

    def _forget_changes(self) -> None:
        self._agents, self._calls, self._changed, self._new_alerts = {}, {}, False, []
        self._rung, self._not_reached = [], []

    def _of(self, agent: AgentId) -> list[Subscriber]:
        return [s for s in self._subscribers if s.is_operator and s.viewer.agent == agent]

    def _tell_seat(self, agent: AgentId, page: str) -> None:
        for subscriber in self._of(agent):
            subscriber.push("seat", json_text(SeatAt(seat=page)))

    def _tell_recording(self, agent: AgentId, tape: TapeState | None) -> None:
        for subscriber in self._of(agent):
            subscriber.push("recording", json_text(RecordingNow(recording=tape)))

    def _tell_not_reached(self, ended: PartyEnded) -> None:
        """Tell the operator's pages why whoever was rung for a talk did not come. A caller who was
        left to somebody comes back as a ringing call, which says so itself."""
        if ended.kind is PartyKind.TRANSFER:
            return
        frame = NotReached(call=ended.call, leg=ended.party, result=ended.result)
        for subscriber in self._of(ended.agent):
            subscriber.push("not_reached", json_text(frame))

    def _recording(self, agent: AgentId) -> TapeState | None:
        recorder = self._wiring.recorder
        return recorder.state_of(agent) if recorder is not None else None

    def _pop(self, agent: AgentId, rings: CallId) -> None:
        """Tell the operator's pages what to open for the call that rings, or is asked about."""
        screens, call = self._wiring.screens, self._wiring.engine().calls.get(rings)
        if call is None:
            return
        values = {"number": call.caller.number, "call": call.id}
        url = pop_address(screens, {**values, "queue": call.queue, "dialled": call.dialled})
        frame = Pop(call=call.id, url=url or None, opens=screens.pop_opens)
        for subscriber in self._of(agent):
            subscriber.push("pop", json_text(frame))

    def _snapshots(self, subscribers: Iterable[Subscriber]) -> None:
        """Give each the whole state; one text for all who see the whole floor."""
        engine, now_s = self._wiring.engine(), self._wiring.now()
        floor = ""
        for subscriber in subscribers:
            if subscriber.is_operator:
                state = self._own_state(engine, now_s, subscriber.viewer)
                subscriber.seen = set(state["calls"])
                subscriber.push("snapshot", json_text(OwnSnapshot(state=state)))
                continue
            if not floor:
                alerts = self._wiring.floor_alarms.all()
                seen = state_view(engine, now_s, subscriber.viewer)
                floor = json_text(FloorSnapshot(state={**seen, "alerts": alerts}))
            subscriber.push("snapshot", floor)

    def _own_state(self, engine: Engine, now_s: float, viewer: Identity) -> OwnState:
        agent = viewer.agent
        return {
            **state_view(engine, now_s, viewer),
            "seat": self._wiring.seats.of(agent) if agent else None,
            "recording": self._recording(agent) if agent else None,
        }


class _Frames:
    """The changes of one moment as texts; what several viewers see alike is made once."""

    def __init__(
        self,
        engine: Engine,
        now_s: float,
        agents: Sequence[AgentId],
        calls: Sequence[CallId],
        alerts: Sequence[FloorAlarm],
    ) -> None:
        self._engine, self._agents, self._calls = engine, agents, calls
        self._names = agent_names(engine.plan.agents)
        self._floor = ""
        self._colleagues: dict[str, OperatorSeen] | None = None
        self._alerts = alerts
        common: Moment = {
            "now_s": now_s,
            "queues": queue_views(engine),
            "agents_by_state": agents_by_state(engine),
            "switches_down": sorted(engine.state.switches_down),
        }
        self._common = json_text(common)[:-1]

    def delta(self, subscriber: Subscriber) -> str:
        """The changes as this viewer may see them."""
        if subscriber.is_operator:
            return self._for_operator(subscriber)
        if not self._floor:
            calls: dict[str, CallSeen | None] = dict.fromkeys(self._calls)
            calls.update(visible_calls(self._engine, self._calls, subscriber.viewer))
            rest: Changed = {"agents": self._people(subscriber.viewer), "calls": calls}
            if self._alerts:
                rest["alerts"] = list(self._alerts)
            self._floor = f"{self._common},{json_text(rest)[1:]}"
        return self._floor

    def _for_operator(self, subscriber: Subscriber) -> str:
        who, seen = subscriber.viewer, subscriber.seen
        if self._colleagues is None:
            self._colleagues = self._people(_A_COLLEAGUE)
        people = self._colleagues
        own = self._engine.agents.get(who.agent) if who.agent else None
        if own is not None and own.id in people:
            people = {**people, own.id: agent_view(self._engine, own, self._names, who)}
        visible = visible_calls(self._engine, own_or_all(self._engine, who), who)
        calls: dict[str, CallSeen | None] = {
            call: view for call, view in visible.items() if call in self._calls or call not in seen
        }
        calls.update(dict.fromkeys(seen.difference(visible)))
        subscriber.seen = set(visible)
        changed: Changed = {"agents": people, "calls": calls}
        return f"{self._common},{json_text(changed)[1:]}"

    def _people(self, who: Identity) -> dict[str, OperatorSeen]:
        known = self._engine.agents
        return {
            each: agent_view(self._engine, known[each], self._names, who)
            for each in self._agents
            if each in known
        }


#: An operator who is nobody: sees of the others what every operator sees.
_A_COLLEAGUE = Identity("", frozenset({Role.OPERATOR}), None, "")
