"""What supervisors ask for, and what callers answer after a talk: inputs like all others.

``by`` says who asked, as the operation log names people. It travels with the events, so that the
journal alone says who did what.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.ids import AgentId, CallId, QueueId, SpyId
from acd.core.plan import Mode


class SpyMode(StrEnum):
    """How a supervisor joins a talk: unheard, heard by the operator alone, heard by both."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


class TakingResult(StrEnum):
    """What came of a supervisor's telephone that rings for a talk.

    TAKEN: it was answered, the caller changes over. OFFERED: the operator hung up first, so it
    rings on as any offer does. DROPPED: the talk went elsewhere. The rest says why nobody answered.
    """

    TAKEN = "taken"
    OFFERED = "offered"
    DROPPED = "dropped"
    NO_ANSWER = "no_answer"
    CALLER_GONE = "caller_gone"
    FAILED = "failed"


class PriorityGiven(Struct, frozen=True, gc=False, tag="priority_given"):
    """A waiting call shall have this priority (0-9)."""

    call: CallId
    priority: int
    by: str


class CallMoveRequested(Struct, frozen=True, gc=False, tag="call_move_requested"):
    """A waiting call shall wait in another queue, at the place its age gives it there."""

    call: CallId
    queue: QueueId
    by: str


class TakeOverRequested(Struct, frozen=True, gc=False, tag="take_over_requested"):
    """A call that waits, rings or talks shall ring at ``device``, the supervisor's own phone; a
    talk goes on until it is answered there."""

    call: CallId
    device: str
    by: str


class SkillGiven(Struct, frozen=True, gc=False, tag="skill_given"):
    """An operator shall have a skill at ``level`` for the rest of the day: 1-9, 0 = not at all,
    None = as the plan says."""

    agent: AgentId
    skill: str
    level: int | None
    by: str


class SpyRequested(Struct, frozen=True, gc=False, tag="spy_requested"):
    """``device`` shall hear the talk of a call, or go on hearing it in another way."""

    call: CallId
    device: str
    mode: SpyMode
    by: str


class SpyEndRequested(Struct, frozen=True, gc=False, tag="spy_end_requested"):
    """``device`` shall hear the talk of a call no longer."""

    call: CallId
    device: str
    by: str


class SpyLegGone(Struct, frozen=True, gc=False, tag="spy_leg_gone"):
    """The channel of a supervisor who heard a talk is gone."""

    spy: SpyId


class ModeRequested(Struct, frozen=True, gc=False, tag="mode_requested"):
    """The centre shall work under the rules for a disaster, or under its usual ones again.

    ``drill``: calls that arrive meanwhile are marked and kept out of the figures.
    """

    mode: Mode
    drill: bool
    reason: str
    by: str


class SurveyAsked(Struct, frozen=True, gc=False, tag="survey_asked"):
    """The caller is asked after the talk how it was."""

    call: CallId


class SurveyAnswered(Struct, frozen=True, gc=False, tag="survey_answered"):
    """The caller's answer: 1 to 5."""

    call: CallId
    answer: int


FloorInput = (
    PriorityGiven
    | CallMoveRequested
    | TakeOverRequested
    | SkillGiven
    | SpyRequested
    | SpyEndRequested
    | SpyLegGone
    | ModeRequested
    | SurveyAsked
    | SurveyAnswered
)
