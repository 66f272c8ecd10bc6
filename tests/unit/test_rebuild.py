"""After a defect the engine and the record book are made anew from the journal, snapshot or not."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from acd.adapters.snapshots import SnapshotFiles
from acd.app.journal import contiguous
from acd.bootstrap.centre import RunningCentre
from acd.config import Centre, load_centre
from acd.core.ids import AgentId, CallId, QueueId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    CallArrived,
    Caller,
    CallerHungUp,
    CallerKind,
    Input,
    PlanChanged,
    QueueRequested,
)
from acd.errors import MadoguchiError, StoreError
from tests.deciding import deciding
from tests.fakes.centre import CENTRE

CALL = CallId("1700000000.1")
#: What no rule foresees: deciding it fails.
NONSENSE = cast(Input, object())


@pytest.fixture
def no_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes the journal, and never a snapshot."""

    def refuse(*_: object) -> None:
        raise StoreError("no room", code="snapshot_failed")

    monkeypatch.setattr(SnapshotFiles, "save", refuse)


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "local")  # the private one is not needed here
    return load_centre(CENTRE)


async def break_it(running: RunningCentre) -> None:
    with pytest.raises(MadoguchiError):
        await running.controller.submit(NONSENSE)
    assert running.controller.rebuilt == 1


async def one_waits(running: RunningCentre) -> None:
    who = Caller(CallerKind.WITHHELD, "")
    controller = running.controller
    await controller.submit(CallArrived(CALL, SwitchId("a"), "PJSIP/c-1", "carrier", "1", who))
    await controller.submit(QueueRequested(CALL, QueueId("general")))
    await controller.submit(AgentLoggedIn(AgentId("op01")))


@pytest.mark.usefixtures("no_snapshots")
async def test_without_any_snapshot_the_journal_alone_brings_everything_back(
    centre: Centre,
) -> None:
    async with deciding(centre) as running:
        await one_waits(running)
        before = running.engine.snapshot()
        await break_it(running)
        assert running.engine.snapshot() == before
        outcome = await running.controller.submit(CallerHungUp(CALL))
        assert outcome.events
        assert running.records.journal.book.calls == {}
        assert running.records.journal.book.totals.offered == 1


@pytest.mark.usefixtures("no_snapshots")
async def test_it_comes_back_under_the_plan_that_was_in_force(centre: Centre) -> None:
    async with deciding(centre) as running:
        await one_waits(running)
        plan = running.engine.plan
        fewer = replace(plan, agents=tuple(a for a in plan.agents if a.id != "op02"))
        await running.controller.submit(PlanChanged(fewer))
        before = running.engine.snapshot()
        await break_it(running)
        assert running.engine.snapshot() == before


@pytest.mark.usefixtures("no_snapshots")
async def test_where_the_journal_does_not_begin_with_a_plan_engine_and_book_begin_anew_together(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with deciding(centre) as running:
        await one_waits(running)
        spool = running.records.spool
        later = [frame for frame in contiguous(spool, 0) if frame.seq > 1]
        monkeypatch.setattr("acd.app.journal.contiguous", lambda *_: iter(later))
        await break_it(running)
        assert running.engine.calls == {}
        assert running.records.journal.book.calls == {}
