"""Routing as the specification says it, slow and obvious: an oracle that shares no code with it.

Nothing is indexed and nothing is remembered that can be worked out: after everything that happens
all waiting calls and all operators are looked at anew. The rule is one sentence. *While some
waiting call has an idle operator who can serve it, the first such call in the global order goes to
its best operator.*
"""

from __future__ import annotations

from dataclasses import dataclass, field

from acd.core.plan import LadderStep, Plan, QueuePlan, SkillNeed, Strategy
from acd.core.strategies import draw

#: Seconds that a call is not offered after its caller seemed gone.
PARKED_S = 2.0


@dataclass
class OracleCall:
    """A caller who waits, rings or talks."""

    id: str
    number: int
    queue: QueuePlan
    since_s: float
    needs: tuple[SkillNeed, ...]
    prefers: tuple[SkillNeed, ...]
    priority: int
    wants: str | None = None
    state: str = "waiting"
    parked_until_s: float = 0.0
    steps: int = 0


@dataclass
class OracleAgent:
    """A person who takes calls."""

    id: str
    skills: dict[str, int]
    state: str = "out"
    idle_since_s: float = 0.0
    turn: int = 0
    login_s: float = 0.0
    busy_s: float = 0.0
    busy_from_s: float = 0.0
    taken: int = 0
    last_offer: int = 0
    until_s: float | None = None
    call: OracleCall | None = None


