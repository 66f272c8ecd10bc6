"""Brings a centre back from its backup: into an empty place, and with every step that was kept.

The whole copy comes first, under the tables that it was made with; then rows of increments, this
version's tables, and the steps that the copy had not. What the engine knew (who waits to be called
back, who is logged in, what a supervisor closed) is restored from the newest snapshot and the steps
after it, into a journal of its own: the old machine, should it come back, cannot mix with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from acd.adapters.backup.folder import RECORDINGS, BackupFolder, BackupSet, BaseInfo
from acd.adapters.backup.frames_file import NAME as FRAMES
from acd.adapters.backup.frames_file import read_frames
from acd.adapters.backup.sound_files import copy_sound
from acd.adapters.backup.state_files import copy_folder, copy_private
from acd.adapters.backup.sums import wrong_sums
from acd.adapters.secrets import FILE as SECRETS_FILE
from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.database import upgrade
from acd.adapters.sql.kept_rows import Kept, write_kept
from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.records import SqlRecords
from acd.adapters.sql.whole_copy import clear, copy_in, is_empty, kind_of
from acd.app.frames import check_schema, decode_step
from acd.bootstrap.backup import CENTRE, DATABASE, ROWS, SECRETS, SNAPSHOT, STATE
from acd.bootstrap.ledger import spool_folder
from acd.config import load_settings, load_timezone
from acd.config.settings import Settings
from acd.core.cdr import Book
from acd.core.engine import Engine
from acd.core.events import SCHEMA
from acd.errors import NotFound, Refused, StoreCorrupt, StoreUnavailable
from acd.ports import Frame, Snapshot

#: Steps that one transaction brings.
_BATCH = 2_000
#: Ids that the lost machine may have given after its last backup.
_ID_ROOM = 1_000_000
#: Hears what is done now.
Told = Callable[[str], None]


class Restored(Struct):
    """What was restored, and where to. ``state`` is false when the engine begins anew."""

    name: str
    centre: str
    state_dir: str
    made_ms: int
    last_ms: int
    steps: int
    recordings: int
    state: bool
    took_s: float = 0.0


def restore(
    source: Path, into: Path | None, name: str, told: Told, secrets: Path | None = None
) -> Restored:
    """Restore the newest set of a backup (or the one of that ``name``). ``into``: a folder that
    gets the centre's own files (None: where they were); ``secrets``: where the backup put those,
    if not into itself. Blocks. Raises NotFound, Refused, StoreCorrupt, StoreUnavailable."""
    began_s = time.monotonic()
    chosen = choose(source, name)
    told("sums")
    check_sums(chosen)
    info = chosen.base_info()
    _need_secrets(info, secrets)
    centre = into / CENTRE if into else Path(info.centre)
    _refuse_full(centre)
    copy_folder(chosen.base / CENTRE, centre)
    try:
        settings = load_settings(centre)
        _refuse_others(settings, info)
    except BaseException:
        shutil.rmtree(centre)
        raise
    try:
        done = _bring(chosen, centre, settings, told, secrets)
    except BaseException:
        # What was empty before is empty again: the next attempt is not refused.
        _undo(settings, centre)
        raise
    done.took_s = time.monotonic() - began_s
    return done


def _bring(
    chosen: BackupSet, centre: Path, settings: Settings, told: Told, secrets: Path | None
) -> Restored:
    info, increments = chosen.base_info(), chosen.increment_infos()
    told("files")
    _restore_files(chosen, settings)
    if secrets is not None:
        copy_private(secrets / SECRETS_FILE, settings.secrets_dir)
    told("database")
    url = settings.database_url
    copy_in(url, chosen.base / DATABASE, info.revision, info.journal_from_ms)
    for part in chosen.increments():
        if (part / ROWS).exists():
            write_kept(url, msgspec.msgpack.decode((part / ROWS).read_bytes(), type=Kept))
    upgrade(url)
    told("steps")
    steps = asyncio.run(_bring_steps(url, info.stream, chosen))
    state = asyncio.run(_restore_engine(settings, load_timezone(centre), chosen))
    told("recordings")
    sound = copy_sound(chosen.path.parent / RECORDINGS, settings.state_dir / "recordings")
    return Restored(
        name=chosen.path.name,
        centre=str(centre),
        state_dir=str(settings.state_dir),
        made_ms=info.made_ms,
        last_ms=increments[-1].made_ms if increments else info.made_ms,
        steps=steps,
        recordings=sound.files,
        state=state,
    )


def _undo(settings: Settings, centre: Path) -> None:
    with contextlib.suppress(StoreUnavailable):
        clear(settings.database_url)
    for folder in (centre, settings.state_dir):
        shutil.rmtree(folder, ignore_errors=True)


def choose(source: Path, name: str = "") -> BackupSet:
    """The newest set of a backup, or the one of a name; raises NotFound."""
    sets = BackupFolder(source).sets()
    for each in reversed(sets):
        if name in ("", each.path.name):
            return each
    names = ", ".join(each.path.name for each in sets)
    raise NotFound(
        f"{source} has no backup {name}: there are {names}" if sets else
        f"there is no backup in {source}: name the folder that `madoguchi backup --to` was given",
        code="no_backup",
        ja=f"{source} に {name} はありません。あるのは {names} です。" if sets else
        f"{source} にバックアップがありません。`madoguchi backup --to` の先を指定してください。",
    )  # fmt: skip


def check_sums(chosen: BackupSet) -> None:
    """Raise StoreCorrupt where a file is not as it was written."""
    for part in [chosen.base, *chosen.increments()]:
        wrong = wrong_sums(part)
        if wrong:
            raise StoreCorrupt(
                f"{part / wrong[0]} is damaged or missing ({len(wrong)} files in all): restore "
                "another set with --set, or this one from a copy of the backup",
                code="backup_damaged",
                ja=f"{part / wrong[0]} が壊れているか、ありません (計 {len(wrong)} 個)。"
                "--set で別の世代を復元するか、バックアップの控えを使ってください。",
            )


def _refuse_full(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Refused(
            f"{folder} is not empty, and nothing is ever overwritten: move it away, or name "
            "another place with --into",
            code="restore_not_empty",
            ja=f"{folder} は空ではありません。上書きはしません。"
            "移動するか、--into で別の場所を指定してください。",
        )


def _need_secrets(info: BaseInfo, secrets: Path | None) -> None:
    if info.secrets or (secrets is not None and (secrets / SECRETS_FILE).is_file()):
        return
    raise Refused(
        f"the secrets are not in this backup: name the folder that has {SECRETS_FILE} with "
        "--secrets",
        code="restore_without_secrets",
        ja=f"このバックアップに秘密は入っていません。{SECRETS_FILE} のあるフォルダーを "
        "--secrets で指定してください。",
    )


def _refuse_others(settings: Settings, info: BaseInfo) -> None:
    _refuse_full(settings.state_dir)
    if kind_of(settings.database_url) != info.kind:
        raise Refused(
            f"the backup was made of a {info.kind} database, and the settings name another kind: "
            "set store.database_url to one of that kind",
            code="restore_other_database",
            ja=f"バックアップは {info.kind} のものですが、設定のデータベースは種類が違います。"
            "store.database_url を同じ種類にしてください。",
        )
    if not is_empty(settings.database_url):
        raise Refused(
            "the database of the settings is not empty, and nothing is ever overwritten: make a "
            "new one and name it in MADOGUCHI_STORE__DATABASE_URL (or store.database_url)",
            code="restore_database_not_empty",
            ja="設定のデータベースは空ではありません。上書きはしません。新しく作り、"
            "MADOGUCHI_STORE__DATABASE_URL (または store.database_url) で指定してください。",
        )


def _restore_files(chosen: BackupSet, settings: Settings) -> None:
    """The files of the state directory as they were at the end, for the owner alone."""
    state = settings.state_dir
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in [chosen.base, *chosen.increments()]:
        if (part / STATE).is_dir():
            copy_folder(part / STATE, state)
    increments = chosen.increment_infos()
    last = increments[-1].files if increments else chosen.base_info().files
    for path in [each for each in state.rglob("*") if each.is_file()]:
        if str(path.relative_to(state)) not in last:
            path.unlink()
    if (chosen.base / SECRETS).is_dir() and settings.secrets_dir != state:
        settings.secrets_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not any(settings.secrets_dir.iterdir()):
            copy_folder(chosen.base / SECRETS, settings.secrets_dir)


def frames_of(chosen: BackupSet) -> Iterator[Frame]:
    """The steps of all increments, in order; raises StoreCorrupt."""
    for part in chosen.increments():
        if (part / FRAMES).exists():
            for block in read_frames(part / FRAMES):
                yield from block


async def _bring_steps(url: str, stream: str, chosen: BackupSet) -> int:
    """Store the steps that the copy had not, as the drainer would have; returns how many."""
    if not stream:
        return 0
    records, brought = SqlRecords(url), 0
    try:
        reached = await records.position(stream)
        waiting: list[Frame] = []
        for frame in frames_of(chosen):
            if frame.seq > reached:
                waiting.append(frame)
            if len(waiting) >= _BATCH:
                await records.store(stream, waiting)
                brought, waiting = brought + len(waiting), []
        if waiting:
            await records.store(stream, waiting)
        return brought + len(waiting)
    finally:
        await records.close()


async def _restore_engine(settings: Settings, timezone: str, chosen: BackupSet) -> bool:
    """A journal that begins with what the engine knew; False where steps are missing after the
    newest snapshot, and the centre begins as on its first day."""
    kept = [part / SNAPSHOT for part in chosen.increments() if (part / SNAPSHOT).exists()]
    if not kept:
        return False
    snapshot = msgspec.msgpack.decode(kept[-1].read_bytes(), type=Snapshot)
    reader = LedgerReader(settings.database_url)
    try:
        check_schema(snapshot.schema, "the snapshot of the backup")
        engine = Engine.restore(snapshot.engine, ZoneInfo(timezone))
        book, reached, at_s = Book.restore(snapshot.book), snapshot.seq, snapshot.at_s
        async for frame in reader.frames(snapshot.stream, reached):
            if frame.seq != reached + 1:
                return False
            step = decode_step(frame)
            for event in step.events:
                engine.apply(event, step.at_s)
                book.fold(step.at_s, event)
            reached, at_s = frame.seq, step.at_s
    except StoreCorrupt:
        return False
    finally:
        await reader.close()
    engine.leave_out_ids(_ID_ROOM)
    _begin_journal(settings, at_s, engine, book)
    return True


def _begin_journal(settings: Settings, at_s: float, engine: Engine, book: Book) -> None:
    store, folder = settings.store, spool_folder(settings)
    size = SpoolSize(total_bytes=store.spool_mib * MIB, reserve_bytes=store.reserve_mib * MIB)
    spool = Spool(folder, size)
    begin = Snapshot(spool.stream, 0, at_s, SCHEMA, engine.snapshot(), book.snapshot())
    SnapshotFiles(folder).save(begin)
    spool.close()
