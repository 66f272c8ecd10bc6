"""What came of a supervisor's requests and of the question after a talk: events like all others.

``by`` is who asked. What a request does to calls and operators is told by the usual events, which
follow in the same step (CallQueued, CallOffered, LegClosed ...).
"""

from __future__ import annotations

from msgspec import Struct

from acd.core.ids import AgentId, CallId, OfferId, QueueId, SpyId
from acd.core.inputs_floor import SpyMode, TakingResult
from acd.core.plan import Mode


class PriorityChanged(Struct, frozen=True, gc=False, tag="priority_changed"):
    """The call's priority is ``priority`` from here on. ``own`` is what the call brings to it:
    what the ladder added so far is taken off."""

    call: CallId
    priority: int
    own: int
    by: str


class CallMoved(Struct, frozen=True, gc=False, tag="call_moved"):
    """A supervisor moves a waiting call; its visits tell the rest."""

    call: CallId
    from_queue: QueueId
    queue: QueueId
    by: str


class CallTakenOver(Struct, frozen=True, gc=False, tag="call_taken_over"):
    """A supervisor takes a call: the next offer of it goes to ``agent``, whatever the skills.

    An id that begins with ``@`` is a guest: a phone at which nobody is logged in, an operator for
    this one call.
    """

    call: CallId
    agent: AgentId
    device: str
    by: str


class TakingStarted(Struct, frozen=True, gc=False, tag="taking_started"):
    """A supervisor's telephone rings for a call that talks with its operator meanwhile. When it is
    answered, ``offer`` becomes an offer as any other; ``agent`` is who will have it."""

    offer: OfferId
    call: CallId
    agent: AgentId
    device: str
    ring_s: float
    by: str


class TakingPickedUp(Struct, frozen=True, gc=False, tag="taking_picked_up"):
    """Somebody answered there; the caller has not changed over yet."""

    offer: OfferId


class TakingEnded(Struct, frozen=True, gc=False, tag="taking_ended"):
    """It rings no more for a talk; what follows in the same step says what became of it."""

    offer: OfferId
    call: CallId
    agent: AgentId
    result: TakingResult


class SkillChanged(Struct, frozen=True, gc=False, tag="skill_changed"):
    """Until ``until_s`` an operator has a skill at this level (0: not at all); None: as planned."""

    agent: AgentId
    skill: str
    level: int | None
    until_s: float
    by: str


class SkillsOfTodayEnded(Struct, frozen=True, gc=False, tag="skills_of_today_ended"):
    """The day is over: every operator has the skills of the plan."""


class SpyStarted(Struct, frozen=True, gc=False, tag="spy_started"):
    """A supervisor hears a talk; a known ``spy`` goes on, with another talk or mode."""

    spy: SpyId
    call: CallId
    device: str
    offer: OfferId
    mode: SpyMode
    by: str


class SpyEnded(Struct, frozen=True, gc=False, tag="spy_ended"):
    """A supervisor hears a talk no longer. With the end of a talk this is not told."""

    spy: SpyId
    call: CallId
    by: str = ""


class ModeChanged(Struct, frozen=True, gc=False, tag="mode_changed"):
    """The centre works under other rules from here on."""

    mode: Mode
    drill: bool
    reason: str
    by: str


class SurveyOffered(Struct, frozen=True, gc=False, tag="survey_offered"):
    """The caller is being asked."""

    call: CallId


class SurveyGiven(Struct, frozen=True, gc=False, tag="survey_given"):
    """The caller answered: 1 to 5."""

    call: CallId
    answer: int


FloorEvent = (
    PriorityChanged
    | CallMoved
    | CallTakenOver
    | TakingStarted
    | TakingPickedUp
    | TakingEnded
    | SkillChanged
    | SkillsOfTodayEnded
    | SpyStarted
    | SpyEnded
    | ModeChanged
    | SurveyOffered
    | SurveyGiven
)
