"""A centre with a past for tests of its backup: calls, people, recordings, an operation log."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from acd.adapters.recordings import sealed
from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.secrets import Secrets
from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.recordings import SqlRecordings
from acd.adapters.sql.records import SqlRecords
from acd.app.drainer import Drainer
from acd.app.journal import Journal
from acd.bootstrap.people import log_operation, people_store
from acd.config import load_settings
from acd.config.settings import Settings
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.recording import Recording
from acd.ports import Step
from acd.ports_people import OperationEntry, OperationKind, Person
from tests.fakes.centre import CENTRE
from tests.property.test_book_of_days import Recorded


def make_centre(folder: Path, url: str = "") -> Path:
    """A copy of the test city whose state lies beside it in ``var``; returns its folder."""
    centre = folder / "centre"
    shutil.copytree(CENTRE, centre)
    (centre / "settings.toml").write_text(
        f'state_dir = "../var"\n[store]\nspool_mib = 8\nreserve_mib = 1\ndatabase_url = "{url}"\n',
        encoding="utf-8",
    )
    return centre


def journal_steps(
    settings: Settings, steps: Sequence[Step], world: Recorded, *, drain: bool
) -> None:
    """Write steps as a controller does; the first ones with the snapshot that they begin with."""

    async def story() -> None:
        folder = settings.state_dir / "spool"
        spool = Spool(folder, SpoolSize(8 * MIB, MIB))
        journal = Journal(spool, SnapshotFiles(folder))
        journal.restore()
        if journal.last_seq == 0:
            journal.snapshot(world.start, journal.book.snapshot(), 0)
        journal.write(steps)
        if drain:
            records = SqlRecords(settings.database_url)
            assert await Drainer(spool, records).finish(10)
            await records.close()
        spool.close()

    asyncio.run(story())


def put_recording(settings: Settings, number: int, stored_ms: int) -> str:
    """Seal a sound of its own and let the index know it; returns its id."""
    recording = f"{number:032x}"
    path = settings.state_dir / "recordings" / recording[:2] / f"{recording}.rec"
    keys = MasterKeys(Secrets(settings.secrets_dir))
    master = keys.add()
    size, digest = sealed.seal([b"sound" * number], path, recording, master, keys.key(master))
    row = Recording(
        id=recording, call=CallId(f"17.{number}"), offer=OfferId("o1"), agent=AgentId("sato"),
        queue=QueueId("tax"), dialled="0466001111", started_ms=stored_ms, duration_ms=1,
        stored_ms=stored_ms, expires_ms=2 * stored_ms, size_bytes=size, sha256=digest, gaps=(),
        waveform=b"",
    )  # fmt: skip
    asyncio.run(SqlRecordings(settings.database_url).add(row))
    return recording


def put_person(settings: Settings, user: str, name: str) -> None:
    """Add or change somebody."""
    asyncio.run(people_store(settings).put(Person(user, name, ("auditor",))))


def note(settings: Settings, at_ms: int) -> None:
    """One entry of the operation log."""
    entry = OperationEntry(at_ms, OperationKind.SIGNED_IN, "ada", "auditor")
    asyncio.run(log_operation(settings, entry))


def settings_of(centre: Path) -> Settings:
    """The settings as the verbs read them."""
    return load_settings(centre)
