"""Operation log entries that the database has not taken yet, in a file of the state directory.

One line per entry, ``[stream, number, entry]``: a process has a stream of its own, so that the
database can tell which lines it holds already. One process uses the file at a time.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec
import structlog

from acd.errors import StoreUnavailable
from acd.ports_people import OperationEntry, WaitingOperation

FILE = "operations.waiting"
#: Some 80,000 entries: days of work without the database.
MAX_BYTES = 16 * 1024 * 1024

#: No entry is larger.
ROOM_BYTES = 4_096

_log = structlog.get_logger("operations")


class OperationFile:
    """The file; made at the first entry, readable by its owner only."""

    def __init__(self, state_dir: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = state_dir / FILE
        self._max_bytes = max_bytes
        self._stream = secrets.token_hex(8)
        self._number = 0

    def check(self) -> None:
        """Raise StoreUnavailable when there is no room for an entry."""
        folder = self._path.parent
        try:
            used = self._path.stat().st_size if self._path.exists() else 0
            disk = os.statvfs(folder)
            free = disk.f_bavail * disk.f_frsize
        except OSError as error:
            raise StoreUnavailable(
                f"{folder} cannot be used: {error.strerror}", code="operation_log_full"
            ) from error
        if used + ROOM_BYTES > self._max_bytes or free < ROOM_BYTES:
            raise StoreUnavailable(
                "the operation log has no room left on the disk", code="operation_log_full"
            )

    def append(self, *entries: OperationEntry) -> None:
        """Keep entries, all or none of them; raises StoreUnavailable when the disk refuses them or
        the file is full."""
        lines = b"".join(
            msgspec.json.encode(WaitingOperation(self._stream, number, entry)) + b"\n"
            for number, entry in enumerate(entries, self._number + 1)
        )
        try:
            handle = self._opened()
            try:
                before = os.fstat(handle).st_size
                if before + len(lines) > self._max_bytes:
                    raise StoreUnavailable(
                        "the operation log waits for its database and its file is full",
                        code="operation_log_full",
                    )
                if os.write(handle, lines) != len(lines):
                    os.ftruncate(handle, before)
                    raise OSError(0, "the disk is full")
            finally:
                os.close(handle)
        except OSError as error:
            raise StoreUnavailable(
                f"{self._path} cannot be written: {error.strerror or error}",
                code="operation_log_full",
            ) from error
        self._number += len(entries)

    def _opened(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        try:
            return os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._path, flags, 0o600)

    def waiting(self, limit: int) -> list[WaitingOperation]:
        """The oldest entries that wait. A line that a crash cut off is left out and said."""
        found = []
        try:
            with self._path.open("rb") as file:
                for line in file:
                    try:
                        found.append(msgspec.json.decode(line, type=WaitingOperation))
                    except msgspec.DecodeError:
                        _log.error("operation_unreadable")
                    if len(found) == limit:
                        break
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreUnavailable(f"{self._path} cannot be read: {error.strerror}") from error
        return found

    def drop(self, last: WaitingOperation) -> None:
        """The database holds the entries up to ``last``: take them out."""
        try:
            rest = _after(self._path.read_bytes(), last)
            if not rest:
                self._path.unlink()
                return
            new = self._path.with_name(self._path.name + ".new")
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(rest)
            new.replace(self._path)
        except OSError as error:
            raise StoreUnavailable(f"{self._path} cannot be written: {error.strerror}") from error


def _after(data: bytes, last: WaitingOperation) -> bytes:
    lines = data.splitlines(keepends=True)
    for index, line in enumerate(lines):
        try:
            same = msgspec.json.decode(line, type=WaitingOperation) == last
        except msgspec.DecodeError:
            same = False
        if same:
            return b"".join(lines[index + 1 :])
    return data
