"""A call's state machine and what the engine knows of a call.

The diagram in ``docs/state-call.md`` is generated from :data:`TABLE`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from acd.core.events import CallOutcome
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, TimerToken, VisitId
from acd.core.inputs import Caller
from acd.core.plan import CallType, SkillNeed
from acd.core.timers import NO_TIMER
from agents.table import Transitions

#: Keys of the menu that are kept with a call.
MENU_KEYS = 20


class CallState(StrEnum):
    """Where a call is. A closed call is forgotten by the engine; the ledger keeps it."""

    MENU = "menu"
    QUEUED = "queued"
    OFFERED = "offered"
    TALKING = "talking"
    LEAVING = "leaving"

    __hash__ = str.__hash__


class CallTrigger(StrEnum):
    """What moves a call."""

    QUEUE = "queue"
    FLOW_END = "flow_end"
    OFFER = "offer"
    OFFER_END = "offer_end"
    CONNECT = "connect"
    LEG_END = "leg_end"
    SEND_AWAY = "send_away"

    __hash__ = str.__hash__


_S = CallState
_T = CallTrigger

#: (state, trigger) -> next state. A pair that is not here raises.
TABLE: Transitions[CallState, CallTrigger] = Transitions(
    "a call that is",
    {
        (_S.MENU, _T.QUEUE): _S.QUEUED,
        (_S.MENU, _T.FLOW_END): _S.LEAVING,
        (_S.QUEUED, _T.QUEUE): _S.QUEUED,
        (_S.QUEUED, _T.OFFER): _S.OFFERED,
        (_S.QUEUED, _T.SEND_AWAY): _S.LEAVING,
        (_S.OFFERED, _T.OFFER_END): _S.QUEUED,
        (_S.OFFERED, _T.CONNECT): _S.TALKING,
        (_S.TALKING, _T.LEG_END): _S.LEAVING,
        (_S.LEAVING, _T.QUEUE): _S.QUEUED,
        (_S.LEAVING, _T.CONNECT): _S.TALKING,
    },
)


def next_state(state: CallState, trigger: CallTrigger) -> CallState:
    """The state that follows; raises :class:`TransitionError` for a pair the table lacks."""
    return TABLE[state, trigger]


class Call(Struct, gc=False):
    """A live call. Times are engine seconds.

    ``number`` is the arrival number: the tie-break of the global order. ``ladder_done`` counts the
    ladder steps that apply. ``outcome`` is set as soon as it is settled, before the hang-up.
    ``drill``: it is kept out of the figures. ``survey`` is the answer after the talk, 0 = none.
    ``keys`` are those pressed in the menu, the last ones if there were many.
    """

    id: CallId
    switch: SwitchId
    channel: str
    trunk: str
    dialled: str
    caller: Caller
    listed: bool
    number: int
    arrived_s: float
    state: CallState = CallState.MENU
    outcome: CallOutcome | None = None
    queue: QueueId = QueueId("")
    visit: VisitId = VisitId("")
    visit_from_s: float = 0.0
    age_from_s: float = 0.0
    call_type: CallType = CallType.ENQUIRY
    language: str = "ja"
    needs: tuple[SkillNeed, ...] = ()
    prefers: tuple[SkillNeed, ...] = ()
    own_priority: int | None = None
    prefer_agent: AgentId | None = None
    ladder_done: int = 0
    offer: OfferId | None = None
    failed_offers: int = 0
    visits: int = 0
    parked: bool = False
    timer: TimerToken = NO_TIMER
    prefer_for_s: float = 0.0
    drill: bool = False
    survey_asked: bool = False
    survey: int = 0
    keys: str = ""

    def remember_key(self, key: str) -> None:
        """A key was pressed in the menu."""
        self.keys = (self.keys + key)[-MENU_KEYS:]
