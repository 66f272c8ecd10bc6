"""One function for each route: it gets a checked request and returns what becomes JSON."""

from __future__ import annotations

import msgspec

from acd.core.ids import CallId, OfferId
from acd.core.plan import Target, TargetKind
from agents.state import AgentState, NotReadyReason
from web.api import bodies
from web.api.ask import Ask
from web.floor_views import choices
from web.route import AGENT
from web.views import Json, me_view, own_agent, state_view


async def me(ask: Ask) -> Json:
    """Who I am, what I may do, and what I may choose from."""
    view = me_view(ask.wiring.engine(), ask.wiring.now(), ask.who)
    classes = [
        {"code": each.code, "name": {"ja": each.ja, "en": each.en}}
        for each in ask.wiring.screens.dispositions
    ]
    if ask.who.leads:
        view |= {**choices(ask.wiring.engine()), "may_hear": ask.wiring.overseeing.may_hear}
    return {**view, "may": _may(ask), "dispositions": classes}


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


async def state(ask: Ask) -> Json:
    """Queues, operators, and the calls that I may see."""
    return state_view(ask.wiring.engine(), ask.wiring.now(), ask.who)


async def log_in(ask: Ask) -> Json:
    """Log in; the operator is not ready yet."""
    device = ask.body_as(bodies.LogIn).device
    return ask.answer(await ask.wiring.desk.log_in(ask.agent, device))


async def log_out(ask: Ask) -> Json:
    """Log out now, or after the present talk."""
    if own_agent(ask.agent, ask.who):
        return ask.answer(await ask.wiring.desk.log_out(ask.agent))
    return ask.answer(await ask.wiring.floor.log_out(ask.agent, ask.who.name))


async def ready(ask: Ask) -> Json:
    """Take calls now, or after the present talk."""
    return ask.answer(await ask.wiring.desk.ready(ask.agent))


async def not_ready(ask: Ask) -> Json:
    """Take no calls, with a reason: now, or after the present talk."""
    reason = NotReadyReason(ask.body_as(bodies.NotReady).reason.value)
    if own_agent(ask.agent, ask.who):
        return ask.answer(await ask.wiring.desk.not_ready(ask.agent, reason))
    return ask.answer(await ask.wiring.floor.not_ready(ask.agent, reason, ask.who.name))


async def reserve(ask: Ask) -> Json:
    """Say in a call what to be after it."""
    body = ask.body_as(bodies.Reserve)
    reason = NotReadyReason(body.reason.value) if body.reason is not None else None
    state = AgentState(body.state.value)
    return ask.answer(await ask.wiring.desk.reserve(ask.agent, state, reason))


async def extend_wrap_up(ask: Ask) -> Json:
    """Prolong the running wrap-up."""
    extra_s = ask.body_as(bodies.Extend).extra_s
    return ask.answer(await ask.wiring.desk.extend_wrap_up(ask.agent, extra_s))


async def end_wrap_up(ask: Ask) -> Json:
    """End the running wrap-up: the reserved next state, or ready."""
    return ask.answer(await ask.wiring.desk.end_wrap_up(ask.agent))


async def hang_up(ask: Ask) -> Json:
    """End the present talk."""
    return ask.answer(await ask.wiring.desk.hang_up(ask.agent))


async def transfer(ask: Ask) -> Json:
    """Send the present caller on without asking there."""
    body = ask.body_as(bodies.Transfer)
    target = Target(TargetKind(body.kind.value), body.target)
    return ask.answer(await ask.wiring.desk.transfer(ask.agent, target))


async def disposition(ask: Ask) -> Json:
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


async def reload(ask: Ask) -> Json:
    """Read the centre's files again; with any fault nothing changes."""
    done: Json = msgspec.to_builtins(await ask.wiring.reload())
    return done


async def take_over(ask: Ask) -> Json:
    """Give the lead to the controller that stands by; refused where none is ready."""
    return {"leads": await ask.wiring.hand_over()}


async def explain(ask: Ask) -> Json:
    """Why this caller was offered to this operator, and not to the others."""
    found = await ask.wiring.explain(OfferId(ask.names["offer"]))
    why: Json = msgspec.to_builtins(found)
    return why
