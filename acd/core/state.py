"""Everything the engine knows, and how a plan is laid over it. No decisions are made here."""

from __future__ import annotations

from collections import OrderedDict
from datetime import tzinfo

from msgspec import Struct, field, msgpack

from acd.core.call import Call, CallState
from acd.core.dial import Dial
from acd.core.floor_memory import FloorMemory, in_force
from acd.core.handling import Handling
from acd.core.hours import Calendar
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, TimerToken, outside_device
from acd.core.offer import Offer
from acd.core.outbound import OutboundCount
from acd.core.party import Party
from acd.core.plan import AgentPlan, DirectoryEntry, Plan, QueuePlan, SkillNeed
from acd.core.queue import Line, WaitingRoom
from acd.core.timers import Timer, Timers
from acd.errors import StoreCorrupt
from agents.agent import Agent
from agents.state import AgentState

#: Version of the snapshot's layout.
SNAPSHOT = 1
#: Ended offers that are remembered, for phones that answer a cancelled ring.
PAST_OFFERS = 1_000
#: Closed calls that are remembered, for arrivals that are told twice or late.
PAST_CALLS = 1_000
#: How long a telephone in the public network is rung at least, the key that accepts included.
OUTSIDE_RING_S = 30.0
#: Callers whose last operator is remembered.
LAST_AGENTS = 50_000

WAITING = (CallState.QUEUED, CallState.OFFERED)


class LastAgent(Struct, frozen=True):
    """Who spoke last with a caller, and when (engine seconds)."""

    agent: AgentId
    at_s: float


class Counters(Struct):
    """Numbers that only grow; ids and tie-breaks come from them."""

    calls: int = 0
    offers: int = 0
    visits: int = 0
    idle: int = 0


class Snapshot(Struct):
    """The whole state as data: with the events that follow, it restores an engine."""

    version: int
    plan: Plan
    calls: list[Call]
    offers: list[Offer]
    agents: list[Agent]
    counters: Counters
    timers: dict[TimerToken, Timer]
    last_token: int
    past_offers: dict[OfferId, CallId]
    last_agents: dict[str, LastAgent]
    switches_down: list[SwitchId]
    past_calls: list[CallId] = []
    parties: list[Party] = []
    floor: FloorMemory = field(default_factory=FloorMemory)
    handling: dict[QueueId, Handling] = {}
    dials: list[Dial] = []
    outbound: OutboundCount = field(default_factory=OutboundCount)


