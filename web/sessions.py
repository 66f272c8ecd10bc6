"""Sessions of people who signed in: in memory while running, written behind to the database.

A session's secret is in the cookie and nowhere else; its SHA-256 is the session's id. The value
against request forgery is derived from the secret, so it needs no room.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from acd.config.people_settings import PeopleSettings
from acd.ports_people import KeptSession

SECRET_CHARACTERS = 43
#: ``seen`` in the database may be so old: a request does not write.
SEEN_EVERY_MS = 60_000
MAX_PER_PERSON = 10


class Began(Struct, frozen=True):
    """A session that was just begun, with the secret for its cookie."""

    secret: str
    session: KeptSession


def id_of(secret: str) -> str:
    """The id of the session with this secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(secret: str) -> str:
    """What a page of ours knows and a page of others cannot: derived from the cookie's secret."""
    digest = hashlib.sha256(f"csrf:{secret}".encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


class Sessions:
    """All sessions of one centre. Times are Unix milliseconds."""

    def __init__(self, settings: PeopleSettings) -> None:
        self._idle_ms = settings.idle_min * 60_000
        self._absolute_ms = settings.absolute_h * 3_600_000
        self._known: dict[str, KeptSession] = {}
        self._changed: dict[str, None] = {}
        self._ended: dict[str, None] = {}
        self._written_ms: dict[str, int] = {}

    def restore(self, kept: Iterable[KeptSession]) -> None:
        """What the database holds."""
        for each in kept:
            self._known.setdefault(each.id, each)

    def begin(self, user: str, now_ms: int) -> Began:
        """A new session; the oldest one of a person who has too many ends."""
        mine = sorted(self.of(user), key=lambda each: each.created_ms)
        for old in mine[: max(0, len(mine) - MAX_PER_PERSON + 1)]:
            self.end(old.id)
        secret = secrets.token_urlsafe(32)
        session = KeptSession(id_of(secret), user, now_ms, now_ms)
        self._known[session.id] = session
        self._changed[session.id] = None
        self._written_ms[session.id] = now_ms
        return Began(secret, session)

    def find(self, secret: str) -> KeptSession | None:
        """The session of a cookie's secret."""
        return self._known.get(id_of(secret)) if len(secret) == SECRET_CHARACTERS else None

    def get(self, session_id: str) -> KeptSession | None:
        """The session with this id."""
        return self._known.get(session_id)

    def of(self, user: str) -> list[KeptSession]:
        """The sessions of one person."""
        return [each for each in self._known.values() if each.user == user]

    def users(self) -> set[str]:
        """Who has a session."""
        return {each.user for each in self._known.values()}

    def seen(self, session_id: str, now_ms: int) -> None:
        """The person did something."""
        known = self._known.get(session_id)
        if known is None or now_ms <= known.seen_ms:
            return
        self._known[session_id] = structs.replace(known, seen_ms=now_ms)
        if now_ms - self._written_ms.get(session_id, known.created_ms) >= SEEN_EVERY_MS:
            self._written_ms[session_id] = now_ms
            self._changed[session_id] = None

    def is_over(self, session: KeptSession, now_ms: int, *, ready: bool, in_call: bool) -> bool:
        """Whether a limit has passed. ``in_call`` puts both limits off; ``ready`` only that for
        idleness, since who does not answer calls is set not ready soon enough."""
        if in_call:
            return False
        idle = now_ms - session.seen_ms > self._idle_ms and not ready
        return idle or now_ms - session.created_ms > self._absolute_ms

    def sweep(self, now_ms: int, state: Callable[[str], tuple[bool, bool]]) -> list[KeptSession]:
        """End the sessions whose limit has passed; ``state`` says of a user (ready, in a call).

        What the operator is busy with counts as doing something.
        """
        over = []
        for session in list(self._known.values()):
            ready, in_call = state(session.user)
            if ready or in_call:
                self.seen(session.id, now_ms)
            if self.is_over(session, now_ms, ready=ready, in_call=in_call):
                self.end(session.id)
                over.append(session)
        return over

    def end(self, session_id: str) -> None:
        """End a session, if it is there."""
        if self._known.pop(session_id, None) is not None:
            self._changed.pop(session_id, None)
            self._written_ms.pop(session_id, None)
            self._ended[session_id] = None

    def take_changes(self) -> tuple[tuple[KeptSession, ...], tuple[str, ...]]:
        """What changed and what ended since the last time."""
        changed, self._changed = self._changed, {}
        ended, self._ended = self._ended, {}
        there = (self._known[each] for each in changed if each in self._known)
        return tuple(there), tuple(ended)

    def put_back(self, changed: Iterable[KeptSession], ended: Iterable[str]) -> None:
        """These could not be written: they stay to be."""
        self._changed.update(dict.fromkeys(each.id for each in changed))
        self._ended.update(dict.fromkeys(ended))
