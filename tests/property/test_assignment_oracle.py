"""Who is offered which call, in which order: the engine against an oracle that shares no code.

Scenarios are drawn by seed: several queues with every strategy, ladders, preferences, priorities,
wishes of callers, rings that fail in every way, people who come and go.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import msgspec
import pytest

from acd.core import inputs as i
from acd.core.commands import OfferCall
from acd.core.engine import Engine
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId
from acd.core.plan import CooldownPlan, Plan, Strategy
from agents.state import NotReadyReason
from tests.engine_plans import draw_plan
from tests.engine_world import JST, T0_S, caller, skill
from tests.routing_oracle import PARKED_S, Oracle, OracleAgent, OracleCall


def routing_plan(chance: random.Random, strategy: Strategy | None) -> Plan:
    """A plan in which calls leave their queue by an answer or a hang-up only, and in which no two
    clocks ring at one instant: their order would be nobody's promise."""
    plan = draw_plan(chance)

    def odd(seconds: float) -> float:
        return seconds + chance.random() / 10 if seconds else 0.0

    queues = tuple(
        msgspec.structs.replace(
            queue,
            strategy=strategy or queue.strategy,
            ring_timeout_s=odd(queue.ring_timeout_s),
            wrap_up_s=odd(queue.wrap_up_s),
            ladder=tuple(
                msgspec.structs.replace(step, after_s=step.after_s * 1.0137)
                for step in queue.ladder
            ),
            overflow=(),
            hours="",
            max_length=10_000,
            max_wait_s=1e9,
            max_offers=10_000,
            prefer_last_agent_s=chance.choice([0.0, 9.37, 50.51]),
        )
        for queue in plan.queues
    )
    people = tuple(msgspec.structs.replace(a, switch=SwitchId("a")) for a in plan.agents)
    cooldown = CooldownPlan(0.0, odd(3.0))
    return msgspec.structs.replace(
        plan, queues=queues, agents=people, cooldown=cooldown, max_calls=10_000, offer_lease_s=1e9
    )


