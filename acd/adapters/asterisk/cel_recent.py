"""The last part of Asterisk's own record, found and read without holding anybody up.

Lines stand in the order of their moments, so where to begin is found by halving; it is read in
small portions with pauses, since the calls of this very process go on meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from acd.adapters.asterisk.cel import (
    MAX_LINE_BYTES,
    CelRecord,
    cannot_be_read,
    offers_answered,
    read_cel_lines,
)
from acd.adapters.asterisk.cel_files import record_files
from acd.core.ids import OfferId

#: More than this is not read: some 7,000 calls, which is more than a takeover keeps waiting.
MOST_BYTES = 16 * 1024 * 1024
_PORTION, _PAUSE_S = 128, 0.002


class Recent(Struct):
    """The calls of a record that began at a moment or later; ``whole`` is false when there was more
    than may be read."""

    record: CelRecord
    whole: bool


def read_recent(newest: Path, from_ms: int, most_bytes: int = MOST_BYTES) -> Recent:
    """What ``newest``, and the files put aside before it, say of calls from ``from_ms`` (Unix
    milliseconds) on; blocks, but leaves others their turn. A folder without files is that of a
    switch without calls; raises NotFound when there is none, or nothing may be read."""
    reading = _Reading(most_bytes)
    try:
        record = read_cel_lines(reading.lines(_files(newest, from_ms), from_ms))
    except OSError as error:
        raise cannot_be_read(newest) from error
    calls = {key: call for key, call in record.calls.items() if call.started_ms >= from_ms}
    return Recent(CelRecord(calls, record.unreadable), reading.left > 0)


def answered_since(newest: Path, from_ms: int, most_bytes: int = MOST_BYTES) -> set[OfferId]:
    """The offers that became talks from ``from_ms`` (Unix milliseconds) or a little before it on;
    as :func:`read_recent` it blocks, leaves others their turn, and raises NotFound."""
    reading = _Reading(most_bytes)
    try:
        return offers_answered(reading.lines(_files(newest, from_ms), from_ms))
    except OSError as error:
        raise cannot_be_read(newest) from error


def _files(newest: Path, from_ms: int) -> list[Path]:
    """The files without those that end before: the first line of the next one is too old."""
    files = record_files(newest)
    if not files and not newest.parent.is_dir():
        raise cannot_be_read(newest)
    first = 0
    for number, path in enumerate(files):
        with path.open("rb") as file:
            begins_ms = _moment(file.readline(MAX_LINE_BYTES))
        if begins_ms is not None and begins_ms < from_ms:
            first = number
    return files[first:]


class _Reading:
    """Lines from a moment on; ``left`` counts down what may still be read."""

    def __init__(self, most_bytes: int) -> None:
        self.left = most_bytes

    def lines(self, files: list[Path], from_ms: int) -> Iterator[str]:
        for path in files:
            with path.open("rb") as file:
                file.seek(_offset(file, from_ms))
                number = 0
                while self.left > 0 and (line := file.readline(MAX_LINE_BYTES)):
                    self.left -= len(line)
                    number += 1
                    if number % _PORTION == 0:
                        time.sleep(_PAUSE_S)
                    yield line.decode("utf-8", "replace")


def _offset(file: BinaryIO, from_ms: int) -> int:
    """Where a line begins before which all are older than ``from_ms``."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > MAX_LINE_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline(MAX_LINE_BYTES)  # the rest of a line
        at = file.tell()
        moment = _moment(file.readline(MAX_LINE_BYTES))
        if moment is not None and moment < from_ms and at > low:
            low = at
        else:
            high = middle
    return low


def _moment(line: bytes) -> int | None:
    """When a line's event happened; None when it does not say."""
    try:
        return round(float(line.split(b",", 2)[1].strip(b'"')) * 1000)
    except (IndexError, ValueError, OverflowError):
        return None
