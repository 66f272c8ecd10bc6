"""A played day in the ledger's own figures, beside the recorded ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from acd.core.cdr_types import CallRecord
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


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """The calls that came within an hour of the day: ``lost`` gave up or found no line; ``asa_s``
    is the mean wait of the answered (None: nobody was)."""

    hour: int
    offered: float
    lost: float
    asa_s: float | None


def by_hour(rows: Sequence[Row], tz: dt.tzinfo) -> list[HourOfDay]:
    """The hours from the first to the last call, each with the ledger's own figures."""
    calls = {row.call: row.offered_ms for row in rows if isinstance(row, CallRecord)}
    sums: dict[int, Sums] = {}
    for row in rows:
        came_ms = calls.get(row.call)
        if came_ms is not None and not row.drill:
            hour = dt.datetime.fromtimestamp(came_ms / 1000, tz).hour
            sums.setdefault(hour, Sums()).add(row)
    if not sums:
        return []
    return [_hour(at, sums.get(at, Sums())) for at in range(min(sums), max(sums) + 1)]


def _hour(at: int, sums: Sums) -> HourOfDay:
    def of(key: str) -> float:
        return figure(key, sums).value or 0.0

    asa_ms = figure("asa", sums).value
    lost = of("abandoned") + of("blocked")
    return HourOfDay(at, of("offered"), lost, None if asa_ms is None else asa_ms / 1000)


def mean_hours(runs: Sequence[Sequence[HourOfDay]]) -> list[HourOfDay]:
    """The means over the runs of one day, hour by hour."""
    found = []
    for at in sorted({each.hour for run in runs for each in run}):
        here = [each for run in runs for each in run if each.hour == at]
        waits = [each.asa_s for each in here if each.asa_s is not None]
        found.append(
            HourOfDay(
                at, fmean(each.offered for each in here), fmean(each.lost for each in here),
                fmean(waits) if waits else None,
            )
        )  # fmt: skip
    return found


#: Times that a changed day is played, each with other draws; and at most, for a precision.
RUNS, MOST_RUNS = 10, 1_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of a changed day: its mean over the runs and its 95 % half-width. What is unsure
    is the part that was drawn; the day itself is one day."""

    value: float | None
    half_width: float | None


def estimates(runs: Sequence[dict[str, Figure]]) -> dict[str, Estimate]:
    """Means over the runs; none where a run has no figure."""
    from scipy.special import stdtrit

    number = len(runs)
    t_95 = float(stdtrit(number - 1, 0.975))
    found: dict[str, Estimate] = {}
    for key in KEYS:
        values = [run[key].value for run in runs]
        known = [value for value in values if value is not None]
        if len(known) < number:
            found[key] = Estimate(None, None)
        else:
            found[key] = Estimate(fmean(known), t_95 * stdev(known) / sqrt(number))
    return found
