"""What all simulated studies of the page have in common: one process, one core, one seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sim.experiment.comparing import Paired
from sim.experiment.days import Engine
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.report.paper import Paper
from sim.results import StudyResult
from sim.scenario_file.study_file import StudyFile

SEED = 1
LANGUAGES = ("ja", "en")
#: Told the share of the whole that is done.
Tell = Callable[[float], None]
Papers = Mapping[str, Paper]


@dataclass(frozen=True, slots=True)
class Made:
    """What came out: the report in each language, a roster as CSV and a scenario's file in each
    language if they were made."""

    papers: Papers
    csv: str = ""
    scenarios: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Runs:
    """So many studies of so many days each, one after another, and how far they are."""

    days: int
    whole: int
    tell: Tell
    engine: Engine = Engine.KERNEL
    done: int = 0
    studies: Studies = field(default_factory=lambda: Studies(Here()))
    _pair: Paired | None = None

    @property
    def asked(self) -> Asked:
        """What is asked of each."""
        return Asked(seed=SEED, days=self.days, engine=self.engine)

    def run(self, of: StudyFile) -> StudyResult:
        """One study, held against the first."""
        if self._pair is None:
            self._pair = Paired(self.studies, self.asked)
        return self._pair.run(of, self.heard)

    def heard(self, some: int, days: int) -> None:
        """So many days of the present one are done."""
        self.tell(min(1.0, (self.done + some / days) / self.whole))
        self.done += some >= days
