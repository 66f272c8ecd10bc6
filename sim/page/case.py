"""From what is set on the page to a scenario: the example's day, stretched to the values set."""

from __future__ import annotations

from dataclasses import dataclass, replace

from acd.ports_studies import Assumed
from sim.inputs.distributions import Distribution, exponential, stretched
from sim.inputs.scenario import Group, Scenario
from sim.report.variants import busier, longer, one_less
from sim.results import Targets
from sim.scenario_file.find import study_of
from sim.scenario_file.study_file import StudyFile

#: One busy hour goes on for so many hours; the first, which begins empty, is not counted.
STEADY = "city-b-peak"
STEADY_PERIODS = 9


@dataclass(frozen=True, slots=True)
class Base:
    """An example in the page's terms: calls of its day (or hour), means in seconds, seats."""

    calls: float
    aht_s: float
    patience_s: float
    seats: int
    lines: int
    threshold_s: float


def is_steady(scenario: Scenario) -> bool:
    """Whether it is one hour that goes on, rather than a day."""
    return scenario.warm_up_s > 0


def base_of(study: StudyFile) -> Base:
    """What the sliders show when the example is chosen."""
    scenario = study.at_seats
    patience = _mean_patience_s(scenario)
    return Base(
        calls=_calls(scenario),
        aht_s=_mean_aht_s(scenario),
        patience_s=patience,
        seats=max(_seats_of(scenario)),
        lines=scenario.lines or 0,
        threshold_s=scenario.classes[0].threshold_s,
    )


def case_of(assumed: Assumed) -> StudyFile:
    """The scenario and targets of what is set; raises NotFound for an unknown example."""
    study = study_of(assumed.example or STEADY)
    base = base_of(study)
    scenario = study.at_seats if assumed.example else _shorter(study.at_seats)
    scenario = busier(scenario, assumed.calls * assumed.surge / base.calls)
    scenario = longer(scenario, assumed.aht_s / base.aht_s)
    classes = tuple(
        replace(
            each,
            patience=tuple(_patience(kind, base, assumed.patience_s) for kind in each.patience),
            threshold_s=assumed.threshold_s,
        )
        for each in scenario.classes
    )
    seats = _with_seats(scenario, base.seats, assumed.seats)
    for _ in range(assumed.absent):
        seats = one_less(seats)
    made = replace(scenario, classes=classes, groups=seats, lines=assumed.lines or None)
    targets = replace(
        study.targets, answer_rate=assumed.rate_target, service_level=assumed.sl_target
    )
    return StudyFile(made, targets)


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
    for period, total in enumerate(_seats_of(scenario)):
        aim = round(total * wanted / base)
        exact = [group.agents[period] * wanted / base for group in scenario.groups]
        rounded = [int(each) for each in exact]
        rest = sorted(range(len(exact)), key=lambda at: (rounded[at] - exact[at], at))
        for at in rest[: aim - sum(rounded)]:
            rounded[at] += 1
        for at, each in enumerate(rounded):
            numbers[at][period] = each
    return _given(scenario.groups, numbers)


def _seats_of(scenario: Scenario) -> list[int]:
    """Operators in each period."""
    return [sum(each) for each in zip(*(group.agents for group in scenario.groups), strict=True)]


def _weights(scenario: Scenario) -> list[float]:
    sums = [sum(each.arrivals_per_s) for each in scenario.classes]
    total = sum(sums)
    return [each / total for each in sums]


def _calls(scenario: Scenario) -> float:
    total = sum(sum(each.arrivals_per_s) for each in scenario.classes) * scenario.period_s
    return total * 3600 / scenario.day_s if is_steady(scenario) else total


def _mean_aht_s(scenario: Scenario) -> float:
    return sum(
        weight * (each.talk.mean_s + (each.wrap_up.mean_s if each.wrap_up else 0.0))
        for weight, each in zip(_weights(scenario), scenario.classes, strict=True)
    )


def _mean_patience_s(scenario: Scenario) -> float:
    """0 where anybody waits for ever."""
    total = 0.0
    for weight, each in zip(_weights(scenario), scenario.classes, strict=True):
        if any(kind is None for kind in each.patience):
            return 0.0
        means = [kind.mean_s for kind in each.patience if kind is not None]
        total += weight * sum(means) / len(means)
    return total


def targets_text(targets: Targets) -> dict[str, float]:
    """The targets in the page's terms; where there is none, what is usual."""
    return {
        "sl_target": 0.8 if targets.service_level is None else targets.service_level,
        "rate_target": 0.9 if targets.answer_rate is None else targets.answer_rate,
    }
