"""The expected wait against what came of it: a small centre on the real engine, by the thousand."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

import pytest

from acd.core import inputs as i
from acd.core.commands import Command, OfferCall, StartTimer
from acd.core.engine import Engine
from acd.core.events import CallAnswered
from acd.core.expected import ENOUGH, MOST_STEPS, ExpectedWait
from acd.core.ids import CallId, QueueId, SwitchId
from acd.core.plan import AgentPlan, Plan, QueuePlan
from tests.desk import person, queue
from tests.engine_world import JST, T0_S, caller

TALK_S, WRAP_UP_S = 100.0, 20.0
PATIENT = 1e9


class Centre:
    """Callers come by chance, talks last by chance, what was foretold is kept beside what came."""

    def __init__(self, planned: Plan, seed: int, patience_s: float = PATIENT) -> None:
        self.engine = Engine(planned, JST)
        self.now = T0_S
        self.chance = random.Random(seed)
        self.patience_s = patience_s
        self.later: list[tuple[float, int, Callable[[], None]]] = []
        self.told: dict[CallId, tuple[str, float, ExpectedWait | None]] = {}
        self.waits: list[tuple[str, ExpectedWait | None, float]] = []
        self.calls = 0
        for agent in planned.agents:
            self.tell(i.AgentLoggedIn(agent.id))
            self.tell(i.AgentReadied(agent.id))

    def at(self, after_s: float, what: Callable[[], None]) -> None:
        heapq.heappush(self.later, (self.now + after_s, len(self.later) + self.calls, what))

    def tell(self, happened: i.Input) -> None:
        outcome = self.engine.handle(happened, self.now)
        for event in outcome.events:
            if isinstance(event, CallAnswered) and event.call in self.told:
                to, from_s, wait = self.told.pop(event.call)
                self.waits.append((to, wait, self.now - from_s))
        for command in outcome.commands:
            self.obey(command)

    def obey(self, command: Command) -> None:
        if isinstance(command, StartTimer):
            self.at(command.at_s - self.now, lambda: self.tell(i.TimerFired(command.token)))
        elif isinstance(command, OfferCall):
            self.at(2.0, lambda: self.answer(command))

    def answer(self, offer: OfferCall) -> None:
        self.tell(i.CallConnected(offer.offer))
        self.at(self.chance.expovariate(1 / TALK_S), lambda: self.tell(i.CallerHungUp(offer.call)))

    def arrive(self, to: QueueId) -> None:
        self.calls += 1
        call = CallId(f"c{self.calls}")
        self.tell(i.CallArrived(call, SwitchId("a"), f"PJSIP/t-{call}", "t", "1", caller("")))
        self.tell(i.QueueRequested(call, to))
        if self.engine.position(call):
            self.told[call] = (to, self.now, self.engine.expected_wait(call, self.now))
            patience_s = self.chance.expovariate(1 / self.patience_s)
            self.at(patience_s, lambda: self.give_up(call))

    def give_up(self, call: CallId) -> None:
        if call in self.told and self.engine.position(call):
            del self.told[call]
            self.tell(i.CallerHungUp(call))

    def run(self, rates: dict[QueueId, float], hours: float) -> None:
        """Callers per hour by queue, for so long."""

        def comes(to: QueueId) -> None:
            self.arrive(to)
            self.at(self.chance.expovariate(rates[to] / 3_600), lambda: comes(to))

        for to, rate in rates.items():
            self.at(self.chance.expovariate(rate / 3_600), lambda to=to: comes(to))  # type: ignore[misc]
        until_s = self.now + hours * 3_600
        while self.later[0][0] < until_s:
            self.now, _, what = heapq.heappop(self.later)
            what()


def plan(*parts: QueuePlan | AgentPlan) -> Plan:
    queues = tuple(part for part in parts if isinstance(part, QueuePlan))
    people = tuple(part for part in parts if isinstance(part, AgentPlan))
    return Plan("1", queues, people, default_queue=queues[0].id)


def line(id_: str, skill: str = "") -> QueuePlan:
    needs = queue(skill or id_).needs
    return queue(id_, needs=needs, wrap_up_s=WRAP_UP_S, max_wait_s=36_000.0, max_length=10_000)


def people(count: int, *skills: str) -> list[AgentPlan]:
    tag = "".join(skills)
    return [person(f"{tag}{number}", *skills) for number in range(count)]


A, B = QueueId("a"), QueueId("b")
#: name -> (plan, callers per hour by queue): the operators are busy nearly all of the time.
CENTRES: dict[str, tuple[Plan, dict[QueueId, float]]] = {
    "one queue": (plan(line("a"), *people(5, "a")), {A: 143.0}),
    "two queues, one requirement": (
        plan(line("a", "x"), line("b", "x"), *people(5, "x")),
        {A: 35.0, B: 108.0},
    ),
    "specialists help out": (
        plan(line("a"), line("b"), *people(3, "a"), *people(3, "a", "b")),
        {A: 125.0, B: 48.0},
    ),
    "overlapping": (
        plan(line("a"), line("b"), *people(2, "a"), *people(2, "a", "b"), *people(2, "b")),
        {A: 88.0, B: 85.0},
    ),
    "one operator": (plan(line("a"), *people(1, "a")), {A: 27.0}),
}


@pytest.mark.requirement("M6")
@pytest.mark.parametrize("patience_s", [PATIENT, 600.0], ids=["patient", "impatient"])
@pytest.mark.parametrize("name", CENTRES)
def test_as_many_wait_longer_as_the_quantiles_say(name: str, patience_s: float) -> None:
    planned, rates = CENTRES[name]
    centre = Centre(planned, 7, patience_s)
    centre.run(rates, 60.0)
    for to in rates:
        waits = [(wait, real_s) for queue, wait, real_s in centre.waits if queue == to]
        told = [(wait, real_s) for wait, real_s in waits if wait is not None]
        assert len(told) >= 0.95 * len(waits) > 500
        within_p50 = sum(real_s <= wait.p50_s for wait, real_s in told) / len(told)
        within_p90 = sum(real_s <= wait.p90_s for wait, real_s in told) / len(told)
        assert 0.42 <= within_p50 <= 0.68, (name, to)
        assert 0.86 <= within_p90 <= 0.97, (name, to)


def test_nothing_is_told_before_enough_is_known() -> None:
    planned, rates = CENTRES["one queue"]
    centre = Centre(planned, 7)
    centre.run(rates, 0.05)
    assert sum(len(each.took_s) for each in centre.engine.state.handling.values()) < ENOUGH
    assert all(wait is None for _to, _from_s, wait in centre.told.values())


def test_nothing_is_told_when_nobody_who_could_serve_is_at_work() -> None:
    planned, rates = CENTRES["specialists help out"]
    centre = Centre(planned, 7)
    centre.run(rates, 2.0)
    for agent in planned.agents:
        if len(agent.skills) == 2:
            centre.tell(i.AgentLoggedOut(agent.id))
    centre.run({A: rates[A]}, 0.5)
    centre.arrive(B)
    assert centre.told[CallId(f"c{centre.calls}")][2] is None
    centre.arrive(A)
    assert centre.told[CallId(f"c{centre.calls}")][2] is not None


def test_a_large_centre_is_not_held_up_by_foretelling() -> None:
    planned = plan(line("a"), *people(300, "a"))
    centre = Centre(planned, 7)
    centre.run({A: 20_000.0}, 0.3)
    assert len(centre.engine.calls) * 300 > MOST_STEPS
    assert centre.engine.expected_wait(CallId(f"c{centre.calls}"), centre.now) is None
