"""The sockets in the wall: what the core's shell needs of the world, as small Protocols.

Adapters implement them, ``acd.bootstrap`` plugs them in, tests plug in fakes that pass the same
contract suites.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from acd.core.commands import SwitchCommand
from acd.core.events import Event
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SpyId, SwitchId
from acd.core.inputs import Caller, Input

#: Where adapters deliver what happened. Never blocks, never raises; called on the event loop.
Deliver = Callable[[Input], None]


class Clock(Protocol):
    """Engine time: Unix seconds, anchored once, advanced by the monotonic clock, never back."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep_until(self, at_s: float) -> None:
        """Return when ``now() >= at_s``."""
        ...


class ChannelSeen(Struct, frozen=True):
    """One channel of a sweep over a switch.

    ``call`` is set for callers (their unique id), ``offer`` for operators' legs, ``spy`` for those
    of supervisors who hear a talk. ``held`` is true
    for a caller in the waiting bridge; ``bridge`` is the talk's bridge, if any. Of an operator's
    leg also ``agent``, the ``queue`` that it was rung for, and the ``peer``: the caller's channel.
    """

    channel: str
    unique_id: str
    call: CallId | None
    offer: OfferId | None
    answered: bool
    held: bool
    bridge: str
    age_s: float
    where: str
    dialled: str = ""
    caller: Caller | None = None
    trunk: str = ""
    spy: SpyId | None = None
    agent: AgentId = AgentId("")
    queue: QueueId = QueueId("")
    peer: str = ""


class Telephony(Protocol):
    """One switch. It delivers inputs by itself from :meth:`run` on."""

    switch: SwitchId

    async def run(self) -> None:
        """Connect, deliver inputs, reconnect, until cancelled. On each (re)connect it calls the
        ``on_up`` it was built with before delivering live events."""
        ...

    async def execute(self, command: SwitchCommand) -> None:
        """Carry out one command within its own deadline; raises a SwitchError."""
        ...

    async def sweep(self) -> list[ChannelSeen]:
        """Every channel that the switch has now; raises a SwitchError."""
        ...


class CallInfo(Struct, frozen=True):
    """What the switch knows about a call when the menu starts."""

    call: CallId
    switch: SwitchId
    channel: str
    trunk: str
    dialled: str
    caller: Caller


class CallerGone(Exception):
    """The caller, or the switch's interest in this conversation, is gone. Not a hang-up: only
    the switch's own hang-up event ends a call."""


class Conversation(Protocol):
    """One caller in the menu or hearing an announcement (FastAGI behind it)."""

    info: CallInfo

    async def play(self, prompts: Sequence[str], keys: str = "") -> str:
        """Play prompts one after another; returns the key that cut in, or ``""``."""
        ...

    async def wait_key(self, timeout_s: float) -> str:
        """The next key, or ``""`` after the time."""
        ...

    async def set_next(self, where: str, **variables: str) -> None:
        """Tell the dialplan where to go on after this conversation (its marker variable)."""
        ...


class Step(Struct, frozen=True, gc=False):
    """One input, when the engine took it, and what the engine decided."""

    at_s: float
    happened: Input
    events: Sequence[Event]


class Journal(Protocol):
    """The ordered, durable log. Commands leave only after :meth:`write` returned."""

    @property
    def last_seq(self) -> int:
        """Number of the newest step written; 0 before the first."""
        ...

    @property
    def snapshot_due(self) -> bool:
        """True when enough steps or time passed since the last snapshot, or there is none."""
        ...

    def write(self, steps: Sequence[Step]) -> None:
        """Number the steps and write them in one go, in order.

        Raises a StoreError only when even the local disk fails; the steps are then kept in
        memory (bounded) and written before the next ones.
        """
        ...

    def snapshot(self, engine: bytes, book: bytes, seq: int) -> None:
        """Keep the state of engine and record book as it is after step ``seq``."""
        ...


class Frame(Struct, frozen=True, gc=False):
    """One journaled step as it lies on disk. ``rows`` holds the outcome rows (kept to the last),
    ``detail`` everything else; both are encoded, see :mod:`acd.app.frames`."""

    seq: int
    schema: int
    rows: bytes
    detail: bytes


class FrameLog(Protocol):
    """The local, preallocated log of frames: journal and spool in one."""

    @property
    def stream(self) -> str:
        """Identity of this log: sequence numbers are unique within it."""
        ...

    @property
    def last_seq(self) -> int:
        """Number of the newest frame; 0 when empty."""
        ...

    def append(self, frames: Sequence[Frame]) -> None:
        """Write frames whose numbers rise; raises a StoreError when the disk fails."""
        ...

    def read(self, after_seq: int, max_frames: int = 256) -> list[Frame]:
        """The next readable frames after ``after_seq``, in order; empty at the end."""
        ...

    def mark_stored(self, seq: int) -> None:
        """Frames up to ``seq`` are in the database: their room may be used again."""
        ...

    def mark_restorable(self, seq: int) -> None:
        """A snapshot holds the state after ``seq``: restoring needs no frame up to it."""
        ...


class Snapshot(Struct, frozen=True):
    """The state after step ``seq`` of ``stream``, taken at engine time ``at_s``."""

    stream: str
    seq: int
    at_s: float
    schema: int
    engine: bytes
    book: bytes


class SnapshotStore(Protocol):
    """Keeps the newest snapshots on the local disk."""

    def save(self, snapshot: Snapshot) -> None:
        """Write aside, then put in place; raises a StoreError, leaving the older ones whole."""
        ...

    def newest(self) -> Snapshot | None:
        """The newest one whose check sum is right."""
        ...


class RecordStore(Protocol):
    """The database of records, filled from the log. Every method may raise StoreUnavailable."""

    async def position(self, stream: str) -> int:
        """Number of the newest frame of ``stream`` that is stored; 0 for none."""
        ...

    async def store(self, stream: str, frames: Sequence[Frame]) -> None:
        """Store frames and the position after them in one transaction; repeats change nothing."""
        ...

    async def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot to replay from; repeats change nothing."""
        ...


class EventSink(Protocol):
    """Somebody who follows what is decided: records, live screens, metrics. Must not block."""

    def publish(self, seq: int, at_s: float, events: Sequence[Event]) -> None:
        """Take the events of one step."""
        ...
