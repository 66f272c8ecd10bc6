"""Looking at a spool without touching it: for commands that run beside a controller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from acd.adapters.segment import Segment
from acd.errors import StoreUnavailable
from acd.ports import Frame


class SpoolView:
    """Reads a spool without touching it, also while a controller writes to it."""

    def __init__(self, folder: Path) -> None:
        paths = sorted(folder.glob("ring-*.seg"))
        if not paths:
            raise StoreUnavailable(f"there is no spool in {folder}", code="spool_missing")
        self._ring = [Segment.open_readonly(path) for path in paths]
        used = in_use(self._ring)
        self.stream = used[-1].stream if used else ""
        self.ring_bytes = sum(file.size for file in self._ring)

    def frames(self, after_seq: int = 0) -> Iterator[Frame]:
        """Every readable frame of the ring after ``after_seq``, in order, as of now. Frames that
        the writer overwrites meanwhile are missing, none is wrong or comes twice."""
        for file in self._ring:
            file.read_header()
        used = in_use(self._ring)
        seen = after_seq
        for segment, follower in zip(used, [*used[1:], None], strict=True):
            if follower is not None and follower.first_seq - 1 <= seen:
                continue
            cursor = segment.start()
            while True:
                frames, cursor = segment.read(cursor, segment.size, 4096)
                if not frames:
                    break
                yield from (frame for frame in frames if frame.seq > seen)
                seen = max(seen, frames[-1].seq)

    def close(self) -> None:
        """Give the files back."""
        for file in self._ring:
            file.close()


def in_use(files: Sequence[Segment]) -> list[Segment]:
    """The segments of the newest stream, oldest first. One whose header is damaged is missing:
    its frames are a gap, those before and after it stay readable."""
    used = sorted((file for file in files if file.number), key=lambda file: file.number)
    ring: list[Segment] = []
    for file in reversed(used):
        newest = not ring
        if newest or (file.stream == ring[0].stream and file.first_seq <= ring[0].first_seq):
            ring.insert(0, file)
    return ring
