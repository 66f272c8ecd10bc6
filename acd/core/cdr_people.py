"""Operators' time as the book of records sees it: stretches in one state, for one reason."""

from __future__ import annotations

from msgspec import Struct

from acd.core.cdr_types import AgentSpan
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

    A stretch of no length leaves no row, one that goes on as it was is not cut, and what is told
    late changes nothing.
    """
    was = people.get(agent)
    if was is None:
        if state is not AgentState.LOGGED_OUT:
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
