"""The folder of a backup: ``<moment>/base`` and ``<moment>/000001``, ``000002`` ... after it.

A part is written beside its place and renamed when it is whole: what has a name can be restored.
Sound lies beside the sets, in ``recordings/``, once for all of them.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from acd.adapters.backup.sums import sync, write_sums
from acd.errors import StoreCorrupt, StoreUnavailable

BASE, RECORDINGS, INFO = "base", "recordings", "info.json"
#: The version of this layout.
FORMAT = 1
_SET = re.compile(r"\d{8}T\d{6}Z")
_INCREMENT = re.compile(r"\d{6}")
_T = TypeVar("_T", bound=Struct)


class BaseInfo(Struct, frozen=True):
    """What a whole copy holds. ``kind`` is that of the database, ``revision`` its tables'; ``seq``
    the newest step of ``stream`` in it; ``files`` those of the state directory (size, mtime);
    ``marks`` the newest numbers of tables that only grow, as they were before it was made;
    ``secrets`` says whether they are in it."""

    format: int
    made_ms: int
    program: str
    kind: str
    revision: str
    stream: str
    seq: int
    centre: str
    files: dict[str, tuple[int, int]]
    marks: dict[str, int]
    journal_from_ms: int
    rows: dict[str, int]
    secrets: bool


class IncrementInfo(Struct, frozen=True):
    """What an increment adds: the steps of ``stream`` from ``first_seq`` to ``last_seq``
    (``frames`` of them), ``rows`` by table unless the ``database`` was away, and all files of the
    state directory as they were then."""

    made_ms: int
    stream: str
    first_seq: int
    last_seq: int
    frames: int
    rows: dict[str, int]
    marks: dict[str, int]
    files: dict[str, tuple[int, int]]
    database: bool


class BackupSet:
    """One whole copy and its increments, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def base(self) -> Path:
        """The folder of the whole copy."""
        return self.path / BASE

    def increments(self) -> list[Path]:
        """The folders of the increments, oldest first."""
        return sorted(each for each in self.path.iterdir() if _INCREMENT.fullmatch(each.name))

    def base_info(self) -> BaseInfo:
        """About the whole copy; raises StoreCorrupt."""
        info = _read(self.base / INFO, BaseInfo)
        if info.format != FORMAT:
            raise StoreCorrupt(
                f"{self.base} was written by another version of madoguchi: restore it with that",
                ja=f"{self.base} は別の版の madoguchi が書いたものです。その版で復元してください。",
            )
        return info

    def increment_infos(self) -> list[IncrementInfo]:
        """About each increment, oldest first; raises StoreCorrupt."""
        return [_read(each / INFO, IncrementInfo) for each in self.increments()]


class BackupFolder:
    """All sets in one folder. One process writes at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.recordings = root / RECORDINGS

    def sets(self) -> list[BackupSet]:
        """The sets that are whole, oldest first."""
        if not self.root.is_dir():
            return []
        found = sorted(each for each in self.root.iterdir() if _SET.fullmatch(each.name))
        return [BackupSet(each) for each in found if (each / BASE).is_dir()]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder for its owner alone, and keep other processes from writing to it."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StoreUnavailable(
                    f"another backup into {self.root} is under way: wait for it, or stop it",
                    code="backup_under_way",
                    ja=f"{self.root} へのバックアップが別に動いています。"
                    "終わるのを待つか、止めてください。",
                ) from error
            yield
        finally:
            os.close(handle)

    def new_set(self) -> BackupSet:
        """A name for a set that begins now."""
        moment = dt.datetime.now(dt.UTC)
        while (path := self.root / f"{moment:%Y%m%dT%H%M%SZ}").exists():
            moment += dt.timedelta(seconds=1)
        return BackupSet(path)

    def forget(self, keep: int) -> list[str]:
        """Remove the oldest sets but for so many, and what was left half written; returns the
        names of the sets."""
        sets = self.sets()
        whole = {each.path for each in sets}
        for each in self.root.iterdir():
            if _SET.fullmatch(each.name) and each not in whole:
                shutil.rmtree(each)
        for old in sets[:-keep]:
            shutil.rmtree(old.path)
        return [old.path.name for old in sets[:-keep]]


@contextmanager
def written(place: Path) -> Iterator[Path]:
    """A folder to write into, which takes its place with check sums when all of it is there."""
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    try:
        yield part
        write_sums(part)
        part.rename(place)
        sync(place.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def write_info(folder: Path, info: BaseInfo | IncrementInfo) -> None:
    """Put what a part holds into it."""
    (folder / INFO).write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=1))


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise StoreCorrupt(
            f"{path} cannot be read: this part of the backup is damaged, take another set",
            ja=f"{path} を読めません。この部分は壊れています。別の世代を使ってください。",
        ) from error
