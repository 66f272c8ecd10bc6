"""A played day in the ledger's own figures, beside the recorded ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from metrics.measures import Figure, figure
from metrics.tally import Sums
from sim.replay.day import Row

#: What is told of a day, in this order.
KEYS = (
    *("answer_rate_a", "asa", "sl_offered_20s", "sl_excl_early_abandons_20s"),
    *("abandoned", "blocked"),
)


def sums_of(rows: Sequence[Row]) -> Sums:
    """The sums of rows; those of a drill are no part of any figure."""
    sums = Sums()
    for row in rows:
        if not row.drill:
            sums.add(row)
    return sums


def figures_of(rows: Sequence[Row]) -> dict[str, Figure]:
    """The day's figures by key."""
    sums = sums_of(rows)
    return {key: figure(key, sums) for key in KEYS}


#: Times that a changed day is played, each with other draws, and Student's t for 95 % of so many.
RUNS = 10
_T_95 = 2.262


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of a changed day: its mean over the runs and its 95 % half-width. What is unsure
    is the part that was drawn; the day itself is one day."""

    value: float | None
    half_width: float | None


def estimates(runs: Sequence[dict[str, Figure]]) -> dict[str, Estimate]:
    """Means over ``RUNS`` runs; none where a run has no figure."""
    found: dict[str, Estimate] = {}
    for key in KEYS:
        values = [run[key].value for run in runs]
        known = [value for value in values if value is not None]
        if len(known) < RUNS:
            found[key] = Estimate(None, None)
        else:
            found[key] = Estimate(fmean(known), _T_95 * stdev(known) / sqrt(RUNS))
    return found
