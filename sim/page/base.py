"""A scenario in the page's terms: what its sliders show, and between which values they go."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sim.inputs.scenario import Scenario
from sim.scenario_file.study_file import StudyFile

#: What may be set, as the interface bounds it.
BOUNDS: dict[str, tuple[float, float]] = {
    "calls": (1, 50_000),
    "aht_s": (5, 3_600),
    "patience_s": (0, 3_600),
    "seats": (1, 500),
    "absent": (0, 499),
    "surge": (0.1, 5),
    "lines": (0, 2_000),
    "threshold_s": (0, 600),
    "sl_target": (0, 1),
    "rate_target": (0, 1),
}


@dataclass(frozen=True, slots=True)
class Base:
    """A scenario's own values: calls of its day (or hour), means in seconds, seats."""

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
    """What it is before anything is set."""
    scenario = study.at_seats
    return Base(
        calls=_calls(scenario),
        aht_s=_mean_aht_s(scenario),
        patience_s=_mean_patience_s(scenario),
        seats=max(seats_of(scenario)),
        lines=scenario.lines or 0,
        threshold_s=scenario.classes[0].threshold_s,
    )


def shown(base: Base) -> Base:
    """The same as the sliders show it: a tenth is as fine as they go."""
    return Base(
        round(base.calls, 1), round(base.aht_s, 1), round(base.patience_s, 1), base.seats,
        base.lines, base.threshold_s,
    )  # fmt: skip


def values_of(study: StudyFile) -> dict[str, float]:
    """Where the sliders stand when it is chosen; a target of 0: it has none."""
    targets = study.targets
    return {
        **asdict(shown(base_of(study))),
        "sl_target": targets.service_level or 0.0,
        "rate_target": targets.answer_rate or 0.0,
    }


def seats_of(scenario: Scenario) -> list[int]:
    """Operators in each period."""
    return [sum(each) for each in zip(*(group.agents for group in scenario.groups), strict=True)]


def _weights(scenario: Scenario) -> list[float]:
    sums = [sum(each.arrivals_per_s) for each in scenario.classes]
    total = sum(sums) or 1.0
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
