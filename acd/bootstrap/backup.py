"""Backs a centre up: a whole copy now and then, and increments of what came since, beside it all.

Steps that only the local journal has are taken from there, so that an increment misses nothing that
was decided when it began, also while the database is away. The order matters: files of the state
directory before the database (the operation log's head must not be ahead of the log), and sound
after it (what the index names is there).
"""

from __future__ import annotations

import time
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.adapters.backup.folder import (
    FORMAT,
    BackupFolder,
    BackupSet,
    BaseInfo,
    IncrementInfo,
    write_info,
    written,
)
from acd.adapters.backup.frames_file import NAME as FRAMES
from acd.adapters.backup.frames_file import Written, write_frames
from acd.adapters.backup.sound_files import copy_sound, remove_deleted
from acd.adapters.backup.state_files import (
    Listing,
    copy_changed,
    copy_folder,
    copy_private,
    listing,
)
from acd.adapters.recordings import sealed
from acd.adapters.secrets import FILE as SECRETS_FILE
from acd.adapters.snapshots import newest_in
from acd.adapters.spool_view import SpoolView
from acd.adapters.sql.database import sqlite_file
from acd.adapters.sql.kept_rows import (
    Since,
    marks_of,
    proven_deleted,
    read_kept,
    stored_recordings,
)
from acd.adapters.sql.whole_copy import copy_out, kind_of
from acd.bootstrap.cluster.folders import newest_log
from acd.bootstrap.kept import KeptLine
from acd.config.settings import Settings
from acd.errors import Refused, StoreUnavailable

CENTRE, STATE, SECRETS, DATABASE = "centre", "state", "secrets", "database"
SNAPSHOT, ROWS, INDEX = "snapshot.msgpack", "rows.msgpack", "recordings.json"
#: The file of the state directory that says when the last backup ended.
LAST = "backup.last"
#: Rows of recordings are taken from so long before the last increment on: clocks and transactions.
_OVERLAP_MS = 600_000


class BackedUp(Struct):
    """What one backup did. ``whole`` is false for an increment; ``database`` is false when that was
    away, and its rows follow with the next one."""

    name: str
    whole: bool
    steps: int
    recordings: int
    size_bytes: int
    took_s: float
    forgotten: list[str]
    database: bool = True


class Wanted(Struct, frozen=True):
    """When a whole copy is made, and how many are kept. ``secrets``: a folder that gets the secrets
    instead, so that no recording can be heard with the backup alone."""

    whole: bool = False
    whole_every_s: float = 86_400.0
    keep: int = 7
    secrets: Path | None = None


def back_up(settings: Settings, centre: Path, to: Path, wanted: Wanted) -> BackedUp:
    """Bring the backup in a folder up to now. Blocks. Raises StoreUnavailable, Refused."""
    _check_place(settings, to)
    folder, began_s = BackupFolder(to), time.monotonic()
    with folder.locked():
        sets = folder.sets()
        current = sets[-1] if sets else None
        whole = wanted.whole or current is None or _is_due(settings, current, wanted)
        if whole:
            current = _copy_whole(settings, centre, folder, wanted.secrets)
        assert current is not None
        if wanted.secrets is not None:
            copy_private(settings.secrets_dir / SECRETS_FILE, wanted.secrets)
        added = _add_increment(settings, current)
        sound = copy_sound(settings.state_dir / "recordings", folder.recordings)
        if added.database:
            proven = proven_deleted(settings.database_url)
            remove_deleted(folder.recordings, proven, sealed.destroy)
        gone = folder.forget(wanted.keep)
    KeptLine(settings.state_dir / LAST).write(f"{time.time():.0f} {current.path.name}")
    return BackedUp(
        name=current.path.name,
        whole=whole,
        steps=added.frames,
        recordings=sound.files,
        size_bytes=sum(path.stat().st_size for path in current.path.rglob("*") if path.is_file()),
        took_s=time.monotonic() - began_s,
        forgotten=gone,
        database=added.database,
    )


def _check_place(settings: Settings, to: Path) -> None:
    state, place = settings.state_dir.resolve(), to.resolve()
    if place == state or state in place.parents or place in state.parents:
        raise Refused(
            f"{to} and the state directory {state} lie in one another: name a folder elsewhere, "
            "best on another disk",
            code="backup_place",
            ja=f"{to} は状態フォルダー {state} と重なっています。"
            "別の場所 (できれば別のディスク) を指定してください。",
        )


