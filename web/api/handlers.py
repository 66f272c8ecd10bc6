"""One function for each route: it gets a checked request and returns what becomes JSON."""

from __future__ import annotations

from typing import TypedDict

from acd.app.floor import Reloaded
from acd.core.explain_text import Told
from acd.core.ids import CallId, OfferId
from acd.core.plan import Target, TargetKind
from agents.state import AgentState, NotReadyReason
from web.answer import Words
from web.api import bodies
from web.api.ask import Ask
from web.floor_views import Choices, choices
from web.route import AGENT
from web.views import Operator, State, Viewer, me_view, own_agent, state_view


class Class(TypedDict):
    """A class that an operator can give a call."""

    code: str
    name: Words


class Me(Viewer):
    """The same with ``may``, what may be asked for as an operator: names below
    ``/api/agents/ID/``."""

    may: list[str]
    dispositions: list[Class]


class MeLeading(Me, Choices):
    """The same for who leads the floor; ``may_hear``: whether talks may be heard here at all."""

    may_hear: bool


class Disposed(TypedDict):
    """Which call got which class."""

    agent: str
    call: str
    code: str


class Leads(TypedDict):
    """The controller that leads now."""

    leads: str


async def me(ask: Ask) -> Me | MeLeading:
    """Who I am, what I may do, and what I may choose from."""
    view = me_view(ask.wiring.engine(), ask.wiring.now(), ask.who)
    classes: list[Class] = [
        {"code": each.code, "name": {"ja": each.ja, "en": each.en}}
        for each in ask.wiring.screens.dispositions
    ]
    if not ask.who.leads:
        return {**view, "may": _may(ask), "dispositions": classes}
    return {
        **view,
        **choices(ask.wiring.engine()),
        "may_hear": ask.wiring.overseeing.may_hear,
        "may": _may(ask),
        "dispositions": classes,
    }


def _may(ask: Ask) -> list[str]:
    """What the asker may ask for as an operator: names below ``/api/agents/<id>/``."""
    from web.routes import ROUTES  # the table names these handlers

    names = {"agent": ask.who.agent or ""}
    return [
        route.path.removeprefix(f"{AGENT}/")
        for route in ROUTES
        if route.path.startswith(f"{AGENT}/")
        and route.allows(ask.who, names)
        and (ask.wiring.softphones is not None or not route.path.endswith("/softphone"))
    ]


async def state(ask: Ask) -> State:
    """Queues, operators, and the calls that I may see."""
    return state_view(ask.wiring.engine(), ask.wiring.now(), ask.who)


async def log_in(ask: Ask) -> Operator:
    """Log in; the operator is not ready yet."""
    device = ask.body_as(bodies.LogIn).device
    return ask.answer(await ask.wiring.desk.log_in(ask.agent, device))


async def log_out(ask: Ask) -> Operator:
    """Log out now, or after the present talk."""
    if own_agent(ask.agent, ask.who):
        return ask.answer(await ask.wiring.desk.log_out(ask.agent))
    return ask.answer(await ask.wiring.floor.log_out(ask.agent, ask.who.name))


async def ready(ask: Ask) -> Operator:
    """Take calls now, or after the present talk."""
    return ask.answer(await ask.wiring.desk.ready(ask.agent))


async def not_ready(ask: Ask) -> Operator:
    """Take no calls, with a reason: now, or after the present talk."""
    reason = NotReadyReason(ask.body_as(bodies.NotReady).reason.value)
    if own_agent(ask.agent, ask.who):
        return ask.answer(await ask.wiring.desk.not_ready(ask.agent, reason))
    return ask.answer(await ask.wiring.floor.not_ready(ask.agent, reason, ask.who.name))


async def reserve(ask: Ask) -> Operator:
    """Say in a call what to be after it."""
    body = ask.body_as(bodies.Reserve)
    reason = NotReadyReason(body.reason.value) if body.reason is not None else None
    state = AgentState(body.state.value)
    return ask.answer(await ask.wiring.desk.reserve(ask.agent, state, reason))


async def extend_wrap_up(ask: Ask) -> Operator:
    """Prolong the running wrap-up."""
    extra_s = ask.body_as(bodies.Extend).extra_s
    return ask.answer(await ask.wiring.desk.extend_wrap_up(ask.agent, extra_s))


async def end_wrap_up(ask: Ask) -> Operator:
    """End the running wrap-up: the reserved next state, or ready."""
    return ask.answer(await ask.wiring.desk.end_wrap_up(ask.agent))


async def hang_up(ask: Ask) -> Operator:
    """End the present talk."""
    return ask.answer(await ask.wiring.desk.hang_up(ask.agent))


async def transfer(ask: Ask) -> Operator:
    """Send the present caller on without asking there."""
    body = ask.body_as(bodies.Transfer)
    target = Target(TargetKind(body.kind.value), body.target)
    return ask.answer(await ask.wiring.desk.transfer(ask.agent, target))


async def disposition(ask: Ask) -> Disposed:
    """Classify a call of one's own, by default the present or last one."""
    body = ask.body_as(bodies.Disposition)
    call = await ask.wiring.desk.dispose(
        ask.agent,
        body.code,
        CallId(body.call) if body.call else None,
        body.resolved,
        body.call_type,
        body.note,
    )
    return {"agent": ask.agent, "call": call, "code": body.code}


async def reload(ask: Ask) -> Reloaded:
    """Read the centre's files again; with any fault nothing changes."""
    return await ask.wiring.reload()


async def take_over(ask: Ask) -> Leads:
    """Give the lead to the controller that stands by; refused where none is ready."""
    return {"leads": await ask.wiring.hand_over()}


async def explain(ask: Ask) -> Told:
    """Why this caller was offered to this operator, and not to the others."""
    return await ask.wiring.explain(OfferId(ask.names["offer"]))
