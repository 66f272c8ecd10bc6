"""The parts of a centre that can break: processes with a pid, a disk and a clock of their own."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from acd.adapters.asterisk import proctree
from tools.chaos.world import faketime

_BLOCK = b"\0" * 65_536


class Part(Protocol):
    """One process (and what it started) that is killed and comes back, as under systemd."""

    name: str

    @property
    def disk(self) -> Disk | None:
        """Its own, if it has one."""
        ...

    @property
    def clock(self) -> Clock | None:
        """Its own, if it has one."""
        ...

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        ...

    async def start(self) -> None:
        """Start it; returns when it serves."""
        ...

    async def kill(self) -> None:
        """kill -9, of all of it."""
        ...


class Controller(Part, Protocol):
    """A controller: ``group`` is the group id that its connections are known by."""

    group: int

    async def stop(self) -> int:
        """SIGTERM; returns its exit code, which must be 0."""
        ...


class Disk:
    """A small disk that can be filled to the last block and emptied again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Not one byte is left."""
        with self._ballast.open("wb", buffering=0) as file:
            size = len(_BLOCK)
            while size:
                try:
                    file.write(_BLOCK[:size])
                except OSError:
                    size //= 2

    def empty(self) -> None:
        """As it was before."""
        self._ballast.unlink(missing_ok=True)


class Clock:
    """The clock of one process and its children, by libfaketime: the wall clock can be stepped,
    the monotonic one goes on, as on a machine whose clock is set."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.clock"
        self.step(0.0)

    @property
    def environment(self) -> dict[str, str]:
        """For the process, at its start."""
        return {
            "LD_PRELOAD": str(faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @contextlib.contextmanager
    def worn(self) -> Iterator[None]:
        """What is started meanwhile has this clock."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def step(self, by_s: float) -> None:
        """From within a second on the clock is wrong by so much; 0 sets it right."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{by_s:+.0f}s\n", encoding="ascii")
        written.rename(self._file)


def tree_of(part: Part) -> list[int]:
    """A part's process and everything that it started."""
    pid = part.pid
    return proctree.tree(pid) if pid else []


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """A signal to all of them that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
