"""A roster file, read whole: every fault at once, each with its path and its nearest name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictStr

from acd.config.faults import Faults, nearest, quoted
from acd.config.kinds import FileTable, Label
from acd.config.reading import Reader, validate, validate_each
from acd.errors import NotFound
from sim.calibrate.national import national_holiday
from sim.scenario_file.read import parsed
from sim.scenario_file.tables import ID, Clock, PositiveDuration, Share
from sim.staffing.roster import BreakRule, Person, RosterPlan, Shift, meal_s

EXAMPLES = Path(__file__).parent / "examples"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_S = 86_400.0
_SLOTS_S = (300.0, 600.0, 900.0)


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


Count = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Day = Annotated[StrictStr, Field(pattern="^(mon|tue|wed|thu|fri|sat|sun)$")]


class ShiftTable(FileTable):
    """``[shifts.NAME]``: when it may begin, how long it is from beginning to end."""

    starts: Annotated[
        tuple[Clock, ...], BeforeValidator(_listed), Field(min_length=1, max_length=96)
    ]
    length: PositiveDuration
    meal: PositiveDuration | None = None
    groups: Annotated[tuple[StrictStr, ...], Field(max_length=64)] = ()
    cost: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None
    most: Count | None = None


class BreaksTable(FileTable):
    """``[breaks]``: the rest that follows so much time at the screen."""

    screen: PositiveDuration = 3600.0
    rest: PositiveDuration = 900.0
    meal_away: PositiveDuration = 5400.0


class WeekTable(FileTable):
    """``[week]``: which days are planned."""

    begins: dt.date
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] = DAYS[:5]
    holidays: Literal["open", "closed"] = "open"
    closed: Annotated[tuple[dt.date, ...], Field(max_length=7)] = ()
    hours: PositiveDuration = 40 * 3600.0
    between: PositiveDuration = 11 * 3600.0


class PersonTable(FileTable):
    """``[people.NAME]``: who can be planned, and when."""

    groups: Annotated[tuple[StrictStr, ...], Field(max_length=64)] = ()
    days: Annotated[int, Field(strict=True, ge=1, le=7)] = 5
    off: Annotated[tuple[Day, ...], Field(max_length=7)] = ()
    shifts: Annotated[tuple[StrictStr, ...], Field(max_length=96)] = ()


class RosterTable(FileTable):
    """What stands above the tables; those of shifts and people are read one by one."""

    shifts: None = None
    people: None = None
    name: Label
    scenario: Annotated[StrictStr, Field(max_length=500)] = ""
    opens_at: Clock
    interval: PositiveDuration = 3600.0
    slot: PositiveDuration = 900.0
    absence: Share = 0.0
    required: Annotated[
        dict[str, Annotated[tuple[Count, ...], Field(min_length=1, max_length=288)]],
        Field(min_length=1, max_length=64),
    ]
    breaks: BreaksTable = BreaksTable()
    week: WeekTable


def roster_of(name: str) -> RosterPlan:
    """The plan of a file, or of a shipped example by its name.

    Raises:
        NotFound: there is neither.
        ConfigError: everything that is wrong with it.
    """
    path = Path(name)
    examples = sorted(each.stem for each in EXAMPLES.glob("*.toml"))
    if not path.is_file() and name in examples:
        path = EXAMPLES / f"{name}.toml"
    elif not path.is_file():
        raise NotFound(
            f"there is no file {name[:200]!r} and no example roster of that name"
            f"{nearest(name, examples)} (examples: {', '.join(examples)})",
            code="no_roster",
            ja=f"「{name[:200]}」というファイルも例もありません(例: {'、'.join(examples)})。",
        )
    return read_roster(path)


def read_roster(path: Path) -> RosterPlan:
    """The plan that a file describes; raises ConfigError with every fault."""
    faults = Faults()
    table = Reader(faults).read(path, path.name) or {}
    faults.raise_if_any()
    plan = _made(table, path.name, faults)
    beside = path.parent / plan.scenario
    return replace(plan, scenario=str(beside)) if beside.is_file() else plan


def read_roster_text(text: str, name: str) -> RosterPlan:
    """The same from a text that came from a browser."""
    faults = Faults()
    return _made(parsed(text, name, faults), name, faults)


def _made(table: dict[str, Any], name: str, faults: Faults) -> RosterPlan:
    base = f"{name}:"
    rest = {key: value for key, value in table.items() if key not in ("shifts", "people")}
    head = validate(RosterTable, rest, base, faults)
    shifts = _each(ShiftTable, table, "shifts", base, faults)
    people = _each(PersonTable, table, "people", base, faults) if "people" in table else {}
    if not shifts and "shifts" not in table:
        faults.add(f"{base}shifts", "is missing: write [shifts.NAME]")
    if head is None or faults:
        faults.raise_if_any()
    assert head is not None
    _check(head, shifts, people, base, faults)
    faults.raise_if_any()
    return _plan(head, shifts, people)


def _each(model: type[Any], table: dict[str, Any], key: str, base: str, faults: Faults) -> Any:
    def wrong(name: str) -> str:
        return "" if ID.fullmatch(name) else "a name has 1 to 32 of A-Z a-z 0-9 _ -"

    return validate_each(model, table.get(key, {}), f"{base}{key}", faults, wrong)


def _check(
    head: RosterTable,
    shifts: dict[str, ShiftTable],
    people: dict[str, PersonTable],
    base: str,
    faults: Faults,
) -> None:
    """What no table can know alone."""
    if head.slot not in _SLOTS_S:
        faults.add(f"{base}slot", "must be 5m, 10m or 15m")
        return
    whole = [("interval", head.interval), ("opens_at", head.opens_at),
             ("breaks.screen", head.breaks.screen), ("breaks.rest", head.breaks.rest)]  # fmt: skip
    for name, value in whole:
        _whole(f"{base}{name}", value, head.slot, faults)
    if not 600 <= head.breaks.rest <= 1800:
        faults.add(f"{base}breaks.rest", "must be 10m to 30m: less is no rest from the screen")
    if head.breaks.screen > 3600:
        faults.add(f"{base}breaks.screen", "must be at most 60m at the screen without a rest")
    lengths = {len(each) for each in head.required.values()}
    if len(lengths) > 1:
        faults.add(f"{base}required", "the groups have different numbers of intervals")
    if max(lengths) * head.interval > _DAY_S:
        faults.add(f"{base}required", "is more than 24 hours")
    if all(_is_closed(head.week, day) for day in _days(head.week)):
        faults.add(f"{base}week", "has no day that is open: see holidays and closed")
    if head.absence > 0.9:
        faults.add(f"{base}absence", "must be at most 90%")
    for name, shift in shifts.items():
        _check_shift(shift, head, f"{base}shifts.{name}", faults)
    spans = [(s, s + each.length) for each in shifts.values() for s in _starts(head, each)]
    first = min(head.opens_at, *(begin for begin, _ in spans))
    if max(end for _, end in spans) - first > _DAY_S:
        faults.add(f"{base}shifts", "reach over more than 24 hours")
    for name, person in people.items():
        path = f"{base}people.{name}"
        _known(person.groups, head.required, f"{path}.groups", "group", faults)
        _known(person.shifts, shifts, f"{path}.shifts", "shift", faults)


def _check_shift(shift: ShiftTable, head: RosterTable, path: str, faults: Faults) -> None:
    for start in _starts(head, shift):
        _whole(f"{path}.starts", start, head.slot, faults)
    _whole(f"{path}.length", shift.length, head.slot, faults)
    legal = meal_s(shift.length)
    if shift.meal is not None:
        _whole(f"{path}.meal", shift.meal, head.slot, faults)
        if shift.meal < legal:
            faults.add(
                f"{path}.meal",
                f"must be at least {legal / 60:.0f}m by law in a shift of this length",
            )
    meal = max(legal, shift.meal or 0.0)
    if meal and shift.length < meal + 2 * head.breaks.meal_away:
        faults.add(f"{path}.length", "leaves no time for the meal: shorten breaks.meal_away")
    _known(shift.groups, head.required, f"{path}.groups", "group", faults)


def _whole(path: str, value: float, slot: float, faults: Faults) -> None:
    if abs(value / slot - round(value / slot)) > 1e-9:
        faults.add(path, f"must be a whole number of slots ({slot / 60:.0f}m)")


def _known(names: tuple[str, ...], known: Any, path: str, what: str, faults: Faults) -> None:
    for name in names:
        if name not in known:
            faults.add(path, f"there is no {what} {quoted(name)}{nearest(name, known)}")


def _closes(head: RosterTable) -> float:
    """When the day ends, in seconds after the midnight before it began."""
    return head.opens_at + max(map(len, head.required.values())) * head.interval


def _starts(head: RosterTable, shift: ShiftTable) -> tuple[float, ...]:
    """The shift's starts in seconds after the midnight before the day began: of a day that goes
    beyond midnight an hour before its beginning is one of the next morning."""
    over = _closes(head) > _DAY_S
    return tuple(
        start + _DAY_S if over and start < _closes(head) - _DAY_S else start
        for start in shift.starts
    )


def _plan(
    head: RosterTable, shifts: dict[str, ShiftTable], people: dict[str, PersonTable]
) -> RosterPlan:
    slot, groups = head.slot, tuple(head.required)
    starts = [start for each in shifts.values() for start in _starts(head, each)]
    ends = [start + each.length for each in shifts.values() for start in _starts(head, each)]
    first = min(head.opens_at, *starts)
    number = round((max(_closes(head), *ends) - first) / slot)

    def slots(seconds: float) -> int:
        return round(seconds / slot)

    def spread(values: tuple[int, ...]) -> tuple[int, ...]:
        before = (0,) * slots(head.opens_at - first)
        within = tuple(each for each in values for _ in range(slots(head.interval)))
        return before + within + (0,) * (number - len(before) - len(within))

    catalogue = []
    for name, each in shifts.items():
        # Slots of 10 minutes do not divide 45: the meal is then a little longer than by law.
        meal = -int(-max(meal_s(each.length), each.meal or 0.0) // slot)
        paid_h = (each.length - meal * slot) / 3600
        for start in _starts(head, each):
            label = f"{name} {int(start // 3600) % 24:02}:{int(start % 3600 // 60):02}"
            catalogue.append(
                Shift(label, name, slots(start - first), slots(each.length), meal,
                      each.groups or groups, each.cost or paid_h, each.most)
            )  # fmt: skip
    days = _days(head.week)
    closed = tuple(day for day in days if _is_closed(head.week, day))
    return RosterPlan(
        name=head.name,
        slot_s=slot,
        first_s=first,
        required={group: spread(values) for group, values in head.required.items()},
        shifts=tuple(catalogue),
        rule=BreakRule(slots(head.breaks.screen), slots(head.breaks.rest),
                       -int(-head.breaks.meal_away // slot)),
        absence=head.absence,
        days=tuple(day for day in days if day not in closed),
        people=tuple(
            Person(name, each.groups or groups, each.days,
                   frozenset(map(DAYS.index, each.off)), each.shifts)
            for name, each in people.items()
        ),
        hours_a_week=head.week.hours / 3600,
        between_s=head.week.between,
        scenario=head.scenario,
        closed=closed,
    )  # fmt: skip


def _days(week: WeekTable) -> list[dt.date]:
    """The days of the week that are asked for."""
    monday = week.begins - dt.timedelta(days=week.begins.weekday())
    return [monday + dt.timedelta(days=n) for n, day in enumerate(DAYS) if day in week.days]


def _is_closed(week: WeekTable, day: dt.date) -> bool:
    return day in week.closed or (week.holidays == "closed" and national_holiday(day))
