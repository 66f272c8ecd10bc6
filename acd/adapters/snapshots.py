"""The newest snapshots on the local disk: written aside, put in place by a rename.

Three files, their room taken from the disk at the start: two snapshots and a spare, so that a disk
that others fill does not stop snapshots. ``file = magic 8 | length 8 | crc 4 | msgpack``.
"""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path
from zlib import crc32

import msgspec

from acd.errors import StoreError
from acd.ports import Snapshot

MAGIC = b"MDGSNAP1"
_HEADER = struct.Struct("<8sQI")
#: Room that a snapshot file is given at once; it grows when a snapshot needs more.
ROOM_BYTES = 2 * 1024 * 1024
KEEP = 2


class SnapshotFiles:
    """Snapshots of one log in one folder."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self._folder = folder
        self._fsync = fsync
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(OSError):
            # Without room now, saving says so; later there may be some.
            for number in range(KEEP + 1 - len(self._paths()) - len(self._spares())):
                self._write(folder / f"snapshot.spare{number}", b"")

    def save(self, snapshot: Snapshot) -> None:
        """Write aside, then rename; raises a StoreError and leaves the older ones whole."""
        body = msgspec.msgpack.encode(snapshot)
        data = _HEADER.pack(MAGIC, len(body), crc32(body)) + body
        try:
            spare = next(iter(self._spares()), self._folder / "snapshot.spare0")
            self._write(spare, data)
            os.replace(spare, self._folder / f"snapshot-{snapshot.seq:020d}.mdg")
            for path in self._paths()[:-KEEP]:
                os.replace(path, spare)
        except OSError as error:
            raise StoreError(
                f"no snapshot could be written in {self._folder} "
                f"({os.strerror(error.errno or 0)}): the older ones stay valid",
                code="snapshot_failed",
            ) from error

    def _write(self, path: Path, data: bytes) -> None:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(fd).st_size < max(1, len(data)):
                os.posix_fallocate(fd, 0, max(ROOM_BYTES, len(data)))
            written = 0
            while written < len(data):
                written += os.pwrite(fd, data[written:], written)
            if self._fsync:
                os.fdatasync(fd)
        finally:
            os.close(fd)

    def newest(self) -> Snapshot | None:
        """The newest one whose check sum is right; older ones stand in for a damaged one."""
        return newest_in(self._folder)

    def _paths(self) -> list[Path]:
        return _paths_in(self._folder)

    def _spares(self) -> list[Path]:
        return sorted(self._folder.glob("snapshot.spare*"))


def newest_in(folder: Path) -> Snapshot | None:
    """The newest whole snapshot in a folder, for those who only look."""
    for path in reversed(_paths_in(folder)):
        snapshot = _read(path)
        if snapshot is not None:
            return snapshot
    return None


def _paths_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("snapshot-*.mdg"))


def _read(path: Path) -> Snapshot | None:
    try:
        with path.open("rb") as file:
            magic, length, crc = _HEADER.unpack(file.read(_HEADER.size))
            body = file.read(length) if magic == MAGIC else b""
        if magic != MAGIC or crc32(body) != crc:
            return None
        return msgspec.msgpack.decode(body, type=Snapshot)
    except (OSError, struct.error, OverflowError, MemoryError, msgspec.DecodeError):
        return None
