"""Plays a recorded day against the production engine, in virtual time.

The engine decides anew; the world answers as it did: the same callers, talks and breaks. A timer
rings as late as it rang on the day when it is the same timer, else on time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush

from msgspec import structs

from acd.core import events as e
from acd.core import inputs as i
from acd.core.cdr import Book
from acd.core.commands import Command, DialTarget, OfferCall, PlayAnnouncement, StartTimer
from acd.core.engine import Engine
from acd.core.events import Event
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.inputs_floor import SkillGiven
from agents.state import AgentState
from sim.replay.chance import Chance
from sim.replay.change import Change
from sim.replay.day import Day, Noted, Ring, Row, Talk, finished
from sim.replay.recorder import doing

#: A caller who is told that nobody can be reached hangs up after so long.
ANNOUNCED_S = 5.0
#: The world ends so long after the record: who waits then has waited for longer than any rule lets.
_BEYOND_S = 7_200.0
#: Things that were not recorded come after those that were, at the same instant.
_UNRECORDED = 1 << 50

_OVER = (i.CallerHungUp, i.CallLost)
_PEOPLE = (i.AgentLoggedIn, i.AgentLoggedOut, i.AgentReadied, i.AgentPaused, SkillGiven)


@dataclass(slots=True)
class Played:
    """What came of a day: the rings by call, and the rows that the ledger would have."""

    rings: dict[CallId, list[Ring]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def play(day: Day, change: Change | None = None, seed: int = 1) -> Played:
    """The day as it was, or with something changed; the same seed gives the same."""
    world = _World(day, change or Change(), seed)
    world.begin()
    world.run()
    return world.played


@dataclass(frozen=True, slots=True)
class _Due:
    """Something to come. ``unless_served``: only as long as nobody talked with this caller."""

    happened: i.Input
    unless_served: CallId | None = None


class _World:
    def __init__(self, day: Day, change: Change, seed: int) -> None:
        self.day = day
        self.change = change
        self.twins = change.twins()
        self.engine = Engine.restore(day.engine, day.tz)
        self.book = Book.restore(day.book)
        self.chance = Chance(day, seed)
        self.played = Played()
        self.heap: list[tuple[float, int, int, _Due]] = []
        self.asked = 0
        self.heard: dict[OfferId, Ring] = {}
        self.talks: dict[OfferId, Talk] = {}
        self.talked: dict[CallId, int] = {}
        self.like = {twin: like for like, twins in self.twins.items() for twin in twins}
        self.ends_s = day.to_s + _BEYOND_S

    def begin(self) -> None:
        """The state of things at the day's beginning, changed; then all that comes by itself."""
        day, change = self.day, self.change
        for command in self.engine.pending_timers():
            self._timer(command)
        if not change.none:
            at_work = {
                agent.id: agent.state is not AgentState.NOT_READY
                for agent in self.engine.agents.values()
                if agent.state is not AgentState.LOGGED_OUT
            }
            planned = change.laid_over(self.engine.planned)
            self._tell(i.PlanChanged(planned), day.from_s)
            for absent in change.absent:
                self._tell(i.AgentLoggedOut(absent), day.from_s)
            for like, twins in self.twins.items():
                for twin in twins if like in at_work else ():
                    self._tell(i.AgentLoggedIn(twin), day.from_s)
                    if at_work[like]:
                        self._tell(i.AgentReadied(twin), day.from_s)
        for noted in day.script:
            for happened in self._changed(noted.happened):
                unless = happened.call if isinstance(happened, _OVER) else None
                self._push(noted.at_s, noted.seq, _Due(happened, unless))

    def _changed(self, happened: i.Input) -> list[i.Input]:
        """What the change makes of something that comes by itself."""
        if isinstance(happened, i.PlanChanged):
            return [i.PlanChanged(self.change.laid_over(happened.plan))]
        if not isinstance(happened, _PEOPLE):
            return [happened]
        if happened.agent in self.change.absent:
            return []
        twins = self.twins.get(happened.agent, [])
        return [happened, *(structs.replace(happened, agent=twin) for twin in twins)]

    def run(self) -> None:
        """Until nothing is left to happen."""
        while self.heap and self.heap[0][0] <= self.ends_s:
            at_s, _, _, due = heappop(self.heap)
            if due.unless_served is not None and due.unless_served in self.talked:
                continue
            if isinstance(due.happened, i.TimerFired) and not self.engine.wants_timer(
                due.happened.token
            ):
                continue
            self._tell(due.happened, at_s)

    # -- the engine ---------------------------------------------------------------------------

    def _tell(self, happened: i.Input, now: float) -> None:
        before = doing(self.engine)
        decided = self.engine.handle(happened, now)
        for event in decided.events:
            self._note(event, now, before)
        self.played.rows += finished(self.book, now, decided.events)
        for command in decided.commands:
            self._obey(command, now)

    def _note(self, event: Event, now: float, before: dict[str, tuple[AgentState, float]]) -> None:
        if isinstance(event, e.CallOffered):
            ring = Ring(event.call, event.agent, now, before)
            self.played.rings.setdefault(event.call, []).append(ring)
        elif isinstance(event, e.CallAnswered):
            self._answered(event, now)
        elif isinstance(event, e.OfferEnded):
            ring_heard = self.heard.pop(event.offer, None)
            if ring_heard is not None and ring_heard.failed_s is not None:
                self._plan(ring_heard.rest, ring_heard.failed_s, now, event.offer, event.agent)
        elif isinstance(event, e.LegClosed):
            talk = self.talks.pop(event.offer, None)
            if talk is not None and talk.ended_s is not None:
                self._plan(talk.wrote_up, talk.ended_s, now, event.offer, event.agent)
        elif isinstance(event, e.CallQueued) and event.call not in self.talked:
            self._patience(event.call, now)

    def _obey(self, command: Command, now: float) -> None:
        if isinstance(command, StartTimer):
            self._timer(command)
        elif isinstance(command, OfferCall):
            self._ring(command, now)
        elif isinstance(command, PlayAnnouncement | DialTarget) and self._was_served(command.call):
            self._later(now + ANNOUNCED_S, _Due(i.CallerHungUp(command.call), command.call))

    def _timer(self, command: StartTimer) -> None:
        timer = self.engine.state.timers.pending.get(command.token)
        if timer is None or command.at_s == math.inf:
            return
        recorded = self.day.late.get((timer.kind, timer.subject, timer.at_s))
        at_s, seq = recorded or (command.at_s, _UNRECORDED)
        self._push(at_s, seq, _Due(i.TimerFired(command.token)))

    # -- callers and telephones -----------------------------------------------------------------

    def _was_served(self, call: CallId) -> bool:
        """Whether the call was answered on the day: its hang-up is counted from its talk then."""
        return bool(self.day.talks.get(call))

    def _patience(self, call: CallId, now: float) -> None:
        """A caller who was answered on the day gives up some time, too. Who gave up or left does
        it when it was recorded."""
        if self._was_served(call):
            patience_s = self.chance.patience_s(call)
            if patience_s < math.inf:
                self._later(now + patience_s, _Due(i.CallerHungUp(call), call))

    def _ring(self, command: OfferCall, now: float) -> None:
        """The telephone is answered as it was: for the same ring to the same operator; else as
        this operator answered some other time."""
        number = len(self.played.rings[command.call]) - 1
        recorded = self.day.rings.get(command.call, [])
        ring = recorded[number] if number < len(recorded) else None
        if ring is None or ring.agent != command.agent:
            like = self.like.get(command.agent, command.agent)
            ring = self.chance.ring(command.call, command.agent, number, like)
        if ring is not None:
            self.heard[command.offer] = ring
            self._plan(ring.heard, ring.at_s, now, command.offer, command.agent)

    def _answered(self, event: e.CallAnswered, now: float) -> None:
        """The talk goes as it went; with a caller who gave up on the day, as one of another."""
        self.heard.pop(event.offer, None)
        number = self.talked.get(event.call, 0)
        self.talked[event.call] = number + 1
        recorded = self.day.talks.get(event.call, [])
        if number < len(recorded):
            talk = recorded[number]
            self._plan(talk.then, talk.began_s, now, event.offer, event.agent)
        else:
            queue = self.engine.calls[event.call].queue
            other = self.chance.talk(event.call, queue)
            if other is None or other.ended_s is None:
                return
            talk = other
            self._later(now + other.ended_s - other.began_s, _Due(i.CallerHungUp(event.call)))
        self.talks[event.offer] = talk

    def _plan(
        self, notes: list[Noted], from_s: float, now: float, offer: OfferId, agent: AgentId
    ) -> None:
        """Let follow what followed, at the same distance, with today's offer and operator."""
        for noted in notes:
            happened = noted.happened
            fields = happened.__struct_fields__
            if "offer" in fields:
                happened = structs.replace(happened, offer=offer)
            elif "agent" in fields:
                happened = structs.replace(happened, agent=agent)
            if now == from_s:
                self._push(noted.at_s, noted.seq, _Due(happened))
            else:
                self._later(now + noted.at_s - from_s, _Due(happened))

    def _later(self, at_s: float, due: _Due) -> None:
        self._push(at_s, _UNRECORDED, due)

    def _push(self, at_s: float, seq: int, due: _Due) -> None:
        """At the same instant the record's order counts, then the order of asking."""
        self.asked += 1
        heappush(self.heap, (at_s, seq, self.asked, due))
