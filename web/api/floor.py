"""The supervisor's floor: calls, operators, the centre's mode; who did what is logged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypedDict

from acd.core.floor_memory import ModeNow
from acd.core.ids import CallId, QueueId, browser_device
from acd.core.inputs_floor import SpyMode
from acd.core.plan import Mode
from acd.core.why import WhyWaits
from acd.core.why_text import WhyTold
from acd.ports_people import OperationKind
from agents.state import NotReadyReason
from web.answer import Words
from web.api import floor_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Body
from web.floor_alarms import FloorAlarm
from web.floor_views import Banner, banner
from web.roles import AT_WORK, FLOOR
from web.route import AGENT, Answer, Route
from web.views import CallSeen, Operator, call_view

_ALARM = "/api/floor/alarms/{alarm:[a-z][a-z0-9_]{0,40}-[0-9]{1,12}-[0-9]{1,9}}"
_CALL = "/api/calls/{call:[A-Za-z0-9][A-Za-z0-9._-]{0,79}}"


class CallGone(TypedDict):
    """The call has left the floor."""

    call: str


class CallNow(CallSeen):
    """The call as it is after the request."""

    call: str


#: What follows a request about a call.
AboutCall = CallNow | CallGone


class WhyShortly(TypedDict):
    """Why a call still waits: so many are ``ahead``; when the ladder makes it easier, if ever."""

    why: WhyWaits
    text: Words
    ahead: int
    priority: int
    next_step_in_s: float | None


class WaitingCalls(TypedDict):
    """Every waiting call by its id."""

    calls: dict[str, WhyShortly]


class PlayedWith(TypedDict):
    """What a drill is played with: numbers of ours, and how many telephones may call."""

    numbers: list[str]
    callers: int


class ModeSeen(TypedDict):
    """The rules in force: since when, who said so and why; whether a disaster is prepared for."""

    mode: Mode
    drill: bool
    since_s: float
    by: str
    reason: str
    prepared: bool
    played_with: PlayedWith
    banner: Banner | None


def _call(ask: Ask) -> CallId:
    return CallId(ask.names["call"])


def _answer(ask: Ask) -> AboutCall:
    """The call as it is after the request; it may have left the floor by then."""
    call = ask.wiring.engine().calls.get(_call(ask))
    view = call_view(ask.wiring.engine(), call, ask.who) if call is not None else None
    if view is None:
        return {"call": ask.names["call"]}
    return {"call": ask.names["call"], **view}


async def call_priority(ask: Ask) -> AboutCall:
    """Change a waiting call's priority."""
    priority = ask.body_as(bodies.Priority).priority
    await ask.wiring.overseeing.priority(_call(ask), priority, ask.who.name)
    return _answer(ask)


async def call_move(ask: Ask) -> AboutCall:
    """Let a waiting call wait in another queue; it keeps its age, and so its place."""
    queue = QueueId(ask.body_as(bodies.Move).queue)
    await ask.wiring.overseeing.move(_call(ask), queue, ask.who.name)
    return _answer(ask)


async def call_take_over(ask: Ask) -> AboutCall:
    """Let a call that waits or talks ring at the supervisor's telephone."""
    await ask.wiring.overseeing.take_over(_call(ask), _device(ask), ask.who.name)
    return _answer(ask)


async def call_listen(ask: Ask) -> AboutCall:
    """Hear a talk, unheard."""
    return await _hear(ask, SpyMode.LISTEN)


async def call_whisper(ask: Ask) -> AboutCall:
    """Hear a talk and speak to the operator; the caller hears nothing of it."""
    return await _hear(ask, SpyMode.WHISPER)


async def call_barge(ask: Ask) -> AboutCall:
    """Join a talk, heard by both."""
    return await _hear(ask, SpyMode.BARGE)


async def _hear(ask: Ask, mode: SpyMode) -> AboutCall:
    await ask.wiring.overseeing.hear(_call(ask), _device(ask), mode, ask.who.name)
    return _answer(ask)


async def call_stop_listening(ask: Ask) -> AboutCall:
    """Hear a talk no longer."""
    await ask.wiring.overseeing.stop_hearing(_call(ask), _device(ask), ask.who.name)
    return _answer(ask)


def _device(ask: Ask) -> str:
    wanted, softphones = ask.body_as(bodies.AtDevice).device, ask.wiring.softphones
    seat = softphones.seat_of(ask.who.name) if softphones is not None else None
    if seat is not None and wanted in ("", browser_device(seat)):
        return browser_device(seat)
    return ask.wiring.overseeing.device(wanted, ask.who.agent)


