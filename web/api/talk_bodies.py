"""The bodies of what an operator asks for in a talk."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from web.api.bodies import Body

_ENTRY = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_NUMBER = re.compile(r"[0-9+(][0-9() .-]{2,23}")
_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class ConsultKind(StrEnum):
    """Who may be asked."""

    ENTRY = "entry"
    AGENT = "agent"
    QUEUE = "queue"
    NUMBER = "number"


class Consult(Body):
    """Whom to ask: an entry of the directory, a colleague, or the next one of a queue by its id,
    or an outside number."""

    told = ("kind",)

    kind: ConsultKind
    target: Annotated[str, Field(pattern=r"^[a-z0-9+(][a-z0-9_() .-]{0,31}$")]

    @model_validator(mode="after")
    def _whole(self) -> Consult:
        pattern = _NUMBER if self.kind is ConsultKind.NUMBER else _ENTRY
        if not pattern.fullmatch(self.target):
            raise ValueError("number needs a telephone number, everything else an id")
        return self

    def calls_outside(self) -> bool:
        """Of those who may be asked only a number is somebody's outside."""
        return self.kind is ConsultKind.NUMBER


class Dial(Body):
    """The outside number to call."""

    number: Annotated[str, Field(pattern=r"^[0-9+(][0-9() .-]{2,23}$")]


class ThirdKind(StrEnum):
    """Who may be a third voice."""

    ENTRY = "entry"
    AGENT = "agent"
    QUEUE = "queue"
    INTERPRETER = "interpreter"


class Conference(Body):
    """A third voice: an entry, a colleague or the next one of a queue (``target``), an interpreter
    (``language``), or, with nothing at all, whoever is being asked."""

    told = ("kind", "target", "language")

    kind: ThirdKind | None = None
    target: _Id | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})?$")] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Conference:
        wants_language = self.kind is ThirdKind.INTERPRETER
        wants_target = self.kind is not None and not wants_language
        if wants_target != (self.target is not None) or wants_language != (
            self.language is not None
        ):
            raise ValueError("interpreter needs language, every other kind target")
        return self


class Digits(Body):
    """Keys to send to whoever the operator talks with."""

    digits: Annotated[str, Field(pattern=r"^[0-9*#A-D]{1,32}$")]


class Drop(Body):
    """Which third voice goes."""

    leg: Annotated[str, Field(pattern=r"^o[0-9]{12}$")]
