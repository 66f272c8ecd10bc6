"""What a roster is planned from and what it is made of: shifts, break rules, people, duties.

All times of a day are counted in slots of ``slot_s`` from ``first_s`` (seconds after midnight). A
day may go on after midnight: it is at most 24 hours long.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

_HOUR_S = 3600.0
#: Minutes of a day.
_MIDNIGHT = 24 * 60
#: Breaks that the law asks for within the working day (Labour Standards Act, article 34): more
#: than 6 hours of work, at least 45 minutes; more than 8 hours, at least 60.
_LEGAL_MEALS_S = ((8 * _HOUR_S, 60 * 60.0), (6 * _HOUR_S, 45 * 60.0))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Kind(StrEnum):
    """What a stretch of a duty is for; the words of the roster that is imported."""

    WORK = "work"
    REST = "break"
    MEAL = "lunch"


def meal_s(length_s: float) -> float:
    """The shortest legal meal break in a shift of this length, from beginning to end.

    >>> meal_s(6 * 3600) / 60, meal_s(7 * 3600) / 60, meal_s(8.75 * 3600) / 60
    (0.0, 45.0, 45.0)
    >>> meal_s(9 * 3600) / 60
    60.0
    """
    return next(meal for meal in (0.0, 45 * 60.0, 60 * 60.0) if meal >= _legal_s(length_s - meal))


def _legal_s(worked_s: float) -> float:
    return next((meal for over, meal in _LEGAL_MEALS_S if worked_s > over), 0.0)


@dataclass(frozen=True, slots=True)
class Shift:
    """One line of the catalogue: ``name`` with its start, ``early 08:30``; ``meal`` slots of it
    unpaid. ``cost`` of one; ``most`` of them a day (None: any number)."""

    name: str
    catalogue: str
    start: int
    slots: int
    meal: int
    groups: tuple[str, ...]
    cost: float
    most: int | None = None

    @property
    def end(self) -> int:
        """The slot after the last one."""
        return self.start + self.slots


@dataclass(frozen=True, slots=True)
class BreakRule:
    """After at most ``screen`` slots at the screen a rest of ``rest`` slots (or the meal). Meals
    lie at least ``away`` slots from a shift's beginning and end."""

    screen: int
    rest: int
    away: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by name: which groups, at most how many days a week, which days never (0 Monday),
    which shifts of the catalogue (empty: all)."""

    name: str
    groups: tuple[str, ...]
    days: int
    off: frozenset[int]
    shifts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """Everything a roster is planned from. ``required[group]``: people at the screen in each slot
    (before ``absence``, the share of those rostered who are missing on a day). ``scenario``: the
    file or example of the calls that this roster is for (empty: not said). ``closed``: days that
    were asked for and are left out."""

    name: str
    slot_s: float
    first_s: float
    required: dict[str, tuple[int, ...]]
    shifts: tuple[Shift, ...]
    rule: BreakRule
    absence: float
    days: tuple[dt.date, ...]
    people: tuple[Person, ...]
    hours_a_week: float
    between_s: float
    scenario: str = ""
    closed: tuple[dt.date, ...] = ()

    @property
    def slots(self) -> int:
        """How many slots the day has."""
        return len(next(iter(self.required.values())))

    def clock(self, slot: int) -> str:
        """When a slot begins, ``08:30``; ``24:00`` is the midnight at which the day ends."""
        minutes = self._minutes(slot)
        over = minutes > _MIDNIGHT or (minutes == _MIDNIGHT and slot < self.slots)
        return _clock(minutes - _MIDNIGHT if over else minutes)

    def by_date(self, day: dt.date, begin: int, end: int) -> list[tuple[dt.date, str, str]]:
        """Slots [begin, end) of a day as date, from and to: two of them over midnight."""
        first, last = self._minutes(begin), self._minutes(end)
        before, after = min(last, _MIDNIGHT), max(first, _MIDNIGHT)
        pieces = []
        if first < before:
            pieces.append((day, _clock(first), _clock(before)))
        if after < last:
            next_day = day + dt.timedelta(days=1)
            pieces.append((next_day, _clock(after - _MIDNIGHT), _clock(last - _MIDNIGHT)))
        return pieces

    def _minutes(self, slot: int) -> int:
        return round((self.first_s + slot * self.slot_s) / 60)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slots [from, to) of a duty, and what for."""

    begin: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's day: a shift in a group, with its breaks."""

    shift: Shift
    group: str
    stretches: tuple[Stretch, ...]

    def at_screen(self) -> tuple[int, ...]:
        """The slots at the screen."""
        return tuple(
            slot
            for each in self.stretches
            if each.kind is Kind.WORK
            for slot in range(each.begin, each.end)
        )
