"""A played day in the ledger's own figures, beside the recorded ones."""

from __future__ import annotations

from collections.abc import Sequence

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
