"""The shapes of ``plan.toml``: queues, operators, numbers, directory, as a person writes them.

Ids are the names of the tables (``[queues.tax]``), so that none can be given twice. What refers
to what is checked by ``acd.config.plan_checks``.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictStr, field_validator, model_validator

from acd.config.kinds import (
    Count,
    Device,
    FileTable,
    Flag,
    Id,
    Label,
    Level,
    LevelOrNone,
    Line,
    Name,
    Number,
    PositiveSeconds,
    Priority,
    Reading,
    Seconds,
)
from acd.config.talk_file import TalkTable
from acd.core.plan import CallType, OverflowKind, Strategy, Target, TargetKind

#: Numbers that no caller may be sent to: emergency, international, shared-cost and premium.
FORBIDDEN_NUMBERS = re.compile(r"110|118|119|171|0(?:0|10)\d*|\+(?!81)\d*|0(?:990|180|570)\d*")

#: Overflow kinds whose threshold means something, with its name in messages.
THRESHOLDS = {
    OverflowKind.WAIT: "seconds",
    OverflowKind.EXPECTED_WAIT: "seconds",
    OverflowKind.LENGTH: "calls",
    OverflowKind.OFFERS: "offers",
}


#: The time zone of a plan that names none.
DEFAULT_TIMEZONE = "Asia/Tokyo"

_TARGETS_WITH_ID = tuple(
    kind.value for kind in (TargetKind.QUEUE, TargetKind.NUMBER, TargetKind.ANNOUNCEMENT)
)


def parse_target(text: str) -> Target:
    """``queue:general``, ``number:parks``, ``announcement:busy`` or ``call_back`` as a target."""
    kind, _, value = text.partition(":")
    if kind in _TARGETS_WITH_ID and value:
        return Target(TargetKind(kind), value)
    if text == TargetKind.CALL_BACK.value:
        return Target(TargetKind.CALL_BACK)
    raise ValueError(
        f"must be queue:ID, number:ID, announcement:ID or call_back, not {text[:60]!r}"
    )


def _target(text: str) -> str:
    parse_target(text)
    return text


TargetText = Annotated[StrictStr, Field(max_length=80), AfterValidator(_target)]


class LadderRow(FileTable):
    """One step of a queue's ladder (see :class:`acd.core.plan.LadderStep`)."""

    after_s: Seconds
    lower: dict[Id, LevelOrNone] = Field(default_factory=dict)
    drop_preferences: Flag = False
    add_queue: Id | None = None
    raise_priority: Annotated[int, Field(strict=True, ge=0, le=9)] = 0

    @model_validator(mode="after")
    def _whole(self) -> LadderRow:
        if not (self.lower or self.drop_preferences or self.add_queue or self.raise_priority):
            raise ValueError(
                "does nothing: give lower, drop_preferences, add_queue or raise_priority"
            )
        return self


