"""The bodies of a supervisor's requests."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, model_validator

from acd.core.decide_mode import MAX_REASON
from acd.core.plan import Mode
from agents.state import AgentState
from web.api.bodies import Body, ChosenReason

_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class Priority(Body):
    """The priority that a waiting call shall have."""

    told = ("priority",)

    priority: Annotated[StrictInt, Field(ge=0, le=9)]


class Move(Body):
    """The queue in which a call shall wait."""

    told = ("queue",)

    queue: _Id


class AtDevice(Body):
    """The supervisor's telephone; without it the one where the supervisor is logged in."""

    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,36}$")] = ""


class ForcedState(StrEnum):
    """What a supervisor may make of an operator."""

    READY = AgentState.READY.value
    NOT_READY = AgentState.NOT_READY.value
    LOGGED_OUT = AgentState.LOGGED_OUT.value


class Force(Body):
    """The operator's state, now or after the talk; ``reason`` belongs to not_ready alone."""

    told = ("state",)

    state: ForcedState
    reason: ChosenReason | None = None

    @model_validator(mode="after")
    def _whole(self) -> Force:
        if (self.state is ForcedState.NOT_READY) != (self.reason is not None):
            raise ValueError("a reason belongs to not_ready, and only there")
        return self


class Skill(Body):
    """A level until midnight: 1-9, 0 = not at all, null = what the plan says."""

    skill: _Id
    level: Annotated[StrictInt, Field(ge=0, le=9)] | None

    def said(self) -> str:
        """The level that is given; ``plan`` takes it back."""
        return f"skill={self.skill} level={'plan' if self.level is None else self.level}"


class ModeBody(Body):
    """The mode, whether it is a drill, and why: the reason is kept."""

    told = ("mode", "drill")

    mode: Mode
    drill: StrictBool = False
    reason: Annotated[str, Field(min_length=1, max_length=MAX_REASON, pattern=r"^[^\x00-\x1f]+$")]
