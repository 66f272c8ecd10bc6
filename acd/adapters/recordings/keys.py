"""Master keys of recordings: numbered secrets, from which the real keys are derived.

``recording.1`` is made by itself on first use; a new one follows when somebody asks for it. Files
say which one they are under, so old ones must be kept until no file, and no backup, needs them.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from acd.errors import StoreCorrupt

_NAME = "recording."


class SecretStore(Protocol):
    """Where secrets are kept."""

    def get(self, name: str) -> str:
        """A secret; made when it does not exist yet."""
        ...

    def names(self) -> list[str]:
        """The names of all that exist."""
        ...


class MasterKeys:
    """The numbered keys of one centre."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._keys: dict[int, bytes] = {}

    def newest(self) -> int:
        """The number that new files are put under."""
        return max(self._numbers(), default=1)

    def add(self) -> int:
        """Make a new key; returns its number."""
        number = max(self._numbers(), default=0) + 1
        self._secrets.get(f"{_NAME}{number}")
        return number

    def key(self, number: int) -> bytes:
        """The key of a number; the first one is made when there is none yet."""
        if number not in self._keys:
            if number not in self._numbers() and number != 1:
                raise StoreCorrupt(
                    f"the key recording.{number} is missing: restore secrets.json from a backup",
                    code="recording_key_missing",
                )
            self._keys[number] = _derive(self._secrets.get(f"{_NAME}{number}"), number)
        return self._keys[number]

    def _numbers(self) -> list[int]:
        names = (name.removeprefix(_NAME) for name in self._secrets.names() if _NAME in name)
        return [int(each) for each in names if each.isdigit()]


def _derive(secret: str, number: int) -> bytes:
    info = f"madoguchi recording key {number}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())
