"""What is going on, as it happens: a snapshot, then numbered changes, over WebSocket.

Frames are JSON. ``{"type": "snapshot", "n": 0, "state": {...}}`` comes first; then
``{"type": "delta", "n": 1, ...}`` with those queues, operators and calls that changed, each whole
(``null``: gone or no longer visible). ``n`` counts up by one for each frame of a connection: a
client that sees a gap connects again. Changes are collected for a moment, so that the number of
frames does not grow with the number of calls. A client that does not read is dropped: it must
never hold up the others or fill the memory.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from acd.core.events import AlertRaised, Event
from acd.core.ids import AgentId, CallId
from acd.errors import MadoguchiError
from web.auth import Identity, Role
from web.errors import HttpError
from web.views import (
    Json,
    agent_names,
    agent_view,
    agents_by_state,
    own_or_all,
    queue_views,
    state_view,
    visible_calls,
)
from web.wiring import Wiring

#: Changes are collected for this long before they are sent.
FLUSH_EVERY_S = 0.2
#: Open connections whose token was revoked are closed within this time.
RECHECK_EVERY_S = 5.0
#: Alerts that a new snapshot still shows.
KEPT_ALERTS = 50

_log = structlog.get_logger(__name__)


class Subscriber:
    """One connection: who is looking, and the frames that wait to be written."""

    def __init__(self, who: Identity, limit: int) -> None:
        self.who = who
        self.slow = False
        self.revoked = False
        self.ended = False
        self._limit = limit
        self._frames: deque[str] = deque()
        self._ready = asyncio.Event()
        self._over = asyncio.Event()
        self._number = 0
        self.seen: set[str] = set()

    def push(self, frame: Json) -> None:
        """Queue a frame under the next number; beyond the limit the connection is given up."""
        if len(self._frames) >= self._limit:
            self.slow = True
            self._over.set()
        if not self.slow:
            text = json.dumps(
                {"type": frame["type"], "n": self._number, **frame},
                ensure_ascii=False,
                separators=(",", ":"),
            )
            self._frames.append(text)
            self._number += 1
        self._ready.set()

    def revoke(self) -> None:
        """The token is gone: the connection shall end."""
        self.revoked = True
        self._over.set()

    def end(self) -> None:
        """The server stops: the connection shall end."""
        self.ended = True
        self._over.set()

    async def until_over(self) -> None:
        """Return when the connection shall end, whatever is still to be written."""
        await self._over.wait()

    async def next_frame(self) -> str:
        """The next frame to write."""
        while not self._frames:
            self._ready.clear()
            await self._ready.wait()
        return self._frames.popleft()


class Live:
    """Follows the engine's events (it is an EventSink) and feeds every connection."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._subscribers: set[Subscriber] = set()
        self._strangers = 0
        self._agents: dict[AgentId, None] = {}
        self._calls: dict[CallId, None] = {}
        self._changed = False
        self._alerts: deque[Json] = deque(maxlen=KEPT_ALERTS)
        self._new_alerts: list[Json] = []
        self._plan = ""

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Note what the events touch; it is looked at when the next frames are made."""
        for event in events:
            if isinstance(event, AlertRaised):
                alert = {"at_s": at_s, "kind": event.kind.value, "subject": event.subject}
                self._alerts.append(alert)
                self._new_alerts.append(alert)
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

    def _note_by_offer(self, event: Event) -> None:
        offer_id = getattr(event, "offer", None)
        offer = self._wiring.engine().state.offers.get(offer_id) if offer_id else None
        if offer is not None:
            self._agents[offer.agent] = None
            self._calls[offer.call] = None

    @property
    def connections(self) -> int:
        """Connections that are served now."""
        return len(self._subscribers)

    def subscribe(self, who: Identity) -> Subscriber:
        """A new connection, its snapshot queued; raises when there are too many."""
        self._check_room()
        limits = self._wiring.settings
        same = sum(1 for each in self._subscribers if each.who.token_id == who.token_id)
        if same >= limits.max_sockets_per_token:
            raise HttpError(429, "too_many_connections")
        if not self._subscribers:
            self._forget_changes()
            self._plan = self._wiring.engine().plan.version
        subscriber = Subscriber(who, limits.max_frames_waiting)
        self._subscribers.add(subscriber)
        self._snapshot(subscriber)
        return subscriber

    @contextmanager
    def room_for_a_stranger(self) -> Iterator[None]:
        """Count a connection that has not said yet who it is; raises when there are too many."""
        self._check_room()
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    def _check_room(self) -> None:
        if len(self._subscribers) + self._strangers >= self._wiring.settings.max_sockets:
            raise HttpError(429, "too_many_connections")

    def close(self) -> None:
        """End every connection: the server stops."""
        for subscriber in self._subscribers:
            subscriber.end()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """The connection is gone."""
        self._subscribers.discard(subscriber)

    async def run(self) -> None:
        """Send changes to all connections until cancelled."""
        elapsed_s = 0.0
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            elapsed_s += FLUSH_EVERY_S
            try:
                if elapsed_s >= RECHECK_EVERY_S:
                    elapsed_s = 0.0
                    self._recheck()
                self.flush()
            except MadoguchiError as error:
                _log.warning("live_failed", code=error.code)

    def flush(self) -> None:
        """Make one frame for each connection of what changed since the last time."""
        if not self._changed:
            return
        agents, calls, alerts = list(self._agents), list(self._calls), self._new_alerts
        self._forget_changes()
        engine = self._wiring.engine()
        if engine.plan.version != self._plan:
            self._plan = engine.plan.version
            for subscriber in list(self._subscribers):
                self._snapshot(subscriber)
            return
        shared = {
            "now_s": self._wiring.now(),
            "queues": queue_views(engine),
            "agents_by_state": agents_by_state(engine),
            "switches_down": sorted(engine.state.switches_down),
        }
        names = agent_names(engine.plan.agents)
        for subscriber in list(self._subscribers):
            who = subscriber.who
            people = {
                each: agent_view(engine, found, names, who)
                for each in agents
                if (found := engine.agents.get(each)) is not None
            }
            delta = {"type": "delta", **shared, "agents": people}
            delta["calls"] = self._changed_calls(subscriber, calls)
            if alerts and who.role is not Role.OPERATOR:
                delta["alerts"] = alerts
            subscriber.push(delta)

    def _forget_changes(self) -> None:
        self._agents, self._calls, self._changed, self._new_alerts = {}, {}, False, []

    def _changed_calls(self, subscriber: Subscriber, touched: list[CallId]) -> dict[str, Any]:
        """Calls that changed for this viewer; one that vanished from view is ``None``."""
        engine, who, seen = self._wiring.engine(), subscriber.who, subscriber.seen
        mine = own_or_all(engine, who) if who.role is Role.OPERATOR else touched
        visible = visible_calls(engine, mine, who)
        changed: dict[str, Any] = {
            call: view for call, view in visible.items() if call in touched or call not in seen
        }
        candidates = seen if who.role is Role.OPERATOR else seen.intersection(touched)
        gone = [call for call in candidates if call not in visible]
        changed.update(dict.fromkeys(gone))
        seen.difference_update(gone)
        seen.update(visible)
        return changed

    def _snapshot(self, subscriber: Subscriber) -> None:
        engine, who = self._wiring.engine(), subscriber.who
        state = state_view(engine, self._wiring.now(), who)
        if who.role is not Role.OPERATOR:
            state["alerts"] = list(self._alerts)
        subscriber.seen = set(state["calls"])
        subscriber.push({"type": "snapshot", "state": state})

    def _recheck(self) -> None:
        for subscriber in self._subscribers:
            if not self._wiring.tokens.is_valid(subscriber.who):
                subscriber.revoke()
