"""Days turned into the study's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from metrics.measure import Better
from sim.experiment.chunk import Chunk
from sim.experiment.days import played_by, versions
from sim.experiment.estimates import Array, difference_of, mean_of, quantile_of, ratio_of
from sim.experiment.hours import Hours, busiest, hours_of, steady
from sim.experiment.keys import Kept
from sim.experiment.measuring import MARKS_MS
from sim.inputs.scenario import Scenario
from sim.results import Estimate, HourResult, LinesResult, Stamp, StudyResult
from sim.scenario_file.read import scenario_hash
from sim.scenario_file.study_file import StudyFile

if TYPE_CHECKING:
    from sim.experiment.study import Asked

MAIN = "sl_offered"


def main_figure(chunk: Chunk, keys: Sequence[Kept]) -> Estimate:
    """The figure that decides whether a study is precise: the service level of all calls."""
    n = [each.name for each in keys].index(MAIN)
    return ratio_of(chunk.top[..., n].sum(axis=(1, 2)), chunk.bottom[..., n].sum(axis=(1, 2)))


def summary(of: StudyFile, chunk: Chunk, asked: Asked, changes: tuple[str, ...]) -> StudyResult:
    """Every figure of the days, with how they were made."""
    scenario, keys = played_by(of, asked.engine), asked.keys
    hours = hours_of(scenario)
    figures = _figures(scenario, keys, chunk.top.sum(axis=1), chunk.bottom.sum(axis=1))
    figures |= _occupancies(scenario, chunk.handled.sum(axis=1), chunk.present.sum(axis=1))
    figures |= _waits(scenario, chunk, figures)
    figures |= _lines(chunk)
    by_hour = tuple(_hour(n, scenario, keys, chunk, hours) for n in range(hours.number))
    hour, _, _ = busiest(scenario, hours)
    thresholds = {each.threshold_s for each in scenario.classes}
    half = figures[MAIN].half
    return StudyResult(
        scenario=scenario,
        targets=of.targets,
        stamp=Stamp(scenario_hash(of), asked.seed, chunk.days, asked.engine.value, versions()),
        figures=figures,
        hours=by_hour,
        worst={} if steady(scenario, hours) else _worst(by_hour, keys),
        lines=LinesResult(hour, _shares(chunk.busiest), _shares(chunk.over_day), scenario.lines),
        threshold_s=thresholds.pop() if len(thresholds) == 1 else None,
        absence=of.absence,
        changes=changes,
        precise=asked.days is not None or half is None or half <= asked.precision,
        levels_apart=_levels_apart(chunk, keys),
    )


def _levels_apart(chunk: Chunk, keys: Sequence[Kept]) -> Estimate:
    """By how much the service level is higher when early abandons do not count."""
    names = [each.name for each in keys]
    without, of_all = (names.index(key) for key in ("sl_excl_early_abandons", MAIN))
    return difference_of(
        *(part[..., n].sum(axis=(1, 2))
          for n in (without, of_all) for part in (chunk.top, chunk.bottom))
    )  # fmt: skip


def _figures(scenario: Scenario, keys: Sequence[Kept], top: Array, bottom: Array
) -> dict[str, Estimate]:  # fmt: skip
    """Of all calls and of every class; ``top`` and ``bottom`` are [day, class, figure]."""
    found = {
        each.name: estimate(each, top[..., n].sum(axis=1), bottom[..., n].sum(axis=1))
        for n, each in enumerate(keys)
    }
    for c, of in enumerate(scenario.classes):
        for n, each in enumerate(keys):
            found[f"{of.name}.{each.name}"] = estimate(each, top[:, c, n], bottom[:, c, n])
    return found


def estimate(of: Kept, top: Array, bottom: Array) -> Estimate:
    """One figure of an item a day."""
    return mean_of(top, of.scale) if of.counts else ratio_of(top, bottom, of.scale)


def _occupancies(scenario: Scenario, handled: Array, present: Array) -> dict[str, Estimate]:
    found = {"occupancy": ratio_of(handled.sum(axis=1), present.sum(axis=1))}
    for g, group in enumerate(scenario.groups):
        found[f"{group.name}.occupancy"] = ratio_of(handled[:, g], present[:, g])
    return found


def _waits(scenario: Scenario, chunk: Chunk, figures: dict[str, Estimate]) -> dict[str, Estimate]:
    """The 90th percentile of the answered calls' waits."""
    found = {"wait_p90_s": _p90(chunk.waits, chunk.below.sum(axis=1))}
    for c, of in enumerate(scenario.classes):
        own = chunk.waits[:, chunk.waits[0] == c]
        found[f"{of.name}.wait_p90_s"] = _p90(own, chunk.below[:, c])
    return found


def _p90(waits: Array, below: Array) -> Estimate:
    values, where = np.unique(waits[1], return_inverse=True)
    counts = np.zeros(len(values), np.int64)
    np.add.at(counts, where, waits[2].astype(np.int64))
    first = quantile_of(values, counts, 0.9, None)
    if first.mean is None:
        return first
    mark = min(int(np.searchsorted(MARKS_MS, first.mean)), below.shape[1] - 1)
    share = ratio_of(below[:, mark], below[:, -1])
    return quantile_of(values, counts, 0.9, share.half, 0.001)


def _lines(chunk: Chunk) -> dict[str, Estimate]:
    """Channels that suffice for 99 % and 99.9 % of the busiest hour, and the most ever in use."""
    counts = chunk.busiest.sum(axis=0)
    values = np.arange(len(counts))
    found = {}
    for name, part in (("lines_p99", 0.99), ("lines_p999", 0.999)):
        at = quantile_of(values, counts, part, None).mean or 0.0
        upto = chunk.busiest[:, : int(at) + 1].sum(axis=1)
        share = ratio_of(upto, chunk.busiest.sum(axis=1))
        found[name] = quantile_of(values, counts, part, share.half)
    return found | {"lines_max": Estimate(float(chunk.over_day.shape[1] - 1), 0.0)}


def _shares(spent: Array) -> tuple[float, ...]:
    counts = spent.sum(axis=0)
    whole = counts.sum()
    return tuple((counts / whole).tolist()) if whole else (1.0,)


def _hour(
    n: int, scenario: Scenario, keys: Sequence[Kept], chunk: Chunk, hours: Hours
) -> HourResult:
    figures = _figures(scenario, keys, chunk.top[:, n], chunk.bottom[:, n])
    figures |= _occupancies(scenario, chunk.handled[:, n], chunk.present[:, n])
    offered = [each.name for each in keys].index("offered")
    calls = np.sort(chunk.top[:, n, :, offered].sum(axis=1))
    edge = len(calls) // 20
    return HourResult(
        name=hours.name(n),
        begins_s=n * hours.length_ms / 1000,
        length_s=hours.length_ms / 1000,
        seats=float(chunk.staffed[:, n].mean()) / hours.length_ms,
        offered_low=float(calls[edge]),
        offered_high=float(calls[-1 - edge]),
        figures=figures,
    )


def _worst(hours: Sequence[HourResult], keys: Sequence[Kept]) -> dict[str, int]:
    """By every measure that has a good side; the first of equals."""
    found = {}
    for each in keys:
        better = each.measure.better if each.measure else Better.LOWER
        if better is Better.NEITHER or each.counts:
            continue
        values = [(hour.figures[each.name].mean, n) for n, hour in enumerate(hours)]
        known = [(mean if better is Better.HIGHER else -mean, n)
                 for mean, n in values if mean is not None]  # fmt: skip
        if known:
            found[each.name] = min(known)[1]
    return found
