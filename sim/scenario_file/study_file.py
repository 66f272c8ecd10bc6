"""A scenario with what stands beside it in its file: targets, absences, breaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from sim.inputs.scenario import Group, Habits, Scenario
from sim.results import Targets


@dataclass(frozen=True, slots=True)
class Breaks:
    """Everybody takes a break of ``length_s`` after ``every_s`` at the screen, in turn."""

    every_s: float
    length_s: float

    @property
    def share(self) -> float:
        """The part of the time that is spent in breaks.

        >>> Breaks(3000, 600).share == 1 / 6
        True
        """
        return self.length_s / (self.every_s + self.length_s)


@dataclass(frozen=True, slots=True)
class StudyFile:
    """What a scenario file says. ``scenario`` has the operators who are planned; ``absence`` is the
    chance of each to be missing on a day; ``breaks`` None: they are not counted."""

    scenario: Scenario
    targets: Targets = field(default_factory=Targets)
    absence: float = 0.0
    breaks: Breaks | None = None

    @property
    def at_seats(self) -> Scenario:
        """The scenario with the operators who are at their seats: without those in a break.

        Breaks are taken in turn, so of n operators the n × share in a break, rounded up, are away
        at any time; 16 operators with 10 minutes after each 50 leave 13.
        """
        if self.breaks is None:
            return self.scenario
        share = self.breaks.share
        groups = tuple(_less(group, share) for group in self.scenario.groups)
        return replace(self.scenario, groups=groups)

    @property
    def one_by_one(self) -> Scenario:
        """The scenario with all operators, who take their breaks one by one when they are free: for
        the engine that can play that."""
        if self.breaks is None:
            return self.scenario
        habits = self.scenario.habits or Habits()
        breaks = replace(
            habits, break_every_s=self.breaks.every_s, break_length_s=self.breaks.length_s
        )
        return replace(self.scenario, habits=breaks)


def _less(group: Group, share: float) -> Group:
    away = (math.ceil(number * share - 1e-9) for number in group.agents)
    present = tuple(n - gone for n, gone in zip(group.agents, away, strict=True))
    return replace(group, agents=present)
