"""What is recorded, what is not, and for how long: rules and a state machine, nothing else.

A recording is one talk of one operator with one caller. Times are Unix milliseconds; places in the
sound are milliseconds from its first sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from acd.core.dialled import number_of
from acd.core.ids import AgentId, CallId, OfferId, QueueId
from acd.core.plan import Plan
from acd.errors import TransitionError

DAY_MS = 86_400_000
#: The caller began to press a key this long before the switch told that it was let go.
KEY_BEFORE_MS = 1_000
#: Clocks of talk and sound differ by less than this.
SLACK_MS = 150


class NotRecorded(StrEnum):
    """Why a talk is not recorded."""

    SWITCHED_OFF = "switched_off"
    NUMBER_EXEMPT = "number_exempt"
    QUEUE_EXEMPT = "queue_exempt"
    DISK_FULL = "disk_full"


class RecordingRule(Struct, frozen=True):
    """The decision for one talk: recorded and kept for ``keep_days``, or ``why`` not."""

    keep_days: int = 0
    why_not: NotRecorded | None = None

    @property
    def record(self) -> bool:
        """Whether the talk is recorded."""
        return self.why_not is None


def recording_rule(
    plan: Plan, dialled: str, queue: QueueId, *, enabled: bool, keep_days: int
) -> RecordingRule:
    """Whether a talk is recorded: the installation's switch, then the number, then the queue.

    A number that is not listed is recorded, as its callers heard. A number or queue that is exempt
    (a counselling line) wins over everything else. The number says how long, else ``keep_days``.
    """
    if not enabled:
        return RecordingRule(why_not=NotRecorded.SWITCHED_OFF)
    number = number_of(plan, dialled)
    if number is not None and not number.recorded:
        return RecordingRule(why_not=NotRecorded.NUMBER_EXEMPT)
    planned = next((each for each in plan.queues if each.id == queue), None)
    if planned is not None and not planned.recorded:
        return RecordingRule(why_not=NotRecorded.QUEUE_EXEMPT)
    own = number.keep_days if number is not None else 0
    return RecordingRule(keep_days=own or keep_days)


class TapeState(StrEnum):
    """What a recording that is under way does."""

    RUNNING = "running"
    PAUSED_BY_HAND = "paused_by_hand"
    PAUSED_FOR_DIGITS = "paused_for_digits"

    __hash__ = str.__hash__


class TapeTrigger(StrEnum):
    """What pauses a recording or lets it go on. QUIET: no key was pressed for some time."""

    PAUSE = "pause"
    RESUME = "resume"
    DIGIT = "digit"
    QUIET = "quiet"

    __hash__ = str.__hash__


_S, _T = TapeState, TapeTrigger

#: Private digits win over a person who resumes, and a person's pause over the end of the digits.
TABLE: dict[tuple[TapeState, TapeTrigger], TapeState] = {
    (_S.RUNNING, _T.PAUSE): _S.PAUSED_BY_HAND,
    (_S.RUNNING, _T.RESUME): _S.RUNNING,
    (_S.RUNNING, _T.DIGIT): _S.PAUSED_FOR_DIGITS,
    (_S.RUNNING, _T.QUIET): _S.RUNNING,
    (_S.PAUSED_BY_HAND, _T.PAUSE): _S.PAUSED_BY_HAND,
    (_S.PAUSED_BY_HAND, _T.RESUME): _S.RUNNING,
    (_S.PAUSED_BY_HAND, _T.DIGIT): _S.PAUSED_BY_HAND,
    (_S.PAUSED_BY_HAND, _T.QUIET): _S.PAUSED_BY_HAND,
    (_S.PAUSED_FOR_DIGITS, _T.PAUSE): _S.PAUSED_BY_HAND,
    (_S.PAUSED_FOR_DIGITS, _T.RESUME): _S.PAUSED_FOR_DIGITS,
    (_S.PAUSED_FOR_DIGITS, _T.DIGIT): _S.PAUSED_FOR_DIGITS,
    (_S.PAUSED_FOR_DIGITS, _T.QUIET): _S.RUNNING,
}


def turn(state: TapeState, trigger: TapeTrigger) -> TapeState:
    """The next state; a pair that the table lacks raises TransitionError."""
    try:
        return TABLE[state, trigger]
    except KeyError:
        raise TransitionError(f"a recording knows no {trigger} while {state}") from None


class GapKind(StrEnum):
    """What is special about a stretch of a talk.

    BY_HAND and DIGITS are silenced. HOLD: the phone held the caller. APART: the operator asked
    somebody while the caller waited.
    """

    BY_HAND = "by_hand"
    DIGITS = "digits"
    HOLD = "hold"
    APART = "apart"


#: What is never heard.
SILENCED = (GapKind.BY_HAND, GapKind.DIGITS)


class Stretch(Struct, frozen=True):
    """A stretch of the talk, by the clock; ``to_ms`` 0: not over."""

    kind: GapKind
    from_ms: int
    to_ms: int = 0


class Gap(Struct, frozen=True):
    """A stretch of the sound, in milliseconds from the first sample; ``lasted_ms`` is how long it
    was by the clock."""

    kind: GapKind
    from_ms: int
    to_ms: int
    lasted_ms: int


def gaps_in_sound(
    stretches: Sequence[Stretch], started_ms: int, ended_ms: int, duration_ms: int
) -> tuple[Gap, ...]:
    """Where the stretches lie in the sound; silenced ones are wider by the slack on both sides.

    A phone that holds a caller may send nothing, and the switch writes nothing then: later sound
    moves forward. By how much, is told by what is missing of the sound in the end.
    """
    ended = [replace(each, to_ms=each.to_ms or ended_ms) for each in stretches]
    holds = [each for each in ended if each.kind is GapKind.HOLD]
    held_ms = sum(each.to_ms - each.from_ms for each in holds)
    missing_ms = ended_ms - started_ms - duration_ms
    share = min(1.0, max(0.0, missing_ms / held_ms)) if held_ms else 0.0

    def place(at_ms: int) -> int:
        spent_ms = sum(min(h.to_ms, at_ms) - h.from_ms for h in holds if h.from_ms < at_ms)
        return at_ms - started_ms - round(spent_ms * share)

    found = []
    for each in sorted(ended, key=lambda each: each.from_ms):
        slack_ms = SLACK_MS if each.kind in SILENCED else 0
        early_ms = slack_ms + (KEY_BEFORE_MS if each.kind is GapKind.DIGITS else 0)
        first = min(max(0, place(each.from_ms) - early_ms), duration_ms)
        last = min(max(first, place(each.to_ms) + slack_ms), duration_ms)
        found.append(Gap(each.kind, first, last, each.to_ms - each.from_ms))
    return tuple(found)


class RecordingStatus(StrEnum):
    """Where a finished recording is. What is being deleted can no more be held; its sound may be
    there still, or not."""

    STORED = "stored"
    DELETING = "deleting"
    DELETED = "deleted"


class DeletionReason(StrEnum):
    """Why a recording was deleted."""

    RETENTION = "retention"
    REQUEST_OF_PERSON = "request_of_person"
    ORDER = "order"
    MISTAKE = "mistake"


class AccessReason(StrEnum):
    """Why somebody searches or hears recordings."""

    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    QUALITY = "quality"
    TRAINING = "training"
    DISCLOSURE = "disclosure"
    INVESTIGATION = "investigation"


class HoldReason(StrEnum):
    """Why a recording must not be deleted."""

    DISPUTE = "dispute"
    DISCLOSURE = "disclosure"
    INVESTIGATION = "investigation"
    AUTHORITY = "authority"


class ReleaseReason(StrEnum):
    """Why a legal hold ends, after which the recording is deleted when it is due."""

    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    MISTAKE = "mistake"


class Recording(Struct, frozen=True):
    """One finished recording, as the ledger has it.

    ``sha256`` is that of the encrypted file behind its header. ``waveform`` has one byte per side
    and point: the operator's loudness, the caller's, and so on. ``expires_ms`` is when it may go.
    """

    id: str
    call: CallId
    offer: OfferId
    agent: AgentId
    queue: QueueId
    dialled: str
    started_ms: int
    duration_ms: int
    stored_ms: int
    expires_ms: int
    size_bytes: int
    sha256: str
    gaps: tuple[Gap, ...] = ()
    waveform: bytes = b""
    status: RecordingStatus = RecordingStatus.STORED
    held_ms: int | None = None
    held_by: str = ""
    hold_reason: HoldReason | None = None


class Deletion(Struct, frozen=True):
    """The proof that a recording was deleted; each is chained to the one before.

    ``hash`` is the SHA-256 of all that stands before it, ``previous`` included.
    """

    number: int
    recording: str
    call: CallId
    sha256: str
    deleted_ms: int
    reason: DeletionReason
    by: str
    previous: str
    hash: str = ""

    def digest_input(self) -> bytes:
        """What the hash is taken of: every field but the hash, a line each."""
        fields = [str(getattr(self, name)) for name in self.__struct_fields__ if name != "hash"]
        return "\n".join(fields).encode()
