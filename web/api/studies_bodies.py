"""What requests about studies take: every number bounded."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from acd.ports_studies import Assumed
from web.api.bodies import Body
from web.api.reports_bodies import Lang

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
DAYS_MAX = 400


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
        if self.lines and self.lines < self.seats:
            raise ValueError("fewer lines than seats: some seats could never be used")
        return self

    def assumed(self) -> Assumed:
        """The same for the port."""
        return Assumed(**{name: getattr(self, name) for name in Assumed.__struct_fields__})


class Answer(Case):
    """The same, and the language of the answer."""

    lang: Lang = Lang.JA


class Begin(Case):
    """The same, and how many days are simulated."""

    days: Annotated[int, Field(ge=10, le=DAYS_MAX)] = 100
