"""What an operator does with a talk: hold, asking somebody, handing over, a third voice."""

from __future__ import annotations

from acd.core.ids import OfferId
from acd.core.plan import Target, TargetKind
from acd.ports_people import OperationKind
from web.api import talk_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.route import own_route
from web.views import Operator

#: What the body's kinds are to the engine.
_KINDS: dict[bodies.ConsultKind | bodies.ThirdKind, TargetKind] = {
    bodies.ConsultKind.ENTRY: TargetKind.NUMBER,
    bodies.ConsultKind.AGENT: TargetKind.AGENT,
    bodies.ConsultKind.QUEUE: TargetKind.QUEUE,
}


async def hold(ask: Ask) -> Operator:
    """Let the caller wait with music, whatever telephone the operator has."""
    return ask.answer(await ask.wiring.talk.hold(ask.agent))


async def resume(ask: Ask) -> Operator:
    """Go back to the caller; a consultation ends."""
    return ask.answer(await ask.wiring.talk.resume(ask.agent))


async def consult(ask: Ask) -> Operator:
    """Ask somebody while the caller waits; when nobody answers the caller is back."""
    body, talk = ask.body_as(bodies.Consult), ask.wiring.talk
    if body.kind is bodies.ConsultKind.NUMBER:
        return ask.answer(await talk.consult_number(ask.agent, body.target))
    return ask.answer(await talk.consult(ask.agent, Target(_KINDS[body.kind], body.target)))


async def dial(ask: Ask) -> Operator:
    """Call an outside number that the plan allows: the operator's own telephone rings first."""
    return ask.answer(await ask.wiring.talk.dial(ask.agent, ask.body_as(bodies.Dial).number))


async def consult_complete(ask: Ask) -> Operator:
    """Leave the caller to whoever is being asked (attended transfer)."""
    return ask.answer(await ask.wiring.talk.complete(ask.agent))


async def conference(ask: Ask) -> Operator:
    """Let a third voice in."""
    body, talk = ask.body_as(bodies.Conference), ask.wiring.talk
    if body.language is not None:
        return ask.answer(await talk.interpreter(ask.agent, body.language))
    if body.kind is not None and body.target is not None:
        return ask.answer(await talk.invite(ask.agent, Target(_KINDS[body.kind], body.target)))
    return ask.answer(await talk.all_three(ask.agent))


async def conference_drop(ask: Ask) -> Operator:
    """Let a third voice go."""
    return ask.answer(await ask.wiring.talk.drop(ask.agent, OfferId(ask.body_as(bodies.Drop).leg)))


async def digits(ask: Ask) -> Operator:
    """Send keys to whoever the operator talks with, whatever telephone the operator has."""
    return ask.answer(await ask.wiring.talk.press(ask.agent, ask.body_as(bodies.Digits).digits))


ROUTES = (
    own_route("/hold", hold, Nothing),
    own_route("/resume", resume, Nothing),
    own_route("/consult", consult, bodies.Consult, logged_outside=OperationKind.NUMBER_DIALLED),
    own_route("/consult/complete", consult_complete, Nothing),
    own_route("/consult/cancel", resume, Nothing),
    own_route(
        "/dial",
        dial,
        bodies.Dial,
        OperationKind.NUMBER_DIALLED,
        OperationKind.NUMBER_DIALLED,
    ),
    own_route("/digits", digits, bodies.Digits),
    own_route("/conference", conference, bodies.Conference),
    own_route("/conference/drop", conference_drop, bodies.Drop),
)
