"""What the interface needs of the stores of people and of what they did."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class OperationKind(StrEnum):
    """What somebody did that is worth proving later."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SESSIONS_ENDED = "sessions_ended"
    PEOPLE_VIEWED = "people_viewed"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_DISABLED = "person_disabled"
    PASSWORD_CHANGED = "password_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    LINK_MADE = "link_made"
    TOKEN_MADE = "token_made"
    TOKEN_REVOKED = "token_revoked"
    OPERATIONS_READ = "operations_read"
    CONFIGURATION_RELOADED = "configuration_reloaded"
    LEAD_GIVEN = "lead_given"
    MODE_CHANGED = "mode_changed"
    ALARM_SEEN = "alarm_seen"
    AGENT_FORCED = "agent_forced"
    AGENT_LOGGED_OUT = "agent_logged_out"
    AGENT_ACTED_FOR = "agent_acted_for"
    SKILL_CHANGED = "skill_changed"
    CALL_PRIORITY_CHANGED = "call_priority_changed"
    CALL_MOVED = "call_moved"
    CALL_TAKEN_OVER = "call_taken_over"
    CALL_LISTENED = "call_listened"
    CALL_WHISPERED = "call_whispered"
    CALL_BARGED = "call_barged"
    CALL_LISTENING_ENDED = "call_listening_ended"
    CALLER_SHOWN = "caller_shown"
    HISTORY_VIEWED = "history_viewed"
    OPERATORS_VIEWED = "operators_viewed"
    NUMBER_DIALLED = "number_dialled"
    CALLS_STUDIED = "calls_studied"
    RECORDS_SEARCHED = "records_searched"
    RECORDS_EXPORTED = "records_exported"
    RECORD_CHANGED = "record_changed"
    ROSTER_CHANGED = "roster_changed"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    CALL_CLASSIFIED = "call_classified"
    RECORDING_SEARCHED = "recording_searched"
    RECORDING_PLAYED = "recording_played"
    RECORDING_PAUSED = "recording_paused"
    RECORDING_RESUMED = "recording_resumed"
    RECORDING_HELD = "recording_held"
    RECORDING_RELEASED = "recording_released"
    RECORDING_REKEYED = "recording_rekeyed"
    RECORDING_DELETED = "recording_deleted"
    ALARMS_TESTED = "alarms_tested"
    WALLBOARD_CHANGED = "wallboard_changed"
    WALLBOARD_LINK_MADE = "wallboard_link_made"
    WALLBOARD_LINK_REVOKED = "wallboard_link_revoked"


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


class KeptOperation(Struct, frozen=True):
    """An entry as it is kept. ``digest`` (hexadecimal) covers the entry, its number and the digest
    before it, so that a change, a gap or a swap anywhere is found."""

    number: int
    entry: OperationEntry
    digest: str


class OperationSpan(Struct, frozen=True):
    """Which entries to read: newest first, below ``before`` (a number; 0 for the newest)."""

    from_ms: int = 0
    to_ms: int = 0
    who: str = ""
    kind: str = ""
    before: int = 0
    limit: int = 100


class OperationLog(Protocol):
    """Keeps what was done; nothing in it can be changed afterwards."""

    def check(self) -> None:
        """Raise StoreUnavailable when an entry could not be kept now."""
        ...

    async def record(self, *entries: OperationEntry) -> None:
        """Keep entries. They are on the local disk when this returns; raises StoreUnavailable when
        they cannot be kept at all."""
        ...

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        """Entries, the newest first; raises StoreUnavailable."""
        ...


class WaitingOperation(Struct, frozen=True, array_like=True):
    """An entry on the local disk that the database has not taken yet; numbers of a stream only
    grow."""

    stream: str
    number: int
    entry: OperationEntry


class OperationsWaiting(Protocol):
    """Where entries wait for the database. Every method may raise StoreUnavailable."""

    def check(self) -> None:
        """Whether there is room for an entry."""
        ...

    def append(self, *entries: OperationEntry) -> None:
        """Keep entries on the local disk, all or none of them."""
        ...

    def waiting(self, limit: int) -> list[WaitingOperation]:
        """The oldest that wait."""
        ...

    def drop(self, last: WaitingOperation) -> None:
        """The database holds everything up to this one."""
        ...


class OperationStore(Protocol):
    """The database's side of the operation log. Every method may raise StoreUnavailable."""

    async def append(self, waiting: Sequence[WaitingOperation]) -> KeptOperation | None:
        """Keep entries in one transaction, but for those that it holds already; returns the last
        of the log as it is kept."""
        ...

    async def read(self, span: OperationSpan) -> list[KeptOperation]:
        """Entries, the newest first."""
        ...


class Person(Struct, frozen=True):
    """Somebody who may sign in. Times are Unix milliseconds.

    ``roles`` are values of ``web.roles.Role``, at least one; ``agent`` the operator that this
    person is.
    ``password`` is an argon2id hash, ``totp`` the second factor's secret in base32; either may be
    empty. Sessions that began before ``valid_from_ms`` are void.
    """

    user: str
    name: str
    roles: tuple[str, ...]
    agent: str = ""
    password: str = ""
    totp: str = ""
    disabled: bool = False
    created_ms: int = 0
    changed_ms: int = 0
    valid_from_ms: int = 0


class KeptSession(Struct, frozen=True):
    """A session at rest: ``id`` is the digest of the cookie's secret, never the secret."""

    id: str
    user: str
    created_ms: int
    seen_ms: int


class SignIns(Struct, frozen=True):
    """What went wrong lately for one account name, the last one-time code that was used, and when
    somebody last signed in with it.

    ``key`` is a digest of the name, for names without an account too.
    """

    key: str
    failures: int = 0
    first_ms: int = 0
    locked_until_ms: int = 0
    totp_step: int = 0
    signed_in_ms: int = 0


class PeopleChanges(Struct, frozen=True):
    """What memory holds and the database does not yet."""

    sessions: tuple[KeptSession, ...] = ()
    ended: tuple[str, ...] = ()
    sign_ins: tuple[SignIns, ...] = ()


class PeopleStore(Protocol):
    """The people of one centre and their sessions. Every method may raise StoreUnavailable."""

    async def stamp(self) -> int:
        """Grows whenever a person is put."""
        ...

    async def people(self) -> list[Person]:
        """Everybody, by user."""
        ...

    async def put(self, person: Person) -> Person:
        """Add or replace a person; returns it with its ``changed_ms``."""
        ...

    async def sessions(self) -> list[KeptSession]:
        """The sessions at rest."""
        ...

    async def sign_ins(self) -> list[SignIns]:
        """The failures at rest."""
        ...

    async def write(self, changes: PeopleChanges) -> None:
        """Keep what changed in memory, in one transaction."""
        ...
