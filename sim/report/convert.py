"""From a study's result to what plots are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

from sim.report.values import Goals, Hour, LinesInUse, SeatsPoint, Value
from sim.results import Estimate, HourResult, StudyResult


def value_of(estimate: Estimate | None) -> Value:
    """A figure for a plot; one whose half-width is not known has none."""
    if estimate is None or estimate.mean is None:
        return Value(None)
    return Value(estimate.mean, estimate.half or 0.0)


def goals_of(study: StudyResult) -> Goals:
    """The targets of a study."""
    threshold = 20.0 if study.threshold_s is None else study.threshold_s
    targets = study.targets
    return Goals(targets.service_level, targets.answer_rate, threshold, targets.worst_hour)


def hour_of(hour: HourResult) -> Hour:
    """One stretch of the day; its name as short as an axis wants it."""
    figures = hour.figures
    return Hour(
        name=hour.name.removesuffix(":00"),
        offered=value_of(figures.get("offered")).mean or 0.0,
        answered=value_of(figures.get("answered")).mean or 0.0,
        sl_offered=value_of(figures.get("sl_offered")),
        answer_rate=value_of(figures.get("answer_rate_a")),
        seats=hour.seats,
        offered_low=hour.offered_low,
        offered_high=hour.offered_high,
    )


def seats_points(studies: Sequence[tuple[int, StudyResult]], chosen: int) -> list[SeatsPoint]:
    """The same study with other numbers of seats."""
    return [
        SeatsPoint(
            seats,
            value_of(study.figure("sl_offered")),
            value_of(study.figure("sl_excl_early_abandons")),
            value_of(study.figure("answer_rate_a")),
            seats == chosen,
            _worst_rate(study),
            changed_level(study),
        )
        for seats, study in sorted(studies, key=lambda each: each[0])
    ]


def changed_level(study: StudyResult) -> Value:
    """How far the service level is from that of the study it is held against."""
    return value_of(study.differences.get("sl_offered"))


def _worst_rate(study: StudyResult) -> Value:
    """The lowest answer rate of an hour; none in a steady state, whose hours are all alike."""
    rates = [value_of(hour.figures.get("answer_rate_a")).mean for hour in study.hours]
    known = [rate for rate in rates if rate is not None]
    return Value(None if study.scenario.warm_up_s else min(known, default=None))


def lines_of(study: StudyResult) -> LinesInUse | None:
    """Channels in use in the busiest hour; None where that is not known."""
    if not study.lines.busiest:
        return None
    return LinesInUse(study.lines.busiest, study.lines.have)
