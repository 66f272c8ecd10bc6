"""What the engine's events claim, folded without the engine: every claim is held against the rest.

Knows the plan, the inputs' promises and the events, and nothing of how the engine works. Where an
event contradicts what came before it, :class:`AssertionError` says how.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import structs

from acd.core import events as e
from acd.core import events_floor as f
from acd.core import events_talk as t
from acd.core.floor_memory import ModeNow, in_force
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.plan import Plan, QueuePlan, SkillNeed


@dataclass
class FoldedCall:
    """One call as its events tell it; ``number`` is its rank of arrival."""

    number: int
    switch: SwitchId
    visit_from_s: float = 0.0
    visits: dict[VisitId, str] = field(default_factory=dict)
    queued: e.CallQueued | None = None
    waiting: bool = False
    parked: bool = False
    ladder_done: int = 0
    prefer_agent: AgentId | None = None
    offer: OfferId | None = None
    talking: bool = False


class Fold:
    """Calls, visits, offers and reservations by their events."""

    def __init__(self, plan: Plan) -> None:
        self.plan = self.planned = plan
        self.mode = ModeNow()
        self.today: dict[tuple[AgentId, str], int | None] = {}
        self.taken: dict[CallId, AgentId] = {}
        self.calls: dict[CallId, FoldedCall] = {}
        self.visits: set[VisitId] = set()
        self.offers: dict[OfferId, tuple[CallId, AgentId]] = {}
        self.reserved: dict[AgentId, OfferId] = {}
        self.ended_offers: dict[OfferId, str] = {}
        self.outcomes: dict[CallId, e.CallOutcome] = {}
        self.down: set[SwitchId] = set()

    def see(self, event: e.Event, at_s: float) -> None:
        """Hold one event against all that came before."""
        self.at_s = at_s
        watcher = getattr(self, f"_{type(event).__name__}", None)
        if watcher is not None:
            watcher(event)

    # -- what a call may need -----------------------------------------------------------

    def queue_of(self, queue: QueueId) -> QueuePlan:
        by_id = {planned.id: planned for planned in self.plan.queues}
        return by_id.get(queue) or by_id[self.plan.default_queue]

    def ways(self, call: FoldedCall) -> list[list[SkillNeed]]:
        """Every list of needs that would do: the queue's, eased; those of added queues."""
        assert call.queued is not None
        queue = self.queue_of(call.queued.queue)
        own = [*queue.needs, *call.queued.needs]
        ways = [own]
        for step in queue.ladder[: call.ladder_done]:
            eased = {low.skill: low.level for low in step.lower}
            ways[0] = [
                SkillNeed(n.skill, min(n.level, eased.get(n.skill, n.level))) for n in ways[0]
            ]
            for planned in self.plan.queues:
                if planned.id == step.add_queue:
                    ways.append([*planned.needs, *call.queued.needs])
        return ways

    def able(self, agent: AgentId, call: FoldedCall) -> bool:
        """Whether the operator, by the plan, meets one of the ways to serve the call."""
        for person in self.plan.agents:
            if person.id == agent:
                held = {skill.skill: skill.level for skill in person.skills}
                for (someone, name), level in self.today.items():
                    if someone == agent and level is not None:
                        held[name] = level
                return any(
                    all(held.get(need.skill, 0) >= need.level for need in way)
                    for way in self.ways(call)
                )
        return False

    def key(self, call: FoldedCall) -> tuple[float, int]:
        """The stated global order: age less priority, then arrival."""
        assert call.queued is not None
        queue = self.queue_of(call.queued.queue)
        base = queue.priority if call.queued.priority is None else call.queued.priority
        raised = sum(step.raise_priority for step in queue.ladder[: call.ladder_done])
        priority = min(9, max(0, base + raised))
        return call.queued.age_from_s - priority * self.plan.priority_step_s, call.number

    # -- events ---------------------------------------------------------------------------

    def _CallOpened(self, event: e.CallOpened) -> None:
        assert event.call not in self.calls, "a call is opened once"
        assert event.call not in self.outcomes, "a call that is over stays over"
        number = len(self.calls) + len(self.outcomes) + 1
        self.calls[event.call] = FoldedCall(number, event.switch)

    def _CallQueued(self, event: e.CallQueued) -> None:
        call = self.calls[event.call]
        assert not call.waiting, "one visit at a time"
        assert event.visit not in self.visits
        self.visits.add(event.visit)
        if call.queued is not None and "overflowed" in call.visits[call.queued.visit]:
            assert event.age_from_s == call.queued.age_from_s, "overflow keeps the age"
        call.visits[event.visit] = "open"
        call.queued, call.waiting, call.parked = event, True, False
        call.ladder_done, call.prefer_agent = 0, event.prefer_agent
        call.visit_from_s = self.at_s

    def _end_visit(self, call: FoldedCall, visit: VisitId, how: str) -> None:
        assert call.visits[visit] == "open", f"visit {visit} ended twice"
        assert call.queued is not None
        assert call.queued.visit == visit
        call.visits[visit] = how
        call.waiting = False

    def _VisitEnded(self, event: e.VisitEnded) -> None:
        call = self.calls[event.call]
        assert call.offer is None, "no visit ends under an offer"
        self._end_visit(call, event.visit, event.outcome.value)

    def _PriorityChanged(self, event: f.PriorityChanged) -> None:
        call = self.calls[event.call]
        assert call.waiting
        assert call.queued is not None
        call.queued = structs.replace(call.queued, priority=event.own)
        raised = self.queue_of(call.queued.queue).ladder[: call.ladder_done]
        assert event.own + sum(step.raise_priority for step in raised) == event.priority

    def _CallTakenOver(self, event: f.CallTakenOver) -> None:
        self.taken[event.call] = event.agent

    def _TalkRecovered(self, event: t.TalkRecovered) -> None:
        self.taken[event.call] = event.agent

    def _SkillChanged(self, event: f.SkillChanged) -> None:
        self.today[event.agent, event.skill] = event.level

    def _SkillsOfTodayEnded(self, event: f.SkillsOfTodayEnded) -> None:
        self.today.clear()

    def _ModeChanged(self, event: f.ModeChanged) -> None:
        self.mode = ModeNow(event.mode, event.drill)
        self._adopt(self.planned)

    def _LadderStepped(self, event: e.LadderStepped) -> None:
        call = self.calls[event.call]
        assert call.waiting
        assert call.queued is not None
        call.ladder_done = event.step + 1
        if self.queue_of(call.queued.queue).ladder[event.step].drop_preferences:
            call.prefer_agent = None

    def _PreferenceDropped(self, event: e.PreferenceDropped) -> None:
        assert self.calls[event.call].prefer_agent is not None
        self.calls[event.call].prefer_agent = None

    def _CallParked(self, event: e.CallParked) -> None:
        self.calls[event.call].parked = True

    def _CallUnparked(self, event: e.CallUnparked) -> None:
        self.calls[event.call].parked = False

    def _CallOffered(self, event: e.CallOffered) -> None:
        call = self.calls[event.call]
        assert call.waiting
        assert not call.parked
        assert call.offer is None
        changed_over = event.call in self.taken
        assert call.switch not in self.down or changed_over, "no offer on a switch that is down"
        assert event.offer not in self.offers
        assert event.offer not in self.ended_offers
        assert event.agent not in self.reserved, "a person is reserved once"
        taken_by = self.taken.pop(event.call, None)
        assert taken_by in (None, event.agent), "who takes a call over gets it"
        if taken_by is None:
            assert self.able(event.agent, call), "never a call that the operator cannot serve"
            assert call.prefer_agent in (None, event.agent)
            self._nobody_is_overtaken(event, call)
        call.offer = event.offer
        self.offers[event.offer] = (event.call, event.agent)
        self.reserved[event.agent] = event.offer

    def _nobody_is_overtaken(self, event: e.CallOffered, taken: FoldedCall) -> None:
        bound_s = 9 * self.plan.priority_step_s
        assert taken.queued is not None
        for other_id, other in self.calls.items():
            if other is taken or not other.waiting or other.offer or other.parked:
                continue
            if other.switch in self.down or other.prefer_agent not in (None, event.agent):
                continue
            if self.able(event.agent, other):
                assert other.queued is not None
                assert self.key(taken) < self.key(other), f"{event.call} overtakes {other_id}"
                waited_s = taken.queued.age_from_s - other.queued.age_from_s
                assert waited_s <= bound_s, "the starvation bound holds"

    def _end_offer(self, offer: OfferId, call: CallId, agent: AgentId, how: str) -> None:
        assert self.offers.pop(offer) == (call, agent)
        assert self.reserved.pop(agent) == offer
        self.ended_offers[offer] = how
        self.calls[call].offer = None

    def _OfferEnded(self, event: e.OfferEnded) -> None:
        assert not self.calls[event.call].talking
        self._end_offer(event.offer, event.call, event.agent, event.result.value)

    def _CallAnswered(self, event: e.CallAnswered) -> None:
        assert self.offers[event.offer] == (event.call, event.agent)
        call = self.calls[event.call]
        self._end_visit(call, event.visit, "answered")
        call.talking = True

    def _LegClosed(self, event: e.LegClosed) -> None:
        assert self.calls[event.call].talking
        self.calls[event.call].talking = False
        self._end_offer(event.offer, event.call, event.agent, "answered")

    def _PartyAsked(self, event: t.PartyAsked) -> None:
        if event.colleague:
            assert event.colleague not in self.reserved, "a person is reserved once"
            assert event.colleague != event.agent, "nobody asks himself"
            self.reserved[event.colleague] = event.party

    def _PartyEnded(self, event: t.PartyEnded) -> None:
        if event.colleague:
            assert self.reserved.pop(event.colleague) == event.party

    def _TalkTakenUp(self, event: t.TalkTakenUp) -> None:
        assert self.reserved[event.agent] == event.offer, "the caller goes to who was rung"
        call = self.calls[event.call]
        assert not call.talking
        assert not call.waiting
        assert call.offer is None
        call.talking, call.offer = True, event.offer
        self.offers[event.offer] = (event.call, event.agent)

    def _CallClosed(self, event: e.CallClosed) -> None:
        call = self.calls.pop(event.call)
        assert call.offer is None
        assert not call.waiting
        assert "open" not in call.visits.values(), "every visit has its outcome"
        assert (event.outcome is e.CallOutcome.ANSWERED) == ("answered" in call.visits.values())
        self.outcomes[event.call] = event.outcome

    def _PlanAdopted(self, event: e.PlanAdopted) -> None:
        self._adopt(event.plan)

    def _adopt(self, planned: Plan) -> None:
        self.planned = planned
        self.plan = in_force(planned, self.mode)
        for call in self.calls.values():
            if call.queued is not None:
                ladder = self.queue_of(call.queued.queue).ladder
                due = [s for s in ladder if self.at_s - call.visit_from_s >= s.after_s]
                call.ladder_done = min(call.ladder_done, len(due))

    def _SwitchChanged(self, event: e.SwitchChanged) -> None:
        if event.up:
            self.down.discard(event.switch)
        else:
            self.down.add(event.switch)

    def _AgentMoved(self, event: e.AgentMoved) -> None:
        """Where an operator is rung changes nothing about whom."""
