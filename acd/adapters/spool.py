"""The local log of frames: the journal's write-ahead log, and the spool before the database.

All of its room is reserved on disk when it is made, so that a full disk elsewhere does not stop
calls. Frames go into a ring of segments. A segment is used again when its frames are in the
database and behind the newest snapshot. When the ring is full of frames that the database has not
taken, the oldest segment gives way: its outcome rows move to the reserve, its detail is dropped
and counted. Appending never waits for the database.

One process writes (a file lock says so); others may look with
:class:`acd.adapters.spool_view.SpoolView`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import structlog
from msgspec import Struct

from acd.adapters.segment import (
    FRAME_BYTES,
    HEADER_BYTES,
    KIND_RESERVE,
    KIND_RING,
    Cursor,
    Segment,
    frame_size,
)
from acd.adapters.spool_view import in_use
from acd.app.frames import decode_rows, encode_rows
from acd.core.cdr_types import DetailDropped, OutcomeRow
from acd.core.events import SCHEMA
from acd.errors import ConfigError, Fault, StoreError, StoreUnavailable
from acd.ports import Frame

_log = structlog.get_logger("spool")

MIB = 1024 * 1024
MIN_SEGMENTS = 3
#: Room at the end of the reserve that only counts of what was dropped may use.
_COUNTS_BYTES = 16_384
_RESERVE_NAME = "reserve.seg"
_RESERVE_KEY = -1
_MARK = struct.Struct("<16sQ")


class SpoolSize(Struct, frozen=True):
    """How much disk the spool reserves: the ring and, out of the total, the reserve."""

    total_bytes: int = 256 * MIB
    reserve_bytes: int = 32 * MIB
    segment_bytes: int = 0

    @property
    def segment(self) -> int:
        """Bytes of one segment: as given, or such that the ring has enough of them."""
        ring = self.total_bytes - self.reserve_bytes
        return self.segment_bytes or min(8 * MIB, ring // 8)

    @property
    def segments(self) -> int:
        """Number of segments in the ring."""
        return (self.total_bytes - self.reserve_bytes) // self.segment


class SpoolState(Struct, frozen=True):
    """How the spool is doing, for health checks and metrics.

    ``waiting_bytes`` is what the database has not taken, ``room_bytes`` what the ring can hold.
    """

    last_seq: int
    stored_seq: int
    waiting_bytes: int
    room_bytes: int
    reserve_used_bytes: int
    dropped_steps: int
    lost_outcomes: int
    full: bool


class Spool:
    """The writer's side. Raises StoreUnavailable when another process has it, or no room.

    ``stream``: the identity of a log made anew that is another one's copy; empty: one of its own.
    """

    def __init__(
        self,
        folder: Path,
        size: SpoolSize | None = None,
        *,
        fsync: bool = False,
        stream: str = "",
    ) -> None:
        self._size = size or SpoolSize()
        _check_size(self._size)
        self._folder = folder
        self._fsync = fsync
        self._lock = _lock(folder)
        self._cursors: dict[int, Cursor] = {}
        self.stored_seq = 0
        self.restorable_seq = 0
        self.dropped_steps = 0
        self.lost_outcomes = 0
        self.full = False
        try:
            files = self._open_files()
            self._reserve = Segment.create(folder / _RESERVE_NAME, self._size.reserve_bytes)
        except OSError as error:
            os.close(self._lock)
            raise StoreUnavailable(
                f"no room for the spool of {self._size.total_bytes // MIB} MiB in {folder} "
                f"({os.strerror(error.errno or 0)}): free some, or set a smaller spool",
                code="spool_no_room",
            ) from error
        self._ring: deque[Segment] = deque(in_use(files))
        newest = self._ring[-1] if self._ring else None
        self._stream = newest.stream if newest else stream or secrets.token_hex(16)
        self._free = [file for file in files if file not in self._ring]
        self._open_reserve()
        if newest is None:
            self._take_segment(1)
        else:
            newest.find_end()
            self.stored_seq = _read_mark(self._lock, self._stream)

    def _open_files(self) -> list[Segment]:
        """The ring's files; those of a larger ring before this one too: frames may be in them."""
        names = {f"ring-{slot:04d}.seg" for slot in range(self._size.segments)}
        names.update(path.name for path in self._folder.glob("ring-*.seg"))
        return [Segment.create(self._folder / name, self._size.segment) for name in sorted(names)]

    @property
    def stream(self) -> str:
        """Identity of this log: made once, kept in every segment."""
        return self._stream

    @property
    def last_seq(self) -> int:
        """Number of the newest frame."""
        return max(self._ring[-1].last_seq, self._reserve.last_seq, 0)

    def close(self) -> None:
        """Give files and lock back."""
        for segment in [*self._ring, *self._free, self._reserve]:
            segment.close()
        os.close(self._lock)

    # -- writing ---------------------------------------------------------------------------

    def append(self, frames: Sequence[Frame]) -> None:
        """Write the frames in one system call per segment touched (nearly always one).

        Raises a StoreError when the disk fails; ``last_seq`` says how far it came.
        """
        batch: list[Frame] = []
        room = self._ring[-1].room()
        expected = self._ring[-1].last_seq + 1
        for frame in frames:
            need = frame_size(frame)
            if need > self._size.segment - HEADER_BYTES:
                raise StoreError(
                    f"step {frame.seq} takes {need} bytes, more than a segment of the spool: "
                    "set a larger spool",
                    code="spool_step_too_large",
                )
            if need > room or frame.seq != expected:
                self._flush(batch)
                batch = []
                self._take_segment(frame.seq)
                room = self._ring[-1].room()
            batch.append(frame)
            room -= need
            expected = frame.seq + 1
        self._flush(batch)

    def _flush(self, batch: list[Frame]) -> None:
        if not batch:
            return
        self._ring[-1].append(batch)
        if self._fsync:
            self._ring[-1].sync()

    def _take_segment(self, first_seq: int) -> None:
        number = self._ring[-1].number + 1 if self._ring else 1
        segment = self._free[-1] if self._free else self._oldest_freed()
        segment.begin(number, KIND_RING, first_seq, self._stream)
        if self._free:
            self._free.pop()
        else:
            self._ring.popleft()
        self._ring.append(segment)

    # -- making room -----------------------------------------------------------------------

    def _oldest_freed(self) -> Segment:
        """The oldest segment, with what must be kept of it in the reserve."""
        oldest, last = self._ring[0], self._ring[1].first_seq - 1
        self._cursors.pop(oldest.number, None)
        if last > self.restorable_seq:
            _log.error("spool_snapshot_behind", last_seq=last, snapshot_seq=self.restorable_seq)
        if last > self.stored_seq:
            self._keep_outcomes(oldest, last)
        elif self.full:
            self.full = False
            _log.info("spool_has_room")
        return oldest

    def _keep_outcomes(self, oldest: Segment, last: int) -> None:
        if not self.full:
            self.full = True
            _log.error("spool_full", stored_seq=self.stored_seq, room_bytes=self._room_bytes())
        reserve = self._reserve
        if reserve.last_seq <= self.stored_seq:
            reserve.begin(reserve.number + 1, KIND_RESERVE, oldest.first_seq, self._stream)
            self._cursors.pop(_RESERVE_KEY, None)
        # After a crash in the middle of this the reserve already holds the first rows.
        done = reserve.last_seq
        steps, lost = 0, 0
        tail: list[OutcomeRow] = []
        for frame in self._frames_of(oldest):
            if frame.seq <= self.stored_seq:
                continue
            steps += 1
            if not frame.rows or frame.seq <= done:
                continue
            if frame.seq == last:
                tail = decode_rows(frame)
            elif not self._reserve_rows(frame.seq, frame.schema, frame.rows, _COUNTS_BYTES):
                lost += 1
        self.dropped_steps += steps
        self.lost_outcomes += lost
        first = max(oldest.first_seq, self.stored_seq + 1)
        self._count_drop(last, [*tail, DetailDropped(first, last, steps, lost)])

    def _reserve_rows(self, seq: int, schema: int, rows: bytes, keep: int) -> bool:
        frame = Frame(seq, schema, rows, b"")
        if frame_size(frame) > self._reserve.room() - keep:
            return False
        self._reserve.append([frame])
        return True

    def _count_drop(self, seq: int, rows: Sequence[OutcomeRow]) -> None:
        # The count shares the frame of the segment's last step: numbers in a log must rise.
        if seq <= self._reserve.last_seq:
            return
        if not self._reserve_rows(seq, SCHEMA, encode_rows(rows), keep=0):
            _log.error("spool_reserve_full", lost_outcomes=self.lost_outcomes)

    def _open_reserve(self) -> None:
        reserve = self._reserve
        if reserve.number and reserve.kind == KIND_RESERVE and reserve.stream == self._stream:
            reserve.find_end()
        else:
            reserve.begin(1, KIND_RESERVE, 1, self._stream)

    # -- reading ---------------------------------------------------------------------------

    def read(self, after_seq: int, max_frames: int = 256) -> list[Frame]:
        """The next readable frames after ``after_seq``, in order; empty at the end.

        The numbers have gaps where detail was dropped or a segment is damaged.
        """
        oldest = self._ring[0].first_seq
        if after_seq < min(oldest - 1, self._reserve.last_seq):
            # While a segment gives way its rows are in both: the ring has them with their detail.
            frames = self._read_segment(_RESERVE_KEY, self._reserve, after_seq, max_frames)
            frames = [frame for frame in frames if frame.seq < oldest]
            if frames:
                return frames
        for segment in self._ring:
            if segment is not self._ring[-1] and self._last_of(segment) <= after_seq:
                continue
            frames = self._read_segment(segment.number, segment, after_seq, max_frames)
            if frames:
                return frames
        return []

    def _read_segment(
        self, key: int, segment: Segment, after_seq: int, max_frames: int
    ) -> list[Frame]:
        limit = segment.end if segment.tip_known else segment.size
        cursor = self._cursors.get(key)
        if cursor is None or cursor.seq > after_seq:
            cursor = segment.start()
        while True:
            skipping = cursor.seq < after_seq
            frames, after = segment.read(cursor, limit, 4096 if skipping else max_frames)
            wanted = [frame for frame in frames if frame.seq > after_seq]
            if not wanted or len(wanted) <= max_frames:
                self._cursors[key] = cursor = after
            if wanted or not frames:
                return wanted[:max_frames]

    def _last_of(self, segment: Segment) -> int:
        if segment.tip_known:
            return segment.last_seq
        index = self._ring.index(segment)
        return self._ring[index + 1].first_seq - 1

    def _frames_of(self, segment: Segment) -> Iterator[Frame]:
        cursor = segment.start()
        while True:
            frames, cursor = segment.read(cursor, segment.size, 4096)
            if not frames:
                return
            yield from frames

    # -- marks and state -------------------------------------------------------------------

    def mark_stored(self, seq: int) -> None:
        """Frames up to ``seq`` are in the database. It is remembered over a restart, when the
        database may be away: what it has need not be kept for it."""
        if seq > self.stored_seq:
            self.stored_seq = seq
            _write_mark(self._lock, self._stream, seq)

    def mark_restorable(self, seq: int) -> None:
        """A snapshot holds the state after ``seq``."""
        self.restorable_seq = max(self.restorable_seq, seq)

    def _room_bytes(self) -> int:
        return self._size.segments * self._size.segment

    def state(self) -> SpoolState:
        """How the spool is doing; bytes are counted by whole segments but for the newest."""
        waiting = 0
        for index, segment in enumerate(self._ring):
            newest = index == len(self._ring) - 1
            last = segment.last_seq if newest else self._ring[index + 1].first_seq - 1
            if last > self.stored_seq:
                waiting += segment.end - HEADER_BYTES if newest else self._size.segment
        return SpoolState(
            last_seq=self.last_seq,
            stored_seq=self.stored_seq,
            waiting_bytes=waiting,
            room_bytes=self._room_bytes(),
            reserve_used_bytes=self._reserve.end - HEADER_BYTES,
            dropped_steps=self.dropped_steps,
            lost_outcomes=self.lost_outcomes,
            full=self.full,
        )


