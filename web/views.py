"""What each role may see of the engine, as plain data for JSON.

A caller's number is shown to the operator who has that call, and to nobody else. Times are Unix
seconds; a screen subtracts them from the snapshot's ``now_s``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from acd.core.call import Call, CallState
from acd.core.drill import is_drill_queue
from acd.core.engine import Engine
from acd.core.ids import CallId, OfferId, QueueId, outside_device
from acd.core.inputs import CallerKind
from acd.core.plan import AgentPlan, QueuePlan
from agents.agent import Agent
from agents.state import AgentState
from web.floor_views import banner, heard_by, skills_today, taken_by
from web.identity import Identity
from web.own_views import dials_left, directory_view, interpreters, own_call, today
from web.roles import in_order
from web.talk_views import talk_view

Json = dict[str, Any]

WAITING = (CallState.QUEUED, CallState.OFFERED)


def queue_views(engine: Engine) -> dict[str, Json]:
    """Every queue with its waiting callers, in one pass over the calls."""
    waiting: dict[QueueId, int] = {}
    oldest: dict[QueueId, float] = {}
    for call in engine.calls.values():
        # A call of a drill is nobody's figure, wherever it was sent on to.
        if call.state in WAITING and (not call.drill or is_drill_queue(call.queue)):
            queue = call.queue
            waiting[queue] = waiting.get(queue, 0) + 1
            oldest[queue] = min(call.visit_from_s, oldest.get(queue, call.visit_from_s))
    return {
        queue.id: _queue(queue, waiting.get(queue.id, 0), oldest.get(queue.id))
        for queue in engine.plan.queues
    }


def _queue(queue: QueuePlan, waiting: int, oldest_s: float | None) -> Json:
    return {
        "name": {"ja": queue.name_ja, "en": queue.name_en},
        "call_type": queue.call_type.value,
        "waiting": waiting,
        "longest_wait_from_s": oldest_s,
        "sl_threshold_s": queue.sl_threshold_s,
        "drill": is_drill_queue(queue.id),
    }


def agent_view(engine: Engine, agent: Agent, names: dict[str, str], viewer: Identity) -> Json:
    """One operator; which call it is only for that operator and for supervisors."""
    view: Json = {
        "name": names.get(agent.id, ""),
        "state": agent.state.value,
        "reason": agent.reason.value if agent.reason else None,
        "since_s": agent.since_s,
        "next_state": agent.next_state.value if agent.next_state else None,
        "next_reason": agent.next_reason.value if agent.next_reason else None,
    }
    if viewer.leads or viewer.agent == agent.id:
        offer = engine.state.offers.get(OfferId(agent.offer)) if agent.offer else None
        taking = engine.state.floor.takings.get(OfferId(agent.offer)) if agent.offer else None
        view["device"] = agent.device
        view["by"] = agent.by or None
        view["skills_today"] = skills_today(engine, agent.id)
        view["today"] = today(agent)
        view["talk"] = talk_view(engine, agent, own=own_agent(agent.id, viewer))
        view["offer"] = agent.offer
        view["call"] = offer.call if offer else taking.call if taking else None
        in_wrap_up = agent.state is AgentState.WRAP_UP
        view["wrap_up_until_s"] = agent.wrap_up_until_s if in_wrap_up else None
    return view


def call_view(engine: Engine, call: Call, viewer: Identity) -> Json | None:
    """One call, or ``None`` when the viewer may not see it."""
    offer = engine.state.offers.get(call.offer) if call.offer else None
    own = offer is not None and own_agent(offer.agent, viewer)
    if not own and not viewer.leads:
        return None
    waiting = call.state in WAITING
    view: Json = {
        "state": call.state.value,
        "queue": call.queue or None,
        "call_type": call.call_type.value,
        "language": call.language,
        "dialled": call.dialled,
        "listed": call.listed,
        "caller": {"kind": call.caller.kind.value},
        "arrived_s": call.arrived_s,
        "waiting_from_s": call.age_from_s if waiting else None,
        "priority": engine.state.priority(call) if call.queue else None,
        "agent": offer.agent if offer else None,
        "offer": call.offer,
        "drill": call.drill,
    }
    if viewer.leads:
        view["heard_by"] = heard_by(engine, call.offer)
        view["taken_by"] = taken_by(engine, call.id)
    if own and offer is not None:
        view |= own_call(engine, call, offer)
        if call.caller.kind is CallerKind.NUMBER:
            view["caller"]["number"] = call.caller.number
    return view


def visible_calls(engine: Engine, ids: Iterable[CallId], viewer: Identity) -> dict[str, Json]:
    """Those of the calls that the viewer may see."""
    views: dict[str, Json] = {}
    for call_id in ids:
        call = engine.calls.get(call_id)
        view = call_view(engine, call, viewer) if call is not None else None
        if view is not None:
            views[call_id] = view
    return views


def state_view(engine: Engine, now_s: float, viewer: Identity) -> Json:
    """Everything that the viewer may see now."""
    names = agent_names(engine.plan.agents)
    return {
        "now_s": now_s,
        "plan": engine.plan.version,
        "queues": queue_views(engine),
        "agents": {
            agent.id: agent_view(engine, agent, names, viewer) for agent in engine.agents.values()
        },
        "agents_by_state": agents_by_state(engine),
        "calls": visible_calls(engine, own_or_all(engine, viewer), viewer),
        "switches_down": sorted(engine.state.switches_down),
        "banner": banner(engine),
    }


def own_or_all(engine: Engine, viewer: Identity) -> list[CallId]:
    """The ids of the calls worth looking at for this viewer."""
    if viewer.leads:
        return list(engine.calls)
    agent = engine.agents.get(viewer.agent) if viewer.agent else None
    offer = engine.state.offers.get(OfferId(agent.offer)) if agent and agent.offer else None
    return [offer.call] if offer else []


def agents_by_state(engine: Engine) -> dict[str, int]:
    """How many operators are in each state."""
    counts = {state.value: 0 for state in AgentState}
    for agent in engine.agents.values():
        counts[agent.state.value] += 1
    return counts


def agent_names(agents: Iterable[AgentPlan]) -> dict[str, str]:
    """Names of operators by id."""
    return {agent.id: agent.name for agent in agents}


def me_view(engine: Engine, now_s: float, viewer: Identity) -> Json:
    """Who the viewer is, and what there is to choose from: queues, directory, interpreters."""
    plan = engine.plan
    agent = engine.agents.get(viewer.agent) if viewer.agent else None
    outside = outside_device(viewer.agent) if viewer.agent else ""
    names = agent_names(plan.agents)
    return {
        "roles": in_order(viewer.roles),
        "agent": viewer.agent,
        "state": agent_view(engine, agent, names, viewer) if agent else None,
        "targets": {
            "queues": {
                q.id: {"ja": q.name_ja, "en": q.name_en, "reading": q.reading} for q in plan.queues
            },
            "directory": directory_view(engine, now_s),
            "interpreters": interpreters(engine, now_s),
        },
        "timezone": plan.timezone,
        "banner": banner(engine),
        "device": engine.state.devices.get(viewer.agent) if viewer.agent else None,
        "dials_left": dials_left(engine, viewer.agent, now_s) if viewer.agent else None,
        "outside": outside if outside in engine.state.outside else None,
        "readings": {each.id: each.reading for each in plan.agents if each.reading},
        "devices": [each.device for each in plan.agents],
    }


def own_agent(agent_id: str, viewer: Identity) -> bool:
    """Whether the viewer is this operator."""
    return viewer.is_operator and viewer.agent == agent_id