async def call_why(ask: Ask) -> WhyTold:
    """Why a call still waits."""
    return ask.wiring.overseeing.why(_call(ask), ask.wiring.now())


async def waiting_calls(ask: Ask) -> WaitingCalls:
    """Every waiting call with why it still waits, shortly."""
    told = ask.wiring.overseeing.why_all(ask.wiring.now())
    return {
        "calls": {
            each.reasons.call: {
                "why": each.reasons.why,
                "text": {"ja": each.short_ja, "en": each.short_en},
                "ahead": each.reasons.ahead,
                "priority": each.reasons.priority,
                "next_step_in_s": each.reasons.next_step_in_s,
            }
            for each in told
        }
    }


async def agent_force(ask: Ask) -> Operator:
    """Put an operator into a state: now, or after the present talk."""
    body, floor, by = ask.body_as(bodies.Force), ask.wiring.floor, ask.who.name
    if body.state is bodies.ForcedState.READY:
        return ask.answer(await floor.ready(ask.agent, by))
    if body.state is bodies.ForcedState.LOGGED_OUT or body.reason is None:
        return ask.answer(await floor.log_out(ask.agent, by))
    return ask.answer(await floor.not_ready(ask.agent, NotReadyReason(body.reason.value), by))


async def agent_skills(ask: Ask) -> Operator:
    """Give an operator another level of a skill, or the plan's again, until midnight."""
    body = ask.body_as(bodies.Skill)
    found = await ask.wiring.floor.skill(ask.agent, body.skill, body.level, ask.who.name)
    return ask.answer(found)


async def alarm_seen(ask: Ask) -> FloorAlarm:
    """Mark an alarm as seen, for every supervisor."""
    wiring = ask.wiring
    return wiring.floor_alarms.seen(ask.names["alarm"], ask.who.name, wiring.now())


async def mode_now(ask: Ask) -> ModeSeen:
    """Which rules the centre works under."""
    return _mode(ask, ask.wiring.mode.now())


async def mode_turn(ask: Ask) -> ModeSeen:
    """Turn the disaster switch, for a drill or in earnest, or back."""
    body = ask.body_as(bodies.ModeBody)
    turned = await ask.wiring.mode.turn(body.mode, body.drill, body.reason, ask.who.name)
    return _mode(ask, turned)


def _mode(ask: Ask, now: ModeNow) -> ModeSeen:
    numbers, callers = ask.wiring.mode.played_with()
    return {
        "mode": now.mode,
        "drill": now.drill,
        "since_s": now.since_s,
        "by": now.by,
        "reason": now.reason,
        "prepared": ask.wiring.mode.prepared(),
        "played_with": {"numbers": list(numbers), "callers": callers},
        "banner": banner(ask.wiring.engine()),
    }


def _about_call(
    path: str,
    handler: Callable[[Ask], Awaitable[Answer]],
    body: type[Body],
    logged: OperationKind,
) -> Route:
    return Route("POST", _CALL + path, FLOOR, handler, body, logged)


_K = OperationKind

ROUTES = (
    _about_call("/priority", call_priority, bodies.Priority, _K.CALL_PRIORITY_CHANGED),
    _about_call("/move", call_move, bodies.Move, _K.CALL_MOVED),
    _about_call("/take-over", call_take_over, bodies.AtDevice, _K.CALL_TAKEN_OVER),
    _about_call("/listen", call_listen, bodies.AtDevice, _K.CALL_LISTENED),
    _about_call("/whisper", call_whisper, bodies.AtDevice, _K.CALL_WHISPERED),
    _about_call("/barge", call_barge, bodies.AtDevice, _K.CALL_BARGED),
    _about_call("/stop-listening", call_stop_listening, bodies.AtDevice, _K.CALL_LISTENING_ENDED),
    Route("GET", _CALL + "/why", FLOOR, call_why),
    Route("GET", "/api/waiting", FLOOR, waiting_calls),
    Route("POST", AGENT + "/force", FLOOR, agent_force, bodies.Force, _K.AGENT_FORCED),
    Route("POST", AGENT + "/skills", FLOOR, agent_skills, bodies.Skill, _K.SKILL_CHANGED),
    Route("POST", _ALARM + "/seen", FLOOR, alarm_seen, None, _K.ALARM_SEEN),
    Route("GET", "/api/mode", AT_WORK, mode_now),
    Route("POST", "/api/mode", FLOOR, mode_turn, bodies.ModeBody, _K.MODE_CHANGED),
)
