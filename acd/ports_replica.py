"""What the stream of state needs at its two ends, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from acd.ports import Frame, Snapshot


class Reached(Struct, frozen=True):
    """How far somebody came: frame ``seq`` of ``stream``; an empty stream is nothing at all."""

    stream: str = ""
    seq: int = 0


class Replica(Protocol):
    """Where a standby keeps what the leader sends. A StoreError makes it begin anew."""

    @property
    def reached(self) -> Reached:
        """The newest frame that is kept."""
        ...

    @property
    def resumable(self) -> Reached:
        """From where another connection may go on."""
        ...

    def begin(self, token: int, snapshot: Snapshot) -> None:
        """Forget what was kept of other streams: this is the state to go on from."""
        ...

    def resume(self, token: int) -> None:
        """What follows continues what is kept."""
        ...

    def past(self, frames: Sequence[Frame], *, done: bool) -> None:
        """Frames before the state, for the database alone; ``done``: all were sent."""
        ...

    def take(self, frames: Sequence[Frame], stored_seq: int) -> None:
        """The next frames; those up to ``stored_seq`` are in the database by now."""
        ...


class Source(Protocol):
    """What the leader streams."""

    @property
    def token(self) -> int:
        """The fencing token that it leads under."""
        ...

    @property
    def stored_seq(self) -> int:
        """The newest frame that the database has."""
        ...

    def snapshot(self) -> Snapshot:
        """The state at this moment: the frames after ``snapshot.seq`` follow it."""
        ...


class PeerState(Struct):
    """A standby as its leader sees it. ``acked_seq``: what it has kept for certain."""

    node: str
    acked_seq: int = 0
    snapshots: int = 0
