"""The journal: numbers the engine's steps, writes them with their rows, and restores from them.

A step is on disk when :meth:`Journal.write` returns; what it commands may be carried out then.
Restoring takes the newest snapshot and the events after it, and needs no database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from acd.app.frames import check_schema, decode_step, encode
from acd.core.cdr import Book
from acd.core.cdr_types import (
    CallRecord,
    DetailRow,
    DispositionRecord,
    OutcomeRow,
    OutsideRecord,
    Record,
    VisitRecord,
)
from acd.core.events import SCHEMA
from acd.errors import StoreError
from acd.ports import Frame, FrameLog, Snapshot, SnapshotStore, Step

#: Called with the rows that a batch finished, once it is written; must not raise or block.
OnRecords = Callable[[Sequence[Record]], None]

_OUTCOMES = (CallRecord, VisitRecord, DispositionRecord, OutsideRecord)


class SnapshotPolicy(Struct, frozen=True):
    """A snapshot is due after so many steps, or so many seconds if there was any step at all."""

    steps: int = 20_000
    seconds: float = 60.0


class Restored(Struct):
    """What was found on disk. ``engine`` is None when there is no snapshot; ``gap`` is true when
    steps are missing after the ones returned: the switch must be asked what is really there."""

    engine: bytes | None
    seq: int
    at_s: float
    steps: list[Step]
    gap: bool


class Journal:
    """One per controller. Call :meth:`restore` before the first write."""

    #: Frames kept in memory while the disk refuses them.
    MAX_UNWRITTEN = 50_000

    def __init__(
        self,
        log: FrameLog,
        snapshots: SnapshotStore,
        *,
        policy: SnapshotPolicy | None = None,
        on_records: OnRecords | None = None,
    ) -> None:
        self._log = log
        self._snapshots = snapshots
        self._policy = policy or SnapshotPolicy()
        self._on_records = on_records
        self._unwritten: list[Frame] = []
        self._seq = log.last_seq
        self._at_s = 0.0
        self._snapshot_seq = -1
        self._snapshot_at_s = 0.0
        self.book = Book()
        self.lost_steps = 0

    @property
    def last_seq(self) -> int:
        """Number of the newest step; 0 before the first."""
        return self._seq

    # -- writing ---------------------------------------------------------------------------

    def write(self, steps: Sequence[Step]) -> None:
        """Number the steps and write them, in order, in one system call.

        Raises a StoreError when the local disk fails. The steps are then kept in memory, up to
        :data:`MAX_UNWRITTEN` (beyond it the oldest are lost and counted), and written before the
        next ones: a caller that goes on loses nothing once the disk is back.
        """
        records: list[Record] = []
        fold = self.book.fold
        for step in steps:
            rows: list[OutcomeRow] = []
            details: list[DetailRow] = []
            for event in step.events:
                for record in fold(step.at_s, event):
                    records.append(record)
                    if isinstance(record, _OUTCOMES):
                        rows.append(record)
                    else:
                        details.append(record)
            self._seq += 1
            self._at_s = step.at_s
            self._unwritten.append(encode(self._seq, step, rows, details))
        try:
            self.flush()
        finally:
            if records and self._on_records is not None:
                self._on_records(records)

    def flush(self) -> None:
        """Write what an earlier failure left over; raises a StoreError if it fails again."""
        try:
            self._log.append(self._unwritten)
        except StoreError:
            stored = self._log.last_seq
            left = [frame for frame in self._unwritten if frame.seq > stored]
            self.lost_steps += max(0, len(left) - self.MAX_UNWRITTEN)
            self._unwritten = left[-self.MAX_UNWRITTEN :]
            raise
        self._unwritten = []

    # -- snapshots -------------------------------------------------------------------------

    @property
    def snapshot_due(self) -> bool:
        """True when there is no snapshot, or enough happened since the newest one."""
        steps = self._seq - self._snapshot_seq
        if self._snapshot_seq < 0 or steps >= self._policy.steps:
            return True
        return steps > 0 and self._at_s - self._snapshot_at_s >= self._policy.seconds

    def snapshot(self, engine: bytes, book: bytes, seq: int) -> None:
        """Keep engine and book as they are after step ``seq``; raises a StoreError.

        When it fails the next one is due after the policy's usual time, not at once.
        """
        self._snapshot_seq, self._snapshot_at_s = seq, self._at_s
        self._snapshots.save(Snapshot(self._log.stream, seq, self._at_s, SCHEMA, engine, book))
        self._log.mark_restorable(seq)

    # -- restoring -------------------------------------------------------------------------

    def restore(self) -> Restored:
        """The newest state on disk; the book is brought up to it, the engine is the caller's.

        May be called again later, to begin anew from what is safe.
        Raises StoreCorrupt for what another version wrote and this one cannot read.
        """
        self.book = Book()
        snapshot = self._snapshots.newest()
        if snapshot is not None and snapshot.stream != self._log.stream:
            snapshot = None
        if snapshot is not None:
            check_schema(snapshot.schema, f"the snapshot after step {snapshot.seq}")
        after = 0
        if snapshot is not None:
            after = snapshot.seq
            self.book = Book.restore(snapshot.book)
            self._at_s = self._snapshot_at_s = snapshot.at_s
            self._snapshot_seq = after
            self._log.mark_restorable(after)
        steps: list[Step] = []
        # Frames that the disk refused are part of what happened: a rebuild must not lose them.
        for frame in chain(contiguous(self._log, after), self._unwritten):
            step = decode_step(frame)
            for event in step.events:
                self.book.fold(step.at_s, event)
            steps.append(step)
            self._at_s = max(self._at_s, step.at_s)
        reached = after + len(steps)
        last = self._unwritten[-1].seq if self._unwritten else self._log.last_seq
        self._seq = max(reached, last)
        engine = snapshot.engine if snapshot is not None else None
        return Restored(engine, self._seq, self._at_s, steps, gap=self._seq > reached)


def contiguous(log: FrameLog, after_seq: int) -> Iterator[Frame]:
    """Frames from ``after_seq`` on, up to the first number that is missing."""
    expected = after_seq + 1
    while True:
        frames = log.read(expected - 1, 4096)
        if not frames:
            return
        for frame in frames:
            if frame.seq != expected or not frame.detail:
                return
            expected += 1
            yield frame
