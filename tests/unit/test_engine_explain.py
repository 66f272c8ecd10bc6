"""Why this caller, why this operator, why not the others: from the journal, in plain words."""

from __future__ import annotations

import random

import msgspec
import pytest

from acd.core.engine import Engine
from acd.core.events import CallOffered, Event
from acd.core.explain import (
    Explanation,
    Missing,
    WhyNotAgent,
    WhyNotCall,
    explain,
)
from acd.core.explain_text import told
from acd.core.ids import OfferId
from acd.core.inputs import Input, OfferFailure
from acd.core.plan import SkillNeed, Strategy
from acd.errors import NotFound
from agents.state import NotReadyReason
from tests.desk import Desk, person, plan, queue
from tests.engine_plans import draw_plan
from tests.engine_world import JST, World
from tests.property.test_engine_days import something

Steps = list[tuple[float, list[Event]]]


class Recorded(Desk):
    """A desk with a journal: the snapshot at its beginning, and every step."""

    def record(self) -> None:
        self.first = self.engine.snapshot()
        self.steps: Steps = []

    def tell(self, happened: Input) -> None:
        super().tell(happened)
        if hasattr(self, "steps"):
            self.steps.append((self.now, list(self.events)))

    def why(self, agent: str) -> Explanation:
        """The reasons of the operator's latest offer, from the journal."""
        engine, offer = Engine.restore(self.first, JST), self.latest_offer[agent]
        for at_s, events in self.steps:
            if any(isinstance(event, CallOffered) and event.offer == offer for event in events):
                return explain(engine, events, at_s, offer)
            for event in events:
                engine.apply(event, at_s)
        raise AssertionError(f"no step made the offer {offer}")


def reasons(found: Explanation) -> dict[str, WhyNotAgent]:
    return {other.agent: other.why for other in found.others}


def test_who_waits_for_another_operator_is_named_as_being_ahead() -> None:
    people = (person("sato"), person("kato"))
    desk = Recorded(plan(queue(prefer_last_agent_s=90.0), *people), "sato")
    desk.record()
    desk.call("busy")
    desk.connect("sato")
    desk.call("waits", prefer_agent="sato")
    desk.call("first")
    desk.call("second")
    desk.pass_time(1.0)
    desk.ready("kato")
    found = desk.why("kato")
    assert (found.call, found.waiting, found.could_serve) == ("first", 3, 2)
    assert [(other.call, other.why, other.waits_for) for other in found.ahead] == [
        ("waits", WhyNotCall.WAITS_FOR_ANOTHER, "sato")
    ]
    assert "Before it stood call waits (tax), which waits for operator sato." in told(found).en


def test_a_call_that_rests_or_needs_more_is_named_as_being_ahead() -> None:
    desk = Recorded(plan(queue(), queue("waste"), person("sato"), person("mori", "waste")), "sato")
    desk.record()
    desk.call("rests")
    desk.call("other", "waste")
    desk.fail("sato", OfferFailure.CALLER_GONE)
    desk.pass_time(1.0)
    desk.call("taken", priority=2)
    found = desk.why("sato")
    assert (found.call, found.priority, found.rank_s) == ("taken", 2, 120.0)
    assert (found.waiting, found.could_serve) == (3, 1)
    assert found.ahead == (), "priority two is worth two minutes"
    desk.hang_up("taken")
    desk.call("plain")
    found = desk.why("sato")
    assert found.call == "plain"
    assert [(other.call, other.why) for other in found.ahead] == [
        ("rests", WhyNotCall.RESTS),
        ("other", WhyNotCall.NEEDS_OTHER_SKILLS),
    ]
    assert found.ahead[1].missing == (Missing("waste", 1, 0),)


