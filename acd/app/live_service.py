"""Today's availability, live: from the record at the start, then from each look as it is taken.

It is worked out by what reports use (:mod:`metrics.availability`), from the same stretches, so
that the wall and the day's report say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from acd.core.plan import Plan
from metrics.availability import Recorded, Stretch, fold_service, service_hours, service_of
from metrics.cells import Cells
from metrics.contract import Contract
from metrics.intervals import Span
from metrics.measures import figure, worst
from metrics.targets import WORST_HOUR
from metrics.today import Shown

KEY = "availability"


class LiveService:
    """The stretches of one day. Until the record has been read there is no figure."""

    def __init__(self) -> None:
        self._stretches: dict[tuple[int, str], Stretch] = {}
        self._since_ms: int | None = None
        self._read = False

    def begin(self, recorded: Recorded) -> None:
        """Take over what is on record; looks that were taken meanwhile count as well."""
        self._read = True
        known = {(each.from_ms, each.node): each for each in recorded.stretches}
        self._stretches = known | self._stretches
        for at_ms in (recorded.since_ms, *(each.from_ms for each in self._stretches.values())):
            if at_ms is not None and (self._since_ms is None or at_ms < self._since_ms):
                self._since_ms = at_ms

    def seen(self, stretch: Stretch) -> None:
        """A look: a new stretch, or how far the last one reaches by now."""
        self._stretches[stretch.from_ms, stretch.node] = stretch
        if self._since_ms is None:
            self._since_ms = stretch.from_ms

    def forget_before(self, at_ms: int) -> None:
        """Drop what was over before a moment (a local midnight)."""
        self._stretches = {k: each for k, each in self._stretches.items() if each.to_ms > at_ms}

    def shown(
        self,
        plan: Plan,
        contract: Contract,
        day: Span,
        hours: Sequence[Span],
        tz: tzinfo,
        now_ms: int,
    ) -> Shown | None:
        """The figure of a day beside its targets, with the worst of its hours."""
        if not self._read:
            return None
        owed = service_hours(plan, contract.service_hours, day, tz)
        recorded = Recorded(tuple(self._stretches.values()), self._since_ms)
        cells = Cells()
        fold_service(cells, service_of(owed, recorded, now_ms))
        found = worst(KEY, cells.series(hours))
        targets = contract.targets
        return Shown(
            figure(KEY, cells.sums(day)),
            targets.get(KEY),
            found.figure if found else None,
            hours[found.index] if found else None,
            targets.get(WORST_HOUR + KEY),
        )
