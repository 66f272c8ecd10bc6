"""Operators' time as the book of records sees it: stretches in one state, for one reason."""

from __future__ import annotations

from msgspec import Struct

from acd.core.apply_floor import GUEST
from acd.core.cdr_types import AgentSpan, OutsideRecord, PartyRecord
from acd.core.events_talk import (
    DialEnded,
    DialEvent,
    DialPickedUp,
    DialStarted,
    PartyAnswered,
    PartyAsked,
    PartyEvent,
)
from acd.core.ids import AgentId
from agents.state import AgentState, NotReadyReason


class OpenSpan(Struct):
    """What an operator is in since ``from_ms``."""

    state: AgentState
    reason: NotReadyReason | None
    from_ms: int


def move(
    people: dict[AgentId, OpenSpan],
    agent: AgentId,
    now_ms: int,
    state: AgentState,
    reason: NotReadyReason | None = None,
) -> list[AgentSpan]:
    """The operator is in this state from now on; returns the stretch that is over, if any.

    A guest's time is nobody's. A stretch of no length leaves no row, one that goes on as it was is
    not cut, and what is told late changes nothing.
    """
    was = people.get(agent)
    if was is None:
        if not agent.startswith(GUEST) and state is not AgentState.LOGGED_OUT:
            people[agent] = OpenSpan(state, reason, now_ms)
        return []
    if (was.state is state and was.reason is reason) or now_ms < was.from_ms:
        return []
    over = was.from_ms < now_ms
    row = [AgentSpan(agent, was.from_ms, now_ms, was.state, was.reason)] if over else []
    if state is AgentState.LOGGED_OUT:
        del people[agent]
    else:
        was.state, was.reason, was.from_ms = state, reason, now_ms
    return row


def dialled(
    people: dict[AgentId, OpenSpan],
    now_ms: int,
    event: DialEvent | PartyEvent,
    ended: OutsideRecord | PartyRecord | None,
) -> list[AgentSpan]:
    """What an outside call of an operator's own, or a colleague's question, moves: no AgentChanged
    tells of it."""
    if isinstance(event, PartyAsked | PartyAnswered) and event.colleague:
        asked = isinstance(event, PartyAsked)
        state = AgentState.RINGING if asked else AgentState.TALKING
        return move(people, event.colleague, now_ms, state)
    if isinstance(event, DialStarted):
        return move(people, event.agent, now_ms, AgentState.RINGING)
    if isinstance(event, DialPickedUp):
        return move(people, event.agent, now_ms, AgentState.TALKING)
    talked = isinstance(ended, OutsideRecord) and ended.picked_up_ms is not None
    if isinstance(event, DialEnded) and talked:
        return move(people, event.agent, now_ms, AgentState.WRAP_UP)
    return []