def _write_mark(fd: int, stream: str, seq: int) -> None:
    body = _MARK.pack(bytes.fromhex(stream), seq)
    with contextlib.suppress(OSError):
        # Not more than a hint: without it frames are kept that need not be.
        os.pwrite(fd, body + crc32(body).to_bytes(4, "little"), 0)


def _read_mark(fd: int, stream: str) -> int:
    raw = os.pread(fd, _MARK.size + 4, 0)
    body = raw[: _MARK.size]
    if len(raw) < _MARK.size + 4 or crc32(body) != int.from_bytes(raw[_MARK.size :], "little"):
        return 0
    whose, seq = _MARK.unpack(body)
    return int(seq) if whose.hex() == stream else 0


def _check_size(size: SpoolSize) -> None:
    if (
        size.segment <= 0
        or size.segments < MIN_SEGMENTS
        or size.reserve_bytes < _COUNTS_BYTES + FRAME_BYTES
    ):
        raise ConfigError([Fault("spool", f"is too small: at least {MIN_SEGMENTS} segments and "
                                          "a reserve are needed")])  # fmt: skip


def _lock(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise StoreUnavailable(
            f"another controller uses the spool in {folder}: stop it first, or use another "
            "state directory",
            code="spool_in_use",
        ) from error
    return fd
