"""Who does which duty on which day: a week of everybody by name."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from sim.staffing.roster import Duty, Person, RosterPlan, Shift

_SHORT_COST, _UNEVEN_COST = 1_000.0, 1.0
_NODES = 5_000
_HOUR_S, _DAY_S = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Assigned:
    """One person's duty on one day; ``person`` empty: nobody is left who can do it."""

    day: dt.date
    person: str
    duty: Duty


Kind = tuple[Shift, str]


def assign(plan: RosterPlan, duties: Sequence[Duty]) -> list[Assigned]:
    """Every day's duties given to people: as few as possible left open, days as even as possible.

    Kept: one duty a day, each person's groups, shifts, days off and most days, the hours a week,
    the time between one duty and the next. Without people in the plan every duty is a person of
    its own, named by its shift.
    """
    if not plan.people:
        return _unnamed(plan, duties)
    of_kind: dict[Kind, list[Duty]] = defaultdict(list)
    for duty in duties:
        of_kind[duty.shift, duty.group].append(duty)
    chosen = _chosen(plan, of_kind)
    found = []
    for number, day in enumerate(plan.days):
        for kind, each in of_kind.items():
            names = chosen[number, kind]
            # Breaks of one shift differ: they go round, so that nobody always has the same.
            turned = names[number % len(names) :] + names[: number % len(names)] if names else []
            turned += [""] * (len(each) - len(turned))
            found += [Assigned(day, name, duty) for name, duty in zip(turned, each, strict=True)]
    return found


def _unnamed(plan: RosterPlan, duties: Sequence[Duty]) -> list[Assigned]:
    numbers: dict[str, int] = defaultdict(int)
    names = []
    for duty in duties:
        stem = f"{duty.group}-{duty.shift.catalogue}"
        numbers[stem] += 1
        names.append(f"{stem}-{numbers[stem]:02}")
    return [
        Assigned(day, name, duty)
        for day in plan.days
        for name, duty in zip(names, duties, strict=True)
    ]


def _chosen(plan: RosterPlan, of_kind: dict[Kind, list[Duty]]) -> dict[tuple[int, Kind], list[str]]:
    """Names for each day and kind of duty."""
    kinds = list(of_kind)
    columns = [
        (person, day, kind)
        for person in plan.people
        for day, date in enumerate(plan.days)
        if date.weekday() not in person.off
        for kind in kinds
        if _can(person, kind)
    ]
    needs = [(day, kind) for day in range(len(plan.days)) for kind in kinds]
    rows = _Rows()
    size = len(columns) + len(needs) + 1  # who does it, how many are missing, most days of anybody
    for at, (day, kind) in enumerate(needs):
        number = len(of_kind[kind])
        rows.put(("need", day, kind), len(columns) + at, 1, number, number)
    for at, (person, day, kind) in enumerate(columns):
        number = len(of_kind[kind])
        rows.put(("need", day, kind), at, 1, number, number)
        rows.put(("once", person.name, day), at, 1, 0, 1)
        rows.put(("days", person.name), at, 1, 0, person.days)
        rows.put(("hours", person.name), at, _paid_h(plan, kind[0]), 0, plan.hours_a_week)
        rows.put(("even", person.name), at, 1, -np.inf, 0)
    for person in plan.people:
        rows.put(("even", person.name), size - 1, -1, -np.inf, 0)
    _put_rests(plan, columns, rows)
    prices = np.zeros(size)
    prices[len(columns) : -1] = _SHORT_COST
    prices[-1] = _UNEVEN_COST
    found = milp(
        prices,
        constraints=rows.constraint(size),
        bounds=Bounds(0, np.concatenate((np.ones(len(columns)), np.full(len(needs) + 1, np.inf)))),
        integrality=np.ones(size),
        options={"node_limit": _NODES},
    )
    names: dict[tuple[int, Kind], list[str]] = defaultdict(list)
    if found.x is not None:
        for at, (person, day, kind) in enumerate(columns):
            if found.x[at] > 0.5:
                names[day, kind].append(person.name)
    return names


class _Rows:
    """The rows of a programme, made as they are first named."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, float]] = []
        self._bounds: list[tuple[float, float]] = []
        self._row_of: dict[object, int] = {}

    def put(self, key: object, column: int, value: float, least: float, most: float) -> None:
        """One number of the row ``key``, which lies between ``least`` and ``most``."""
        if key not in self._row_of:
            self._row_of[key] = len(self._bounds)
            self._bounds.append((least, most))
        self._entries.append((self._row_of[key], column, value))

    def constraint(self, columns: int) -> LinearConstraint:
        """All rows."""
        rows, places, values = zip(*self._entries, strict=True)
        matrix = coo_array((values, (rows, places)), (len(self._bounds), columns))
        return LinearConstraint(matrix, *zip(*self._bounds, strict=True))


def _put_rests(plan: RosterPlan, columns: Sequence[tuple[Person, int, Kind]], rows: _Rows) -> None:
    """Of a duty and all of the next day's that come too early after it, one person has one."""
    column_of = {(person.name, day, kind): at for at, (person, day, kind) in enumerate(columns)}
    kinds = dict.fromkeys(kind for _, _, kind in columns)
    for at, (person, day, kind) in enumerate(columns):
        if day + 1 == len(plan.days):
            continue
        for other in kinds:
            following = column_of.get((person.name, day + 1, other))
            if following is not None and not _rested(plan, day, kind[0], other[0]):
                # Each pair by itself: two early duties exclude one another already.
                rows.put(("rest", at, following), at, 1, 0, 1)
                rows.put(("rest", at, following), following, 1, 0, 1)


def _can(person: Person, kind: Kind) -> bool:
    shift, group = kind
    return group in person.groups and (not person.shifts or shift.catalogue in person.shifts)


def _paid_h(plan: RosterPlan, shift: Shift) -> float:
    return (shift.slots - shift.meal) * plan.slot_s / _HOUR_S


def _rested(plan: RosterPlan, day: int, shift: Shift, following: Shift) -> bool:
    """Whether enough time lies between this shift and the next planned day's."""
    apart = (plan.days[day + 1] - plan.days[day]).days
    return apart * _DAY_S + (following.start - shift.end) * plan.slot_s >= plan.between_s
