"""What requests about recordings take."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from acd.core.recording import AccessReason, DeletionReason, HoldReason, ReleaseReason
from web.api.bodies import Body

#: The reasons that a person may give: what is due is deleted by itself.
ChosenDeletion = StrEnum(  # type: ignore[misc]
    "ChosenDeletion",
    {each.name: each.value for each in DeletionReason if each is not DeletionReason.RETENTION},
)

_Milliseconds = Annotated[int, Field(ge=0, le=10**14)]
_Id = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]


class WithReason(Body):
    """Why somebody looks at or hears a recording."""

    reason: AccessReason


class Search(WithReason):
    """What to look for; every field narrows. Times are Unix milliseconds, days are the centre's,
    both included; ``before`` is the last recording of the page before."""

    told = ("from_day", "to_day", "agent", "queue", "dialled", "call", "held")

    from_ms: _Milliseconds = 0
    to_ms: _Milliseconds | None = None
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    agent: _Id = ""
    queue: _Id = ""
    dialled: Annotated[str, Field(pattern=r"^[0-9+*#]{0,20}$")] = ""
    call: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,80}$")] = ""
    held: bool | None = None
    longer_ms: _Milliseconds = 0
    before: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SearchCaller(Search):
    """The same with the end of the caller's number, which stands in no address."""

    caller: Annotated[str, Field(pattern=r"^[0-9]{0,15}$")] = ""


class Hold(Body):
    """Why a recording must not be deleted."""

    reason: HoldReason


class Release(Body):
    """Why a recording need not be held any more."""

    reason: ReleaseReason


class Delete(Body):
    """Why a recording is deleted before its time."""

    reason: ChosenDeletion
