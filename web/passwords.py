"""Passwords: argon2id hashes, made and compared away from the event loop, a few at a time."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from acd.errors import Refused
from web.errors import HttpError
from web.messages import MESSAGES

MIN_CHARACTERS = 12
MAX_CHARACTERS = 200
#: So many different characters at least, or it repeats itself.
MIN_DIFFERENT = 5
#: Hashing costs 19 MiB and some 50 ms of a core (OWASP's first recommendation for argon2id): so
#: many at once leave the calls their share of the machine, and so many may wait.
AT_ONCE = 2
WAITING_MAX = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: Compared where there is no password, so that both cases take the same time.
_NOBODYS = _hasher.hash("nobody has this password")


def check_new_password(password: str, user: str, name: str = "") -> None:
    """Refuse a password that is too short or easily guessed; raises :class:`Refused`."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise Refused(
            f"a password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters",
            code="password_length",
            ja=MESSAGES["password_length"][0],
        )
    low = password.lower()
    own = [word for word in (user.lower(), name.lower()) if len(word) > 2]
    if len(set(low)) < MIN_DIFFERENT or any(word in low for word in own):
        raise Refused(
            "this password is easily guessed: it repeats itself or holds the name",
            code="password_weak",
            ja=MESSAGES["password_weak"][0],
        )


def hashed(password: str) -> str:
    """The hash to keep. Takes some 50 ms."""
    return _hasher.hash(password)


def _matches(kept: str, password: str) -> bool:
    try:
        _hasher.verify(kept or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


class Passwords:
    """Compares passwords in threads, with a bound on how many at once."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def matches(self, kept: str, password: str) -> bool:
        """Whether the password is the one of the hash; as slow when there is no hash.

        Raises HttpError when too many wait.
        """
        if self._waiting >= WAITING_MAX:
            raise HttpError(503, "busy")
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(_matches, kept, password)
        finally:
            self._waiting -= 1

    async def hashed(self, password: str) -> str:
        """The hash of a new password."""
        async with self._room:
            return await asyncio.to_thread(hashed, password)
