"""What the centre stands on is cut away under load, at random moments, and comes back.

The manager interface, the controller with its menu server, the database: calls go on, and
afterwards each is in the ledger exactly once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from sim.load.ports import free_ports
from tests.e2e.centre_kit import CentreKit, write_centre
from tests.e2e.evidence import Witness, balance, cel_calls
from tests.e2e.mischief import RING_S, all_is_quiet, play
from tests.fakes.tcp_proxy import Line, TcpProxy
from tests.fakes.unfit import unfit

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPERATORS, CALLS, PER_S = 10, 30, 5.0
#: What callers do who are there when something is cut: all are met by the menu.
KINDS = (
    "leaves_in_the_talk",
    "leaves_while_ringing",
    "phone_ends_the_talk",
    "phone_refuses_then_answers",
    "both_leave_together",
)


class CutKit(CentreKit):
    """A centre with a line to cut before the manager interface and its database on a small disk."""

    line: TcpProxy
    disk: Path
    seed = 50
    #: From when until when there was no controller.
    away: list[tuple[float, float]]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 24 MiB; needs root, as tests of a private Asterisk do."""
    if os.geteuid() != 0:
        unfit("mounting a small disk needs root")
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    subprocess.run(["mount", *options], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CutKit]:
    base = Path(tempfile.mkdtemp(prefix="mdg-cuts-"))
    people = {f"op{n:02d}": "tax = 5" for n in range(OPERATORS)}
    database = base / "disk" / "madoguchi.sqlite"
    centre = write_centre(
        base / "centre",
        people,
        ring_s=RING_S,
        no_answer_s=1.0,
        beat_max_s=20.0,
        database_url=f"sqlite+aiosqlite:///{database}",
    )
    with small_disk(base / "disk") as disk:
        kit = CutKit(base / "centre", centre)
        kit.disk, kit.database, kit.away = disk, database, []
        kit.ami_port = free_ports(1)[0]
        kit.line = TcpProxy(kit.ami_port)
        await kit.line.listen(kit.settings.switch.ami_port)
        try:
            await kit.start_switch()
            await kit.start_controller()
            await kit.work()
            yield kit
        finally:
            kit.line.close()
            await kit.stop()
    shutil.rmtree(base, ignore_errors=True)


async def under_load(kit: CutKit, trouble: object, calls: int = CALLS) -> None:
    """Callers come while there is ``trouble`` (an awaitable); afterwards all is as it should be."""
    kit.seed += 1
    async with Witness(kit) as witness, asyncio.TaskGroup() as group:
        group.create_task(trouble)  # type: ignore[arg-type]
        await play(kit, kit.seed, calls, PER_S, KINDS, patience_s=9.0)
    await kit.until(kit.healthy, 20.0)
    await kit.until(lambda: all_is_quiet(kit), 20.0)
    await kit.until(kit.no_channels)
    assert set(witness.kinds()) <= {"caller", "leg"}
    assert witness.kinds()["caller"] >= calls


async def everything_is_stored(kit: CutKit) -> Counter[str]:
    """Each call that ever came is in the database, once; whoever came and left while there was no
    controller is not, and is taken over from Asterisk's own record later."""
    record = cel_calls(kit)
    unmet = {
        call
        for call, seen in record.items()
        if any(since - 1 < seen.began_s and seen.ended_s < until + 1 for since, until in kit.away)
    }

    def stored() -> bool:
        rows = [row[0] for row in kit.sql("select call from calls")]
        return set(record) - unmet <= set(rows) <= set(record)

    await kit.until(stored, 40.0)
    return balance(kit)


def moments(kit: CutKit, count: int, least_s: float, most_s: float) -> list[float]:
    chance = random.Random(kit.seed)
    return [chance.uniform(least_s, most_s) for _ in range(count)]


