"""A controller that stands by: the leader's state kept on the own disk and alive in memory.

Every frame is written into a copy of the leader's log and applied to an engine and a record book at
once, so that taking over means no reading and no deciding anew: the engine is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import tzinfo

import structlog
from msgspec import Struct

from acd.app.frames import check_schema, decode_step
from acd.core.cdr import Book
from acd.core.engine import Engine
from acd.core.events import SCHEMA
from acd.errors import StoreCorrupt, StoreError
from acd.ports import Frame, FrameLog, Snapshot, SnapshotStore
from acd.ports_replica import Reached

#: How often the copy gets a snapshot of its own, so that a restart need not go far back.
SNAPSHOT_EVERY_S = 60.0
#: Offers, visits and supervisors' legs that an earlier leader may have begun and we never heard of:
#: so many of their numbers are left out.
UNHEARD_IDS = 1_000_000

_log = structlog.get_logger("madoguchi.standby")


class Kept(Struct):
    """Where a copy is written: a log and its snapshots."""

    log: FrameLog
    snapshots: SnapshotStore


#: Makes room for the copy of a stream led under a token: ``make(stream, token)``.
MakeRoom = Callable[[str, int], Kept]


class Warm:
    """The port :class:`acd.ports_replica.Replica`, with an engine that lives along."""

    def __init__(self, make: MakeRoom, zone: tzinfo) -> None:
        self._make = make
        self._zone = zone
        self._kept: Kept | None = None
        self._snapshot_at_s = 0.0
        self.engine: Engine | None = None
        self.book = Book()
        self.at_s = 0.0
        self.reached = Reached()
        #: The token under which what is here was led.
        self.token = 0
        self._whole = False

    @property
    def resumable(self) -> Reached:
        """From where another connection may go on."""
        return self.reached if self._whole else Reached()

    @property
    def ready(self) -> bool:
        """Whether there is a state to take over from."""
        return self.engine is not None

    def adopt(self, engine: Engine, book: Book, at_s: float, reached: Reached, token: int) -> None:
        """Begin with what this controller had on its disk."""
        self.engine, self.book, self.at_s = engine, book, at_s
        self.reached, self.token = reached, token

    def keep_in(self, kept: Kept) -> None:
        """Go on writing the copy here."""
        self._kept, self._whole = kept, True

    def begin(self, token: int, snapshot: Snapshot) -> None:
        """This is the state to go on from; raises a StoreError."""
        check_schema(snapshot.schema, "the leader's state")
        self.reached, self._whole = Reached(), False
        kept = self._make(snapshot.stream, token)
        kept.snapshots.save(snapshot)
        kept.log.mark_restorable(snapshot.seq)
        self._kept = kept
        self.engine = Engine.restore(snapshot.engine, self._zone)
        self.book = Book.restore(snapshot.book)
        self.at_s, self.token = snapshot.at_s, token
        self._snapshot_at_s = time.monotonic()
        self.reached = Reached(snapshot.stream, snapshot.seq)

    def resume(self, token: int) -> None:
        """What follows continues what is here; raises a StoreError when there is nothing."""
        if self._kept is None or self.engine is None:
            self.reached = Reached()
            raise StoreError("there is no copy to go on with", code="stream_gap")
        self.token = token

    def past(self, frames: Sequence[Frame], *, done: bool) -> None:
        """Keep frames that the state holds already, for the database; raises a StoreError."""
        if self._kept is None:
            raise StoreError("there is no copy to go on with", code="stream_gap")
        self._kept.log.append(frames)
        self._whole = done

    def take(self, frames: Sequence[Frame], stored_seq: int) -> None:
        """Keep frames and live through them; a StoreError makes the stream begin anew."""
        if self._kept is None or self.engine is None:
            raise StoreError("there is no copy to go on with", code="stream_gap")
        if frames:
            try:
                self._kept.log.append(frames)
            except StoreError as error:
                # The leader's own disk has them: better warm without a copy than cold.
                _log.error("copy_not_written", code=error.code)
            self.live(frames)
        self._kept.log.mark_stored(min(stored_seq, self.reached.seq))
        if time.monotonic() - self._snapshot_at_s > SNAPSHOT_EVERY_S:
            self._keep_snapshot(self._kept)

    def live(self, frames: Sequence[Frame]) -> None:
        """Let engine and book live through frames; after a StoreCorrupt nothing is known."""
        engine, fold = self.engine, self.book.fold
        if engine is None:
            raise StoreCorrupt("there is no state to go on from")
        try:
            for frame in frames:
                step = decode_step(frame)
                for event in step.events:
                    engine.apply(event, step.at_s)
                    fold(step.at_s, event)
                self.at_s = max(self.at_s, step.at_s)
        except StoreCorrupt:
            self.reached = Reached()
            raise
        except Exception as error:
            self.reached = Reached()
            raise StoreCorrupt(
                f"a step of the leader cannot be lived through ({type(error).__name__}): are both"
                " controllers of the same version?",
                code="step_not_applied",
            ) from error
        if frames:
            self.reached = Reached(self.reached.stream, frames[-1].seq)

    def _keep_snapshot(self, kept: Kept) -> None:
        self._snapshot_at_s = time.monotonic()
        try:
            kept.snapshots.save(self.snapshot(self.reached.stream, self.reached.seq))
        except StoreError as error:
            _log.error("snapshot_not_written", code=error.code)
        else:
            kept.log.mark_restorable(self.reached.seq)

    def snapshot(self, stream: str, seq: int) -> Snapshot:
        """The state at this moment, as the state after ``seq`` of ``stream``."""
        if self.engine is None:
            raise StoreError("there is no state here", code="stream_gap")
        return Snapshot(
            stream, seq, self.at_s, SCHEMA, self.engine.snapshot(), self.book.snapshot()
        )

    def first_snapshot(self, stream: str) -> Snapshot:
        """What a new leader begins its own stream with: ids that the one before may have given
        without our hearing of it are left out."""
        if self.engine is not None:
            self.engine.leave_out_ids(UNHEARD_IDS)
        return self.snapshot(stream, 0)
