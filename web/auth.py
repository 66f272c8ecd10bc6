"""Who is asking: bearer tokens, hashed at rest, with a role each.

A token is ``mdg_<id>_<secret>``. The id finds the entry, the secret has 256 random bits, and only
its SHA-256 is kept: a slow hash protects guessable passwords and has nothing to add here. The
file is read again when it changes, so that adding and revoking need no restart.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.core.ids import AgentId
from acd.errors import LimitExceeded, NotFound, Refused, StoreCorrupt, StoreUnavailable
from web.identity import Identity
from web.roles import Role

FILE = "tokens.json"
LOCAL_FILE = "cli.token"
MAX_TOKENS = 10_000
MAX_FILE_BYTES = 4_000_000
MAX_TOKEN_CHARS = 128

_TOKEN = re.compile(r"mdg_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Entry(Struct, frozen=True):
    """One token at rest. ``agent`` is set for operators; times are Unix seconds."""

    id: str
    sha256: str
    role: Role
    agent: str = ""
    label: str = ""
    created_s: int = 0


class TokenStore:
    """The tokens of one centre, in a private file of the state directory."""

    def __init__(self, state_dir: Path) -> None:
        self._dir = state_dir
        self._path = state_dir / FILE
        self._stamp: tuple[int, int, int] | None = None
        self._entries: dict[str, Entry] = {}

    def identify(self, token: str) -> Identity | None:
        """The identity behind a token, or ``None`` for anything else."""
        match = _TOKEN.fullmatch(token) if len(token) <= MAX_TOKEN_CHARS else None
        if match is None:
            return None
        entry = self._current().get(match[1])
        # Compared in constant time, and compared as well when there is no such id.
        wanted = entry.sha256 if entry else "0" * 64
        if not hmac.compare_digest(_hash(match[2]), wanted) or entry is None:
            return None
        agent = AgentId(entry.agent) if entry.agent else None
        return Identity(entry.id, frozenset({entry.role}), agent, entry.label)

    def is_valid(self, identity: Identity) -> bool:
        """Whether the token behind an open connection still exists."""
        return identity.token_id in self._current()

    def add(self, role: Role, agent: str = "", label: str = "") -> str:
        """A new token; this is the only time that its text is known."""
        if (role is Role.OPERATOR) != bool(agent):
            raise Refused("a token of an operator names the operator, and no other token does")
        if len(label) > 80 or not label.isprintable():
            raise LimitExceeded("a label is one line of at most 80 characters")
        with self._locked():
            entries = self._read()
            if len(entries) >= MAX_TOKENS:
                raise LimitExceeded(f"there are {MAX_TOKENS} tokens: revoke some first")
            token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
            entries[token_id] = Entry(token_id, _hash(secret), role, agent, label, int(time.time()))
            self._write(entries)
        return f"mdg_{token_id}_{secret}"

    def local(self) -> str:
        """The token of the command line on this machine; made on first use.

        It lies beside the hashes, readable by its owner only: whoever reads this directory could
        as well add a token.
        """
        path = self._dir / LOCAL_FILE
        try:
            token = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            token = ""
        except (OSError, UnicodeDecodeError) as error:
            raise StoreUnavailable(f"{path} cannot be used: remove it") from error
        if self.identify(token) is None:
            token = self.add(Role.ADMINISTRATOR, label="command line of this machine")
            self._replace(path, token.encode())
        return token

    def revoke(self, token_id: str) -> None:
        """Forget a token by its id; raises :class:`NotFound`."""
        with self._locked():
            entries = self._read()
            if entries.pop(token_id, None) is None:
                raise NotFound(f"there is no token {token_id[:20]!r}", code="unknown_token")
            self._write(entries)

    def entries(self) -> list[Entry]:
        """All tokens at rest, oldest first."""
        return sorted(self._current().values(), key=lambda entry: (entry.created_s, entry.id))

    def _current(self) -> dict[str, Entry]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._entries = None, {}
            return self._entries
        except OSError as error:
            raise self._unavailable(error) from error
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp != self._stamp:
            self._entries, self._stamp = self._read(), stamp
        return self._entries

    def _read(self) -> dict[str, Entry]:
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            entries = msgspec.json.decode(data[:MAX_FILE_BYTES], type=list[Entry])
        except msgspec.DecodeError as error:
            raise StoreCorrupt(f"{self._path} is damaged: restore it or remove it") from error
        return {entry.id: entry for entry in entries}

    def _write(self, entries: dict[str, Entry]) -> None:
        self._replace(self._path, msgspec.json.format(msgspec.json.encode(list(entries.values()))))

    def _replace(self, path: Path, data: bytes) -> None:
        """Replace a private file as a whole: a crash leaves the old one or the new one."""
        new = path.with_name(path.name + ".new")
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError as error:
            raise self._unavailable(error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._dir / f"{FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self._path} cannot be used: {error.strerror or error}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
