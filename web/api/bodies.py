"""The bodies of requests: bounded, and a key that nobody knows is an error."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from aiohttp import web
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)

from acd.config.faults import Faults
from acd.core.decide_agents import NOTE_CHARS
from acd.core.plan import CallType, TargetKind
from agents.state import CHOSEN_REASONS, AgentState
from web.errors import HttpError

#: The reasons that a person may give, as the interface spells them.
ChosenReason = StrEnum(  # type: ignore[misc]
    "ChosenReason", {reason.name: reason.value for reason in CHOSEN_REASONS}
)


class Body(BaseModel):
    """Base of all bodies."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=200)
    #: The fields that the operation log keeps: ids, levels, states; no number, word or note.
    told: ClassVar[tuple[str, ...]] = ()
    #: How large it may be, in bytes, where that is more than the settings say (0: it is not).
    bytes_max: ClassVar[int] = 0

    def shows_people(self) -> bool:
        """Whether what is asked for shows single people (see ``web.route.Route.of_people``)."""
        return False

    def calls_outside(self) -> bool:
        """Whether an outside number is called with it (see ``web.route.Route.logged_outside``)."""
        return False

    def reads_calls(self) -> bool:
        """Whether it reads the centre's calls (see ``web.route.Route.logged_reading``)."""
        return False

    def said(self) -> str:
        """What the operation log says of it (``queue=tax``); what is empty is left out."""
        values = ((name, getattr(self, name)) for name in self.told)
        return " ".join(
            f"{name}={_word(value)}"
            for name, value in values
            if value not in (None, "") and value is not False
        )


def _word(value: object) -> str:
    if value is True:
        return "yes"
    return ",".join(value) if isinstance(value, tuple) else "_".join(str(value).split())


class Nothing(Body):
    """No body, or an empty object."""


class LogIn(Body):
    """Where the operator sits today; empty means the plan's phone, ``web-<id>`` the browser."""

    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,36}$")] = ""


class NotReady(Body):
    """Why the operator takes no calls."""

    reason: ChosenReason


class NextState(StrEnum):
    """What an operator may be after a call."""

    READY = AgentState.READY.value
    NOT_READY = AgentState.NOT_READY.value
    LOGGED_OUT = AgentState.LOGGED_OUT.value


class Reserve(Body):
    """The state after the present call; ``reason`` belongs to not_ready, and only there."""

    told = ("state",)

    state: NextState
    reason: ChosenReason | None = None

    @model_validator(mode="after")
    def _whole(self) -> Reserve:
        if (self.state is NextState.NOT_READY) != (self.reason is not None):
            raise ValueError("a reason belongs to not_ready, and only there")
        return self


class Extend(Body):
    """How much longer the wrap-up shall be, in seconds."""

    extra_s: Annotated[float, Field(strict=True, gt=0, le=1_800, allow_inf_nan=False)]


class TransferKind(StrEnum):
    """Where a call may be transferred to."""

    QUEUE = TargetKind.QUEUE.value
    NUMBER = TargetKind.NUMBER.value
    AGENT = TargetKind.AGENT.value


class Transfer(Body):
    """A queue, a directory entry (``number``), or a colleague (``agent``), by its id."""

    told = ("kind", "target")

    kind: TransferKind
    target: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class Disposition(Body):
    """What a call was about; ``call`` is the present or last one when it is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=NOTE_CHARS)
    told = ("call", "code")

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    resolved: StrictBool | None = None
    call_type: CallType | None = None
    note: str = ""
    call: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")] | None = None


async def checked_body(request: web.Request, kind: type[Body] | None) -> Body:
    """The request's body, checked; every fault in it is named in the answer. Of a GET: its query.

    Raises HttpError.
    """
    if kind is not None and request.method == "GET":
        return _query(request, kind)
    if kind is not None and kind.bytes_max:
        request = request.clone(client_max_size=kind.bytes_max)
    data = await request.read()
    if kind is None:
        return Body()
    if data and request.content_type != "application/json":
        raise HttpError(415, "not_json")
    try:
        return kind.model_validate_json(data or b"{}")
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_url=False)):
            raise HttpError(400, "bad_json") from None
        raise _wrong("body", kind, error) from None


def _query(request: web.Request, kind: type[Body]) -> Body:
    """A GET's query as its body: each name once, every value a text."""
    if len(request.query) != len(set(request.query)):
        raise HttpError(400, "bad_query")
    try:
        return kind.model_validate_strings(dict(request.query))
    except ValidationError as error:
        raise _wrong("query", kind, error) from None


def _wrong(base: str, kind: type[Body], error: ValidationError) -> HttpError:
    faults = Faults()
    faults.add_validation(base, error, kind)
    return HttpError(400, f"bad_{base}", faults.found)