class State:
    """The engine's memory. Collections are in a stated order; none is a set."""

    def __init__(self, plan: Plan, tz: tzinfo) -> None:
        self.tz = tz
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.offers: dict[OfferId, Offer] = {}
        self.parties: dict[OfferId, Party] = {}
        self.dials: dict[OfferId, Dial] = {}
        self.outbound = OutboundCount()
        self.past_offers: OrderedDict[OfferId, CallId] = OrderedDict()
        self.past_calls: OrderedDict[CallId, None] = OrderedDict()
        self.last_agents: OrderedDict[str, LastAgent] = OrderedDict()
        self.handling: dict[QueueId, Handling] = {}
        self.waiting_in: dict[QueueId, int] = {}
        self.switches_down: dict[SwitchId, bool] = {}
        self.counters = Counters()
        self.timers = Timers()
        self.room = WaitingRoom()
        self.floor = FloorMemory()
        self.adopt(plan)

    def adopt(self, plan: Plan) -> None:
        """Work under this plan, as far as the mode leaves it in force: operators, skills, queues;
        every waiting call is placed anew."""
        self.planned = plan
        self.plan = plan = in_force(plan, self.floor.mode)
        self.queues: dict[QueueId, QueuePlan] = {queue.id: queue for queue in plan.queues}
        self.directory: dict[str, DirectoryEntry] = {entry.id: entry for entry in plan.directory}
        self.calendars = {c.id: Calendar(c, self.tz) for c in plan.calendars}
        self._routes: dict[tuple[QueueId, int, tuple[SkillNeed, ...]], list[Line]] = {}
        for queue in plan.queues:
            self.handling.setdefault(queue.id, Handling())
            self.waiting_in.setdefault(queue.id, 0)
        self._adopt_agents(plan.agents)
        levels: dict[str, dict[str, int]] = {
            agent.id: self.floor.levels(agent) for agent in plan.agents
        }
        for agent_id in self.agents:
            levels.setdefault(agent_id, {})
        self.room.forget_lines(self.agents.values(), levels)
        for call in self.calls.values():
            if call.state is CallState.QUEUED:
                self.place(call)

    def _adopt_agents(self, planned: tuple[AgentPlan, ...]) -> None:
        known = self.agents
        self.agents = {}
        self.devices = {person.id: person.device for person in planned}
        self.outside = {outside_device(each.id): each.outside for each in planned if each.outside}
        for order, person in enumerate(planned):
            agent = known.pop(person.id, None)
            if agent is None:
                agent = Agent(person.id, person.device, person.switch, order)
            agent.order, agent.retired = order, False
            if not agent.moved:
                agent.switch = person.switch
            if not agent.own_device:
                agent.device = person.device
            self.agents[person.id] = agent
        for agent_id, agent in known.items():
            if agent.state is not AgentState.LOGGED_OUT:
                agent.retired = True
                self.agents[agent_id] = agent
        for agent in self.agents.values():
            agent.available = self.can_take_calls(agent)

    def can_take_calls(self, agent: Agent) -> bool:
        """Whether the operator is ready and the switch is there."""
        return agent.state is AgentState.READY and agent.switch not in self.switches_down

    # -- where a call waits ---------------------------------------------------------------

    def queue_of(self, call: Call) -> QueuePlan:
        """The plan of the call's queue; the default queue's when a reload removed it."""
        try:
            return self.queues[call.queue]
        except KeyError:
            return self.queues[self.plan.default_queue]

    def ring_s(self, queue: QueuePlan, agent: Agent) -> float:
        """How long a queue's calls ring the operator: outside a key must be pressed as well."""
        ring_s = queue.ring_timeout_s
        return max(ring_s, OUTSIDE_RING_S) if agent.device in self.outside else ring_s

    def lines_for(self, call: Call) -> list[Line]:
        """The lines in which the call stands: its preferred operator's, or by requirement."""
        if call.prefer_agent is not None and call.prefer_agent in self.agents:
            return [self.room.line(call.prefer_agent, self.agents.values())]
        return self.open_lines(call)

    def open_lines(self, call: Call) -> list[Line]:
        """The lines of the call's requirement under its queue and ladder."""
        key = (call.queue, call.ladder_done, call.needs)
        lines = self._routes.get(key)
        if lines is None:
            lines = self._routes[key] = [
                self.room.line(needs, self.agents.values()) for needs in requirements(self, call)
            ]
        return lines

    def place(self, call: Call) -> None:
        """Let the call wait in its lines, unless it is parked or its switch is down."""
        if not call.parked and call.switch not in self.switches_down:
            key = call.age_from_s - self.priority(call) * self.plan.priority_step_s
            lines = self.open_lines(call) if call.prefer_agent is None else self.lines_for(call)
            self.room.place(call, key, lines)

    def priority(self, call: Call) -> int:
        """The call's priority now (0-9), the ladder's raises included."""
        queue = self.queue_of(call)
        base = queue.priority if call.own_priority is None else call.own_priority
        if call.ladder_done:
            base += sum(step.raise_priority for step in queue.ladder[: call.ladder_done])
        return 0 if base < 0 else 9 if base > 9 else base

    # -- snapshot -------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """The state as bytes (msgpack), the same for the same history."""
        return msgpack.encode(
            Snapshot(
                SNAPSHOT,
                self.planned,
                list(self.calls.values()),
                list(self.offers.values()),
                list(self.agents.values()),
                self.counters,
                self.timers.pending,
                self.timers.last_token,
                self.past_offers,
                self.last_agents,
                list(self.switches_down),
                list(self.past_calls),
                list(self.parties.values()),
                self.floor,
                self.handling,
                list(self.dials.values()),
                self.outbound,
            )
        )

    @classmethod
    def from_snapshot(cls, data: bytes, tz: tzinfo) -> State:
        """The state of :meth:`snapshot`; raises StoreCorrupt for anything else."""
        try:
            saved = msgpack.decode(data, type=Snapshot)
        except (ValueError, TypeError) as error:
            raise StoreCorrupt(f"the engine's snapshot cannot be read: {error}") from error
        if saved.version != SNAPSHOT:
            raise StoreCorrupt(f"the engine's snapshot has the unknown layout {saved.version}")
        state = cls(msgpack.decode(msgpack.encode(saved.plan), type=Plan), tz)
        state.agents = {AgentId(agent.id): agent for agent in saved.agents}
        state.calls = {call.id: call for call in saved.calls}
        state.offers = {offer.id: offer for offer in saved.offers}
        state.parties = {party.id: party for party in saved.parties}
        state.dials = {dial.id: dial for dial in saved.dials}
        state.outbound = saved.outbound
        state.past_offers = OrderedDict(saved.past_offers)
        state.past_calls = OrderedDict.fromkeys(saved.past_calls)
        state.last_agents = OrderedDict(saved.last_agents)
        state.counters = saved.counters
        state.timers.pending = saved.timers
        state.timers.last_token = saved.last_token
        state.handling = saved.handling
        state.switches_down = dict.fromkeys(saved.switches_down, True)
        for call in state.calls.values():
            if call.state in WAITING:
                state.handling.setdefault(call.queue, Handling())
                state.waiting_in[call.queue] = state.waiting_in.get(call.queue, 0) + 1
        state.floor = saved.floor
        state.adopt(saved.plan)
        return state


def requirements(state: State, call: Call) -> list[tuple[SkillNeed, ...]]:
    """What would do for this call now: its queue's needs, eased by the ladder, and those of
    queues the ladder added; the call's own needs go with each."""
    queue = state.queue_of(call)
    done = queue.ladder[: call.ladder_done]
    needs = _together(queue.needs, call.needs)
    for step in done:
        for lowered in step.lower:
            if lowered.skill in needs:
                needs[lowered.skill] = min(lowered.level, needs[lowered.skill])
    found = [_as_needs(needs)]
    for step in done:
        added = state.queues.get(step.add_queue) if step.add_queue else None
        if added is not None:
            also = _as_needs(_together(added.needs, call.needs))
            if also not in found:
                found.append(also)
    return found


def needs_of(queue: QueuePlan) -> tuple[SkillNeed, ...]:
    """What a queue itself asks of an operator."""
    return _as_needs(_together(queue.needs, ()))


def _together(queue: tuple[SkillNeed, ...], call: tuple[SkillNeed, ...]) -> dict[str, int]:
    """Levels by skill that meet both; a call can ask for more than its queue, never for less."""
    levels: dict[str, int] = {}
    for need in (*queue, *call):
        levels[need.skill] = max(need.level, levels.get(need.skill, 0))
    return levels


def _as_needs(levels: dict[str, int]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(skill, level) for skill, level in sorted(levels.items()) if level > 0)
