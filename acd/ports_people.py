"""What the interface needs of the stores of people and of what they did."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class OperationKind(StrEnum):
    """What somebody did that is worth proving later."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    LOCKED = "locked"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_DISABLED = "person_disabled"
    PASSWORD_CHANGED = "password_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    LINK_MADE = "link_made"
    OPERATIONS_READ = "operations_read"
    CONFIGURATION_RELOADED = "configuration_reloaded"
    MODE_CHANGED = "mode_changed"
    AGENT_FORCED = "agent_forced"
    AGENT_LOGGED_OUT = "agent_logged_out"
    SKILL_CHANGED = "skill_changed"
    CALL_PRIORITY_CHANGED = "call_priority_changed"
    CALL_MOVED = "call_moved"
    CALL_TAKEN_OVER = "call_taken_over"
    CALL_LISTENED = "call_listened"
    CALL_WHISPERED = "call_whispered"
    CALL_BARGED = "call_barged"
    CALL_LISTENING_ENDED = "call_listening_ended"
    CALL_EXPLAINED = "call_explained"
    HISTORY_VIEWED = "history_viewed"
    NUMBER_DIALLED = "number_dialled"
    RECORDS_SEARCHED = "records_searched"
    RECORDS_EXPORTED = "records_exported"
    RECORD_CHANGED = "record_changed"
    RECORDING_SEARCHED = "recording_searched"
    RECORDING_PLAYED = "recording_played"
    RECORDING_EXPORTED = "recording_exported"
    RECORDING_PAUSED = "recording_paused"
    RECORDING_RESUMED = "recording_resumed"
    RECORDING_HELD = "recording_held"
    RECORDING_DELETED = "recording_deleted"


class OperationEntry(Struct, frozen=True):
    """One thing that somebody did. Ids and reasons only, never the personal data itself.

    ``at_ms`` Unix milliseconds. ``who`` is the person, operator or token; ``subject`` the ids of
    what it was done to; ``allowed`` is false for an attempt that was refused.
    """

    at_ms: int
    kind: OperationKind
    who: str
    role: str
    subject: str = ""
    reason: str = ""
    allowed: bool = True


class OperationLog(Protocol):
    """Keeps what was done; nothing in it can be changed afterwards."""

    async def record(self, entry: OperationEntry) -> None:
        """Keep an entry. It is safe on the local disk when this returns; raises StoreUnavailable
        when it cannot be kept at all."""
        ...
