"""The last minutes are what they were when a controller starts anew: no alarm ends by that."""

from __future__ import annotations

import asyncio

import pytest

from acd.app import recent_visits as module
from acd.app.recent_visits import RecentVisits
from acd.config import load_centre
from acd.core.cdr_types import Record, VisitRecord
from acd.errors import StoreUnavailable
from acd.ports_figures import TakeRows
from tests.fakes.centre import CENTRE, Centre
from tests.ledger_rows import drawn_day, ms
from tests.web.wallboard_kit import KnownPast
from tests.web.watching_kit import Watched

NOW_S = ms("2026-11-20T10:00") / 1000
NOW_MS = round(NOW_S * 1000)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(module, "RETRY_S", 0.01)


class Slow(KnownPast):
    """Away for so many questions."""

    away = 0

    async def read(self, from_ms: int, to_ms: int, take: TakeRows) -> None:
        if self.away:
            self.away -= 1
            take(self.kept[:3])
            raise StoreUnavailable("away")
        await super().read(from_ms, to_ms, take)


def ended(rows: list[Record]) -> list[VisitRecord]:
    """Visits in the order in which they ended, as the journal tells them."""
    visits = [each for each in rows if isinstance(each, VisitRecord)]
    return sorted(visits, key=lambda each: each.ended_ms)


def anew() -> Watched:
    return Watched(Centre(load_centre(CENTRE).plan, now=NOW_S))


async def test_a_new_controller_judges_what_the_one_before_did() -> None:
    rows: list[Record] = [*drawn_day(3, 200, NOW_MS - 1_800_000, NOW_MS)]
    never_ended, later = anew().watching.facts, anew().watching.facts
    visits = [each for each in ended(rows) if each.ended_ms <= NOW_MS]
    never_ended.take(visits)
    before = never_ended()["service_level"]
    assert before[""] is not None
    # The newest come by the journal and are in the ledger as well by the time it is read.
    later.take(visits[-20:])
    past = Slow(visits)
    past.last = 7
    reading = asyncio.create_task(RecentVisits(past, later, lambda: NOW_S).read())
    await asyncio.sleep(0.05)
    assert later()["service_level"] != before, "the ledger did not have all of it yet"
    past.stored, past.away = 7, 2
    await asyncio.wait_for(reading, 5.0)
    assert later()["service_level"] == before
    assert past.away == 0