async def test_the_manager_connection_is_reset_again_and_again(kit: CutKit) -> None:
    async def cuts() -> None:
        for wait_s in moments(kit, 4, 0.3, 2.0):
            await asyncio.sleep(wait_s)
            kit.line.cut(Line.RESET)
            await asyncio.sleep(wait_s / 2)
            kit.line.mend()

    before = kit.line.connections
    await under_load(kit, cuts())
    assert kit.line.connections > before + 2
    outcomes = await everything_is_stored(kit)
    assert outcomes["answered"] > 10


async def test_the_manager_connection_falls_silent(kit: CutKit) -> None:
    async def cut() -> None:
        await asyncio.sleep(moments(kit, 1, 1.0, 3.0)[0])
        kit.line.cut(Line.SILENT)
        await kit.until(lambda: unwell(kit), 20.0)
        kit.line.mend()

    await under_load(kit, cut())
    await everything_is_stored(kit)


async def unwell(kit: CutKit) -> bool:
    return not await kit.healthy()


async def test_the_controller_stands_still_for_a_while(kit: CutKit) -> None:
    async def freeze() -> None:
        assert kit.controller is not None
        for wait_s in moments(kit, 2, 0.5, 2.0):
            await asyncio.sleep(wait_s)
            kit.controller.send_signal(signal.SIGSTOP)
            await asyncio.sleep(1.5 + wait_s)
            kit.controller.send_signal(signal.SIGCONT)

    await under_load(kit, freeze())
    await everything_is_stored(kit)


async def test_the_controller_is_killed_twice(kit: CutKit) -> None:
    async def kill() -> None:
        for wait_s in moments(kit, 2, 1.0, 2.5):
            await asyncio.sleep(wait_s)
            await kit.kill_controller()
            killed_s = time.time()
            await kit.start_controller()
            kit.away.append((killed_s, time.time()))

    await under_load(kit, kill())
    await everything_is_stored(kit)


async def test_the_database_is_locked_by_somebody_else(kit: CutKit) -> None:
    async def lock() -> None:
        with contextlib.closing(sqlite3.connect(kit.database, isolation_level=None)) as other:
            await asyncio.sleep(moments(kit, 1, 0.5, 2.0)[0])
            other.execute("begin exclusive")
            await asyncio.sleep(4.0)
            other.execute("rollback")

    await under_load(kit, lock())
    await everything_is_stored(kit)


async def test_the_database_is_not_what_it_was_for_a_while(kit: CutKit) -> None:
    """Moved away, with a folder in its place; then back."""

    async def swap() -> None:
        await asyncio.sleep(moments(kit, 1, 0.5, 2.0)[0])
        aside = kit.disk / "aside"
        aside.mkdir()
        for file in kit.disk.glob("madoguchi.sqlite*"):
            file.rename(aside / file.name)
        kit.database.mkdir()
        await asyncio.sleep(3.0)
        kit.database.rmdir()
        for file in aside.iterdir():
            file.rename(kit.disk / file.name)

    await under_load(kit, swap())
    await everything_is_stored(kit)


async def test_the_disk_of_the_database_is_full(kit: CutKit) -> None:
    ballast = kit.disk / "ballast"

    async def fill() -> None:
        await asyncio.sleep(moments(kit, 1, 0.5, 2.0)[0])
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        await asyncio.sleep(4.0)
        ballast.unlink()

    await under_load(kit, fill())
    await everything_is_stored(kit)


async def test_the_database_is_taken_away(kit: CutKit) -> None:
    """What was stored before is gone with the file; what comes from then on is all there."""
    before = set(cel_calls(kit))

    async def take() -> None:
        await asyncio.sleep(moments(kit, 1, 0.5, 2.0)[0])
        for file in kit.disk.glob("madoguchi.sqlite*"):
            file.unlink()

    await under_load(kit, take())
    late = set(cel_calls(kit)) - before
    await kit.until(kit.database.exists, 30.0)
    await kit.until(lambda: {row[0] for row in kit.sql("select call from calls")} >= late, 40.0)
    assert len(late) == CALLS
