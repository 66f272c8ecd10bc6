"""A day by formula: every stretch by itself, as if it went on for ever (M/M/n+G).

The answer is there at once; what one hour leaves to the next, and skills that only some have, are
seen in a simulation alone. All groups count as one pool, all kinds of calls as one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from sim.inputs.distributions import Distribution
from sim.inputs.scenario import Scenario
from sim.report.assumed import EXACT
from sim.report.steady import Steady, in_system, steady
from sim.report.words import clock
from sim.results import Estimate, HourResult, LinesResult, Stamp, StudyResult
from sim.scenario_file.read import scenario_hash
from sim.scenario_file.study_file import StudyFile

#: Channels beyond this share of the time are left out of the plot.
_TAIL = 1e-6


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One period's load: calls offered, one pool of operators, and what comes of it."""

    begins_s: float
    offered: float
    rate_per_s: float
    aht_s: float
    agents: int
    patience: Distribution | None
    gives: Steady | None


def exact_study(study: StudyFile, *, lines: bool = True) -> StudyResult:
    """The result of the formula, in the shape of a simulated one, without half-widths;
    ``lines``: with the channels in use."""
    scenario = study.at_seats
    stretches = _stretches(scenario)
    hours = tuple(_hour(scenario, each) for each in stretches)
    figures = _figures([each for each in stretches if each.gives is not None])
    return StudyResult(
        scenario=scenario,
        targets=study.targets,
        stamp=Stamp(
            scenario_hash(study), 0, 0, EXACT, {"madoguchi": metadata.version("madoguchi")}
        ),
        figures=figures,
        hours=hours,
        worst=_worst(hours),
        lines=_lines(scenario, stretches) if lines else LinesResult(0, (), ()),
        threshold_s=scenario.classes[0].threshold_s,
    )


def _stretches(scenario: Scenario) -> list[_Stretch]:
    first = int(scenario.warm_up_s // scenario.period_s)
    # One hour that goes on for ever is one hour, however long it is simulated.
    last = first + 1 if first else scenario.periods
    return [_stretch(scenario, period) for period in range(first, last)]


def _stretch(scenario: Scenario, period: int) -> _Stretch:
    rates = [each.arrivals_per_s[period] for each in scenario.classes]
    total = math.fsum(rates)
    agents = sum(group.agents[period] for group in scenario.groups)
    begins_s = period * scenario.period_s
    patience = scenario.classes[rates.index(max(rates))].patience[period]
    if not total:
        return _Stretch(begins_s, 0.0, 0.0, 0.0, agents, patience, None)
    aht_s = (
        math.fsum(
            rate * (each.talk.mean_s + (each.wrap_up.mean_s if each.wrap_up else 0.0))
            for rate, each in zip(rates, scenario.classes, strict=True)
        )
        / total
    )
    threshold_s = scenario.classes[0].threshold_s
    gives = steady(total, aht_s, agents, patience, threshold_s, scenario.lines)
    offered = total * scenario.period_s
    return _Stretch(begins_s, offered, total, aht_s, agents, patience, gives)


def _hour(scenario: Scenario, each: _Stretch) -> HourResult:
    figures: Mapping[str, Estimate] = _figures([each]) if each.gives else {}
    # A Poisson number's middle 90 %; exact enough for a band in a plot.
    spread = 1.645 * math.sqrt(each.offered)
    if scenario.busyness is not None:
        spread = 1.645 * math.sqrt(each.offered + each.offered**2 / scenario.busyness)
    return HourResult(
        name=clock(scenario.opens_s + each.begins_s),
        begins_s=each.begins_s,
        length_s=scenario.period_s,
        seats=each.agents,
        offered_low=max(0.0, each.offered - spread),
        offered_high=each.offered + spread,
        figures=figures,
    )


def _figures(stretches: list[_Stretch]) -> dict[str, Estimate]:
    """Ratios of sums over the stretches, as of a day."""
    sums = dict.fromkeys(("offered", "answered", "abandoned", "within", "early", "waited"), 0.0)
    busy = there = blocked = 0.0
    for each in stretches:
        gives = each.gives
        if gives is None:
            continue
        answered = each.offered * gives.answered
        sums["offered"] += each.offered
        sums["answered"] += answered
        sums["abandoned"] += each.offered * gives.abandoned
        sums["within"] += each.offered * gives.within
        sums["early"] += each.offered * gives.early
        sums["waited"] += answered * gives.asa_s
        blocked += each.offered * gives.blocked
        seconds = each.offered / each.rate_per_s
        busy += answered * each.aht_s
        there += each.agents * seconds
    return {
        "offered": Estimate(sums["offered"]),
        "answered": Estimate(sums["answered"]),
        "abandoned": Estimate(sums["abandoned"]),
        "answer_rate_a": _ratio(sums["answered"], sums["offered"]),
        "sl_offered": _ratio(sums["within"], sums["offered"] - blocked),
        "sl_excl_early_abandons": _ratio(sums["within"], sums["offered"] - blocked - sums["early"]),
        "p_abandon": _ratio(sums["abandoned"], sums["offered"]),
        "p_block": _ratio(blocked, sums["offered"]),
        "asa_s": _mean(sums["waited"], sums["answered"]),
        "occupancy": _ratio(busy, there),
    }


def _ratio(top: float, bottom: float) -> Estimate:
    return Estimate(min(top / bottom, 1.0) if bottom > 0 and top <= bottom else None)


def _mean(total: float, number: float) -> Estimate:
    return Estimate(total / number if number > 0 and math.isfinite(total) else None)


def _worst(hours: tuple[HourResult, ...]) -> dict[str, int]:
    found = {}
    for key in ("answer_rate_a", "sl_offered", "sl_excl_early_abandons"):
        known = [
            (hour.figures[key].mean, at)
            for at, hour in enumerate(hours)
            if key in hour.figures and hour.figures[key].mean is not None
        ]
        if known:
            found[key] = min(known)[1]
    return found


def _lines(scenario: Scenario, stretches: list[_Stretch]) -> LinesResult:
    """Channels in use in the stretch with most work. Wrap-up, which holds none, is counted as talk:
    the number is on the safe side."""
    used = [each for each in stretches if each.rate_per_s]
    if not used:
        return LinesResult(0, (), (), scenario.lines)
    at = max(used, key=lambda each: each.rate_per_s * each.aht_s)
    shares = in_system(at.rate_per_s, at.aht_s, at.agents, at.patience, scenario.lines)
    while shares and shares[-1] < _TAIL:
        shares = shares[:-1]
    return LinesResult(stretches.index(at), shares, (), scenario.lines)
