"""What if: changes to a study, asked for by a few words. Pure functions; nothing is changed in
place, and every change says itself in both languages' plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from acd.config.faults import nearest
from acd.errors import Refused
from sim.inputs.distributions import Distribution, exponential, stretched
from sim.inputs.quantities import RATE_MAX_PER_S, SEATS_MAX, changed, factor
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.scaling import busier, each_class, longer_calls
from sim.scenario_file.study_file import StudyFile

LINES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The changes asked for, as they were written (None: not asked for).

    ``absent`` and ``seats``: a number, or ``GROUP=number``; ``surge``: a factor of all calls;
    ``aht``, ``patience``: ``+10%``, ``-20s`` or a new value; ``lines``: a number.
    """

    absent: str | None = None
    surge: str | None = None
    aht: str | None = None
    patience: str | None = None
    seats: str | None = None
    lines: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The changes as flags, in the order in which they are applied."""
        return tuple(f"--{name} {text}" for name, text in self._asked())

    def _asked(self) -> list[tuple[str, str]]:
        named = [(name, getattr(self, name)) for name in CHANGES]
        return [(name, text) for name, text in named if text is not None]

    def applied(self, study: StudyFile) -> StudyFile:
        """The study with all changes.

        Raises:
            Refused: a change that cannot be understood or made.
        """
        scenario = study.scenario
        for name, text in self._asked():
            scenario = CHANGES[name](scenario, text)
        return replace(study, scenario=scenario)


def with_seats(scenario: Scenario, text: str) -> Scenario:
    """So many operators wherever there were some; where there were none, there are none."""
    group, number = _group_and_number(scenario, text, "seats")
    if group is None:
        if len(scenario.groups) > 1:
            raise _which_group(scenario, "seats", number)
        group = scenario.groups[0].name
    return _each_group(
        scenario,
        lambda of: (
            replace(of, agents=tuple(number if n else 0 for n in of.agents))
            if of.name == group
            else of
        ),
    )


def with_absent(scenario: Scenario, text: str) -> Scenario:
    """So many operators fewer, all day; of several groups each is taken from the largest."""
    group, number = _group_and_number(scenario, text, "absent")
    missing = {each.name: 0 for each in scenario.groups}
    if group is not None:
        missing[group] = number
    else:
        left = {each.name: max(each.agents, default=0) for each in scenario.groups}
        for _ in range(min(number, sum(left.values()))):
            most = max(left, key=lambda name: left[name])
            left[most] -= 1
            missing[most] += 1
    return _each_group(
        scenario,
        lambda of: replace(of, agents=tuple(max(0, n - missing[of.name]) for n in of.agents)),
    )


def with_surge(scenario: Scenario, text: str) -> Scenario:
    """All calls so many times as often."""
    times = factor(text)
    most = max((max(of.arrivals_per_s, default=0.0) for of in scenario.classes), default=0.0)
    if most * times > RATE_MAX_PER_S:
        raise Refused(f'"{text}" makes too many calls', ja=f"「{text}」では件数が多すぎます。")
    return busier(scenario, times)


def with_aht(scenario: Scenario, text: str) -> Scenario:
    """Handling takes longer or shorter: talk and wrap-up by the same factor."""

    def longer(of: CallClass) -> CallClass:
        before = of.talk.mean_s + (of.wrap_up.mean_s if of.wrap_up else 0.0)
        return longer_calls(of, _times(text, before))

    return each_class(scenario, longer)


def with_patience(scenario: Scenario, text: str) -> Scenario:
    """Callers give up later or sooner; whoever never gave up does at a new value only."""
    relative = text.strip()[:1] in "+-"

    def other(of: Distribution | None) -> Distribution | None:
        if of is None:
            return None if relative else exponential(_times(text, 1.0))
        return stretched(of, _times(text, of.mean_s))

    return each_class(
        scenario, lambda of: replace(of, patience=tuple(other(each) for each in of.patience))
    )


def with_lines(scenario: Scenario, text: str) -> Scenario:
    """So many channels."""
    number = _number(text, "lines", LINES_MAX)
    if number < 1:
        raise Refused("--lines must be at least 1", ja="--lines は1以上にしてください。")
    return replace(scenario, lines=number)


#: By the flag's name, in the order in which they are applied: who is absent is missing from the
#: seats that were asked for.
CHANGES: dict[str, Callable[[Scenario, str], Scenario]] = {
    "seats": with_seats,
    "absent": with_absent,
    "surge": with_surge,
    "aht": with_aht,
    "patience": with_patience,
    "lines": with_lines,
}


def _times(text: str, before: float) -> float:
    after = changed(text, before)
    if after <= 0:
        raise Refused(f'"{text}" must leave more than 0s', ja=f"「{text}」では0秒になります。")
    return after / before


def _each_group(scenario: Scenario, change: Callable[[Group], Group]) -> Scenario:
    return replace(scenario, groups=tuple(change(of) for of in scenario.groups))


def _group_and_number(scenario: Scenario, text: str, flag: str) -> tuple[str | None, int]:
    name, equals, number = text.rpartition("=")
    name = name.strip()
    names = [each.name for each in scenario.groups]
    if equals and name not in names:
        raise Refused(
            f"--{flag}: there is no group {name[:40]!r}{nearest(name, names)}",
            ja=f"--{flag}:「{name[:40]}」というグループはありません({'、'.join(names)})。",
        )
    return (name if equals else None), _number(number, flag, SEATS_MAX)


def _number(text: str, flag: str, most: int) -> int:
    try:
        number = int(text[:20])
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise Refused(
            f"--{flag}: {text[:40]!r} must be a whole number from 0 to {most}",
            ja=f"--{flag}:「{text[:40]}」は0から{most}までの整数にしてください。",
        )
    return number


def _which_group(scenario: Scenario, flag: str, number: int) -> Refused:
    first = scenario.groups[0].name
    return Refused(
        f"--{flag}: say which group: --{flag} {first}={number}",
        ja=f"--{flag}: どのグループかも書いてください(例: --{flag} {first}={number})。",
    )
