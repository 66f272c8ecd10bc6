"""Keys that an operator sends into a talk: bounded, not too fast, and never kept anywhere.

They pass by the engine, since what goes through it is journaled, and a key may be part of a secret.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from acd.core.decide_parties import consulted
from acd.core.engine import Engine
from acd.core.events import RefusalReason
from acd.core.ids import AgentId, CallId, OfferId
from acd.errors import LimitExceeded, Refused
from acd.ports_phones import KeySender
from agents.agent import Agent

#: Keys that one operator may send in one window.
MOST_KEYS = 40
WINDOW_S = 10.0


class Keypad:
    """Sends keys by the switch, whatever telephone the operator has. ``pressed`` is told before
    they sound, with the id of the call (of an outside call: of its leg)."""

    def __init__(
        self,
        engine: Callable[[], Engine],
        now: Callable[[], float],
        switch: KeySender,
        pressed: Callable[[CallId], None] = lambda _: None,
    ) -> None:
        self._engine, self._now = engine, now
        self._switch, self._pressed = switch, pressed
        self._sent: dict[AgentId, deque[float]] = {}

    async def press(self, agent: Agent, keys: str) -> None:
        """Send keys to whoever the operator talks with: raises Refused where that is nobody,
        LimitExceeded where it is too fast, or a SwitchError."""
        leg, call = _talks_with(self._engine(), agent)
        self._not_too_fast(AgentId(agent.id), len(keys))
        self._pressed(call)
        await self._switch.press(leg, keys)

    def _not_too_fast(self, agent: AgentId, count: int) -> None:
        now_s = self._now()
        sent = self._sent.setdefault(agent, deque())
        while sent and sent[0] <= now_s - WINDOW_S:
            sent.popleft()
        if len(sent) + count > MOST_KEYS:
            raise LimitExceeded("keys come too fast", code="too_many_keys")
        sent.extend([now_s] * count)


def _talks_with(engine: Engine, agent: Agent) -> tuple[OfferId, CallId]:
    """The operator's leg and what it is part of, if somebody is there to hear a key."""
    state, leg = engine.state, OfferId(agent.offer or "")
    offer, dial, party = state.offers.get(leg), state.dials.get(leg), state.parties.get(leg)
    if offer is not None and offer.connected_s:
        asked = consulted(state, state.calls[offer.call])
        if not offer.apart or (asked is not None and asked.answered):
            return leg, offer.call
    elif dial is not None and dial.answered_s:
        return leg, CallId(dial.id)
    elif party is not None and party.answered:
        return leg, party.call
    raise Refused("nobody is there to hear keys", code=RefusalReason.NOT_IN_A_CALL.value)
