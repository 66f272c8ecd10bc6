"""How many operators were there, and what they could take."""

from __future__ import annotations

import numpy as np

from sim.calibrate.days import Grid
from sim.calibrate.past import UNKNOWN, Ended, Floats, Ints, Past, placed
from sim.inputs.scenario import Group

QUARTER_S = 900
#: What operators are called where the records do not tell groups apart.
ONE_GROUP = "operators"


def groups_of(past: Past, of: Grid, days: Ints) -> tuple[Group, ...]:
    """The groups of a usual one of these days: the mean number there in each period, rounded.

    From the operators' own time where the ledger has it; else from who took a call in the period,
    in which those who took none are missing. Empty where the records name no operators.
    """
    if past.present:
        found = []
        for each in past.present:
            there = _by_period(each.there[days], of)
            agents = tuple(round(number) for number in there.tolist())
            if max(agents, default=0):
                found.append(Group(each.name, agents, each.queues))
        return tuple(found)
    if not (past.operator != UNKNOWN).any():
        return ()
    return (Group(ONE_GROUP, _who_took(past, of, days), of.queues),)


def _by_period(there: Floats, of: Grid) -> Floats:
    """Quarters of an hour as the grid's periods."""
    first, each = of.opens_s // QUARTER_S, max(1, of.period_s // QUARTER_S)
    mean = there.mean(axis=0)[first : first + each * of.periods]
    whole: Floats = mean.reshape(of.periods, each).mean(axis=1)
    return whole


def _who_took(past: Past, of: Grid, days: Ints) -> tuple[int, ...]:
    """Mean number of different operators who took a call, by period; at least 1."""
    day, second = placed(past)
    period = ((second - of.opens_s) // of.period_s).astype(np.int64)
    some = (past.ended == Ended.ANSWERED) & (past.operator != UNKNOWN) & np.isin(day, days)
    some &= (period >= 0) & (period < of.periods)
    triples = np.unique(np.stack([day[some], period[some], past.operator[some]]), axis=1)
    number = np.bincount(triples[1], minlength=of.periods) / max(1, len(days))
    return tuple(max(1, round(each)) for each in number.tolist())
