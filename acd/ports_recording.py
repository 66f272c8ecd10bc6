"""What recording needs of the world: a vault for sound, an index of it, a switch that can hush."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from acd.core.ids import CallId, OfferId, SwitchId
from acd.core.recording import (
    Deletion,
    DeletionReason,
    HoldReason,
    Recording,
    Stretch,
    TapeState,
)


class Note(Struct, frozen=True):
    """What is known of a recording while it is made. It lies beside the sound until the index has
    the recording, so that whoever dies in between loses nothing.

    ``started_ms`` 0: the talk has not begun. ``ended_ms`` 0: it is not known to be over.
    ``finished`` is the row that the index has still to take. ``unanswered``: a call outside that
    came to no talk; nothing of it is kept.
    """

    id: str
    call: str
    offer: OfferId
    agent: str
    queue: str
    dialled: str
    keep_days: int
    offered_ms: int
    started_ms: int = 0
    ended_ms: int = 0
    state: TapeState = TapeState.RUNNING
    quiet_at_ms: int = 0
    stretches: tuple[Stretch, ...] = ()
    finished: Recording | None = None
    unanswered: bool = False


class Incoming(Struct, frozen=True):
    """Sound that the switch has written: bytes so far, and since when nothing was added."""

    id: str
    size_bytes: int
    quiet_s: float
    ended_ms: int


class Sealed(Struct, frozen=True):
    """What became of sound that was put away. ``duration_ms`` is 0 when there was nothing."""

    duration_ms: int
    size_bytes: int
    sha256: str
    waveform: bytes


class Sound(Protocol):
    """A stored recording that is open for reading, in clear."""

    size: int

    def read(self, offset: int, length: int) -> bytes:
        """A part of the compressed sound; raises StoreCorrupt when it is not what was stored."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


#: What sound is sent as.
MEDIA_TYPE = "audio/flac"


class Vault(Protocol):
    """Sound on disk: written by the switch in clear, kept compressed and encrypted."""

    media_type: str

    def free_bytes(self) -> int:
        """Room on the fuller of the two disks: where sound comes in, and where it stays."""
        ...

    def incoming(self) -> list[Incoming]:
        """All sound in clear."""
        ...

    def notes(self) -> list[Note]:
        """All notes; one that cannot be read is set aside and reported in the log."""
        ...

    def write_note(self, note: Note) -> None:
        """Keep a note, in place of an older one; raises StoreUnavailable."""
        ...

    def remove_note(self, recording: str) -> None:
        """Forget a note."""
        ...

    def discard(self, recording: str) -> None:
        """Remove sound in clear."""
        ...

    async def seal(self, recording: str, silences: Sequence[tuple[int, int]]) -> Sealed:
        """Silence the stretches (milliseconds), compress, encrypt, and store; the sound in clear
        stays until :meth:`discard`. Repeating it replaces. Raises a StoreError."""
        ...

    def open(self, recording: str) -> Sound:
        """A stored recording; raises NotFound or StoreCorrupt."""
        ...

    def digest(self, recording: str) -> str:
        """The SHA-256 of what is stored; raises NotFound. Blocks."""
        ...

    def stored(self) -> list[str]:
        """The ids of all that is stored."""
        ...

    def destroy(self, recording: str) -> None:
        """Overwrite the key, remove the file; none there is no error. Raises StoreUnavailable."""
        ...

    def rekey(self) -> int:
        """Put every file under a new key; returns how many. Blocks."""
        ...


class RecordingQuery(Struct, frozen=True):
    """What to look for; every field narrows. ``caller`` is the end of a caller's number."""

    from_ms: int = 0
    to_ms: int | None = None
    agent: str = ""
    queue: str = ""
    dialled: str = ""
    caller: str = ""
    call: str = ""
    held: bool | None = None
    longer_ms: int = 0
    before: str = ""
    limit: int = 50


class Found(Struct, frozen=True):
    """A recording with what the call's own row says of the caller (empty: no row yet)."""

    recording: Recording
    caller_kind: str
    caller_number: str


class RecordingIndex(Protocol):
    """The ledger of recordings. Every method may raise StoreUnavailable."""

    async def add(self, recording: Recording) -> None:
        """Take a finished recording; repeats change nothing."""
        ...

    async def get(self, recording: str) -> Found:
        """One recording, deleted ones too; raises NotFound."""
        ...

    async def search(self, query: RecordingQuery) -> list[Found]:
        """Stored recordings, the newest first."""
        ...

    async def hold(self, recording: str, by: str, reason: HoldReason | None, at_ms: int) -> None:
        """Put under legal hold, or (no reason) release; raises NotFound, also for one whose
        deletion has begun."""
        ...

    async def begin_deletion(self, recording: str) -> None:
        """Decide that a recording goes: from now on nobody can hold it. Raises NotFound, and
        Refused for one that is held. Repeats change nothing."""
        ...

    async def expired(self, at_ms: int) -> list[Recording]:
        """Recordings that are due for deletion and not held; those whose deletion broke off too."""
        ...

    async def delete(self, recording: str, reason: DeletionReason, by: str, at_ms: int) -> Deletion:
        """Mark as deleted and chain the proof, in one transaction; raises NotFound, and Refused
        for one that is held. A repeat returns the first proof."""
        ...

    async def deletions(self) -> list[Deletion]:
        """All proofs, in order."""
        ...

    async def stored(self) -> list[Recording]:
        """Every recording that is not deleted."""
        ...


class Told(Struct, frozen=True):
    """What the switch knows of a recording that it began by itself, while no controller was there:
    of which call and telephone, since when (Unix seconds), and whether the leg is ``over``."""

    call: CallId
    dialled: str
    phone: str
    started_s: int
    over: bool


class RecordingSwitch(Protocol):
    """The telephone switch, as far as recording needs it."""

    async def hush(self, offer: OfferId, silent: bool) -> None:
        """Let the recording of an operator's leg be silent, or go on; raises a SwitchError."""
        ...

    async def told(self, recording: str) -> Told | None:
        """Whose a recording is that the switch began by itself; None: it knows nothing of it.
        Raises a SwitchError where there is nobody to ask."""
        ...


class UnattendedSwitch(Protocol):
    """The telephone switch, as far as it records by itself while no controller is there. Whoever
    is away is told when it is back."""

    async def record_until(self, until_s: int) -> None:
        """Until which second (Unix) there is room for recordings that nobody watches; 0: not."""
        ...

    async def exempt(self, numbers: Sequence[str]) -> None:
        """The numbers whose talks are not recorded; those told before no longer count."""
        ...

    async def spare(self, switch: SwitchId, channel: str, on: bool) -> None:
        """Whether this caller's talk is not recorded, whatever number was dialled."""
        ...
