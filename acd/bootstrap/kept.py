"""One line of text that outlives the process, for what is good to know and not vital."""

from __future__ import annotations

import contextlib
from pathlib import Path

MAX_CHARACTERS = 200


class KeptLine:
    """A line in a file of the state directory. A disk that refuses it is no reason to stop."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str:
        """What was kept last; empty when there is nothing to be read."""
        try:
            with self._path.open(encoding="utf-8") as file:
                return file.readline(MAX_CHARACTERS).strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, line: str) -> None:
        """Keep this, if it is not kept already."""
        if line == self.read():
            return
        with contextlib.suppress(OSError):
            scratch = self._path.with_name(self._path.name + ".new")
            scratch.write_text(f"{line}\n", encoding="utf-8")
            scratch.replace(self._path)
