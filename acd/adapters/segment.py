"""One preallocated file of frames: its header, appending, reading.

::

    file  = header | frame | frame | ... | anything
    header = magic 8 | format 2 | kind 2 | number 8 | first_seq 8 | stream 16 | crc 4
    frame  = length 4 | rows_len 4 | schema 2 | 0 2 | seq 8 | crc 4 | rows | detail

All numbers are little-endian; ``length`` counts rows and detail. Each check sum continues the one
before it, beginning with the header's: a frame left over from an earlier use of the file, or from
beyond a torn frame that has been overwritten since, never passes. The first frame that does not
pass ends the segment.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from msgspec import Struct

from acd.errors import StoreError
from acd.ports import Frame

MAGIC = b"MDGSPOOL"
FORMAT = 1
KIND_RING = 0
KIND_RESERVE = 1

_HEADER = struct.Struct("<8sHHQQ16s")
_CRC = struct.Struct("<I")
_FRAME = struct.Struct("<IIHHQ")
HEADER_BYTES = _HEADER.size + _CRC.size
FRAME_BYTES = _FRAME.size + _CRC.size
_READ_BYTES = 1 << 20


class Cursor(Struct, frozen=True):
    """Where reading goes on: after frame ``seq``, at ``offset``, check sum so far ``crc``."""

    seq: int
    offset: int
    crc: int


class Segment:
    """One file of frames. ``number`` rises with every use of a file; 0 means not in use."""

    __slots__ = ("_fd", "crc", "end", "first_seq", "kind", "last_seq", "number", "path", "size",
                 "stream", "tip_known")  # fmt: skip

    def __init__(self, path: Path, fd: int, size: int) -> None:
        self.path = path
        self.size = size
        self._fd = fd
        self.number = 0
        self.kind = KIND_RING
        self.first_seq = 0
        self.stream = ""
        self.crc = 0
        self.end = 0
        self.last_seq = 0
        self.tip_known = False
        self.read_header()

    @classmethod
    def create(cls, path: Path, size: int) -> Segment:
        """Open the file, with all of its room reserved on disk; OSError when there is none."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # A file that was made larger stays so: there may be frames beyond the new size.
            there = os.fstat(fd).st_size
            if there < size:
                os.posix_fallocate(fd, 0, size)
        except OSError:
            os.close(fd)
            raise
        return cls(path, fd, max(there, size))

    @classmethod
    def open_readonly(cls, path: Path) -> Segment:
        """Open an existing file for looking only."""
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return cls(path, fd, os.fstat(fd).st_size)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        os.fdatasync(self._fd)

    # -- using a file anew ---------------------------------------------------------------

    def begin(self, number: int, kind: int, first_seq: int, stream: str) -> None:
        """Use the file anew: whatever frames it held are gone."""
        head = _HEADER.pack(MAGIC, FORMAT, kind, number, first_seq, bytes.fromhex(stream))
        crc = crc32(head)
        self._write_at(0, head + _CRC.pack(crc))
        self.number, self.kind, self.first_seq, self.stream = number, kind, first_seq, stream
        self.crc, self.end, self.last_seq = crc, HEADER_BYTES, first_seq - 1
        self.tip_known = True

    def read_header(self) -> None:
        """Look which use of the file this is; ``number`` is 0 when it is in none."""
        self.number = 0
        raw = os.pread(self._fd, HEADER_BYTES, 0)
        if len(raw) < HEADER_BYTES:
            return
        magic, form, kind, number, first_seq, stream = _HEADER.unpack_from(raw)
        (crc,) = _CRC.unpack_from(raw, _HEADER.size)
        if magic != MAGIC or form != FORMAT or crc != crc32(raw[: _HEADER.size]):
            return
        self.number, self.kind, self.first_seq, self.stream = number, kind, first_seq, stream.hex()
        self.crc, self.end, self.last_seq = crc, HEADER_BYTES, first_seq - 1

    def start(self) -> Cursor:
        """Where reading of this segment begins."""
        raw = os.pread(self._fd, HEADER_BYTES, 0)
        return Cursor(self.first_seq - 1, HEADER_BYTES, crc32(raw[: _HEADER.size]))

    # -- appending -----------------------------------------------------------------------

    def room(self) -> int:
        """Bytes that are still free."""
        return self.size - self.end

    def append(self, frames: Sequence[Frame]) -> None:
        """Write frames that are known to fit, in one system call; StoreError if it fails."""
        parts: list[bytes] = []
        crc, pack = self.crc, _FRAME.pack
        for frame in frames:
            rows, detail = frame.rows, frame.detail
            size = len(rows)
            head = pack(size + len(detail), size, frame.schema, 0, frame.seq)
            crc = crc32(detail, crc32(head + rows, crc))
            parts += (head, _CRC.pack(crc), rows, detail)
        data = b"".join(parts)
        self._write_at(self.end, data)
        self.crc = crc
        self.end += len(data)
        self.last_seq = frames[-1].seq

    def _write_at(self, offset: int, data: bytes) -> None:
        try:
            written = os.pwrite(self._fd, data, offset)
            while written < len(data):
                written += os.pwrite(self._fd, data[written:], offset + written)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "unknown fault"
            raise StoreError(
                f"the journal's disk does not take any more ({reason}): look at {self.path.parent}",
                code="spool_disk_failed",
            ) from error

    # -- reading -------------------------------------------------------------------------

    def find_end(self) -> None:
        """Go to the end of the frames that pass, so that appending continues there."""
        cursor = self.start()
        while True:
            frames, after = self.read(cursor, self.size, 65_536)
            if not frames:
                break
            cursor = after
        self.crc, self.end, self.last_seq = cursor.crc, cursor.offset, cursor.seq
        self.tip_known = True

    def read(
        self, cursor: Cursor, limit_offset: int, max_frames: int
    ) -> tuple[list[Frame], Cursor]:
        """Frames from the cursor on that pass, and the cursor after them; none at the end."""
        want = min(_READ_BYTES, limit_offset - cursor.offset)
        if want < FRAME_BYTES:
            return [], cursor
        data = os.pread(self._fd, want, cursor.offset)
        frames, after = _parse(data, cursor, max_frames)
        if frames or len(data) < FRAME_BYTES:
            return frames, after
        length = _FRAME.unpack_from(data)[0]
        whole = FRAME_BYTES + length
        if len(data) < whole <= limit_offset - cursor.offset:
            data = os.pread(self._fd, whole, cursor.offset)
            return _parse(data, cursor, 1)
        return [], cursor


def frame_size(frame: Frame) -> int:
    """Bytes that the frame takes on disk."""
    return FRAME_BYTES + len(frame.rows) + len(frame.detail)


def _parse(data: bytes, cursor: Cursor, max_frames: int) -> tuple[list[Frame], Cursor]:
    frames: list[Frame] = []
    at, crc, seq, size = 0, cursor.crc, cursor.seq, len(data)
    while len(frames) < max_frames and at + FRAME_BYTES <= size:
        length, rows_len, schema, zero, number = _FRAME.unpack_from(data, at)
        body = at + FRAME_BYTES
        if zero or rows_len > length or number <= seq or body + length > size:
            break
        rows = data[body : body + rows_len]
        detail = data[body + rows_len : body + length]
        expected = crc32(detail, crc32(data[at : at + _FRAME.size] + rows, crc))
        if expected != _CRC.unpack_from(data, at + _FRAME.size)[0]:
            break
        frames.append(Frame(number, schema, rows, detail))
        at, crc, seq = body + length, expected, number
    return frames, Cursor(seq, cursor.offset + at, crc)
