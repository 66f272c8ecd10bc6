"""Whatever is asked of a ledger, SQLite and PostgreSQL answer alike: one day's rows in both."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from acd.adapters.sql.alarms import KEPT_DAYS, READ_OVER, SqlAlarms
from acd.adapters.sql.busyness import offered_by_quarter
from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.roster import SqlRoster
from acd.adapters.sql.service import SqlService
from acd.adapters.sql.tallies import Tallies
from acd.bootstrap.ledger_export import export_csv
from acd.bootstrap.past_calls import past_of
from acd.bootstrap.reports import LedgerRows
from acd.config import load_centre
from acd.config.centre import Centre
from acd.core.ids import AgentId, CallId
from acd.ports_watch import KeptAlarm
from metrics.availability import Recorded, ServiceState, Stretch
from metrics.dimensions import Dim
from metrics.intervals import QUARTER_MS, Span
from metrics.roster import Shift, ShiftKind
from tests.fakes.centre import CENTRE
from tests.fakes.postgres import Postgres
from tests.ledger_rows import JST, SHAPE, drawn_day, ms, stored

DAY = Span(ms("2026-11-20T00:00"), ms("2026-11-21T00:00"))
LATER_MS = DAY.to_ms + 86_400_000
STEPS = [Span(at, at + 4 * QUARTER_MS) for at in range(DAY.from_ms, DAY.to_ms, 4 * QUARTER_MS)]


@pytest.fixture(scope="module")
def both(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The same day of anything in a database of either kind."""
    rows: Sequence[Struct] = drawn_day(7, 400, DAY.from_ms - 3_600_000, DAY.to_ms + 3_600_000)
    urls = (sqlite_url(tmp_path_factory.mktemp("both") / "ledger.sqlite"), postgres.new_database())
    for url in urls:
        stored(rows, url).dispose()
    return urls


async def test_rows_of_every_kind(both: tuple[str, str]) -> None:
    answers = []
    for url in both:
        reader = LedgerReader(url)
        span = (DAY.from_ms, DAY.to_ms)
        answers.append(
            [
                await reader.figure_rows(*span),
                await reader.reaching(*span),
                await reader.calls(*span),
                await reader.visits(*span),
                await reader.legs(*span),
                await reader.parties(*span),
                await reader.outside_calls(*span),
                await reader.segments(*span),
                await reader.dispositions(*span),
                await reader.took_call(AgentId("sato"), CallId("no-such-call")),
                await reader.dropped(),
                await reader.streams(),
            ]
        )
        await reader.close()
    assert answers[0] == answers[1]
    assert len(str(answers[0][0])) > 100_000


async def test_how_busy_it_was(both: tuple[str, str]) -> None:
    first, second = [await offered_by_quarter(url, DAY.from_ms, DAY.to_ms) for url in both]
    assert first == second
    assert sum(first.values()) > 200


async def test_reports(both: tuple[str, str]) -> None:
    made = []
    for url in both:
        rows = LedgerRows(url)
        for _ in range(2):
            dims = (Dim.QUEUE, Dim.OPERATOR, Dim.TRUNK)
            cells, gathered = await rows.sums(DAY, dims, STEPS, SHAPE, LATER_MS)
            made.append((cells.quarters, gathered, await rows.rows(DAY.from_ms, DAY.to_ms)))
        tallies = Tallies(url, SHAPE)
        assert await tallies.check(DAY) == []
        await tallies.close()
    # The second time sums are read that the first time computed and kept.
    assert made[:2] == made[2:]


def centre_over(url: str, tmp_path: Path) -> Centre:
    centre = load_centre(CENTRE)
    store = centre.settings.store.model_copy(update={"database_url": url})
    update = {"store": store, "state_dir": tmp_path}
    return dataclasses.replace(centre, settings=centre.settings.model_copy(update=update))


async def test_forecasts_read_the_same_past(both: tuple[str, str], tmp_path: Path) -> None:
    day = dt.date(2026, 11, 20)
    pasts = [await past_of(centre_over(url, tmp_path), day, day, LATER_MS / 1000) for url in both]
    assert repr(pasts[0]) == repr(pasts[1])


def test_exported_files(both: tuple[str, str], tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for url, folder in zip(both, folders, strict=True):
        export_csv(centre_over(url, tmp_path).settings, folder, JST, DAY.from_ms, DAY.to_ms)
    first, second = [{path.name: path.read_bytes() for path in each.iterdir()} for each in folders]
    assert first == second
    assert len(first) > 5


async def test_when_callers_could_be_served(both: tuple[str, str]) -> None:
    began = DAY.from_ms - 5_000
    up, away = ServiceState.IN_SERVICE, ServiceState.NO_SWITCH
    found = []
    for url in both:
        service = SqlService(url)
        assert await service.recorded(DAY) == Recorded((), None)
        await service.keep([Stretch(began, DAY.from_ms, "a", up)])
        await service.keep(
            [
                Stretch(began, DAY.from_ms + 60_000, "a", up),
                Stretch(DAY.from_ms + 60_000, DAY.from_ms + 90_000, "a", away),
                Stretch(DAY.to_ms, DAY.to_ms + 5_000, "b", up),
            ]
        )
        found.append(await service.recorded(DAY))
    assert found[0] == found[1]
    assert found[0].since_ms == began
    assert [(each.node, each.state) for each in found[0].stretches] == [("a", up), ("a", away)]


async def test_alarms_that_last_and_the_newest_that_are_over(both: tuple[str, str]) -> None:
    day_ms = 86_400_000
    old = KeptAlarm("longest_wait", "tax", DAY.from_ms, DAY.from_ms + 1, "cleared", "{}")
    lasts = KeptAlarm("trunk_down", "carrier", DAY.from_ms + 5, None, "", '{"名": 1}')
    for url in both:
        book = SqlAlarms(url)
        assert await book.kept() == []
        await book.keep([])
        await book.keep([old, lasts])
        await book.keep([replace(lasts, told="raised")])
        assert await book.kept() == [old, replace(lasts, told="raised")]
        many = [
            KeptAlarm("ami_lag", "", DAY.from_ms + 10 + n, DAY.from_ms + 20 + n, "cleared", "{}")
            for n in range(READ_OVER)
        ]
        await book.keep(many)
        assert await book.kept() == [replace(lasts, told="raised"), *many]
        # What is very old and over is forgotten; what lasts never is.
        late = KeptAlarm("ami_lag", "", DAY.from_ms + (KEPT_DAYS + 1) * day_ms, None, "", "{}")
        await book.keep([late])
        assert await SqlAlarms(url).kept() == [replace(lasts, told="raised"), late]


async def test_the_planned_roster(both: tuple[str, str]) -> None:
    hour = 3_600_000
    shifts = [
        Shift(AgentId("sato"), DAY.from_ms + 9 * hour, DAY.from_ms + 12 * hour, ShiftKind.WORK),
        Shift(AgentId("mori"), DAY.from_ms + 10 * hour, DAY.from_ms + 11 * hour, ShiftKind.BREAK),
    ]
    for url in both:
        roster = SqlRoster(url)
        await roster.replace(DAY, shifts)
        await asyncio.gather(roster.replace(DAY, shifts), roster.shifts(DAY))
        assert await roster.shifts(DAY) == [shifts[1], shifts[0]]
        await roster.replace(DAY, [])
        assert await roster.shifts(DAY) == []
