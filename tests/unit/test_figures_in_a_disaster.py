"""Figures are by what was planned: the rules for a disaster change no hour and no skill of them."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from acd.adapters.secrets import Secrets
from acd.adapters.sql.service import SqlService
from acd.bootstrap.centre import RunningCentre
from acd.config import load_centre
from acd.core.inputs_floor import ModeRequested
from acd.core.plan import Mode
from metrics.availability import ServiceState, Stretch
from metrics.intervals import Grain, span_of
from metrics.report_make import Asked
from metrics.report_model import Kind
from tests.fakes.centre import CENTRE
from tests.report_days import TOKYO

DAY = dt.date(2026, 11, 20)


@pytest.mark.requirement("M27")
async def test_a_disaster_owes_no_service_at_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under its rules no number is ever closed; what was promised is from 8:00 to 18:00."""
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "local")  # the private one is not needed here
    running = RunningCentre(load_centre(CENTRE), Secrets(tmp_path))
    task = asyncio.create_task(running.controller.run())
    day = span_of(DAY, Grain.DAY, TOKYO)
    stretch = Stretch(day.from_ms, day.to_ms, "", ServiceState.IN_SERVICE)
    await SqlService(running.centre.settings.database_url).keep([stretch])

    async def owed_ms() -> int | None:
        report = await running.reports.reports.make(Asked(Kind.DAILY, DAY))
        (found,) = [each.figure for each in report.judged if each.figure.key == "availability"]
        assert found.part == found.whole
        return found.whole

    try:
        await running.start_under_plan()
        assert await owed_ms() == 10 * 3_600_000
        await running.controller.submit(ModeRequested(Mode.DISASTER, False, "地震", "boss"))
        calendars = running.engine.plan.calendars
        assert calendars != running.engine.planned.calendars
        assert await owed_ms() == 10 * 3_600_000
    finally:
        task.cancel()
        await asyncio.wait({task})
        await running.records.close()
