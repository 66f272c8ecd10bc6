"""Holds a backup, or a running installation, against what it says of itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.adapters.backup.folder import RECORDINGS, BackupFolder, BackupSet
from acd.adapters.backup.sound_files import SUFFIX, stored_ids
from acd.adapters.backup.sums import wrong_sums
from acd.adapters.recordings import sealed
from acd.adapters.snapshots import newest_in
from acd.adapters.spool_view import SpoolView
from acd.adapters.sql.database import sqlite_file
from acd.adapters.sql.kept_rows import Kept
from acd.adapters.sql.whole_copy import whole_file, whole_folder
from acd.app.frames import decode_step
from acd.app.recordings import Condition
from acd.bootstrap.backup import DATABASE, INDEX, ROWS
from acd.bootstrap.ledger import check, spool_folder
from acd.bootstrap.people import operation_store
from acd.bootstrap.recording import kept_recordings
from acd.bootstrap.restore import choose, frames_of
from acd.config.settings import Settings
from acd.core.recording import RecordingStatus
from acd.errors import MadoguchiError, StoreCorrupt


class What(StrEnum):
    """What is looked at."""

    FILES = "files"
    DATABASE = "database"
    STEPS = "steps"
    RECORDINGS = "recordings"
    LEDGER = "ledger"
    OPERATIONS = "operations"
    SPOOL = "spool"


class Looked(Struct, frozen=True):
    """One result: how many were looked at, and what is wrong, by name (empty: nothing)."""

    what: What
    count: int
    wrong: tuple[str, ...] = ()


# -- a backup ----------------------------------------------------------------------------------


def verify_backup(source: Path, name: str = "") -> list[Looked]:
    """Look at the newest set (or the one of that name) as a restore would. Raises NotFound."""
    chosen = choose(source, name)
    parts = [chosen.base, *chosen.increments()]
    wrong = [f"{part.name}/{each}" for part in parts for each in wrong_sums(part)]
    files = sum(1 for part in parts for path in part.rglob("*") if path.is_file())
    looked = [Looked(What.FILES, files, tuple(wrong))]
    if wrong:
        return looked
    whole = whole_folder(chosen.base / DATABASE)
    rows = sum(chosen.base_info().rows.values())
    return [
        *looked,
        Looked(What.DATABASE, rows, () if whole else (DATABASE,)),
        _steps(chosen),
        _sound(chosen, BackupFolder(source).recordings),
    ]


def _steps(chosen: BackupSet) -> Looked:
    """Every step can be read, and none is missing between the whole copy and the last."""
    reached, count = chosen.base_info().seq, 0
    gaps: list[str] = []
    try:
        for frame in frames_of(chosen):
            if frame.seq > reached + 1:
                gaps.append(f"{reached + 1}–{frame.seq - 1}")
            if frame.detail:
                decode_step(frame)
            reached, count = max(reached, frame.seq), count + 1
    except StoreCorrupt as error:
        gaps.append(str(error))
    return Looked(What.STEPS, count, tuple(gaps))


def _sound(chosen: BackupSet, folder: Path) -> Looked:
    """The sound of every recording that the index names is there, and as it was sealed."""
    wanted = msgspec.json.decode((chosen.base / INDEX).read_bytes(), type=dict[str, str])
    for part in chosen.increments():
        if not (part / ROWS).exists():
            continue
        kept = msgspec.msgpack.decode((part / ROWS).read_bytes(), type=Kept)
        for row in kept[RECORDINGS].rows:
            one = dict(zip(kept[RECORDINGS].columns, row, strict=True))
            if one["status"] == RecordingStatus.STORED.value:
                wanted[one["id"]] = one["sha256"]
            else:
                wanted.pop(one["id"], None)
        proofs = kept["recording_deletions"]
        for row in proofs.rows:
            wanted.pop(row[proofs.columns.index("recording")], None)
    there, wrong = stored_ids(folder), []
    for recording, sha256 in sorted(wanted.items()):
        path = folder / recording[:2] / f"{recording}{SUFFIX}"
        if recording not in there or sealed.digest(path) != sha256:
            wrong.append(recording)
    return Looked(What.RECORDINGS, len(wanted), tuple(wrong))


# -- an installation ---------------------------------------------------------------------------


def verify_centre(settings: Settings) -> list[Looked]:
    """Look at everything that a centre keeps, beside the running controller or without one."""
    looks: list[tuple[What, Callable[[], Looked]]] = [
        (What.DATABASE, lambda: _database(settings)),
        (What.SPOOL, lambda: _spool(settings)),
        (What.LEDGER, lambda: asyncio.run(_ledger(settings))),
        (What.RECORDINGS, lambda: asyncio.run(_recordings(settings))),
        (What.OPERATIONS, lambda: asyncio.run(_operations(settings))),
    ]
    found = []
    for what, look in looks:
        try:
            found.append(look())
        except MadoguchiError as error:
            found.append(Looked(what, 0, (str(error),)))
    return found


def _database(settings: Settings) -> Looked:
    file = sqlite_file(settings.database_url)
    whole = file is None or whole_file(file)
    return Looked(What.DATABASE, 1, () if whole else (str(file),))


def _spool(settings: Settings) -> Looked:
    view = SpoolView(spool_folder(settings))
    count = len([decode_step(frame).at_s for frame in view.frames()])
    view.close()
    kept = newest_in(spool_folder(settings))
    return Looked(What.SPOOL, count, () if kept else ("snapshot",))


async def _ledger(settings: Settings) -> Looked:
    found = await check(settings)
    wrong = () if found.balances else ("madoguchi ledger check",)
    return Looked(What.LEDGER, found.calls.offered, wrong)


async def _recordings(settings: Settings) -> Looked:
    checked = await kept_recordings(settings, time.time).verify()
    wrong = [
        f"{each.recording} ({each.condition.value})"
        for each in checked
        if each.condition is not Condition.SOUND
    ]
    return Looked(What.RECORDINGS, len(checked), tuple(wrong))


async def _operations(settings: Settings) -> Looked:
    found = await operation_store(settings).verify()
    return Looked(What.OPERATIONS, found.last, (str(found.wrong_at),) if found.wrong_at else ())