@dataclass
class Pair:
    """Engine and oracle, told the same."""

    engine: Engine
    oracle: Oracle
    offers: list[OfferId]
    offered: list[tuple[str, str]]

    @classmethod
    def make(cls, plan: Plan) -> Pair:
        return cls(Engine(plan, JST), Oracle(plan, T0_S), [], [])

    def tell(self, happened: i.Input) -> None:
        """Tell the engine; the oracle is told by the caller of this, in its own words."""
        for command in self.engine.handle(happened, self.oracle.now).commands:
            if isinstance(command, OfferCall):
                self.offers.append(command.offer)
                self.offered.append((command.call, command.agent))

    def agree(self) -> None:
        self.oracle.settle()
        assert self.offered == self.oracle.offers

    def pass_time(self, seconds: float) -> None:
        until_s = self.oracle.now + seconds
        self.oracle.pass_time(until_s)
        back_to = self.oracle.now
        while due := [t for t in self.engine.pending_timers() if t.at_s <= until_s]:
            first = min(due, key=lambda timer: (timer.at_s, timer.token))
            self.oracle.now = first.at_s
            self.tell(i.TimerFired(first.token))
        self.oracle.now = back_to
        self.agree()

    def offer_of(self, agent: OracleAgent) -> OfferId:
        return self.offers[agent.last_offer - 1]

    # -- the things that happen ---------------------------------------------------------------

    def arrive(self, chance: random.Random) -> None:
        oracle, plan = self.oracle, self.oracle.plan
        oracle.arrivals += 1
        call = CallId(f"1.{oracle.arrivals}")
        queue = chance.choice(plan.queues)
        needs = (skill(chance),) if chance.random() < 0.15 else ()
        prefers = (skill(chance),) if chance.random() < 0.3 else ()
        priority = chance.randint(0, 9) if chance.random() < 0.3 else None
        wants = chance.choice(plan.agents).id if chance.random() < 0.3 else None
        self.tell(i.CallArrived(call, SwitchId("a"), "c", "t", "1", caller("")))
        self.tell(
            i.QueueRequested(
                call, queue.id, needs=needs, prefers=prefers, priority=priority, prefer_agent=wants
            )
        )
        told = OracleCall(
            call,
            oracle.arrivals,
            queue,
            oracle.now,
            needs,
            prefers or queue.prefers,
            queue.priority if priority is None else priority,
        )
        if wants is not None and queue.prefer_last_agent_s > 0:
            asked = oracle.agents[wants]
            held = all(asked.skills.get(n.skill, 0) >= n.level for n in (*queue.needs, *needs))
            if asked.state not in ("out", "not_ready") and held:
                told.wants = wants
        oracle.calls[call] = told

    def staff(self, agent: OracleAgent, chance: random.Random) -> None:
        """Somebody comes, goes, or takes a break."""
        person = AgentId(agent.id)
        if agent.state == "out":
            self.tell(i.AgentLoggedIn(person))
            agent.state, agent.login_s = "not_ready", self.oracle.now
            agent.busy_s, agent.taken = 0.0, 0
        elif agent.state in ("not_ready", "wrap_up"):
            self.tell(i.AgentReadied(person))
            self.oracle.make_ready(agent)
        elif agent.state == "ready" and chance.random() < 0.4:
            if chance.random() < 0.6:
                self.tell(i.AgentPaused(person, NotReadyReason.LUNCH))
                self.oracle.go_away(agent, "not_ready")
            else:
                self.tell(i.AgentLoggedOut(person))
                self.oracle.go_away(agent, "out")

    def ring(self, agent: OracleAgent, chance: random.Random) -> None:
        """Something becomes of a ring."""
        offer, oracle, call = self.offer_of(agent), self.oracle, agent.call
        assert call is not None
        draw = chance.random()
        if draw < 0.55:
            self.tell(i.CallConnected(offer))
            agent.state, call.state, agent.until_s = "talking", "talking", None
            agent.busy_from_s, agent.taken = oracle.now, agent.taken + 1
        elif draw < 0.65:
            self.tell(i.OfferFailed(offer, i.OfferFailure.REJECTED))
            oracle.stop_ringing(agent, oracle.plan.cooldown.rejected_s)
        elif draw < 0.75:
            self.tell(i.OfferFailed(offer, i.OfferFailure.CALLER_GONE))
            oracle.stop_ringing(agent, None)
            call.parked_until_s = oracle.now + PARKED_S
        elif draw < 0.85:
            self.tell(i.AgentLoggedOut(AgentId(agent.id)))
            oracle.stop_ringing(agent, 0.0)
            oracle.go_away(agent, "out")
        else:
            self.tell(i.CallerHungUp(CallId(call.id)))
            call.state = "gone"
            oracle.stop_ringing(agent, None)
            del oracle.calls[call.id]

    def talk(self, agent: OracleAgent, chance: random.Random) -> None:
        """A talk ends, by one or the other."""
        assert agent.call is not None
        call = CallId(agent.call.id)
        if chance.random() < 0.5:
            self.tell(i.CallerHungUp(call))
        else:
            self.tell(i.LegEnded(self.offer_of(agent)))
        del self.oracle.calls[call]
        self.oracle.talk_over(agent)

    def give_up(self, chance: random.Random) -> None:
        waiting = [c for c in self.oracle.calls.values() if c.state == "waiting"]
        if waiting:
            call = chance.choice(waiting)
            self.tell(i.CallerHungUp(CallId(call.id)))
            del self.oracle.calls[call.id]

    def something(self, chance: random.Random) -> None:
        agent = chance.choice(list(self.oracle.agents.values()))
        draw = chance.random()
        if draw < 0.3:
            self.arrive(chance)
        elif draw < 0.35:
            self.give_up(chance)
        elif agent.state == "ringing":
            self.ring(agent, chance)
        elif agent.state == "talking":
            self.talk(agent, chance)
        else:
            self.staff(agent, chance)
        self.agree()
        # Irregular steps, so that no two clocks ring at one instant.
        self.pass_time(chance.choice([0.0, 1.0, 3.0, 8.0]) * chance.random())


def scenario(seed: int, strategy: Strategy | None, steps: int) -> int:
    """One scenario from beginning to end; returns how many calls were offered."""
    chance = random.Random(seed)
    pair = Pair.make(routing_plan(chance, strategy))
    for agent in pair.oracle.agents.values():
        for _ in range(2):
            pair.staff(agent, chance)
            pair.agree()
            pair.pass_time(chance.random())
    for _ in range(steps):
        pair.something(chance)
    return len(pair.offered)


@pytest.mark.requirement("M3")
@pytest.mark.parametrize("strategy", [None, *Strategy], ids=lambda s: s.value if s else "mixed")
def test_calls_and_operators_are_matched_as_the_specification_says(
    strategy: Strategy | None,
) -> None:
    offered = 0
    for seed in range(60):
        try:
            offered += scenario(seed, strategy, 80)
        except AssertionError as error:
            raise AssertionError(f"scenario {seed}: {error}") from error
    assert offered > 1_000


def test_the_oracle_notices_a_wrong_choice() -> None:
    pair = Pair.make(routing_plan(random.Random(1), None))
    pair.offered.append(("1.1", "op1"))
    with pytest.raises(AssertionError):
        pair.agree()


def test_scenarios_reach_what_they_are_for() -> None:
    plans = [routing_plan(random.Random(seed), None) for seed in range(60)]
    queues = [queue for plan in plans for queue in plan.queues]
    assert any(queue.ladder for queue in queues)
    assert any(queue.prefer_last_agent_s for queue in queues)
    assert {queue.strategy for queue in queues} == set(Strategy)
    assert {queue.priority for queue in queues} == {0, 3, 9}
    assert QueueId("q3") in {queue.id for queue in queues}