def test_why_not_each_of_the_others() -> None:
    people = (
        person("first"),
        person("later"),
        person("waste", "waste"),
        person("lunch"),
        person("talks"),
        person("home"),
    )
    desk = Recorded(plan(*people), "talks")
    desk.record()
    desk.call("1")
    desk.connect("talks")
    for id_ in ("first", "later", "waste", "lunch"):
        desk.pass_time(5.0)
        desk.ready(id_)
    desk.pause("lunch", NotReadyReason.LUNCH)
    desk.pass_time(5.0)
    desk.call("2")
    found = desk.why("first")
    assert (found.call, found.agent, found.candidates) == ("2", "first", 2)
    assert found.idle_s == 20.0
    assert reasons(found) == {
        "later": WhyNotAgent.IDLE_SHORTER,
        "waste": WhyNotAgent.LACKS_SKILL,
        "lunch": WhyNotAgent.NOT_READY,
        "talks": WhyNotAgent.NOT_READY,
        "home": WhyNotAgent.NOT_READY,
    }
    said = told(found)
    english = " ".join(said.en)
    assert "Not later: idle for 15 s, ready later." in english
    assert "Not waste: lacks a skill or level (tax 0 < 1)." in english
    assert "logged out 1, lunch 1, talking 1" in english
    japanese = "".join(said.ja)
    assert "候補 2 人から「最も長く空いている人」の決まりで選ばれました" in japanese
    assert "ログオフ 1, 昼休み 1, 通話中 1" in japanese


@pytest.mark.parametrize(
    ("strategy", "why"),
    [(Strategy.MOST_SKILLED, WhyNotAgent.STRATEGY), (Strategy.RANDOM, WhyNotAgent.DRAWN)],
)
def test_the_rule_that_chose_is_named(strategy: Strategy, why: WhyNotAgent) -> None:
    people = (person("new", "tax:2"), person("pro", "tax:9"))
    desk = Recorded(plan(queue(strategy=strategy), *people), "new", "pro")
    desk.record()
    desk.call("1")
    (agent,) = desk.latest_offer
    found = desk.why(agent)
    assert (found.strategy, set(reasons(found).values())) == (strategy, {why})


def test_wishes_and_the_operator_of_last_time_are_named() -> None:
    people = (person("plain"), person("kind", "tax", "kind"))
    desk = Recorded(plan(queue(prefer_last_agent_s=30.0), *people), "plain", "kind")
    desk.record()
    desk.call("1", prefers=(SkillNeed("kind"),))
    found = desk.why("kind")
    assert (found.wishes, found.wishes_met) == (1, 1)
    assert reasons(found) == {"plain": WhyNotAgent.FEWER_WISHES_MET}
    desk.hang_up("1")
    desk.call("2", prefer_agent="kind")
    found = desk.why("kind")
    assert found.asked_for
    assert reasons(found) == {"plain": WhyNotAgent.CALLER_WAITS_FOR_ANOTHER}


def test_no_number_is_told() -> None:
    desk = Recorded(plan(person("sato")), "sato")
    desk.record()
    desk.call("1", number="0312345678")
    assert b"0312345678" not in msgspec.json.encode(told(desk.why("sato")))


def test_an_offer_that_was_never_made_is_not_found() -> None:
    desk = Desk(plan(person("sato")), "sato")
    with pytest.raises(NotFound):
        explain(desk.engine, [], desk.now, OfferId("o000000000009"))


class Explained(World):
    """A world in which every offer is asked for its reasons."""

    def tell(self, happened: Input) -> None:
        before = self.engine.snapshot()
        super().tell(happened)
        for event in self.last_events:
            if isinstance(event, CallOffered):
                engine = Engine.restore(before, JST)
                check_reasons(explain(engine, self.last_events, self.now, event.offer))


def check_reasons(found: Explanation) -> None:
    """Every reason given is true of the figures given with it."""
    assert found.call not in {other.call for other in found.ahead}
    assert found.agent not in {other.agent for other in found.others}
    assert found.could_serve >= 1
    for other in found.others:
        if other.why is WhyNotAgent.STRATEGY:
            assert (other.wishes_met, other.value) >= (found.wishes_met, found.value)
        if other.why is WhyNotAgent.IDLE_SHORTER:
            assert other.idle_s <= found.idle_s
            assert not other.missing
        if other.why is WhyNotAgent.FEWER_WISHES_MET:
            assert other.wishes_met < found.wishes_met
        if other.why is WhyNotAgent.LACKS_SKILL:
            assert other.missing
    said = told(found)
    assert all(said.ja)
    assert all(said.en)


@pytest.mark.parametrize("block", range(3))
def test_every_offer_of_a_day_has_a_reason_that_is_true(block: int) -> None:
    for seed in range(block * 10, block * 10 + 10):
        chance = random.Random(seed)
        world = Explained(draw_plan(chance))
        for number in range(80):
            something(world, chance, number)
