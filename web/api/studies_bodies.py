"""What requests about studies take: every number bounded."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from acd.ports_studies import OF_RECORDS, Assumed, DayWanted, StudyKind, Swept, Wanted
from web.api.bodies import Body
from web.api.reports_bodies import Lang

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
DAYS_MAX = 400
#: A file of one's own, and the body that holds two scenarios and a roster.
OWN_CHARS = 60_000
OWN_BYTES = 600_000
_Own = Annotated[str, Field(max_length=OWN_CHARS)]
_Name = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f/\\]*$")]


class InLanguage(Body):
    """Only in which language."""

    lang: Lang = Lang.JA


class Case(Body):
    """What is assumed; see ``acd.ports_studies.Assumed``. ``calls`` of the example's day, or of one
    hour where there is no example."""

    example: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$|^$")] = ""
    calls: Annotated[float, Field(ge=1, le=50_000, allow_inf_nan=False)]
    aht_s: Annotated[float, Field(ge=5, le=3_600, allow_inf_nan=False)]
    patience_s: Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)]
    seats: Annotated[int, Field(ge=1, le=500)]
    absent: Annotated[int, Field(ge=0, le=499)] = 0
    surge: Annotated[float, Field(ge=0.1, le=5, allow_inf_nan=False)] = 1.0
    lines: Annotated[int, Field(ge=0, le=2_000)] = 0
    threshold_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 20.0
    sl_target: _Share = 0.8
    rate_target: _Share = 0.9

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.absent >= self.seats:
            raise ValueError("somebody must be there: fewer absent, or more seats")
        if self.lines and self.lines < self.seats and not getattr(self, "own", ""):
            raise ValueError("fewer lines than seats: some seats could never be used")
        return self

    def assumed(self) -> Assumed:
        """The same for the port."""
        known = Assumed.__struct_fields__
        return Assumed(**{name: value for name, value in self if name in known})


class Answer(Case):
    """The same, and the language of the answer."""

    lang: Lang = Lang.JA


class OwnCase(Case):
    """The same; ``own``: the text of a scenario file that gives the shape of the day instead of an
    example, ``own_name``: what its faults call it. Nothing of it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=OWN_CHARS)
    bytes_max: ClassVar[int] = OWN_BYTES

    own: _Own = ""
    own_name: _Name = ""


class OwnAnswer(OwnCase):
    """The same, and the language of the answer."""

    lang: Lang = Lang.JA


class Check(Body):
    """A scenario file, or a roster file, to be looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=OWN_CHARS)
    bytes_max: ClassVar[int] = OWN_BYTES

    own: Annotated[_Own, Field(min_length=1)]
    own_name: _Name = ""


class Begin(OwnCase):
    """The same, and which study; see ``acd.ports_studies.Wanted``. ``people``: its ``seats``."""

    told: ClassVar[tuple[str, ...]] = ("kind",)

    kind: StudyKind = StudyKind.DAY
    days: Annotated[int, Field(ge=10, le=DAYS_MAX)] = 100
    before: OwnCase | None = None
    swept: Swept = Swept.SEATS
    values: Annotated[
        tuple[Annotated[float, Field(allow_inf_nan=False)], ...], Field(max_length=12)
    ] = ()
    costs: Annotated[str, Field(max_length=400)] = ""
    roster: _Own = ""
    roster_name: _Name = ""
    weeks: Annotated[int, Field(ge=1, le=260)] = 26
    period_s: Literal[900, 1800, 3600] = 3600
    ahead: Annotated[int, Field(ge=1, le=62)] = 7
    day: DayWanted = DayWanted.BUSIEST
    people: Annotated[int, Field(ge=0, le=500)] = 0

    def reads_calls(self) -> bool:
        """Whether the study is of the centre's own calls."""
        return self.kind in OF_RECORDS

    @model_validator(mode="after")
    def _study(self) -> Self:
        if self.kind is StudyKind.COMPARE and self.before is None:
            raise ValueError("say what it is compared with")
        if self.kind is StudyKind.SWEEP:
            self._check_values()
        return self

    def _check_values(self) -> None:
        if not 2 <= len(set(self.values)) == len(self.values):
            raise ValueError("a range has 2 to 12 different values")
        set_now = {name: value for name, value in self if name in OwnCase.model_fields}
        for value in self.values:
            try:
                OwnCase.model_validate({**set_now, self.swept.value: value})
            except ValidationError as error:
                first = error.errors(include_url=False)[0]["msg"]
                raise ValueError(f"{self.swept.value} {value:g}: {first}") from None

    def wanted(self) -> Wanted:
        """Which study, for the port."""
        before = self.before.assumed() if self.before is not None else None
        return Wanted(
            self.kind,
            self.days,
            before,
            self.swept,
            self.values,
            self.costs,
            self.roster,
            self.roster_name,
            self.weeks,
            self.period_s,
            self.ahead,
            self.day,
            self.people,
        )
