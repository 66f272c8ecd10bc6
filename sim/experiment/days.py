"""Some days of a study, wherever they are simulated: a task goes out, a chunk comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from importlib.metadata import version

import numpy as np

from acd.errors import LimitExceeded
from sim.experiment.chunk import Chunk
from sim.experiment.hours import hours_of
from sim.experiment.keys import Kept
from sim.experiment.measuring import measured
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Scenario
from sim.records import Records
from sim.scenario_file.study_file import StudyFile

#: Days of a chunk hold about so many calls together, and never more days than that.
CHUNK_CALLS, CHUNK_DAYS = 120_000, 50
#: Absences have a counter of their own: no stream of a day's draws begins there.
_ABSENCE = 1 << 40


class Engine(StrEnum):
    """Who plays the days: the quick algorithm, or the production engine itself."""

    KERNEL = "kernel"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class Task:
    """Days ``start`` to ``stop`` (not included) of one study. ``large``: the whole of it is worth
    the loading of the compiler; the records are the same."""

    scenario: Scenario
    absence: float
    seed: int
    engine: Engine
    keys: tuple[Kept, ...]
    start: int
    stop: int
    large: bool = False

    @property
    def calls(self) -> float:
        """How many calls are to be expected."""
        return calls_of(self.scenario, self.stop - self.start)

    def play(self) -> Chunk:
        """Simulate the days."""
        return played(self)


def played(task: Task) -> Chunk:
    """Simulate the days of a task. The same task gives the same chunk on any machine."""
    simulate = simulator(task.engine, task.large)
    scenarios, days = [], []
    for number in range(task.start, task.stop):
        scenario = with_absences(task.scenario, task.absence, task.seed, number)
        scenarios.append(scenario)
        days.append(simulate(scenario, draw(task.scenario, task.seed, number)))
    return measured(scenarios, days, hours_of(task.scenario), task.keys)


def played_by(of: StudyFile, engine: Engine) -> Scenario:
    """The scenario as an engine plays it: breaks one by one, or fewer operators all day."""
    return of.one_by_one if engine is Engine.TWIN else of.at_seats


def as_played(of: StudyFile, engine: Engine) -> StudyFile:
    """The same study with the operators whom the engine counts: their number can be changed."""
    return replace(of, scenario=played_by(of, engine), breaks=None)


def simulator(engine: Engine, large: bool) -> Callable[[Scenario, Draws], Records]:
    """The engine's function; imported when it is needed."""
    if engine is Engine.TWIN:
        from sim.twin.world import simulate as play

        return play
    from sim.kernel import simulate

    return partial(simulate, compiled=True if large else None)


def calls_of(scenario: Scenario, days: int) -> float:
    """How many calls are to be expected in so many days."""
    return days * scenario.period_s * sum(sum(of.arrivals_per_s) for of in scenario.classes)


def chunk_days(scenario: Scenario) -> int:
    """How many days go into one chunk."""
    return int(min(CHUNK_DAYS, max(1, CHUNK_CALLS // max(calls_of(scenario, 1), 1.0))))


def with_absences(scenario: Scenario, absence: float, seed: int, day: int) -> Scenario:
    """Who comes on this day: each planned operator is missing with the same chance, the same
    persons in all periods."""
    if absence <= 0:
        return scenario
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    groups = []
    for number, group in enumerate(scenario.groups):
        counter = np.array([0, _ABSENCE, number, day], dtype=np.uint64)
        chance = np.random.Generator(np.random.Philox(key=key, counter=counter))
        gone = np.cumsum(chance.random(max(group.agents, default=0)) < absence)
        missing = np.concatenate(([0], gone))
        present = tuple(n - int(missing[n]) for n in group.agents)
        groups.append(replace(group, agents=present))
    return replace(scenario, groups=tuple(groups))


def versions() -> dict[str, str]:
    """What takes part in every figure, with its version."""
    return {name: version(name) for name in ("madoguchi", "numpy", "scipy")}


def identity(task: Task) -> str:
    """What chunks of the same study have in common, whoever made them, as a file's name."""
    same = replace(task, start=0, stop=0, large=False)
    return hashlib.sha256(repr((same, sorted(versions().items()))).encode()).hexdigest()[:24]


#: Numbers of one study that are kept in memory at once: about 500 MB.
NUMBERS_MAX = 60_000_000


def check_size(task: Task, days: int) -> None:
    """Refuse what would not fit.

    Raises:
        LimitExceeded: with how many days would.
    """
    hours = hours_of(task.scenario).number
    row = hours * len(task.scenario.classes) * len(task.keys) * 2
    row += hours * len(task.scenario.groups) * 2 + len(task.scenario.classes) * 64
    fit = NUMBERS_MAX // row
    if days > fit:
        raise LimitExceeded(
            f"{days:,} days of this scenario do not fit into memory; {fit:,} do",
            ja=f"このシナリオの{days:,}日分は記憶に収まりません。{fit:,}日までにしてください。",
        )
