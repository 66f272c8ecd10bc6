"""Settings of scheduled reports: ``[reports]`` of ``settings.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from acd.config.mail_settings import Address

#: A time of day, or empty: such a report is not made by itself.
_Time = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]
_Format = Annotated[str, Field(pattern=r"^(html|pdf|xlsx|csv|json)$")]
_Lang = Annotated[str, Field(pattern=r"^(ja|en)$")]


class ReportSettings(BaseModel):
    """When reports are made by themselves, and where they go.

    Each at its time, local: the day's on the day after, the week's on Monday, the month's and the
    year's on the 1st. What is made is kept in the state directory; it is put into ``folder``
    (relative to the centre's directory) and sent to ``mail_to`` by the relay of ``[mail]`` if
    these are given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=500)

    daily_at: _Time = "07:00"
    weekly_at: _Time = ""
    monthly_at: _Time = "07:00"
    yearly_at: _Time = ""
    formats: Annotated[tuple[_Format, ...], Field(min_length=1, max_length=5)] = ("pdf", "xlsx")
    languages: Annotated[tuple[_Lang, ...], Field(min_length=1, max_length=2)] = ("ja",)
    folder: str = ""
    mail_to: Annotated[tuple[Address, ...], Field(max_length=50)] = ()
