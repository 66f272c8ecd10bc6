"""A local disk in memory that outlives its controller, and breaks off in the middle of things."""

from __future__ import annotations

from collections.abc import Sequence

from acd.errors import StoreUnavailable
from acd.ports import Frame, Snapshot


class MemoryDisk:
    """What is on disk: frames and the newest snapshot."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.snapshot: Snapshot | None = None


class Handle:
    """One process's hold on the disk: frame log and snapshot store. ``writes_left`` is after how
    many writes the process dies; the last one is on disk if ``last_is_kept``."""

    stream = "simulated"

    def __init__(self, disk: MemoryDisk, writes_left: int = -1, last_is_kept: bool = True) -> None:
        self._disk = disk
        self._writes_left = writes_left
        self._last_is_kept = last_is_kept
        self.dead = False

    @property
    def last_seq(self) -> int:
        """Number of the newest frame; 0 when empty."""
        return self._disk.frames[-1].seq if self._disk.frames else 0

    def append(self, frames: Sequence[Frame]) -> None:
        """Write frames, or die doing so."""
        self._refuse_the_dead()
        self._writes_left -= 1
        self.dead = self._writes_left == 0
        if not self.dead or self._last_is_kept:
            self._disk.frames += frames
        self._refuse_the_dead()

    def read(self, after_seq: int, max_frames: int = 256) -> list[Frame]:
        """The next frames after ``after_seq``."""
        return [frame for frame in self._disk.frames if frame.seq > after_seq][:max_frames]

    def mark_stored(self, seq: int) -> None:
        """There is room for all."""

    def mark_restorable(self, seq: int) -> None:
        """There is room for all."""

    def save(self, snapshot: Snapshot) -> None:
        """Keep the newest snapshot."""
        self._refuse_the_dead()
        self._disk.snapshot = snapshot

    def newest(self) -> Snapshot | None:
        """The newest snapshot."""
        return self._disk.snapshot

    def _refuse_the_dead(self) -> None:
        if self.dead:
            raise StoreUnavailable("this process is dead")
