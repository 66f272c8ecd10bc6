"""The logs of a controller of a cluster: its own, its copy of another's, and those still to store.

::

    spool/      the stream of its present or last time as leader
    copy/       the copy of the stream of whoever leads
    next/       an empty log, made beforehand: disk is taken while there is time
    streams/    logs of earlier times, until the database has what is in them

Each has a file ``token``: the fencing token under which its stream was led. The highest tells which
log is the newest.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import NamedTuple

import structlog

from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.spool_view import SpoolView
from acd.app.journal import Journal
from acd.app.restoring import restored_engine
from acd.app.standby import Kept, Warm
from acd.config.settings import Settings
from acd.core.plan import Plan
from acd.errors import StoreError
from acd.ports_replica import Reached

#: Logs of earlier times that are kept while the database does not take them.
MAX_STREAMS = 4

_log = structlog.get_logger("madoguchi.cluster")


class Left(NamedTuple):
    """A log of an earlier time. ``continued``: the present state goes on from it; else somebody
    else went on from another one, and only what nobody has is stored."""

    path: Path
    continued: bool


class Folders:
    """The folders of one controller. Use it from one process: logs are locked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dir = settings.state_dir
        self.own = self._dir / "spool"
        self._copy = self._dir / "copy"
        self._next = self._dir / "next"
        self._streams = self._dir / "streams"
        self._copied: Spool | None = None

    # -- standing by ---------------------------------------------------------------------------

    def newest(self, warm: Warm, plan: Plan) -> None:
        """Let ``warm`` begin with the newest state on this disk, if there is any."""
        copy, own = _token(self._copy), _token(self.own)
        if not self._copy.exists() and not self.own.exists():
            return
        folder, token = (self._copy, copy) if copy > own else (self.own, own)
        try:
            spool = self._open(folder)
            snapshots = SnapshotFiles(folder, fsync=self._settings.store.fsync)
            journal = Journal(spool, snapshots)
            engine, restored = restored_engine(journal, plan)
        except StoreError as error:
            _log.error("state_not_read", folder=folder.name, code=error.code)
            return
        if restored.engine is None and not restored.steps:
            spool.close()
            return
        reached = Reached(spool.stream, restored.seq)
        warm.adopt(engine, journal.book, restored.at_s, reached, token)
        if folder is self._copy and not restored.gap:
            self._copied = spool
            warm.keep_in(Kept(spool, snapshots))
        else:
            spool.close()

    def make_copy(self, stream: str, token: int) -> Kept:
        """Room for a copy of a stream; a copy of another one is put aside."""
        self.close_copy()
        if self._copy.exists():
            self._put_aside(self._copy, continued=False)
        spool = self._open(self._copy, stream)
        _write_token(self._copy, token)
        self._copied = spool
        return Kept(spool, SnapshotFiles(self._copy, fsync=self._settings.store.fsync))

    def prepare(self) -> None:
        """Make the log that the next time as leader begins with; raises StoreUnavailable, and
        leaves nothing half made, where the disk has no room for it."""
        if self._next.exists():
            return
        try:
            self._open(self._next).close()
            SnapshotFiles(self._next)
        except StoreError:
            shutil.rmtree(self._next, ignore_errors=True)
            raise

    def close_copy(self) -> None:
        """Let go of the copy's files."""
        if self._copied is not None:
            self._copied.close()
            self._copied = None

    # -- coming to lead ------------------------------------------------------------------------

    def begin_own(self, warm: Warm, token: int) -> None:
        """Begin a stream of our own with the state of ``warm``; what was there is put aside."""
        self.close_copy()
        self.prepare()
        came_from = warm.reached.stream
        if warm.ready:
            spool = self._open(self._next)
            stream = spool.stream
            spool.close()
            SnapshotFiles(self._next).save(warm.first_snapshot(stream))
        _write_token(self._next, token)
        for folder in (self._copy, self.own):
            if folder.exists():
                self._put_aside(folder, continued=_stream(folder) == came_from)
        self._next.rename(self.own)

    def _put_aside(self, folder: Path, *, continued: bool) -> None:
        self._streams.mkdir(mode=0o700, exist_ok=True)
        stream = _stream(folder)
        place = self._streams / f"{_token(folder):012d}-{stream[:8] or 'empty'}"
        if place.exists() or not stream:
            shutil.rmtree(folder)
            return
        folder.rename(place)
        (place / "continued").write_text("yes" if continued else "no", encoding="ascii")
        for old in self._all()[:-MAX_STREAMS]:
            _log.error("stream_never_stored", folder=old.name)
            shutil.rmtree(old, ignore_errors=True)

    # -- afterwards ----------------------------------------------------------------------------

    def left(self) -> list[Left]:
        """Logs of earlier times, the oldest first."""
        return [
            Left(path, (path / "continued").read_text(encoding="ascii") == "yes")
            for path in self._all()
            if (path / "continued").exists()
        ]

    def forget(self, left: Left) -> None:
        """It is stored."""
        shutil.rmtree(left.path, ignore_errors=True)

    def open_left(self, left: Left) -> Spool:
        """Its log; raises a StoreError."""
        return self._open(left.path)

    def _all(self) -> list[Path]:
        return sorted(self._streams.iterdir()) if self._streams.exists() else []

    def _open(self, folder: Path, stream: str = "") -> Spool:
        store = self._settings.store
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = SpoolSize(total_bytes=store.spool_mib * MIB, reserve_bytes=store.reserve_mib * MIB)
        return Spool(folder, size, fsync=store.fsync, stream=stream)


def newest_log(state_dir: Path) -> Path:
    """The folder of the newest log on this disk, for those who only look: its own, or the copy of
    the log of whoever leads."""
    own, copy = state_dir / "spool", state_dir / "copy"
    return copy if _token(copy) > _token(own) else own


def _token(folder: Path) -> int:
    """The token a folder's stream was led under; 0 where nobody led in a cluster."""
    with contextlib.suppress(OSError, ValueError):
        return int((folder / "token").read_text(encoding="ascii")[:20])
    return 0


def _write_token(folder: Path, token: int) -> None:
    (folder / "token").write_text(str(token), encoding="ascii")


def _stream(folder: Path) -> str:
    """Identity of the log in a folder; empty when there is none."""
    try:
        view = SpoolView(folder)
    except StoreError:
        return ""
    view.close()
    return view.stream
