"""What is known of an operator at work: state, idle order, load, reservation of the next state."""

from __future__ import annotations

from msgspec import Struct

from agents.state import AgentState, NotReadyReason


class Agent(Struct):
    """A live operator. Times are engine seconds.

    ``ring_s`` is how long the last call rang; ``took_queue`` is the queue of the call whose wrap-up
    is running.

    ``idle_number`` orders idle operators: it grows with each operator that becomes ready, and an
    operator whose ring came to nothing keeps the old one. ``busy_s`` sums talk, hold and wrap-up
    since the login; ``offer`` names the one reservation a person can have; ``wrap_up_s`` is the
    length of the wrap-up that is running. ``available``: ready, and the switch is there.
    ``day_*`` are the figures until local midnight (``day_until_s``): calls answered, calls handled
    to the end, and the talk, hold and wrap-up spent on those. ``retired``: no longer in the plan.
    ``moved``: the telephone is at another switch than the plan says, or was.
    ``by`` is who else put the operator into this state.
    """

    id: str
    device: str
    switch: str
    order: int
    state: AgentState = AgentState.LOGGED_OUT
    reason: NotReadyReason | None = None
    since_s: float = 0.0
    idle_from_s: float = 0.0
    idle_number: int = 0
    next_state: AgentState | None = None
    next_reason: NotReadyReason | None = None
    offer: str | None = None
    login_s: float = 0.0
    busy_from_s: float = 0.0
    busy_s: float = 0.0
    ring_s: float = 0.0
    took_queue: str = ""
    calls_taken: int = 0
    last_offer_number: int = 0
    wrap_up_until_s: float = 0.0
    own_device: bool = False
    available: bool = False
    retired: bool = False
    timer: int = 0
    by: str = ""
    day_until_s: float = 0.0
    day_calls: int = 0
    day_handled: int = 0
    day_busy_s: float = 0.0
    moved: bool = False
