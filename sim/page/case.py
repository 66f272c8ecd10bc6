"""From what is set on the page to a scenario: its day, stretched to the values set."""

from __future__ import annotations

from dataclasses import replace

from acd.ports_studies import Assumed
from sim.inputs.distributions import Distribution, exponential, stretched
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.page.base import Base, base_of, seats_of, shown
from sim.page.own import own_study
from sim.report.variants import one_less
from sim.scaling import busier, longer
from sim.scenario_file.find import study_of
from sim.scenario_file.study_file import StudyFile

#: One busy hour goes on for so many hours; the first, which begins empty, is not counted.
STEADY = "city-b-peak"
STEADY_PERIODS = 9


def study_under(assumed: Assumed) -> StudyFile:
    """What is stretched: a planner's own file, a shipped day, or one steady hour.

    Raises:
        NotFound: an unknown example.
        ConfigError: a file with faults.
    """
    if assumed.own:
        return own_study(assumed.own, assumed.own_name)
    return study_of(assumed.example or STEADY)


def case_of(assumed: Assumed) -> StudyFile:
    """The scenario and targets of what is set. What stands where it stood stays as it is: calls
    that differ in patience or threshold go on to differ."""
    study = study_under(assumed)
    base, before = base_of(study), shown(base_of(study))
    steady = not (assumed.own or assumed.example)
    scenario = _shorter(study.at_seats) if steady else study.at_seats
    calls = 1.0 if assumed.calls == before.calls else assumed.calls / base.calls
    scenario = busier(scenario, calls * assumed.surge)
    if assumed.aht_s != before.aht_s:
        scenario = longer(scenario, assumed.aht_s / base.aht_s)
    classes = tuple(_class(each, base, before, assumed) for each in scenario.classes)
    seats = _with_seats(scenario, base.seats, assumed.seats)
    for _ in range(assumed.absent):
        seats = one_less(seats)
    made = replace(scenario, classes=classes, groups=seats, lines=assumed.lines or None)
    targets = replace(
        study.targets,
        answer_rate=assumed.rate_target or None,
        service_level=assumed.sl_target or None,
    )
    return StudyFile(made, targets, study.absence)


def _class(of: CallClass, base: Base, before: Base, assumed: Assumed) -> CallClass:
    if assumed.patience_s != before.patience_s:
        kinds = tuple(_patience(kind, base, assumed.patience_s) for kind in of.patience)
        of = replace(of, patience=kinds)
    if assumed.threshold_s != before.threshold_s:
        of = replace(of, threshold_s=assumed.threshold_s)
    return of


def _shorter(scenario: Scenario) -> Scenario:
    """The steady hour for so many hours only: each of the days is one more sample of it."""
    classes = tuple(
        replace(
            each,
            arrivals_per_s=each.arrivals_per_s[:STEADY_PERIODS],
            patience=each.patience[:STEADY_PERIODS],
        )
        for each in scenario.classes
    )
    groups = tuple(
        replace(group, agents=group.agents[:STEADY_PERIODS]) for group in scenario.groups
    )
    return replace(scenario, classes=classes, groups=groups)


def _patience(kind: Distribution | None, base: Base, wanted_s: float) -> Distribution | None:
    if not wanted_s:
        return None
    if kind is None or not base.patience_s:
        return exponential(wanted_s)
    return stretched(kind, wanted_s / base.patience_s)


def _given(groups: tuple[Group, ...], numbers: list[list[int]]) -> tuple[Group, ...]:
    return tuple(
        replace(group, agents=tuple(each)) for group, each in zip(groups, numbers, strict=True)
    )


def _with_seats(scenario: Scenario, base: int, wanted: int) -> tuple[Group, ...]:
    """All numbers of operators in proportion, so that the fullest period has as many as wanted."""
    numbers = [list(group.agents) for group in scenario.groups]
    for period, total in enumerate(seats_of(scenario)):
        aim = round(total * wanted / base)
        exact = [group.agents[period] * wanted / base for group in scenario.groups]
        rounded = [int(each) for each in exact]
        rest = sorted(range(len(exact)), key=lambda at: (rounded[at] - exact[at], at))
        for at in rest[: aim - sum(rounded)]:
            rounded[at] += 1
        for at, each in enumerate(rounded):
            numbers[at][period] = each
    return _given(scenario.groups, numbers)
