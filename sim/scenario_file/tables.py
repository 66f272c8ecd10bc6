"""The tables of a scenario file as they are written, with the bounds of every value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, StrictStr, model_validator

from acd.config.kinds import FileTable, Label, Priority
from acd.errors import Refused
from sim.inputs.distributions import Kind
from sim.inputs.quantities import (
    RATE_MAX_PER_S,
    SEATS_MAX,
    duration_s,
    positive_duration_s,
    rate_per_s,
    share,
)
from sim.inputs.scenario import Rule

#: More than these are no centre, or no file that a person wrote.
CLASSES_MAX, GROUPS_MAX, PERIODS_MAX = 64, 256, 4464
CALLS_MAX = 20_000_000
DAY_MAX_S = 31 * 86_400.0
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")

T = TypeVar("T")


def _read(reader: Callable[[object], T]) -> Callable[[object], T]:
    """A reader of quantities as pydantic wants it: what it refuses is a fault of this value."""

    def read(value: object) -> T:
        if isinstance(value, bool | list | dict) or value is None:
            raise ValueError('must be written in quotation marks with its unit, such as "180s"')
        try:
            return reader(value)
        except Refused as error:
            raise ValueError(error.message) from None

    return read


def _goal(value: object) -> float | None:
    return None if value == "none" else share(value)


def _clock(value: object) -> float:
    """``"08:30"`` as seconds after midnight."""
    text = value.isoformat() if isinstance(value, dt.time) else str(value)
    found = re.fullmatch(
        r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]{1,9})?))?", text
    )
    if not found:
        raise ValueError('must be a time of day, such as "08:30"')
    return int(found[1]) * 3600.0 + int(found[2]) * 60 + float(found[3] or 0)


def _listed(value: object) -> object:
    """A single value stands for all periods."""
    return value if isinstance(value, list | tuple) else [value]


def _tiers(value: object) -> object:
    return (
        [[each] if isinstance(each, str) else each for each in value]
        if isinstance(value, list)
        else value
    )


def _patiences(value: object) -> object:
    return [None if each == "never" else each for each in _listed(value)]  # type: ignore[attr-defined]


Duration = Annotated[float, BeforeValidator(_read(duration_s))]
PositiveDuration = Annotated[float, BeforeValidator(_read(positive_duration_s))]
Rate = Annotated[float, BeforeValidator(_read(rate_per_s)), Field(le=RATE_MAX_PER_S)]
Share = Annotated[float, BeforeValidator(_read(share))]
Goal = Annotated[float | None, BeforeValidator(_read(_goal))]
Clock = Annotated[float, BeforeValidator(_clock)]
Seats = Annotated[int, Field(strict=True, ge=0, le=SEATS_MAX)]
Places = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Weight = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, strict=True)]
Shape = Annotated[float, Field(ge=0.01, le=1e6, allow_inf_nan=False, strict=True)]


class LengthTable(FileTable):
    """How long something lasts: ``"180s"`` (exponential) or a table with its kind."""

    kind: Kind = Kind.EXPONENTIAL
    mean: PositiveDuration | None = None
    shape: Shape = 1.0
    scv: Shape = 1.0
    weights: Annotated[tuple[Weight, ...], Field(max_length=20)] = ()
    means: Annotated[tuple[PositiveDuration, ...], Field(max_length=20)] = ()
    times: Annotated[tuple[Duration, ...], Field(max_length=20_000)] = ()
    survival: Annotated[tuple[Share, ...], Field(max_length=20_000)] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"mean": value}


class OverflowTable(FileTable):
    """After so long another group takes the call as well."""

    after: Duration
    to: StrictStr


class CallsTable(FileTable):
    """``[calls.NAME]``: who calls, how long it takes, how long they wait."""

    per_day: Annotated[float, Field(ge=0, le=CALLS_MAX, allow_inf_nan=False)] | None = None
    shares: Annotated[tuple[Weight, ...], Field(max_length=PERIODS_MAX)] | None = None
    arrivals: (
        Annotated[tuple[Rate, ...], BeforeValidator(_listed), Field(max_length=PERIODS_MAX)] | None
    ) = None
    talk: LengthTable
    wrap_up: LengthTable | None = None
    patience: Annotated[
        tuple[LengthTable | None, ...], BeforeValidator(_patiences), Field(max_length=PERIODS_MAX)
    ]
    priority: Priority = 0
    prefers: Annotated[
        tuple[Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=GROUPS_MAX)], ...],
        BeforeValidator(_tiers),
        Field(max_length=GROUPS_MAX),
    ] = ()
    overflow: Annotated[tuple[OverflowTable, ...], Field(max_length=GROUPS_MAX)] = ()
    threshold: Duration | None = None


class GroupTable(FileTable):
    """``[groups.NAME]``: operators with the same skills."""

    seats: Annotated[tuple[Seats, ...], BeforeValidator(_listed), Field(max_length=PERIODS_MAX)]
    skills: Annotated[tuple[StrictStr, ...], Field(min_length=1, max_length=CLASSES_MAX)]


class TargetsTable(FileTable):
    """``[targets]``: what the centre is held to; ``"none"``: there is no such target."""

    answer_rate: Goal = 0.9
    service_level: Goal = 0.8
    worst_hour: Goal = 0.8
    blocked: Goal = 0.01


class PeopleTable(FileTable):
    """``[people]``: how many of those planned are really at their seats."""

    absence: Share = 0.0
    break_every: PositiveDuration | None = None
    break_length: PositiveDuration | None = None


class MenuTable(FileTable):
    """``[menu]``: what callers go through before they wait."""

    length: LengthTable
    leaves: Share = 0.0


class RingingTable(FileTable):
    """``[ringing]``: how operators' telephones are answered."""

    length: LengthTable | None = None
    unanswered: Share = 0.0
    timeout: PositiveDuration = 15.0
    away: PositiveDuration = 30.0


class ScenarioTable(FileTable):
    """What stands above the tables; those of calls and groups are read one by one."""

    calls: None = None
    groups: None = None
    name: Label
    opens_at: Clock = 0.0
    period: PositiveDuration = 3600.0
    day: PositiveDuration | None = None
    threshold: Duration = 20.0
    rule: Rule = Rule.LONGEST_WAIT
    order: Annotated[tuple[StrictStr, ...], Field(max_length=CLASSES_MAX)] = ()
    priority_step: Duration = 60.0
    lines: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None
    waiting_places: Places | None = None
    busyness: Shape | None = None
    warm_up: Duration = 0.0
    redial: Share = 0.0
    redial_after: LengthTable | None = None
    targets: TargetsTable = TargetsTable()
    people: PeopleTable = PeopleTable()
    menu: MenuTable | None = None
    ringing: RingingTable | None = None
