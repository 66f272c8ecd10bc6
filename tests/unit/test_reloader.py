"""What one run makes of the files' plan is made of them after a reload too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.app.floor import Reloader
from acd.config import Centre, load_centre
from acd.core.hours import Calendar
from acd.core.inputs import Input, PlanChanged
from acd.core.plan import Plan
from acd.core.step import Outcome
from sim.load.stage import open_always
from tests.engine_world import JST
from tests.fakes.centre import CENTRE

#: New Year's Day 2027, midnight in Japan.
NEW_YEAR_S = 1_798_729_200.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path / "var"))
    shutil.copytree(CENTRE, tmp_path / "centre")
    return tmp_path / "centre"


async def reloaded(centre: Centre) -> Plan:
    heard: list[Plan] = []

    async def submit(happened: Input) -> Outcome:
        assert isinstance(happened, PlanChanged)
        heard.append(happened.plan)
        return Outcome([], [])

    async def adopt(_: Centre) -> None:
        return None

    plan = centre.path / "plan.toml"
    plan.write_text(plan.read_text().replace("総合案内・ごみ", "ごみ"))
    done = await Reloader(centre, submit, adopt).reload()
    assert done.changed
    return heard[0]


@pytest.mark.parametrize("always", [True, False])
async def test_what_is_left_open_stays_open_after_a_reload(folder: Path, always: bool) -> None:
    centre = load_centre(folder)
    plan = await reloaded(centre.shaped(open_always) if always else centre)
    assert "ごみ" in [queue.name_ja for queue in plan.queues]
    hours = [Calendar(each, JST).is_open(NEW_YEAR_S) for each in plan.calendars]
    assert all(hours) is always
