"""Laws that every simulated day keeps, whatever the centre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.inputs.distributions import Distribution, exponential, lognormal
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.kernel import simulate
from sim.records import Outcome, Records

few = settings(max_examples=25, deadline=None)


def centre(
    rate: float, agents: int, patience: Distribution | None, skills: tuple[str, ...] = ("A",)
) -> Scenario:
    classes = tuple(
        CallClass(name, (rate, 2 * rate), lognormal(90, 0.8), (patience,) * 2) for name in skills
    )
    return Scenario("law", 1800.0, classes, (Group("all", (agents,) * 2, skills),))


def with_one_more(scenario: Scenario) -> Scenario:
    (group,) = scenario.groups
    more = replace(group, agents=tuple(number + 1 for number in group.agents))
    return replace(scenario, groups=(more,))


def answered(found: Records) -> int:
    return int(np.sum(found.outcome == Outcome.ANSWERED))


@given(st.floats(0.01, 0.1), st.integers(1, 12), st.integers(0, 10_000))
@few
def test_without_abandonment_one_more_operator_makes_nobody_wait_longer(
    rate: float, agents: int, seed: int
) -> None:
    scenario = centre(rate, agents, None, ("A", "B"))
    draws = draw(scenario, seed)
    fewer, more = simulate(scenario, draws), simulate(with_one_more(scenario), draws)
    assert np.all(more.wait_s <= fewer.wait_s + 1e-9)


@given(st.floats(0.02, 0.1), st.integers(2, 8))
@settings(max_examples=5, deadline=None)
def test_with_abandonment_one_more_operator_answers_no_fewer_in_the_mean(
    rate: float, agents: int
) -> None:
    scenario = centre(rate, agents, exponential(60))
    more = with_one_more(scenario)
    gained = np.array(
        [
            answered(simulate(more, draws)) - answered(simulate(scenario, draws))
            for draws in (draw(scenario, 1, day) for day in range(30))
        ]
    )
    half = 1.96 * gained.std(ddof=1) / np.sqrt(len(gained))
    assert gained.mean() + half >= 0


@given(st.floats(0.02, 0.1), st.integers(1, 8), st.integers(0, 10_000))
@few
def test_a_day_twice_as_slow_is_the_same_day(rate: float, agents: int, seed: int) -> None:
    scenario = centre(rate, agents, exponential(60), ("A", "B"))
    draws = draw(scenario, seed)
    slow = Draws(
        *(
            2 * values if name.endswith("_s") else values
            for name in Draws.__dataclass_fields__
            for values in [getattr(draws, name)]
        )
    )
    one = simulate(scenario, draws)
    other = simulate(replace(scenario, period_s=2 * scenario.period_s), slow)
    # Doubling is exact in binary, so every decision and every wait is.
    assert other.wait_s.tobytes() == (2 * one.wait_s).tobytes()
    assert other.agent.tobytes() == one.agent.tobytes()


@given(st.floats(0.02, 0.1), st.integers(1, 8), st.integers(0, 10_000))
@few
def test_an_operator_takes_one_call_at_a_time(rate: float, agents: int, seed: int) -> None:
    scenario = centre(rate, agents, exponential(60), ("A", "B"))
    found = simulate(scenario, draw(scenario, seed))
    begins = found.came_s + found.wait_s
    for agent in range(agents):
        mine = np.flatnonzero(found.agent == agent)
        mine = mine[np.argsort(begins[mine])]
        # A wait is a difference, so adding it back is off by rounding.
        assert np.all(begins[mine][1:] >= (begins + found.talk_s)[mine][:-1] - 1e-6)


@given(st.floats(0.02, 0.1), st.integers(1, 8), st.integers(0, 10_000))
@few
def test_the_pools_own_loop_decides_as_the_general_one(rate: float, agents: int, seed: int) -> None:
    scenario = centre(rate, agents, exponential(60), ("A", "B"))
    # A limit that nobody reaches takes the general loop, with giving up as an event.
    general = replace(scenario, lines=1_000_000)
    draws = draw(scenario, seed)
    one, other = simulate(scenario, draws), simulate(general, draws)
    for name in Records.__dataclass_fields__:
        if name not in ("menu_s", "apart_s"):  # the kernel knows no menus and no breaks
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
