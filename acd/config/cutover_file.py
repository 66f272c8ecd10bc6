"""``cutover.toml``: the plan of a cut-over, as the people who decide about it wrote it down.

Which numbers move from which temporary ones, who moves them, who alone says go, until when one may
go back, and the matrix of test calls with what each must come to. Read whole or refused whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from acd.config.faults import Faults
from acd.config.kinds import FileTable, Flag, Id, Label, Line, Number, PositiveSeconds
from acd.config.reading import Reader, validate
from acd.core.events import CallOutcome

FILE = "cutover.toml"
MAX_CALLS = 200
#: A caller who says nothing hears the greeting and a whole menu before somebody is asked.
STAY_S = 45.0


class CallKind(StrEnum):
    """What kind of call is tried; what each sends is in ``acd.app.cutover_calls``."""

    ORDINARY = "ordinary"
    WITHHELD = "withheld"
    PAYPHONE = "payphone"
    NO_NUMBER = "no_number"
    UNLISTED = "unlisted"
    OVERSEAS = "overseas"
    FAX = "fax"
    RELAY = "relay"


#: Without one of each there is no rehearsal worth the name (M19).
WANTED = tuple(each for each in CallKind if each is not CallKind.NO_NUMBER)


class CallBy(StrEnum):
    """Who makes the call: this machine over a trunk, or a person at a real telephone."""

    MACHINE = "machine"
    PERSON = "person"


class Decides(FileTable):
    """Who alone says go or no-go."""

    name: Label
    deputy: Label | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody whose word counts."""
        return (self.name, self.deputy) if self.deputy else (self.name,)


class Times(FileTable):
    """The window of the switch, and until when going back is planned for.

    ``check_h``: how old a passed check or rehearsal may be, in hours, when the switch is made.
    ``back_min``: how long going back may take, in minutes.
    """

    switch_from: AwareDatetime
    switch_until: AwareDatetime
    back_until: AwareDatetime
    check_h: Annotated[float, Field(gt=0, le=720)] = 24.0
    rehearsal_h: Annotated[float, Field(gt=0, le=2_160)] = 168.0
    back_min: Annotated[float, Field(gt=0, le=240)] = 15.0

    @model_validator(mode="after")
    def _whole(self) -> Times:
        if not self.switch_from < self.switch_until <= self.back_until:
            raise ValueError("switch_from, switch_until and back_until must follow one another")
        return self


class NumberRow(FileTable):
    """One number that moves: until the switch it is tried under its temporary one."""

    number: Number
    temporary: Number
    carrier: Id


class Carrier(FileTable):
    """Who moves the line, how to reach them, and what to ask for, there and back."""

    name: Label
    contact: Line
    switch_step: Line
    back_step: Line


class CallRow(FileTable):
    """One test call. What is left out follows from its kind.

    ``number`` is one of the numbers that move (an unlisted call names its own). ``keys`` are
    pressed every two seconds once the greeting began. ``stay_s``: when the caller hangs up.
    """

    id: Id
    kind: CallKind
    number: Number
    by: CallBy = CallBy.MACHINE
    keys: Annotated[str, Field(pattern=r"^[0-9*#]{0,12}$")] = ""
    stay_s: PositiveSeconds = STAY_S
    queue: Id | None = None
    outcomes: tuple[CallOutcome, ...] = (CallOutcome.ANSWERED, CallOutcome.ABANDONED)
    wait_min: Annotated[float, Field(gt=0, le=60)] = 5.0
    sound: Flag = True


class CutoverPlan(FileTable):
    """The whole file. ``after`` is the plan of the day after, beside ``plan.toml``: it takes the
    place of that in the moment of the switch. ``min_ready``: operators who must be ready then."""

    id: Id
    title: Label
    after: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,60}\.toml$")]
    min_ready: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 1
    decides: Decides
    times: Times
    numbers: Annotated[tuple[NumberRow, ...], Field(min_length=1, max_length=1_000)]
    carriers: dict[Id, Carrier]
    calls: Annotated[tuple[CallRow, ...], Field(min_length=1, max_length=MAX_CALLS)]

    def temporary_of(self, number: str) -> str:
        """The number under which ``number`` is tried before the switch."""
        return next((each.temporary for each in self.numbers if each.number == number), number)

    def missing_kinds(self) -> list[CallKind]:
        """Kinds of calls that the matrix lacks."""
        there = {each.kind for each in self.calls}
        return [kind for kind in WANTED if kind not in there]


def read_cutover(folder: Path) -> CutoverPlan:
    """The plan beside the centre's other files; raises ConfigError with every fault in it."""
    faults = Faults()
    table = Reader(faults).read(folder / FILE, FILE)
    plan = validate(CutoverPlan, table, f"{FILE}:", faults) if table is not None else None
    if plan is not None:
        _check(plan, faults)
    faults.raise_if_any()
    assert plan is not None
    return plan


def _check(plan: CutoverPlan, faults: Faults) -> None:
    for each in plan.numbers:
        if each.carrier not in plan.carriers:
            faults.add(f"{FILE}:numbers.{each.number}.carrier", "there is no such carrier")
    _each_once([each.number for each in plan.numbers], "numbers", faults)
    _each_once([each.temporary for each in plan.numbers], "numbers", faults)
    _each_once([each.id for each in plan.calls], "calls", faults)
    moved = {each.number for each in plan.numbers}
    for call in plan.calls:
        listed = call.kind is not CallKind.UNLISTED
        if listed and call.number not in moved:
            faults.add(f"{FILE}:calls.{call.id}.number", "is none of the numbers that move")
        if not listed and call.number in moved:
            faults.add(f"{FILE}:calls.{call.id}.number", "must be a number that is not listed")


def _each_once(names: Sequence[str], where: str, faults: Faults) -> None:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            faults.add(f"{FILE}:{where}.{name}", "stands there more than once")
