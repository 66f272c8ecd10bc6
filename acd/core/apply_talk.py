"""How events about parties change the state (see :mod:`acd.core.apply`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd.core import events_talk as t
from acd.core.party import Party
from acd.core.state import State
from acd.core.timers import NO_TIMER, TimerKind


def party_asked(state: State, event: t.PartyAsked, at: float) -> None:
    state.counters.offers += 1
    party = state.parties[event.party] = Party(
        event.party, event.call, event.agent, event.kind, event.target, at, event.number
    )
    party.timer = state.timers.arm(TimerKind.PARTY, event.party, at + event.ring_s)


def party_answered(state: State, event: t.PartyAnswered, at: float) -> None:
    party = state.parties[event.party]
    party.answered_s = at
    state.timers.forget(party.timer)
    party.timer = NO_TIMER


def party_moved(state: State, event: t.PartyMoved, at: float) -> None:
    state.parties[event.party].kind = event.kind


def party_ended(state: State, event: t.PartyEnded, at: float) -> None:
    state.timers.forget(state.parties.pop(event.party).timer)


TALK_APPLIERS: dict[type, Callable[[State, Any, float], None]] = {
    t.PartyAsked: party_asked,
    t.PartyAnswered: party_answered,
    t.PartyMoved: party_moved,
    t.PartyEnded: party_ended,
}
