"""What the page's studies of the centre's own calls need of its ledger. Who starts the process
brings it: the simulator reads no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sim.calibrate.days import KindOf
from sim.calibrate.past import Past
from sim.forecast.rest_of_day import Rostered


@dataclass(frozen=True, slots=True)
class History:
    """Calls, what kind of day a date is, and whether that is from the centre's calendar."""

    past: Past
    kind_of: KindOf
    calendar: bool


class Ledger(Protocol):
    """The centre's calls, without whose they were."""

    def now(self) -> dt.datetime:
        """The time at the centre."""
        ...

    def history(self, first: dt.date, last: dt.date, told: Callable[[int, int], None]) -> History:
        """The calls of these days, as far as there are any; ``told`` hears how many days of how
        many are read."""
        ...

    def roster(self, day: dt.date) -> Rostered:
        """The roster that was taken in."""
        ...