@dataclass
class Oracle:
    """All of a centre's routing, worked out from scratch each time."""

    plan: Plan
    now: float
    calls: dict[str, OracleCall] = field(default_factory=dict)
    agents: dict[str, OracleAgent] = field(default_factory=dict)
    offers: list[tuple[str, str]] = field(default_factory=list)
    arrivals: int = 0
    turns: int = 0

    def __post_init__(self) -> None:
        for person in self.plan.agents:
            skills = {skill.skill: skill.level for skill in person.skills}
            self.agents[person.id] = OracleAgent(person.id, skills)

    # -- what is true now -------------------------------------------------------------------

    def climbed(self, call: OracleCall) -> list[LadderStep]:
        """The ladder's steps that apply: those of the time that the call last looked."""
        return list(call.queue.ladder[: call.steps])

    def look_at_the_clock(self, call: OracleCall) -> None:
        """A waiting call takes what the time allows; a ringing or parked one does not."""
        if call.state != "waiting" or call.parked_until_s > self.now:
            return
        due = [s for s in call.queue.ladder if call.since_s + s.after_s <= self.now]
        call.steps = len(due)
        if any(step.drop_preferences for step in due):
            call.prefers, call.wants = (), None
        if call.wants is not None:
            away = self.agents[call.wants].state in ("out", "not_ready")
            if away or call.since_s + call.queue.prefer_last_agent_s <= self.now:
                call.wants = None

    def ways(self, call: OracleCall) -> list[dict[str, int]]:
        """What an operator must hold, in each of the ways in which the call can be served."""
        own: dict[str, int] = {}
        for need in [*call.queue.needs, *call.needs]:
            own[need.skill] = max(need.level, own.get(need.skill, 0))
        ways = [own]
        for step in self.climbed(call):
            for low in step.lower:
                if low.skill in own:
                    own[low.skill] = min(own[low.skill], low.level)
            for queue in self.plan.queues:
                if queue.id == step.add_queue:
                    other: dict[str, int] = {}
                    for need in [*queue.needs, *call.needs]:
                        other[need.skill] = max(need.level, other.get(need.skill, 0))
                    ways.append(other)
        return ways

    def can_serve(self, agent: OracleAgent, call: OracleCall) -> bool:
        if call.wants not in (None, agent.id):
            return False
        return any(
            all(agent.skills.get(skill, 0) >= level for skill, level in way.items())
            for way in self.ways(call)
        )

    def key(self, call: OracleCall) -> tuple[float, int]:
        raised = call.priority + sum(step.raise_priority for step in self.climbed(call))
        return call.since_s - min(9, max(0, raised)) * self.plan.priority_step_s, call.number

    def rank(self, agent: OracleAgent, call: OracleCall) -> float:
        """The strategy's measure of an operator: smaller is better."""
        strategy = call.queue.strategy
        if strategy is Strategy.MOST_SKILLED:
            needed = [skill for skill, level in self.ways(call)[0].items() if level > 0]
            return -sum(agent.skills.get(skill, 0) for skill in needed)
        if strategy is Strategy.LEAST_OCCUPIED:
            at_work_s = self.now - agent.login_s
            return agent.busy_s / at_work_s if at_work_s > 0 else 0.0
        if strategy is Strategy.FEWEST_CALLS:
            return agent.taken
        if strategy is Strategy.ROUND_ROBIN:
            return agent.last_offer
        return 0.0

    def best(self, able: list[OracleAgent], call: OracleCall) -> OracleAgent:
        def met(agent: OracleAgent) -> int:
            return sum(agent.skills.get(want.skill, 0) >= want.level for want in call.prefers)

        able = [agent for agent in able if met(agent) == max(met(other) for other in able)]
        able.sort(key=lambda agent: (agent.idle_since_s, agent.turn))
        if call.queue.strategy is Strategy.RANDOM:
            return able[draw(self.plan.seed, len(self.offers), len(able))]
        return min(able, key=lambda agent: self.rank(agent, call))

    def settle(self) -> None:
        """The one rule."""
        for call in self.calls.values():
            self.look_at_the_clock(call)
        while True:
            waiting = [
                call
                for call in self.calls.values()
                if call.state == "waiting" and call.parked_until_s <= self.now
            ]
            idle = [agent for agent in self.agents.values() if agent.state == "ready"]
            for call in sorted(waiting, key=self.key):
                able = [agent for agent in idle if self.can_serve(agent, call)]
                if able:
                    self.ring(self.best(able, call), call)
                    break
            else:
                return

    def ring(self, agent: OracleAgent, call: OracleCall) -> None:
        self.offers.append((call.id, agent.id))
        agent.state, agent.call, call.state = "ringing", call, "offered"
        agent.last_offer = len(self.offers)
        agent.until_s = self.now + call.queue.ring_timeout_s

    # -- time -------------------------------------------------------------------------------

    def moments(self) -> list[float]:
        """Every time at which something changes by itself."""
        found = [a.until_s for a in self.agents.values() if a.until_s is not None]
        for call in self.calls.values():
            if call.state == "waiting":
                found += [call.since_s + step.after_s for step in call.queue.ladder]
                found += [call.since_s + call.queue.prefer_last_agent_s, call.parked_until_s]
        return [at_s for at_s in found if at_s > self.now]

    def pass_time(self, until_s: float) -> None:
        while soon := [at_s for at_s in self.moments() if at_s <= until_s]:
            self.now = min(soon)
            for agent in self.agents.values():
                if agent.until_s is not None and agent.until_s <= self.now:
                    self.time_is_up(agent)
            self.settle()
        self.now = until_s

    def time_is_up(self, agent: OracleAgent) -> None:
        agent.until_s = None
        if agent.state == "ringing":
            self.stop_ringing(agent, self.plan.cooldown.no_answer_s)
        elif agent.state in ("wrap_up", "not_ready"):
            self.make_ready(agent)

    # -- what happens -------------------------------------------------------------------------

    def make_ready(self, agent: OracleAgent) -> None:
        if agent.state == "wrap_up":
            agent.busy_s += self.now - agent.busy_from_s
        self.turns += 1
        agent.state, agent.idle_since_s, agent.turn = "ready", self.now, self.turns
        agent.until_s = None

    def stop_ringing(self, agent: OracleAgent, cooldown_s: float | None) -> None:
        """The ring failed; None: through nobody's fault, or the caller's."""
        assert agent.call is not None
        call, agent.call, agent.until_s = agent.call, None, None
        if call.state == "offered":
            call.state = "waiting"
        agent.state = "not_ready"
        if cooldown_s is None:
            agent.state = "ready"
        elif cooldown_s > 0:
            agent.until_s = self.now + cooldown_s

    def talk_over(self, agent: OracleAgent) -> None:
        assert agent.call is not None
        agent.state, wrap_up_s, agent.call = "wrap_up", agent.call.queue.wrap_up_s, None
        agent.until_s = self.now + wrap_up_s
        if wrap_up_s <= 0:
            self.make_ready(agent)

    def go_away(self, agent: OracleAgent, state: str) -> None:
        if agent.state == "wrap_up":
            agent.busy_s += self.now - agent.busy_from_s
        agent.state, agent.until_s = state, None
