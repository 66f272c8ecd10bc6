"""Who holds which browser telephone, in one small file of the state directory."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

FILE = "softphones.json"
MAX_FILE_BYTES = 1_000_000


class LeaseFile:
    """The port :class:`acd.ports_phones.LeaseBook`. A file that cannot be read counts as empty:
    the pages then ask for their telephones again."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE

    def load(self) -> dict[str, str]:
        """What was saved last."""
        try:
            with self._path.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_FILE_BYTES), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return {}

    def save(self, leases: dict[str, str]) -> None:
        """Replace the file as a whole, readable by its owner alone."""
        scratch = self._path.with_name(FILE + ".new")
        with contextlib.suppress(OSError):
            handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(leases))
            scratch.replace(self._path)
