"""The planner page's own process, at a moment that a test chose: ``python -m
tests.fakes.page_worker CENTRE STATE_DIR 2026-11-20T11:40``."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from acd.bootstrap.page_worker import CentreLedger
from sim.page.worker import main


class At(CentreLedger):
    """The centre's ledger, with a clock that stands."""

    def now(self) -> dt.datetime:
        return dt.datetime.fromisoformat(sys.argv[3]).replace(tzinfo=self._zone)


if __name__ == "__main__":
    main(At(Path(sys.argv[1]), Path(sys.argv[2])))
