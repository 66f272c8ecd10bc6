"""Days of a sample, drawn where they are played: the same callers for every staffing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from acd.errors import Refused
from metrics.columns import Ints
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Scenario
from sim.kernel import simulate
from sim.records import Records
from sim.staffing.counting import Counter
from sim.staffing.look import Look, joined
from sim.staffing.operators import Staffing, intervals, staffed
from sim.staffing.targets import Target

#: Calls that are counted at once: so many are still in the processor's memory.
AT_ONCE = 20_000
#: Drawn calls that a process keeps: some 300 MB. What is beyond is drawn again for each staffing,
#: which takes as long as playing it.
KEPT_CALLS = 6_000_000
#: Playing and counting a sample's call is so much of the work of a study's, of which all figures
#: are kept.
EFFORT = 0.2


@dataclass(frozen=True, slots=True)
class Callers:
    """Whose days they are. ``large``: the whole search is worth the loading of the compiler; the
    records are the same."""

    scenario: Scenario
    targets: tuple[Target, ...]
    seed: int
    large: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """Some days, from ``start`` to ``stop`` (not included), with a staffing: a job of a sample's.
    ``a_day``: calls to be expected on one."""

    callers: Callers
    staffing: Staffing
    start: int
    stop: int
    a_day: float

    @property
    def calls(self) -> float:
        """How much work it is."""
        return EFFORT * self.a_day * (self.stop - self.start)

    def play(self) -> Look:
        """What the staffing reaches on these days."""
        of, scenario = self.callers, self.callers.scenario
        interval_of = intervals(scenario)
        counter = Counter(scenario, of.targets, interval_of)
        centre = staffed(scenario, self.staffing, interval_of)
        block = max(1, int(AT_ONCE / max(1.0, self.a_day)))
        return joined(
            [
                _counted(of, centre, counter, range(at, min(at + block, self.stop)))
                for at in range(self.start, self.stop, block)
            ]
        )


def _counted(of: Callers, centre: Scenario, counter: Counter, days: range) -> Look:
    """Some of the days, played and counted together."""
    engine = partial(simulate, compiled=True if of.large else None)
    played: list[Records | None] = []
    cells = []
    for day in days:
        draws, cell = _KEPT.day(of, counter, day)
        records: Records | None = None
        try:
            records = engine(centre, draws)
        except Refused as error:
            if error.code != "waits_for_ever":
                raise
            # Callers who never give up, and nobody left who serves them: as bad as can be.
        if records is not None and len(records) != len(cell):
            cell = counter.cells_of(records)  # redials differ from staffing to staffing
        played.append(records)
        cells.append(cell)
    return Look(*counter.counted(cells, played))


class _Kept:
    """The days that this process has drawn, of the sample that it is at."""

    def __init__(self) -> None:
        self._of: Callers | None = None
        self._days: dict[int, tuple[Draws, Ints]] = {}
        self._calls = 0

    def day(self, of: Callers, counter: Counter, number: int) -> tuple[Draws, Ints]:
        """A day's callers, and the cell of each."""
        if self._of is not of and self._of != of:
            self._days, self._calls = {}, 0
        self._of = of
        found = self._days.get(number)
        if found is None:
            draws = draw(of.scenario, of.seed, number)
            found = draws, counter.cells_of(draws)
            if self._calls + len(draws) <= KEPT_CALLS:
                self._days[number] = found
                self._calls += len(draws)
        return found


_KEPT = _Kept()
