"""The record of a cut-over: one line for each thing done, each bound to the one before it.

A line is JSON with the SHA-256 of the line before, so that nothing can be changed or taken out in
the middle without it being seen; the last hash stands in the evidence that the city files.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from acd.errors import StoreCorrupt, StoreUnavailable

FILE = "log.jsonl"
MAX_BYTES = 64 * 1024 * 1024
_FIRST = "0" * 64


class Entry(Struct, frozen=True):
    """One thing that was done: which (``deed``), when (Unix seconds), by whom (as named, and the
    account of this machine), under which version and files, and what came of it (``facts``)."""

    deed: str
    at_s: float
    by: str
    account: str
    version: str
    files: dict[str, str]
    facts: dict[str, Any] = {}
    before: str = _FIRST


class CutoverLog:
    """The record in one folder of the state directory; made at the first entry."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE

    def entries(self) -> list[Entry]:
        """Everything that was done, in order; raises StoreCorrupt where the chain is broken."""
        found: list[Entry] = []
        before = _FIRST
        for number, line in enumerate(self._lines(), start=1):
            try:
                entry = msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError:
                entry = None
            if entry is None or entry.before != before:
                raise StoreCorrupt(
                    f"{self._path} was changed at line {number}: restore it from a backup",
                    ja=f"{self._path} の {number} 行目が書き換えられています。"
                    "バックアップから戻してください。",
                )
            found.append(entry)
            before = hashlib.sha256(line).hexdigest()
        return found

    def head(self) -> str:
        """The hash of the last line, which stands for all of them."""
        lines = self._lines()
        return hashlib.sha256(lines[-1]).hexdigest() if lines else _FIRST

    def add(self, entry: Entry) -> Entry:
        """Write one more line, safely on disk when this returns; raises StoreUnavailable."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            kept = msgspec.structs.replace(entry, before=self.head())
            os.write(handle, msgspec.json.encode(kept) + b"\n")
            os.fsync(handle)
        except OSError as error:
            raise self._unavailable(error) from error
        finally:
            os.close(handle)
        return kept

    def _lines(self) -> list[bytes]:
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unavailable(error) from error
        return data[:MAX_BYTES].splitlines()

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        reason = error.strerror or type(error).__name__
        return StoreUnavailable(
            f"{self._path} cannot be used: {reason}",
            ja=f"{self._path} を使えません ({reason})。",
        )
