"""A study from question to answer: days are simulated until the main figure is sure enough."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.experiment.chunk import Chunk, joined
from sim.experiment.days import (
    Engine,
    Task,
    calls_of,
    check_size,
    chunk_days,
    identity,
    played_by,
)
from sim.experiment.keys import ALWAYS, Kept
from sim.experiment.run_folder import RunFolder
from sim.experiment.summary import main_figure, summary
from sim.experiment.workers import Workers
from sim.kernel.compile import worth_it
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile

#: Days before the first look at how sure the main figure is.
FIRST_DAYS = 100
#: Unless more are asked for, no study simulates more days than these to become precise.
DAYS_MAX = 5_000
#: The half-width that is sought unless another is asked for: 0.3 points.
PRECISION = 0.003

#: Told how many days are done, and how many there will be as far as is known.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a study is made. ``days``: exactly so many; None: until the half-width of the service
    level is at most ``precision``, ``days_max`` at most. ``extra``: further figures."""

    seed: int = 1
    days: int | None = None
    precision: float = PRECISION
    days_max: int = DAYS_MAX
    engine: Engine = Engine.KERNEL
    extra: tuple[Kept, ...] = ()

    @property
    def keys(self) -> tuple[Kept, ...]:
        """All figures that are kept."""
        return (*ALWAYS, *(each for each in self.extra if each not in ALWAYS))


@dataclass
class Studies:
    """Runs studies by the same workers; what was begun is kept in ``folder`` (None: nowhere) until
    :meth:`finished`."""

    workers: Workers
    folder: Path | None = None
    _used: list[RunFolder] = field(default_factory=list)

    def run(
        self, of: StudyFile, asked: Asked, progress: Progress | None = None,
        changes: tuple[str, ...] = (),
    ) -> StudyResult:  # fmt: skip
        """The answer for one scenario."""
        chunk = self.days(of, asked, progress)
        return summary(of, chunk, asked, changes)

    def days(self, of: StudyFile, asked: Asked, progress: Progress | None = None) -> Chunk:
        """The days themselves, for comparisons day by day."""
        scenario = played_by(of, asked.engine)
        task = Task(scenario, of.absence, asked.seed, asked.engine, asked.keys, 0, 0)
        said = progress or (lambda done, whole: None)
        if asked.days is not None:
            check_size(task, asked.days)
            return joined(self._chunks(task, 0, asked.days, said, asked.days))
        target = min(max(FIRST_DAYS, 2), asked.days_max)
        check_size(task, target)
        parts: list[Chunk] = []
        done = 0
        while True:
            parts += self._chunks(task, done, target, said, target)
            done, chunk = target, joined(parts)
            parts = [chunk]
            more = _wanted(chunk, asked)
            if more <= done:
                return chunk
            target = more
            check_size(task, target)

    def finished(self) -> None:
        """The answers are out: forget what was kept for going on."""
        for folder in self._used:
            folder.remove()
        self._used.clear()

    def _chunks(self, task: Task, start: int, stop: int, said: Progress, whole: int) -> list[Chunk]:
        """The days from ``start`` to ``stop`` in order; those that are kept are not made again."""
        folder = RunFolder(self.folder, identity(task)) if self.folder else None
        if folder is not None:
            self._used.append(folder)
        size = chunk_days(task.scenario)
        large = worth_it(calls_of(task.scenario, whole - start))
        found: dict[int, Chunk] = {}
        wanted = []
        for first in range(start, stop, size):
            last = min(first + size, stop)
            kept = folder.load(first, last) if folder else None
            if kept is not None:
                found[first] = kept
            else:
                wanted.append(replace(task, start=first, stop=last, large=large))
        done = start + sum(chunk.days for chunk in found.values())
        said(done, whole)
        for place, chunk in self.workers.each(wanted):
            each = wanted[place]
            found[each.start] = chunk
            if folder is not None:
                folder.save(each.start, each.stop, chunk)
            done += chunk.days
            said(done, whole)
        return [found[first] for first in sorted(found)]


def _wanted(chunk: Chunk, asked: Asked) -> int:
    """How many days are wanted in all: the half-width falls with the root of their number."""
    half = main_figure(chunk, asked.keys).half
    if half is None or half <= asked.precision:
        return chunk.days
    # A little more than the rule says, so that one more round is seldom needed; never many
    # times what is known now, because the first look may mislead.
    guess = math.ceil(1.1 * chunk.days * (half / asked.precision) ** 2)
    rounded = -(-guess // FIRST_DAYS) * FIRST_DAYS
    return min(rounded, chunk.days * 20, asked.days_max)
