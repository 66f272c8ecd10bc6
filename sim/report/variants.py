"""The same scenario with one thing changed: seats, handling time, calls, patience."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from metrics.report_model import Name
from sim.inputs.scenario import Group, Scenario
from sim.report.convert import changed_level, value_of
from sim.report.of_study import Around
from sim.report.told import most_seats
from sim.report.values import Sway, Value
from sim.results import StudyResult
from sim.scaling import busier, longer, more_patient

#: So many smaller and larger numbers of seats than the chosen one are tried.
FEWER, MORE = 6, 4
#: Missing people, besides those who are missing already. The answer's sentence looks for this name.
MISSING = Name("欠ける人", "people missing")

Change = Callable[[Scenario], Scenario]
#: What one side of a change is called, and what it gives.
Side = tuple[Name, StudyResult] | None


@dataclass(frozen=True, slots=True)
class Swayed:
    """An assumption and what it is changed to; each side may be missing."""

    name: Name
    low: tuple[Name, Change] | None
    high: tuple[Name, Change] | None


def one_less(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """One operator missing in every period, from the group that is then the largest."""
    return _one(groups, -1)


def one_more(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """One operator more in every period in which anybody works, in the group that is largest."""
    return _one(groups, 1)


def _one(groups: tuple[Group, ...], change: int) -> tuple[Group, ...]:
    numbers = [list(group.agents) for group in groups]
    for period in range(len(numbers[0])):
        most = max(range(len(numbers)), key=lambda at: (numbers[at][period], -at))
        if numbers[most][period]:
            numbers[most][period] += change
    return tuple(
        replace(group, agents=tuple(each)) for group, each in zip(groups, numbers, strict=True)
    )


def seats_shifted(scenario: Scenario, by: int) -> Scenario:
    """So many operators more, or fewer, in every period."""
    groups = scenario.groups
    for _ in range(abs(by)):
        groups = one_more(groups) if by > 0 else one_less(groups)
    return replace(scenario, groups=groups)


def swayed(scenario: Scenario) -> Iterator[Swayed]:
    """What a planner should doubt, each by as much as is usual."""
    yield Swayed(
        Name("1件の時間", "time per call"),
        (Name("-10 %", "-10 %"), lambda of: longer(of, 0.9)),
        (Name("+10 %", "+10 %"), lambda of: longer(of, 1.1)),
    )
    yield Swayed(
        Name("着信数", "calls"),
        (Name("-10 %", "-10 %"), lambda of: busier(of, 0.9)),
        (Name("+10 %", "+10 %"), lambda of: busier(of, 1.1)),
    )
    if all(kind is not None for each in scenario.classes for kind in each.patience):
        yield Swayed(
            Name("待てる時間", "patience"),
            (Name("半分", "half"), lambda of: more_patient(of, 0.5)),
            (Name("2倍", "twice"), lambda of: more_patient(of, 2.0)),
        )
    if sum(max(group.agents) for group in scenario.groups) > 2:
        yield Swayed(MISSING, (Name("2人", "2"), lambda of: seats_shifted(of, -2)), None)


def variants(scenario: Scenario) -> int:
    """How many studies :func:`studied` makes."""
    sides = sum((each.low is not None) + (each.high is not None) for each in swayed(scenario))
    return len(_shifts(scenario)) + sides


@dataclass(frozen=True, slots=True)
class Studied:
    """The other studies, in no language yet."""

    seats: tuple[tuple[int, StudyResult], ...]
    sways: tuple[tuple[Name, Side, Side], ...]

    def told(self, lang: str) -> Around:
        """As the report wants them."""

        def end(side: Side) -> tuple[str, Value] | None:
            return side and (side[0].of(lang), value_of(side[1].figure("sl_offered")))

        sways = tuple(
            Sway(name, end(low), end(high), changed_level(low[1]) if low else Value(None))
            for name, low, high in self.sways
        )
        return Around(self.seats, sways)


def studied(scenario: Scenario, evaluate: Callable[[Scenario], StudyResult]) -> Studied:
    """All variants, one after another."""
    return _studied(scenario, evaluate, _shifts(scenario), swayed(scenario))


def nearest(scenario: Scenario, evaluate: Callable[[Scenario], StudyResult]) -> Studied:
    """Those that the answer's sentences name: a seat less, one more, two people missing."""
    shifts = [by for by in (-1, 0, 1) if most_seats(scenario) + by > 0]
    missing = (each for each in swayed(scenario) if each.name == MISSING)
    return _studied(scenario, evaluate, shifts, missing)


def _studied(
    scenario: Scenario, evaluate: Callable[[Scenario], StudyResult], shifts: Iterable[int],
    sways: Iterable[Swayed],
) -> Studied:  # fmt: skip
    most = most_seats(scenario)
    seats = tuple((most + by, evaluate(seats_shifted(scenario, by))) for by in shifts)

    def side(of: tuple[Name, Change] | None) -> Side:
        return None if of is None else (of[0], evaluate(of[1](scenario)))

    return Studied(seats, tuple((each.name, side(each.low), side(each.high)) for each in sways))


def _shifts(scenario: Scenario) -> range:
    """Seats by one where they are few; by more where one would hardly be seen."""
    most = most_seats(scenario)
    step = max(1, round(most / 40))
    return range(-step * min(FEWER, (most - 1) // step), step * MORE + 1, step)
