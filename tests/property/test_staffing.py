"""Least-cost staffing and rosters on random centres: what must hold whatever the numbers are."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.measure import Params
from metrics.measures import MEASURES
from metrics.sample import calls_of, visits_of
from metrics.tally import Sums
from sim.inputs.distributions import Distribution, exponential, lognormal
from sim.inputs.draws import draw as draw_day
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.kernel import simulate
from sim.records import Outcome
from sim.staffing.cover import cover
from sim.staffing.roster import BreakRule, Kind, RosterPlan, Shift, meal_s
from sim.staffing.sample import Sample
from sim.staffing.search import find
from sim.staffing.targets import Reached, Target

DAYS = 16
slow = settings(max_examples=6, deadline=None, derandomize=True)


@st.composite
def centres(draw: st.DrawFn) -> Scenario:
    """One or two kinds of call, with or without people for both, over an hour or two."""
    hours = draw(st.integers(1, 2))
    names = ("A", "B")[: draw(st.integers(1, 2))]

    def calls(name: str) -> CallClass:
        erlangs = [draw(st.floats(0.5, 3)) for _ in range(hours)]
        mean_s = draw(st.floats(60, 300))
        talk: Distribution = draw(st.sampled_from([exponential(mean_s), lognormal(mean_s, 1.5)]))
        rates = tuple(each / mean_s for each in erlangs)
        patience = exponential(draw(st.floats(60, 300)))
        return CallClass(name, rates, talk, (patience,) * hours)

    skills = [(name,) for name in names] + ([names] if draw(st.booleans()) else [])
    groups = tuple(Group("".join(each), (0,) * hours, each) for each in dict.fromkeys(skills))
    return Scenario("any", 3600.0, tuple(map(calls, names)), groups)


def targets(scenario: Scenario, at_least: float) -> list[Target]:
    levels = [Target(Reached.SL_OFFERED, at_least, each.name) for each in scenario.classes]
    return [*levels, Target(Reached.ANSWER_RATE, at_least)]


@slow
@given(centres(), st.floats(0.6, 0.9), st.integers(0, 99))
def test_the_targets_are_met_on_other_days_as_well(
    scenario: Scenario, at_least: float, seed: int
) -> None:
    wanted = targets(scenario, at_least)
    costs = [1 + 0.1 * len(each.skills) for each in scenario.groups]
    sample = Sample(scenario, wanted, DAYS, seed)
    found = find(sample, costs)
    assert sample.met(found.staffing)
    assert found.linear_bound <= found.cost + 1e-9
    look = sample.look(found.staffing)
    fresh = Sample(scenario, wanted, DAYS, seed + 1000).look(found.staffing)
    for number, target in enumerate(wanted):
        for at in range(scenario.periods):
            both = np.hypot(look.figure(number, at).half_width, fresh.figure(number, at).half_width)
            # Both samples are chance: 1.6 half-widths of the difference are 3 standard errors.
            assert fresh.figure(number, at).value >= target.at_least - 1.6 * both - 0.01


@slow
@given(centres(), st.floats(1.15, 1.6), st.integers(0, 99))
def test_more_demand_never_costs_less(scenario: Scenario, factor: float, seed: int) -> None:
    costs = [1 + 0.1 * len(each.skills) for each in scenario.groups]
    wanted = targets(scenario, 0.8)
    more = replace(
        scenario,
        classes=tuple(
            replace(each, arrivals_per_s=tuple(rate * factor for rate in each.arrivals_per_s))
            for each in scenario.classes
        ),
    )
    before, after = (find(Sample(each, wanted, DAYS, seed), costs) for each in (scenario, more))
    assert after.cost >= before.cost - 1e-9
    assert after.linear_bound > before.linear_bound


@slow
@given(centres(), st.integers(0, 99))
def test_a_higher_target_never_costs_less(scenario: Scenario, seed: int) -> None:
    costs = [1.0 for _ in scenario.groups]
    low, high = (
        find(Sample(scenario, targets(scenario, share), DAYS, seed), costs) for share in (0.7, 0.9)
    )
    assert high.cost >= low.cost


@settings(slow, max_examples=20)
@given(centres(), st.integers(0, 99), st.integers(0, 4), st.none() | st.integers(2, 6))
def test_a_look_counts_what_the_ledgers_measures_count_in_rows(
    scenario: Scenario, seed: int, agents: int, lines: int | None
) -> None:
    scenario = replace(scenario, lines=lines)
    wanted = [*targets(scenario, 0.8), Target(Reached.SL_OFFERED, 0.8, None, 5.0)]
    sample = Sample(scenario, wanted, 2, seed)
    look = sample.look(np.full((len(scenario.groups), scenario.periods), agents))
    crew = tuple(replace(each, agents=(agents,) * scenario.periods) for each in scenario.groups)
    records = simulate(replace(scenario, groups=crew), draw_day(scenario, seed, 1))
    for number, target in enumerate(wanted):
        for at in range(scenario.periods):
            sums = Sums()
            for came_s, kind, outcome, wait_s in zip(
                records.came_s, records.skill, records.outcome, records.wait_s, strict=True
            ):
                if target.skill in (None, scenario.classes[kind].name) and at == min(
                    came_s // scenario.period_s, scenario.periods - 1
                ):
                    sums.absorb(a_call(Outcome(outcome), wait_s))
            params = Params(round((target.threshold_s or 20.0) * 1000))
            part = MEASURES[target.reached].of(sums, params)
            assert look.good[1, number, at] == part.top
            assert look.of[1, number, at] == part.bottom


def a_call(outcome: Outcome, wait_s: float) -> Sums:
    """One call as the ledger counts it."""
    if outcome is Outcome.BLOCKED:
        return calls_of(queued=0, answered=0, blocked=1)
    answered, left = ([wait_s], []) if outcome is Outcome.ANSWERED else ([], [wait_s])
    found = calls_of(queued=1, answered=len(answered), abandoned=len(left))
    found.absorb(Sums(visits=visits_of(answered=answered, abandoned=left).visits))
    return found


@st.composite
def rosters(draw: st.DrawFn) -> RosterPlan:
    slots = draw(st.integers(16, 34))
    groups = ("A", "B")[: draw(st.integers(1, 2))]
    required = {
        group: tuple(draw(st.lists(st.integers(0, 6), min_size=slots, max_size=slots)))
        for group in groups
    }
    rule = BreakRule(draw(st.integers(3, 4)), 1, 4)

    def shift(start: int, length: int) -> Shift:
        meal = round(meal_s(length * 900) / 900)
        return Shift(f"{start}", f"{start}", start, length, meal, groups, float(length))

    # Short ones all over the day, so that everything can be covered, and a long one.
    shifts = [shift(start, 8) for start in range(0, slots - 8, 4)] + [shift(slots - 8, 8)]
    if slots >= 32:
        shifts.append(shift(0, 32))
    return RosterPlan(
        "any", 900.0, 8 * 3600.0, required, tuple(shifts), rule, draw(st.sampled_from([0.0, 0.2])),
        (dt.date(2026, 12, 1),), (), 40.0, 11 * 3600.0,
    )  # fmt: skip


@settings(slow, max_examples=10)
@given(rosters())
def test_no_shift_breaks_the_break_rules_and_every_seat_is_taken(plan: RosterPlan) -> None:
    found = cover(plan)
    there = {group: [0] * plan.slots for group in plan.required}
    for duty in found.duties:
        at = duty.shift.start
        for each in duty.stretches:
            assert each.begin == at
            at = each.end
            if each.kind is Kind.WORK:
                assert each.end - each.begin <= plan.rule.screen
            elif each.kind is Kind.MEAL:
                assert each.end - each.begin == duty.shift.meal
            else:
                assert each.end - each.begin == plan.rule.rest
        assert at == duty.shift.end
        assert duty.stretches[-1].kind is Kind.WORK
        assert sum(each.kind is Kind.MEAL for each in duty.stretches) == bool(duty.shift.meal)
        for slot in duty.at_screen():
            there[duty.group][slot] += 1
    for group, numbers in plan.required.items():
        for slot, number in enumerate(numbers):
            assert there[group][slot] >= number / (1 - plan.absence) - 1e-6
    assert found.cost == sum(duty.shift.cost for duty in found.duties)
    assert found.linear_bound <= found.bound + 1e-6
    assert found.bound <= found.cost