def _is_due(settings: Settings, current: BackupSet, wanted: Wanted) -> bool:
    """Whether an increment would not do: too old, another database or journal, steps overwritten,
    or tables of another version."""
    info = current.base_info()
    if info.secrets != (wanted.secrets is None):
        return True
    if time.time() - info.made_ms / 1000 >= wanted.whole_every_s:
        return True
    view = _view(settings)
    if info.kind != kind_of(settings.database_url) or (view and view.stream != info.stream):
        return True
    if view is None:
        return False
    first = next(view.frames(_reached(current)), None)
    view.close()
    return first is not None and first.seq > _reached(current) + 1


def _reached(current: BackupSet) -> int:
    """The newest step in a set."""
    steps = [each.last_seq for each in current.increment_infos()]
    return max([current.base_info().seq, *steps])


def _stream(settings: Settings) -> str:
    view = _view(settings)
    if view is None:
        return ""
    view.close()
    return view.stream


def _view(settings: Settings) -> SpoolView | None:
    try:
        return SpoolView(newest_log(settings.state_dir))
    except StoreUnavailable:
        return None


def _files(settings: Settings, *, secrets: bool) -> Listing:
    file = sqlite_file(settings.database_url)
    return listing(settings.state_dir, file, "" if secrets else SECRETS_FILE)


def _copy_whole(
    settings: Settings, centre: Path, folder: BackupFolder, secrets: Path | None
) -> BackupSet:
    made = folder.new_set()
    with written(made.base) as part:
        files = _files(settings, secrets=secrets is None)
        copy_changed(settings.state_dir, part / STATE, files, {})
        if secrets is None and settings.secrets_dir != settings.state_dir:
            # Secrets that all controllers share and that lie elsewhere.
            copy_private(settings.secrets_dir / SECRETS_FILE, part / SECRETS)
        copy_folder(centre, part / CENTRE)
        (part / DATABASE).mkdir()
        made_ms = round(time.time() * 1000)
        stream = _stream(settings)
        marks = marks_of(settings.database_url)
        copied = copy_out(settings.database_url, part / DATABASE)
        sound = stored_recordings(settings.database_url)
        (part / INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(sound), indent=0))
        info = BaseInfo(
            format=FORMAT,
            made_ms=made_ms,
            program=version("madoguchi"),
            kind=copied.kind,
            revision=copied.revision,
            stream=stream,
            seq=copied.positions.get(stream, 0),
            centre=str(centre.resolve()),
            files=files,
            marks=marks,
            journal_from_ms=copied.journal_from_ms,
            rows=copied.rows,
            secrets=secrets is None,
        )
        write_info(part, info)
    return made


def _add_increment(settings: Settings, current: BackupSet) -> IncrementInfo:
    base, before = current.base_info(), current.increment_infos()
    last: BaseInfo | IncrementInfo = before[-1] if before else base
    with written(current.path / f"{len(before) + 1:06d}") as part:
        made_ms = round(time.time() * 1000)
        files = _files(settings, secrets=base.secrets)
        copy_changed(settings.state_dir, part / STATE, files, last.files)
        found = _rows(settings, last, part)
        reached = _reached(current)
        steps = _steps(settings, part, reached)
        info = IncrementInfo(
            # What this one could not read the next one has: it asks from where this one asked.
            made_ms=last.made_ms if found is None else made_ms,
            stream=base.stream,
            first_seq=steps.first_seq,
            last_seq=steps.last_seq or reached,
            frames=steps.frames,
            rows=found[0] if found else {},
            marks=found[1] if found else last.marks,
            files=files,
            database=found is not None,
        )
        write_info(part, info)
    return info


def _rows(
    settings: Settings, last: BaseInfo | IncrementInfo, part: Path
) -> tuple[dict[str, int], dict[str, int]] | None:
    """Take the rows that no step brings: how many by table, and the new marks. None when the
    database is away."""
    url = settings.database_url
    try:
        marks = marks_of(url)
        kept = read_kept(url, Since(last.marks, last.made_ms - _OVERLAP_MS))
    except StoreUnavailable:
        return None
    (part / ROWS).write_bytes(msgspec.msgpack.encode(kept))
    return {name: len(table.rows) for name, table in kept.items()}, marks


def _steps(settings: Settings, part: Path, reached: int) -> Written:
    """Take the steps after a number and the newest snapshot from the local journal."""
    view = _view(settings)
    if view is None:
        return Written()
    snapshot = newest_in(newest_log(settings.state_dir))
    if snapshot is not None and snapshot.stream == view.stream:
        (part / SNAPSHOT).write_bytes(msgspec.msgpack.encode(snapshot))
    done = write_frames(part / FRAMES, view.frames(reached))
    view.close()
    return done
