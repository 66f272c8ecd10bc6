"""An offer's state machine: one operator's device and one caller, from ringing to the end.

The diagram in ``docs/state-offer.md`` is generated from :data:`TABLE`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.ids import AgentId, CallId, OfferId, QueueId, TimerToken, VisitId
from acd.core.timers import NO_TIMER
from agents.table import Transitions


class OfferState(StrEnum):
    """Where an offer is. An ended offer is forgotten by the engine; the ledger keeps it."""

    RINGING = "ringing"
    PICKED_UP = "picked_up"
    CONNECTED = "connected"
    HELD = "held"

    __hash__ = str.__hash__


class OfferTrigger(StrEnum):
    """What moves an offer."""

    PICK_UP = "pick_up"
    CONNECT = "connect"
    HOLD = "hold"
    RESUME = "resume"

    __hash__ = str.__hash__


_S = OfferState
_T = OfferTrigger

#: (state, trigger) -> next state. A pair that is not here raises.
TABLE: Transitions[OfferState, OfferTrigger] = Transitions(
    "an offer that is",
    {
        (_S.RINGING, _T.PICK_UP): _S.PICKED_UP,
        (_S.RINGING, _T.CONNECT): _S.CONNECTED,
        (_S.PICKED_UP, _T.CONNECT): _S.CONNECTED,
        (_S.CONNECTED, _T.HOLD): _S.HELD,
        (_S.HELD, _T.RESUME): _S.CONNECTED,
    },
)


def next_state(state: OfferState, trigger: OfferTrigger) -> OfferState:
    """The state that follows; raises :class:`TransitionError` for a pair the table lacks."""
    return TABLE[state, trigger]


class Offer(Struct, gc=False):
    """A live offer; after the connection it is the operator's leg of the talk. ``apart``: caller
    and operator wait in different bridges; ``by_hand``: they once did, so that neither leg can be
    trusted to end with the other."""

    id: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    visit: VisitId
    offered_s: float
    state: OfferState = OfferState.RINGING
    connected_s: float = 0.0
    timer: TimerToken = NO_TIMER
    apart: bool = False
    by_hand: bool = False