class OverflowRow(FileTable):
    """One overflow rule: ``when`` it is so (``at`` its threshold), the call goes ``to``."""

    when: OverflowKind
    at: Annotated[float, Field(strict=True, ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    to: TargetText

    @model_validator(mode="after")
    def _whole(self) -> OverflowRow:
        unit = THRESHOLDS.get(self.when)
        if unit and self.at is None:
            raise ValueError(f"when = {self.when.value!r} needs at = a number of {unit}")
        if not unit and self.at is not None:
            raise ValueError(f"when = {self.when.value!r} has no threshold: leave at out")
        return self


class QueueTable(FileTable):
    """One ``[queues.ID]``. ``reading`` is the name in kana, as it is looked up and put in order."""

    name: Name
    reading: Reading | None = None
    call_type: CallType = CallType.ENQUIRY
    needs: dict[Id, Level] = Field(default_factory=dict)
    prefers: dict[Id, Level] = Field(default_factory=dict)
    priority: Priority = 0
    strategy: Strategy = Strategy.LONGEST_IDLE
    ring_timeout_s: Annotated[float, Field(strict=True, ge=3, le=120)] = 15.0
    wrap_up_s: Annotated[float, Field(strict=True, ge=0, le=3_600)] = 10.0
    max_length: Count = 200
    max_wait_s: PositiveSeconds = 3_600.0
    max_offers: Annotated[int, Field(strict=True, ge=1, le=1_000)] = 10
    prefer_last_agent_s: Seconds = 0.0
    hours: Id | None = None
    sl_threshold_s: PositiveSeconds = 20.0
    announce_every_s: Annotated[float, Field(strict=True, ge=10, le=3_600)] = 30.0
    name_prompt: Id | None = None
    ladder: Annotated[tuple[LadderRow, ...], Field(max_length=20)] = ()
    overflow: Annotated[tuple[OverflowRow, ...], Field(max_length=20)] = ()
    recorded: Flag = True

    @field_validator("ladder")
    @classmethod
    def _in_order(cls, rows: tuple[LadderRow, ...]) -> tuple[LadderRow, ...]:
        times = [row.after_s for row in rows]
        if times != sorted(times):
            raise ValueError("the steps must be in the order of after_s")
        return rows


class OutsideTable(FileTable):
    """An operator's telephone in the public network."""

    trunk: Id
    number: Number

    @field_validator("number")
    @classmethod
    def _harmless(cls, number: str) -> str:
        if FORBIDDEN_NUMBERS.fullmatch(number):
            raise ValueError("emergency, international and premium numbers are never dialled")
        return number


class SeatTable(FileTable):
    """A place on the map of the seats."""

    row: Annotated[int, Field(strict=True, ge=1, le=50)]
    column: Annotated[int, Field(strict=True, ge=1, le=30)]


class AgentTable(FileTable):
    """One ``[agents.ID]``: a person, the phone, the skills with levels 1-9. ``switch`` is where
    the phone is at home, of several; it may register at any of them. ``reading`` is the name in
    kana."""

    name: Label
    reading: Reading | None = None
    device: Device
    switch: Id | None = None
    outside: OutsideTable | None = None
    skills: dict[Id, Level] = Field(default_factory=dict)
    team: Id | None = None
    seat: SeatTable | None = None


class NumberTable(FileTable):
    """One ``[[numbers]]``: a number that callers dial, and the flow that answers."""

    number: Number
    flow: Id
    name: Name
    recorded: Flag = True
    keep_days: Annotated[int, Field(strict=True, ge=1, le=3_650)] | None = None


class DialTable(FileTable):
    """Where a directory entry rings: a phone of our own, or a number through a trunk."""

    phone: Device | None = None
    trunk: Id | None = None
    number: Number | None = None

    @model_validator(mode="after")
    def _whole(self) -> DialTable:
        outside = self.trunk is not None and self.number is not None
        if (self.phone is not None) == outside or (self.trunk is None) != (self.number is None):
            raise ValueError("give either phone, or trunk and number")
        if self.number and FORBIDDEN_NUMBERS.fullmatch(self.number):
            raise ValueError("calls are never sent to emergency, international or premium numbers")
        return self

    def dial_string(self) -> str:
        """What the switch dials."""
        return f"PJSIP/{self.phone}" if self.phone else f"PJSIP/{self.number}@{self.trunk}"


class DirectoryTable(FileTable):
    """One ``[directory.ID]``: a department or an outside number; ``reading``: the name in kana."""

    name: Name
    reading: Reading | None = None
    dial: DialTable
    hours: Id | None = None


class CooldownTable(FileTable):
    """``[cooldown]``: see :class:`acd.core.plan.CooldownPlan`."""

    no_answer_s: Seconds = 0.0
    rejected_s: Seconds = 15.0
    busy_s: Seconds = 15.0
    unreachable_s: Seconds = 30.0


class PlanHead(FileTable):
    """The file without its tables of tables, which are validated one by one."""

    version: Line = ""
    timezone: StrictStr = DEFAULT_TIMEZONE
    default_queue: Id
    default_flow: Id
    priority_step_s: PositiveSeconds = 60.0
    last_agent_memory_s: Annotated[float, Field(strict=True, ge=0, le=31_536_000)] = 86_400.0
    offer_lease_s: Annotated[float, Field(strict=True, ge=1, le=600)] = 10.0
    max_calls: Count = 10_000
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1
    cooldown: CooldownTable = CooldownTable()
    talk: TalkTable = TalkTable()
    skills: dict[Id, Name] = Field(default_factory=dict)
    queues: Any = Field(default_factory=dict)
    agents: Any = Field(default_factory=dict)
    numbers: Any = ()
    directory: Any = Field(default_factory=dict)
