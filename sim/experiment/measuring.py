"""Simulated days turned into numbers by the ledger's own measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.columns import (
    ApartColumns,
    CallColumns,
    Ints,
    TalkColumns,
    both_numbers,
    filled,
    filled_time,
    params_by_cell,
)
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
    queued = came
    if any(records.menu_s is not None for records in days):
        queued = came + _ms(np.concatenate([_menu(records) for records in days]))
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
    top, bottom = _parts(of, columns, keys, (len(days), hours.number, len(of.classes)))

    taken = outcome == Outcome.ANSWERED
    begun = (queued + wait)[taken]
    owner = (day * len(of.groups))[taken] + group[taken]
    there = np.stack([staffed(each, hours) for each in scenarios])
    talks = _after(TalkColumns(owner, begun, talk[taken], wrap[taken]), hours.warm_ms)
    handled, present = _time(talks, _apart(days, len(of.groups), hours), there, hours)

    held = outcome != Outcome.BLOCKED
    lines = day[held], came[held], (queued + wait + talk)[held]
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


def _menu(of: Records) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.zeros(len(of)) if of.menu_s is None else of.menu_s


def _ms(seconds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    return np.rint(seconds * 1000).astype(np.int64)


def _parts(
    of: Scenario, columns: CallColumns, keys: Sequence[Kept], shape: tuple[int, int, int]
) -> tuple[Ints, Ints]:
    """Both numbers of every figure in every cell."""
    cells = int(np.prod(shape))
    sums = filled(columns, cells)
    of_class = np.array([round(each.threshold_s * 1000) for each in of.classes])
    own = params_by_cell(of_class, cells)
    top, bottom = np.empty((cells, len(keys)), np.int64), np.empty((cells, len(keys)), np.int64)
    for n, each in enumerate(keys):
        params = own if each.threshold_ms is None else Params(each.threshold_ms)
        top[:, n], bottom[:, n] = both_numbers(each.of, sums, params, cells)
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


def _apart(days: Sequence[Records], groups: int, hours: Hours) -> ApartColumns | None:
    """When operators were on a break and the like, behind the warm-up."""
    rows = [(day, of.apart_s) for day, of in enumerate(days) if of.apart_s is not None]
    if not rows:
        return None
    owner = np.concatenate([day * groups + each[:, 0].astype(np.int64) for day, each in rows])
    start, end = (
        np.maximum(_ms(np.concatenate([each[:, at] for _, each in rows])), hours.warm_ms)
        for at in (1, 2)
    )
    return ApartColumns(owner, start, end)


def _time(
    talks: TalkColumns, apart: ApartColumns | None, there: Ints, hours: Hours
) -> tuple[Ints, Ints]:
    """Operators' time handling calls, and that plus the time ready: [day, hour, group]."""
    days, groups, _ = there.shape
    time = filled_time(talks, there.reshape(days * groups, -1), hours.length_ms, apart)
    parts = both_numbers(_OCCUPANCY, Sums(time=time), Params(), there.size)
    handled, present = (
        np.ascontiguousarray(each.reshape(there.shape).transpose(0, 2, 1)) for each in parts
    )
    return handled, present


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
    at = (moments[busy] // width) * (most + 1) + level[busy]
    np.add.at(found.ravel(), at, lasted[busy])  # one index is some times faster than two
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
