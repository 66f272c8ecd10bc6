"""What breaks, when and for how long: decided by a seed before the run begins, as data."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acd.errors import LimitExceeded

MAX_S = 3_000.0


class Kind(StrEnum):
    """How something breaks."""

    KILL = "kill"
    FREEZE = "freeze"
    CUT_SILENT = "cut_silent"
    CUT_LOUD = "cut_loud"
    DELAY = "delay"
    DISK_FULL = "disk_full"
    CLOCK_STEP = "clock_step"


#: The least and most seconds that each lasts.
LASTS_S: Mapping[Kind, tuple[float, float]] = {
    Kind.KILL: (0.5, 2.0),
    Kind.FREEZE: (3.0, 8.0),
    Kind.CUT_SILENT: (3.0, 8.0),
    Kind.CUT_LOUD: (3.0, 8.0),
    Kind.DELAY: (4.0, 8.0),
    Kind.DISK_FULL: (4.0, 8.0),
    Kind.CLOCK_STEP: (4.0, 8.0),
}
#: A clock goes wrong by at most so much, forwards or back.
MAX_STEP_S = 300.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What breaks at ``at_s`` (from the run's begin) and is whole again ``lasts_s`` later.

    ``step_s`` is how far a clock is stepped; 0 for everything else.
    """

    at_s: float
    kind: Kind
    target: str
    lasts_s: float
    step_s: float = 0.0

    def __str__(self) -> str:
        step = f" by {self.step_s:+.0f} s" if self.step_s else ""
        return f"{self.at_s:6.1f} s  {self.kind.value} {self.target}{step}, {self.lasts_s:.1f} s"


def schedule(
    seed: int, length_s: float, every_s: float, possible: Sequence[tuple[Kind, str]]
) -> list[Trouble]:
    """Troubles ``every_s`` seconds for as long as the callers come, all whole again before the end.

    Every possibility comes once before any comes again. Raises :class:`LimitExceeded` when the run
    would be longer than :data:`MAX_S`.
    """
    if not 0 < length_s <= MAX_S:
        raise LimitExceeded(f"a chaos run lasts at most {MAX_S:g} s, not {length_s:g}")
    chance = random.Random(f"chaos troubles {seed}")
    bag: list[tuple[Kind, str]] = []
    troubles = []
    at_s = every_s / 2
    while at_s + 8.0 <= length_s and possible:
        if not bag:
            bag = sorted(possible)
            chance.shuffle(bag)
        kind, target = bag.pop()
        lasts_s = round(chance.uniform(*LASTS_S[kind]), 1)
        step_s = 0.0
        if kind is Kind.CLOCK_STEP:
            step_s = round(chance.uniform(5.0, MAX_STEP_S)) * chance.choice((-1.0, 1.0))
        troubles.append(Trouble(round(at_s, 1), kind, target, lasts_s, step_s))
        at_s += every_s
    return troubles
