"""What requests about reports take."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from acd.ports_reports import Format
from metrics.dimensions import PEOPLE_DIMS, Dim
from metrics.report_model import Kind
from web.api.bodies import Body

_Day = Annotated[dt.date, Field(ge=dt.date(2000, 1, 1), le=dt.date(2199, 12, 31))]
_Milliseconds = Annotated[int, Field(ge=0, le=10**13)]


class Lang(StrEnum):
    """The language of a report."""

    JA = "ja"
    EN = "en"


class Which(Body):
    """Which report: any day of the week, month or year; a range has its last day besides. A
    ``revision`` is shown as it was made; 0 is the report as the ledger has it now."""

    told: ClassVar[tuple[str, ...]] = ("kind", "first", "last")

    kind: Kind
    first: _Day
    last: _Day | None = None
    lang: Lang = Lang.JA
    operators: bool = False
    revision: Annotated[int, Field(ge=0, le=99_999)] = 0

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError("the last day is before the first")
        return self

    def shows_people(self) -> bool:
        """Figures of single operators."""
        return self.operators


class AsFile(Which):
    """The same as a file."""

    told = ("kind", "first", "last", "operators", "format")

    format: Format


class Cell(Body):
    """A figure to be opened: its full key, its time (Unix ms), and what it is of."""

    told = ("dim", "value")

    key: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,80}$")]
    from_ms: _Milliseconds
    to_ms: _Milliseconds
    dim: Dim = Dim.ALL
    value: Annotated[str, Field(max_length=80)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.to_ms <= self.from_ms:
            raise ValueError("the time ends before it begins")
        return self

    def shows_people(self) -> bool:
        """The calls of one operator or team."""
        return self.dim in PEOPLE_DIMS and self.dim is not Dim.ALL


class Days(Body):
    """From one day to another, both of them whole."""

    first: _Day
    last: _Day

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        return self


class When(Body):
    """When the call came: it is looked for there."""

    at_ms: _Milliseconds
