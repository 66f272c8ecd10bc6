"""The operator's state machine: one table, one function.

The diagram in ``docs/state-agent.md`` is generated from :data:`TABLE`.
"""

from __future__ import annotations

from enum import StrEnum

from agents.table import Transitions


class AgentState(StrEnum):
    """What an operator is doing. Values are stored and shown to programs."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"
    WRAP_UP = "wrap_up"
    NOT_READY = "not_ready"

    __hash__ = str.__hash__


class AgentTrigger(StrEnum):
    """What moves an operator from one state to another."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    GO_READY = "go_ready"
    GO_NOT_READY = "go_not_ready"
    OFFER = "offer"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_FAILED = "offer_failed"
    CONNECT = "connect"
    HOLD = "hold"
    RESUME = "resume"
    TALK_ENDED = "talk_ended"

    __hash__ = str.__hash__


class NotReadyReason(StrEnum):
    """Why an operator takes no calls. The last five are set by the engine itself."""

    BREAK = "break"
    LUNCH = "lunch"
    TRAINING = "training"
    MEETING = "meeting"
    OTHER_WORK = "other_work"
    LOGGED_IN = "logged_in"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


#: Reasons that a person may give; the others belong to the engine.
CHOSEN_REASONS = (
    NotReadyReason.BREAK,
    NotReadyReason.LUNCH,
    NotReadyReason.TRAINING,
    NotReadyReason.MEETING,
    NotReadyReason.OTHER_WORK,
)

_S = AgentState
_T = AgentTrigger

#: (state, trigger) -> next state. A pair that is not here raises.
TABLE: Transitions[AgentState, AgentTrigger] = Transitions(
    "an operator who is",
    {
        (_S.LOGGED_OUT, _T.LOG_IN): _S.NOT_READY,
        (_S.READY, _T.LOG_OUT): _S.LOGGED_OUT,
        (_S.READY, _T.GO_NOT_READY): _S.NOT_READY,
        (_S.READY, _T.OFFER): _S.RINGING,
        (_S.RINGING, _T.OFFER_WITHDRAWN): _S.READY,
        (_S.RINGING, _T.OFFER_FAILED): _S.NOT_READY,
        (_S.RINGING, _T.CONNECT): _S.TALKING,
        (_S.RINGING, _T.LOG_OUT): _S.LOGGED_OUT,
        (_S.TALKING, _T.HOLD): _S.HOLD,
        (_S.TALKING, _T.TALK_ENDED): _S.WRAP_UP,
        (_S.HOLD, _T.RESUME): _S.TALKING,
        (_S.HOLD, _T.TALK_ENDED): _S.WRAP_UP,
        (_S.WRAP_UP, _T.GO_READY): _S.READY,
        (_S.WRAP_UP, _T.GO_NOT_READY): _S.NOT_READY,
        (_S.WRAP_UP, _T.LOG_OUT): _S.LOGGED_OUT,
        (_S.NOT_READY, _T.GO_READY): _S.READY,
        (_S.NOT_READY, _T.GO_NOT_READY): _S.NOT_READY,
        (_S.NOT_READY, _T.LOG_OUT): _S.LOGGED_OUT,
        (_S.NOT_READY, _T.OFFER): _S.RINGING,
    },
)


def next_state(state: AgentState, trigger: AgentTrigger) -> AgentState:
    """The state that follows; raises :class:`TransitionError` for a pair the table lacks."""
    return TABLE[state, trigger]
