"""The practical limit of a simulation's speed: a C program for two cases, built by gcc."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.inputs.draws import Draws

SOURCE = Path(__file__).with_name("reference.c")
Floats = NDArray[np.float64]
Found = tuple[Floats, NDArray[np.int32]]


class Limit:
    """The built program: waits, and who answered (-1 for who gave up)."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def bench_a(self, draws: Draws, agents: int) -> Found:
        """One pool, nobody gives up."""
        wait, who = _empty(draws)
        self._library.bench_a(
            ctypes.c_long(len(draws)), _at(draws.came_s), _at(draws.talk_s), agents, _at(wait),
            _at(who),
        )  # fmt: skip
        return wait, who

    def bench_b(self, draws: Draws, agents: tuple[int, int, int]) -> Found:
        """Two skills, three groups, abandonment, the longest wait first."""
        wait, who = _empty(draws)
        self._library.bench_b(
            ctypes.c_long(len(draws)), _at(draws.came_s), _at(draws.skill), _at(draws.talk_s),
            _at(draws.patience_s), _at(np.array(agents, np.int32)), _at(wait), _at(who),
        )  # fmt: skip
        return wait, who


@contextmanager
def limit() -> Iterator[Limit | None]:
    """The C program, or None where there is no gcc."""
    gcc = shutil.which("gcc")
    if gcc is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        library = Path(folder) / "reference.so"
        build = [gcc, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
        subprocess.run(build, check=True, timeout=60)
        yield Limit(ctypes.CDLL(str(library)))


def _empty(draws: Draws) -> Found:
    return np.empty(len(draws)), np.empty(len(draws), np.int32)


def _at(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
