"""A small centre for scenario tests that read like stories: one engine, its clock, its commands.

Every step is also held against the invariants and the independent fold.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from acd.core import events as e
from acd.core import inputs as i
from acd.core.call import CallState
from acd.core.commands import Command, OfferCall
from acd.core.commands_talk import RingParty
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId
from acd.core.invariants import violations
from acd.core.plan import AgentPlan, DirectoryEntry, Plan, QueuePlan, SkillNeed, Target
from agents.state import AgentState, NotReadyReason
from tests.engine_fold import Fold
from tests.engine_world import JST, T0_S, caller

E = TypeVar("E", bound=e.Event)
C = TypeVar("C", bound=Command)

TAX, WASTE = QueueId("tax"), QueueId("waste")


def queue(id_: str = "tax", **differences: Any) -> QueuePlan:
    """A queue whose calls need the skill of its name; ten seconds of wrap-up."""
    plain = QueuePlan(QueueId(id_), id_, id_, needs=(SkillNeed(id_),), name_prompt=f"queue-{id_}")
    return msgspec.structs.replace(plain, **differences)


def person(id_: str, *skills: str | SkillNeed) -> AgentPlan:
    """An operator; ``"tax"`` stands for level 1, ``"tax:5"`` for level 5."""
    held = [
        SkillNeed(s.partition(":")[0], int(s.partition(":")[2] or 1)) if isinstance(s, str) else s
        for s in (skills or ("tax",))
    ]
    return AgentPlan(AgentId(id_), id_, f"phone-{id_}", tuple(held))


def plan(*parts: QueuePlan | AgentPlan, **differences: Any) -> Plan:
    """A plan of these queues and operators; without queues there is ``tax``."""
    queues = tuple(part for part in parts if isinstance(part, QueuePlan)) or (queue(),)
    people = tuple(part for part in parts if isinstance(part, AgentPlan))
    directory = (DirectoryEntry("city-hall", "市役所", "city hall", "hall@office"),)
    plain = Plan("1", queues, people, directory=directory, default_queue=queues[0].id)
    return msgspec.structs.replace(plain, **differences)


class Desk:
    """The centre. ``events`` and ``commands`` are those of the last thing that happened."""

    def __init__(self, planned: Plan, *ready: str) -> None:
        self.engine = Engine(planned, JST)
        self.fold = Fold(planned)
        self.now = T0_S
        self.events: list[e.Event] = []
        self.commands: list[Command] = []
        self.latest_offer: dict[str, OfferId] = {}
        self.latest_party = OfferId("")
        for id_ in ready:
            self.ready(id_)

    # -- time and inputs --------------------------------------------------------------------

    def tell(self, happened: i.Input) -> None:
        outcome = self.engine.handle(happened, self.now)
        self.events, self.commands = outcome.events, outcome.commands
        for event in outcome.events:
            self.fold.see(event, self.now)
        for command in outcome.commands:
            if isinstance(command, OfferCall):
                self.latest_offer[command.agent] = command.offer
            elif isinstance(command, RingParty):
                self.latest_party = command.party
        assert violations(self.engine) == []

    def pass_time(self, seconds: float) -> None:
        """Time goes by; events and commands of all timers that fire are collected."""
        until_s = self.now + seconds
        events: list[e.Event] = []
        commands: list[Command] = []
        while due := [t for t in self.engine.pending_timers() if t.at_s <= until_s]:
            first = min(due, key=lambda timer: (timer.at_s, timer.token))
            self.now = first.at_s
            self.tell(i.TimerFired(first.token))
            events += self.events
            commands += self.commands
        self.now, self.events, self.commands = until_s, events, commands

    def restart(self) -> None:
        """The controller dies and comes back with its last snapshot."""
        self.engine = Engine.restore(self.engine.snapshot(), JST)

    # -- callers ------------------------------------------------------------------------------

    def call(self, id_: str, to: str = "tax", *, number: str = "", **wishes: Any) -> None:
        """A caller arrives and is sent to a queue."""
        self.arrive(id_, number=number)
        self.tell(msgspec.structs.replace(i.QueueRequested(CallId(id_), QueueId(to)), **wishes))

    def arrive(self, id_: str, *, number: str = "", dialled: str = "1") -> None:
        channel, who = f"PJSIP/trunk-{id_}", caller(number)
        self.tell(i.CallArrived(CallId(id_), SwitchId("a"), channel, "trunk", dialled, who))

    def hang_up(self, id_: str) -> None:
        self.tell(i.CallerHungUp(CallId(id_)))

    # -- operators ------------------------------------------------------------------------------

    def ready(self, id_: str) -> None:
        if self.state(id_) is AgentState.LOGGED_OUT:
            self.tell(i.AgentLoggedIn(AgentId(id_)))
        self.tell(i.AgentReadied(AgentId(id_)))

    def pause(self, id_: str, reason: NotReadyReason = NotReadyReason.LUNCH) -> None:
        self.tell(i.AgentPaused(AgentId(id_), reason))

    def log_out(self, id_: str, by: str = "") -> None:
        self.tell(i.AgentLoggedOut(AgentId(id_), by))

    def pick_up(self, id_: str) -> None:
        self.tell(i.OfferAnswered(self.latest_offer[id_]))

    def connect(self, id_: str) -> None:
        self.tell(i.CallConnected(self.latest_offer[id_]))

    def fail(self, id_: str, how: i.OfferFailure) -> None:
        self.tell(i.OfferFailed(self.latest_offer[id_], how))

    def end_talk(self, id_: str) -> None:
        """The operator hangs up; the caller's channel stays a moment longer."""
        self.tell(i.LegEnded(self.latest_offer[id_], i.EndedBy.AGENT))

    def transfer(self, id_: str, target: Target) -> None:
        self.tell(i.TransferRequested(AgentId(id_), target))

    def serve(self, id_: str, call: str) -> None:
        """Connect and finish a call with the caller's hang-up."""
        self.connect(id_)
        self.hang_up(call)

    # -- looking ----------------------------------------------------------------------------------

    def state(self, id_: str) -> AgentState:
        return self.engine.agents[AgentId(id_)].state

    def reason(self, id_: str) -> NotReadyReason | None:
        return self.engine.agents[AgentId(id_)].reason

    def rings(self, id_: str) -> str | None:
        """The call that an operator is being offered, or talks with."""
        offer = self.engine.agents[AgentId(id_)].offer
        return self.engine.state.offers[OfferId(offer)].call if offer else None

    def rings_nobody(self, id_: str) -> bool:
        """Whether a caller waits and is offered to nobody."""
        call = self.engine.calls[CallId(id_)]
        return call.state is CallState.QUEUED and call.offer is None

    def outcome(self, id_: str) -> e.CallOutcome:
        return self.fold.outcomes[CallId(id_)]

    def queue_of(self, id_: str) -> str:
        return self.engine.calls[CallId(id_)].queue

    def event(self, kind: type[E]) -> E:
        """The one event of a kind in what happened last."""
        (found,) = [event for event in self.events if type(event) is kind]
        return found

    def command(self, kind: type[C]) -> C:
        """The one command of a kind in what happened last."""
        (found,) = [command for command in self.commands if type(command) is kind]
        return found

    def has(self, kind: type[e.Event] | type[Command]) -> bool:
        return any(type(found) is kind for found in (*self.events, *self.commands))
