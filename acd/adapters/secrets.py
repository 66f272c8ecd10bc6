"""Secrets of one centre: made at random on first use, kept in one file of the state directory.

Names in use: ``ami`` (the switch's manager user), ``phone.<device>`` (an operator's or a
department's SIP account), ``trunk.<id>`` (a carrier's password, given by a person), ``line.…``
(keys of the lines to and between switches are derived from these). The file is readable by its
owner only, and a file that others may read is refused rather than used.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import stat
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acd.errors import LimitExceeded, NotFound, Refused, StoreCorrupt, StoreUnavailable

FILE = "secrets.json"
MAX_FILE_BYTES = 4_000_000
MAX_VALUE = 128

#: Letters and digits only: the value stands in configuration files and SIP digests. 32 of them
#: are 190 bits.
ALPHABET = string.ascii_letters + string.digits
LENGTH = 32

_NAME = re.compile(r"[a-z]{1,16}(\.[A-Za-z0-9_-]{1,72})?")


class Secrets:
    """The secrets file in ``state_dir``; the directory is made when it is missing."""

    def __init__(self, state_dir: Path) -> None:
        self._dir = state_dir
        self._path = state_dir / FILE

    def get(self, name: str) -> str:
        """The secret; made and saved when it does not exist yet."""
        known = self._read().get(name)
        if known is not None:
            return known
        return self.get_all([name])[name]

    def get_all(self, names: list[str]) -> dict[str, str]:
        """Several secrets by name; those that do not exist yet are made and saved together."""
        for name in names:
            _check_name(name)
        with self._locked():
            values = self._read()
            missing = [name for name in names if name not in values]
            for name in missing:
                values[name] = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            if missing:
                self._write(values)
        return {name: values[name] for name in names}

    def given(self, name: str) -> str:
        """A secret that only a person can give; raises :class:`NotFound` when nobody did."""
        try:
            return self._read()[name]
        except KeyError:
            raise NotFound(
                f"the secret {name} is not set: run `madoguchi secret {name}`",
                code="secret_missing",
            ) from None

    def put(self, name: str, value: str) -> None:
        """Keep a secret that was given by a person, e.g. a carrier's password."""
        _check_name(name)
        if not value or len(value) > MAX_VALUE:
            raise LimitExceeded(f"a secret has 1 to {MAX_VALUE} characters")
        if not all("!" <= char <= "~" for char in value):
            raise Refused("a secret has printable ASCII characters and no spaces")
        with self._locked():
            values = self._read()
            values[name] = value
            self._write(values)

    def names(self) -> list[str]:
        """The names of all secrets, never their values."""
        return sorted(self._read())

    def __repr__(self) -> str:
        return f"Secrets({str(self._path)!r})"

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

    def _read(self) -> dict[str, str]:
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unavailable(error) from error
        if stat.S_IMODE(mode) & 0o077:
            raise Refused(
                f"{self._path} can be read by others: run `chmod 600 {self._path}`"
                " and change what was in it",
                code="secrets_exposed",
            )
        return self._parse(data)

    def _parse(self, data: bytes) -> dict[str, str]:
        try:
            values = json.loads(data) if len(data) <= MAX_FILE_BYTES else None
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise StoreCorrupt(f"{self._path} is damaged: restore it from a backup or remove it")
        return values

    def _write(self, values: dict[str, str]) -> None:
        """Replace the file as a whole: a crash leaves the old one or the new one."""
        new = self._path.with_suffix(".new")
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(values, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self._path} cannot be used: {error.strerror or error}")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refused(f"{name!r} is no name of a secret, such as ami or trunk.carrier")
