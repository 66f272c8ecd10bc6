"""What each role may see of the engine, as plain data for JSON.

A caller's number is shown to the operator who has that call, and to nobody else. Times are Unix
seconds; a screen subtracts them from the snapshot's ``now_s``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NotRequired, TypedDict

from acd.core.call import Call, CallState
from acd.core.drill import is_drill_queue
from acd.core.engine import Engine
from acd.core.ids import CallId, OfferId, QueueId, outside_device
from acd.core.inputs import CallerKind
from acd.core.plan import AgentPlan, CallType, QueuePlan
from agents.agent import Agent
from agents.state import AgentState, NotReadyReason
from web.answer import Words
from web.floor_views import Banner, Hearing, TakenBy, banner, heard_by, skills_today, taken_by
from web.identity import Identity
from web.own_views import (
    Day,
    Department,
    Interpreter,
    dials_left,
    directory_view,
    interpreters,
    own_call,
    today,
)
from web.roles import Role, in_order
from web.talk_views import Caller, Talk, talk_view

WAITING = (CallState.QUEUED, CallState.OFFERED)


class Queue(TypedDict):
    """A queue and its line; ``longest_wait_from_s`` is null when nobody waits."""

    name: Words
    call_type: CallType
    waiting: int
    longest_wait_from_s: float | None
    sl_threshold_s: float
    drill: bool


class OperatorSeen(TypedDict):
    """An operator, as colleagues see one; what follows ``next_reason`` is for whom it is, and for
    who leads. ``by`` is who else set the state; ``skills_today`` levels until midnight."""

    name: str
    state: AgentState
    reason: NotReadyReason | None
    since_s: float
    next_state: AgentState | None
    next_reason: NotReadyReason | None
    device: NotRequired[str]
    by: NotRequired[str | None]
    skills_today: NotRequired[dict[str, int]]
    today: NotRequired[Day]
    talk: NotRequired[Talk | None]
    offer: NotRequired[str | None]
    call: NotRequired[str | None]
    wrap_up_until_s: NotRequired[float | None]


class Operator(OperatorSeen):
    """An operator by id. What follows ``next_reason`` is for whom it is, and for who leads."""

    agent: str


class CallSeen(TypedDict):
    """A call. ``heard_by`` and ``taken_by`` are for who leads; what follows them, and the caller's
    number, is for the operator who has the call."""

    state: CallState
    queue: str | None
    call_type: CallType
    language: str
    dialled: str
    listed: bool
    caller: Caller
    arrived_s: float
    waiting_from_s: float | None
    priority: int | None
    agent: str | None
    offer: str | None
    drill: bool
    heard_by: NotRequired[list[Hearing]]
    taken_by: NotRequired[TakenBy | None]
    keys: NotRequired[str]
    dialled_name: NotRequired[Words | None]
    answered_s: NotRequired[float | None]
    waited_s: NotRequired[float | None]
    why: NotRequired[Words | None]


class Moment(TypedDict):
    """What everybody at work sees alike, by id of queue and by state; ``switches_down``: ids."""

    now_s: float
    queues: dict[str, Queue]
    agents_by_state: dict[AgentState, int]
    switches_down: list[str]


class State(Moment):
    """Everything that the viewer may see now; operators and calls by id."""

    plan: str
    agents: dict[str, OperatorSeen]
    calls: dict[str, CallSeen]
    banner: Banner | None


class QueueName(Words):
    """A queue's name, and how it is read."""

    reading: str


class Targets(TypedDict):
    """Where a call can be sent, and who can be asked; by id."""

    queues: dict[str, QueueName]
    directory: dict[str, Department]
    interpreters: list[Interpreter]


class Viewer(TypedDict):
    """Who is asking, and what there is to choose from. ``device`` is the telephone of the last
    login, ``outside`` the operator's telephone in the public network."""

    roles: list[Role]
    agent: str | None
    state: OperatorSeen | None
    targets: Targets
    timezone: str
    banner: Banner | None
    device: str | None
    dials_left: int | None
    outside: str | None
    readings: dict[str, str]
    devices: list[str]


def queue_views(engine: Engine) -> dict[str, Queue]:
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


def _queue(queue: QueuePlan, waiting: int, oldest_s: float | None) -> Queue:
    return {
        "name": {"ja": queue.name_ja, "en": queue.name_en},
        "call_type": queue.call_type,
        "waiting": waiting,
        "longest_wait_from_s": oldest_s,
        "sl_threshold_s": queue.sl_threshold_s,
        "drill": is_drill_queue(queue.id),
    }


def agent_view(
    engine: Engine, agent: Agent, names: dict[str, str], viewer: Identity
) -> OperatorSeen:
    """One operator; which call it is only for that operator and for supervisors."""
    view: OperatorSeen = {
        "name": names.get(agent.id, ""),
        "state": agent.state,
        "reason": agent.reason,
        "since_s": agent.since_s,
        "next_state": agent.next_state,
        "next_reason": agent.next_reason,
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


def call_view(engine: Engine, call: Call, viewer: Identity) -> CallSeen | None:
    """One call, or ``None`` when the viewer may not see it."""
    offer = engine.state.offers.get(call.offer) if call.offer else None
    own = offer is not None and own_agent(offer.agent, viewer)
    if not own and not viewer.leads:
        return None
    waiting = call.state in WAITING
    view: CallSeen = {
        "state": call.state,
        "queue": call.queue or None,
        "call_type": call.call_type,
        "language": call.language,
        "dialled": call.dialled,
        "listed": call.listed,
        "caller": {"kind": call.caller.kind},
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
        view = {**view, **own_call(engine, call, offer)}
        if call.caller.kind is CallerKind.NUMBER:
            view["caller"]["number"] = call.caller.number
    return view


def visible_calls(engine: Engine, ids: Iterable[CallId], viewer: Identity) -> dict[str, CallSeen]:
    """Those of the calls that the viewer may see."""
    views: dict[str, CallSeen] = {}
    for call_id in ids:
        call = engine.calls.get(call_id)
        view = call_view(engine, call, viewer) if call is not None else None
        if view is not None:
            views[call_id] = view
    return views


def state_view(engine: Engine, now_s: float, viewer: Identity) -> State:
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


def agents_by_state(engine: Engine) -> dict[AgentState, int]:
    """How many operators are in each state."""
    counts = dict.fromkeys(AgentState, 0)
    for agent in engine.agents.values():
        counts[agent.state] += 1
    return counts


def agent_names(agents: Iterable[AgentPlan]) -> dict[str, str]:
    """Names of operators by id."""
    return {agent.id: agent.name for agent in agents}


def me_view(engine: Engine, now_s: float, viewer: Identity) -> Viewer:
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
