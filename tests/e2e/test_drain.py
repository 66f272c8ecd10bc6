"""The controller is stopped in order (SIGTERM) and started again under load: nobody notices."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.config import load_centre
from tests.e2e.centre_kit import CentreKit, write_centre
from tests.e2e.evidence import Witness, agree, balance
from tests.e2e.mischief import RING_S, all_is_quiet, play

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

OPERATORS, CALLS, PER_S = 14, 50, 6.0
#: Callers who stay until they are served, however slowly the controller starts on a busy machine;
#: met by the menu, and led straight into the waiting bridge.
PATIENT_S = 150.0
KINDS = ("both_talk_for_a_while",)
NUMBERS = ("0466001111", "0466001113")
#: Menus, commands under way, the last records: longer than this no stop takes.
STOPPED_WITHIN_S = 12.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-drain-"))
    people = {f"op{n:02d}": "tax = 5, waste = 5" for n in range(OPERATORS)}
    write_centre(folder, people, ring_s=RING_S, no_answer_s=1.0, beat_max_s=60.0)
    settings = folder / "settings.toml"
    match = 'match = ["127.0.0.1"]'
    # These telephones send no sound: a line must not be taken for dead while nobody serves it.
    silent = f"{match}\nrtp_timeout_s = 0\nrtp_timeout_hold_s = 0"
    settings.write_text(settings.read_text().replace(match, silent))
    running = CentreKit(folder, load_centre(folder))
    try:
        await running.start_switch()
        await running.start_controller()
        await running.work()
        yield running
    finally:
        await running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.requirement("M29")
async def test_two_stops_in_full_work_drop_and_miscount_no_call(kit: CentreKit) -> None:
    took_s = []

    async def again() -> None:
        for _ in range(2):
            await asyncio.sleep(1.5)
            began_s = time.monotonic()
            await kit.stop_controller()
            took_s.append(time.monotonic() - began_s)
            await kit.start_controller()

    async with Witness(kit) as witness, asyncio.TaskGroup() as group:
        group.create_task(again())
        await play(kit, 29, CALLS, PER_S, KINDS, PATIENT_S, NUMBERS)
    await kit.until(lambda: all_is_quiet(kit), 20.0)
    await kit.until(kit.no_channels)
    assert witness.kinds()["caller"] == CALLS
    await kit.until(lambda: len(kit.sql("select 1 from calls")) == CALLS, 20.0)
    agree(kit)
    assert balance(kit) == {"answered": CALLS}, kit.log()[-3000:]
    assert max(took_s) < STOPPED_WITHIN_S
    assert not any(word in kit.log() for word in ("[error", "Traceback", "exception"))
    print(f"stopped in {', '.join(f'{each:.2f} s' for each in took_s)}")
