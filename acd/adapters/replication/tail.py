"""The newest frames in memory: what standbys that keep up are sent from.

It stands before the journal's log. A frame is offered to standbys once the local disk has it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from acd.ports import Frame, FrameLog

#: How much is kept for a standby that falls behind; beyond it it begins from a snapshot again.
TAIL_BYTES = 16 * 1024 * 1024
#: For so long: a standby that was cut off or started anew is back by then. Without this limit a
#: leader would fill those bytes within the hour, for nobody.
KEPT_S = 30.0
#: How finely ages are told.
_MARK_S = 1.0
#: Frames in one message at most.
MAX_BATCH = 512


class Tail:
    """A FrameLog that remembers what was appended last."""

    def __init__(
        self,
        log: FrameLog,
        most_bytes: int = TAIL_BYTES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._most_bytes = most_bytes
        self._now = now
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        # When which step was the newest, about once a second.
        self._marks: deque[tuple[float, int]] = deque()
        self._first = log.last_seq + 1
        self._waiting: list[asyncio.Event] = []

    @property
    def stream(self) -> str:
        """Identity of the log."""
        return self._log.stream

    @property
    def last_seq(self) -> int:
        """Number of the newest frame; 0 when empty."""
        return self._log.last_seq

    def append(self, frames: Sequence[Frame]) -> None:
        """Write frames, then offer them; raises a StoreError when the disk fails."""
        self._log.append(frames)
        for frame in frames:
            self._frames.append(frame)
            self._bytes += len(frame.detail) + len(frame.rows)
        old = self._old_seq()
        while self._bytes > self._most_bytes or (self._frames and self._frames[0].seq <= old):
            gone = self._frames.popleft()
            self._bytes -= len(gone.detail) + len(gone.rows)
            self._first = gone.seq + 1
        for event in self._waiting:
            event.set()

    def _old_seq(self) -> int:
        """The newest step that is too old to be kept; 0 for none."""
        now_s, marks, old = self._now(), self._marks, 0
        if not marks or now_s - marks[-1][0] >= _MARK_S:
            marks.append((now_s, self.last_seq))
        while now_s - marks[0][0] > KEPT_S:
            old = marks.popleft()[1]
        return old

    def read(self, after_seq: int, max_frames: int = 256) -> list[Frame]:
        """As the log does."""
        return self._log.read(after_seq, max_frames)

    def mark_stored(self, seq: int) -> None:
        """As the log does."""
        self._log.mark_stored(seq)

    def mark_restorable(self, seq: int) -> None:
        """As the log does."""
        self._log.mark_restorable(seq)

    def after(self, seq: int) -> list[Frame] | None:
        """The next frames after ``seq``; ``None`` when they are not remembered any more."""
        if seq + 1 < self._first or seq > self.last_seq:
            return None
        if not self._frames:
            return []
        skip = seq + 1 - self._frames[0].seq
        return list(islice(self._frames, max(0, skip), max(0, skip) + MAX_BATCH))

    def watch(self) -> asyncio.Event:
        """An event that is set whenever there is more, until :meth:`unwatch`."""
        event = asyncio.Event()
        self._waiting.append(event)
        return event

    def unwatch(self, event: asyncio.Event) -> None:
        """Set it no more."""
        self._waiting.remove(event)
