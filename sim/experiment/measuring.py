"""Simulated days turned into numbers by the ledger's own measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.columns import CallColumns, Ints, TalkColumns, filled, filled_time
from metrics.measure import Params
from metrics.measures import MEASURES
from metrics.tally import Sums
from sim.experiment.chunk import Chunk
from sim.experiment.hours import Hours, busiest, staffed
from sim.experiment.keys import Kept
from sim.inputs.scenario import Scenario
from sim.records import Outcome, Records

#: Waits at which the days are counted one by one, for the half-width of percentiles.
MARKS_MS = np.unique(np.rint(np.geomspace(100, 7_200_000, 64)).astype(np.int64))
_OCCUPANCY = MEASURES["occupancy"].of


def measured(
    scenarios: Sequence[Scenario], days: Sequence[Records], hours: Hours, keys: Sequence[Kept]
) -> Chunk:
    """One scenario and one day's records each: they differ only in who is there."""
    of = scenarios[0]
    day = np.repeat(np.arange(len(days)), [len(records) for records in days])
    came = _ms(np.concatenate([records.came_s for records in days]))
    wait = _ms(np.concatenate([records.wait_s for records in days]))
    talk = _ms(np.concatenate([records.talk_s for records in days]))
    wrap = _ms(np.concatenate([records.wrap_s for records in days]))
    skill = np.concatenate([records.skill for records in days]).astype(np.int64)
    outcome = np.concatenate([records.outcome for records in days])
    group = np.concatenate([records.group for records in days]).astype(np.int64)

    hour = hours.of(came)
    counted = came >= hours.warm_ms
    cell = (day * hours.number + hour) * len(of.classes) + skill
    columns = CallColumns(
        cell[counted], outcome[counted], wait[counted], talk[counted], wrap[counted]
    )
    shape = (len(days), hours.number, len(of.classes))
    top, bottom = _parts(of, filled(columns, int(np.prod(shape))), keys, shape)

    taken = outcome == Outcome.ANSWERED
    begun = (came + wait)[taken]
    owner = (day * len(of.groups))[taken] + group[taken]
    there = np.stack([staffed(each, hours) for each in scenarios])
    talks = _after(TalkColumns(owner, begun, talk[taken], wrap[taken]), hours.warm_ms)
    handled, present = _time(talks, there, hours)

    held = outcome != Outcome.BLOCKED
    lines = day[held], came[held], (came + wait + talk)[held]
    _, opens, closes = busiest(of, hours)
    answered = taken & counted
    return Chunk(
        top=top,
        bottom=bottom,
        handled=handled,
        present=present,
        staffed=there.sum(axis=1),
        busiest=_in_use(*lines, opens, closes, len(days)),
        over_day=_in_use(*lines, min(hours.warm_ms, hours.day_ms), hours.day_ms, len(days)),
        below=_below(day[answered], skill[answered], wait[answered], len(days), len(of.classes)),
        waits=_waits(skill[answered], wait[answered]),
    )


def _ms(seconds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    return np.rint(seconds * 1000).astype(np.int64)


def _parts(
    of: Scenario, sums: Sequence[Sums], keys: Sequence[Kept], shape: tuple[int, int, int]
) -> tuple[Ints, Ints]:
    """Both numbers of every figure in every cell."""
    params = [
        [Params(round(each.threshold_s * 1000) if k.threshold_ms is None else k.threshold_ms)
         for k in keys]
        for each in of.classes
    ]  # fmt: skip
    functions = [each.of for each in keys]
    top = np.zeros((len(sums), len(keys)), np.int64)
    bottom = np.zeros_like(top)
    classes = shape[2]
    for n, cell in enumerate(sums):
        if not cell.calls.offered:
            continue
        parts = [of(cell, p) for of, p in zip(functions, params[n % classes], strict=True)]
        top[n] = [part.top or 0 for part in parts]
        bottom[n] = [part.bottom or 0 for part in parts]
    return top.reshape(*shape, len(keys)), bottom.reshape(*shape, len(keys))


def _after(talks: TalkColumns, warm_ms: int) -> TalkColumns:
    """The parts of the talks that lie behind the warm-up."""
    if not warm_ms:
        return talks
    talk_end = talks.start_ms + talks.talk_ms
    wrap_end = talk_end + talks.wrap_up_ms
    start, middle, end = (
        np.maximum(each, warm_ms) for each in (talks.start_ms, talk_end, wrap_end)
    )
    return TalkColumns(talks.owner, start, middle - start, end - middle)


def _time(talks: TalkColumns, there: Ints, hours: Hours) -> tuple[Ints, Ints]:
    """Operators' time handling calls, and that plus the time ready: [day, hour, group]."""
    days, groups, _ = there.shape
    tallies = filled_time(talks, there.reshape(days * groups, -1), hours.length_ms)
    parts = [_OCCUPANCY(Sums(time=each), Params()) for each in tallies]
    numbers = np.array([(part.top or 0, part.bottom or 0) for part in parts], np.int64)
    cube = numbers.reshape(days, groups, hours.number, 2).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(cube[..., 0]), np.ascontiguousarray(cube[..., 1])


def _in_use(day: Ints, start: Ints, end: Ints, opens: int, closes: int, days: int) -> Ints:
    """Milliseconds of [opens, closes) with k channels in use: a row a day, k from 0."""
    start, end = np.clip(start, opens, closes), np.clip(end, opens, closes)
    some = end > start
    day, start, end = day[some], start[some], end[some]
    width = closes + 1
    # One number for each moment, odd where a channel is taken: ends stand before beginnings.
    moments = np.concatenate([(day * width + start) * 2 + 1, (day * width + end) * 2])
    moments.sort()
    level = np.cumsum(np.where(moments & 1, 1, -1))
    moments >>= 1
    most = int(level.max(initial=0))
    found = np.zeros((days, most + 1), np.int64)
    # Between two days nothing is in use, so the time between their events counts nowhere.
    lasted = np.diff(moments, append=moments[-1:])
    busy = level > 0
    np.add.at(found, (moments[busy] // width, level[busy]), lasted[busy])
    found[:, 0] = closes - opens - found[:, 1:].sum(axis=1)
    return found


def _below(day: Ints, skill: Ints, wait: Ints, days: int, classes: int) -> Ints:
    """How many waited at most as long as each mark: [day, class, mark]."""
    marks = len(MARKS_MS)
    first = np.searchsorted(MARKS_MS, wait)
    at = (day * classes + skill) * (marks + 1) + first
    counts = np.bincount(at, minlength=days * classes * (marks + 1))
    return counts.reshape(days, classes, marks + 1)[..., :marks].cumsum(axis=2).astype(np.int64)


def _waits(skill: Ints, wait: Ints) -> Ints:
    width = int(wait.max(initial=0)) + 1
    keys, counts = np.unique(skill * width + wait, return_counts=True)
    return np.stack([keys // width, keys % width, counts.astype(np.int64)])
