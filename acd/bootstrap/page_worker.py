"""The planner page's process with the centre's ledger: ``python -m acd.bootstrap.page_worker CENTRE
STATE_DIR``. It reads what the page asks for, in its own process of lowest priority; nobody's number
leaves it (:mod:`acd.bootstrap.past_calls`)."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.adapters.sql.roster import SqlRoster
from acd.bootstrap.logs import configure_logging
from acd.bootstrap.past_calls import groups_by_operator, kinds_of, past_of
from acd.config import Centre, load_centre
from metrics.intervals import between
from sim.calibrate.national import national_kind
from sim.forecast.rest_of_day import Rostered
from sim.page.ledger import History
from sim.page.worker import main as answer


class CentreLedger:
    """The ledger of a centre's folder; ``state_dir``: where the running one keeps its state."""

    def __init__(self, centre: Path, state_dir: Path) -> None:
        self._where, self._state_dir = centre, state_dir
        self._read: Centre | None = None

    @property
    def _centre(self) -> Centre:
        if self._read is None:
            found = load_centre(self._where)
            configure_logging(found.settings.log)
            settings = found.settings.model_copy(update={"state_dir": self._state_dir})
            self._read = replace(found, settings=settings)
        return self._read

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._centre.plan.timezone)

    def now(self) -> dt.datetime:
        """The time at the centre."""
        return dt.datetime.fromtimestamp(time.time(), self._zone)

    def history(self, first: dt.date, last: dt.date, told: Callable[[int, int], None]) -> History:
        """The calls of these days, without whose they were."""
        past = asyncio.run(past_of(self._centre, first, last, time.time(), told))
        kind_of = kinds_of(self._centre.plan)
        return History(past, kind_of or national_kind, kind_of is not None)

    def roster(self, day: dt.date) -> Rostered:
        """The roster that was taken in."""
        store = SqlRoster(self._centre.settings.database_url)
        rows = asyncio.run(store.shifts(between(day, day, self._zone)))
        return rows, groups_by_operator(self._centre.plan), bool(rows)


if __name__ == "__main__":
    answer(CentreLedger(Path(sys.argv[1]), Path(sys.argv[2])))
