"""Where the days of a study are kept until all of it is done, so that a broken run goes on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from sim.experiment.chunk import Chunk, from_bytes

_DIGEST = 32
#: A run that nobody took up again for so long is forgotten.
_KEPT_S = 30 * 86_400


def default_folder() -> Path:
    """``MADOGUCHI_STUDIES``, or the user's cache."""
    named = os.environ.get("MADOGUCHI_STUDIES")
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "madoguchi" / "studies"


def forget_old(base: Path, now_s: float) -> None:
    """Remove the runs that were broken off and never taken up again."""
    with contextlib.suppress(OSError):
        for path in base.iterdir():
            if path.is_dir() and now_s - path.stat().st_mtime > _KEPT_S:
                shutil.rmtree(path, ignore_errors=True)


class RunFolder:
    """The chunks of one study, each in a file of its own, found by what the study is.

    A file that is damaged, or that cannot be read or written, is as good as none: its days are
    simulated again.
    """

    def __init__(self, base: Path, identity: str) -> None:
        self.path = base / identity

    def load(self, start: int, stop: int) -> Chunk | None:
        """The days ``start`` to ``stop``, if they are there and whole."""
        try:
            data = self._file(start, stop).read_bytes()
        except OSError:
            return None
        digest, body = data[:_DIGEST], data[_DIGEST:]
        if hashlib.sha256(body).digest() != digest:
            return None
        chunk = from_bytes(body)
        return chunk if chunk is not None and chunk.days == stop - start else None

    def save(self, start: int, stop: int, chunk: Chunk) -> None:
        """Keep the days; a reader finds the whole file or none."""
        body = chunk.to_bytes()
        with contextlib.suppress(OSError):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self.path)
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            Path(name).replace(self._file(start, stop))

    def remove(self) -> None:
        """Forget the study: it is done."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _file(self, start: int, stop: int) -> Path:
        return self.path / f"{start:08d}-{stop:08d}.days"
