"""The seats that a planned roster has on a day: who is at work in each interval, by group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from acd.errors import Refused
from metrics.roster import Shift, ShiftKind
from sim.calibrate.days import Grid
from sim.calibrate.past import midnights_s
from sim.calibrate.seats import ONE_GROUP
from sim.inputs.scenario import Group

#: Whose group an operator is of: its name, and the queues that it takes.
Groups = Mapping[str, tuple[str, tuple[str, ...]]]


def rostered(
    shifts: Iterable[Shift], day: dt.date, zone: dt.tzinfo, of: Grid, over: int, groups: Groups
) -> tuple[Group, ...]:
    """The groups of a day: the mean number at work in each of the grid's intervals, rounded, with
    breaks and other work left out. ``over``: so many intervals are over. Operators that ``groups``
    does not name take everything.

    Raises:
        Refused: nobody is at work any more, or nobody who takes one of the queues.
    """
    begin_s = float(midnights_s(day, 1, zone)[0]) + of.opens_s
    starts = begin_s + of.period_s * np.arange(of.periods)
    everything = (ONE_GROUP, of.queues)
    there: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}
    for shift in shifts:
        if shift.kind is not ShiftKind.WORK:
            continue
        key = groups.get(shift.agent, everything)
        begin = np.maximum(starts, shift.from_ms / 1000)
        end = np.minimum(starts + of.period_s, shift.to_ms / 1000)
        part = np.maximum(0.0, end - begin) / of.period_s
        there[key] = there.get(key, 0.0) + part
    found = tuple(
        Group(name, tuple(round(number) for number in numbers.tolist()), queues)
        for (name, queues), numbers in there.items()
        if numbers[over:].any()
    )
    called = of.counts.sum(axis=(0, 1)) > 0
    _check(found, day, over, [name for name, some in zip(of.queues, called, strict=True) if some])
    return found


def _check(found: Sequence[Group], day: dt.date, over: int, queues: Sequence[str]) -> None:
    served = {name for group in found if any(group.agents[over:]) for name in group.skills}
    if not served:
        raise Refused(
            f"nobody is on the roster for the rest of {day}: bring the day's roster, or say "
            "--seats",
            ja=f"{day}のこれからの時間に勤務する人が勤務表にいません。"
            "その日の勤務表を指定するか、--seats で人数を指定してください。",
        )
    alone = [name for name in queues if name not in served]
    if alone:
        names = ", ".join(alone)
        raise Refused(
            f"nobody on the roster for the rest of {day} takes these calls: {names}; bring "
            "the day's whole roster, or say --seats",
            ja=f"{day}のこれからの勤務表に、次の電話を取れる人がいません: {names}。"
            "その日の勤務表をすべて指定するか、--seats で人数を指定してください。",
        )
