"""Recordings over the interface: pause one's own; search, hear, hold, delete by role."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from aiohttp import web

from acd.app.recorder import Recorder
from acd.app.recordings import Recordings
from acd.core.inputs import CallerKind
from acd.core.recording import (
    AccessReason,
    Deletion,
    DeletionReason,
    Gap,
    HoldReason,
    TapeState,
)
from acd.errors import NotFound
from acd.ports_people import OperationKind
from acd.ports_recording import MEDIA_TYPE, Found, RecordingQuery
from web.answer import SAFE_HEADERS, Media, Words
from web.api import recordings_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.roles import ADMINISTRATORS, AT_WORK, FLOOR, Role
from web.route import AGENT, Route
from web.views import agent_names

_ONE = "/api/recordings/{recording:[0-9a-f]{32}}"

#: Who hears recordings, and sees whose they are.
LISTENERS = frozenset({Role.SUPERVISOR, Role.QUALITY})
#: Who finds them: administrators hold and delete, and hear nothing.
SEARCHERS = LISTENERS | ADMINISTRATORS
PROVERS = ADMINISTRATORS | {Role.AUDITOR}
_OWN = frozenset({Role.OPERATOR, *ADMINISTRATORS})


class Tape(TypedDict):
    """What the recording of the operator's present talk does; null: it is not recorded."""

    agent: str
    recording: TapeState | None


class Held(TypedDict):
    """Since when and by whom a recording may not be deleted, and why."""

    since_ms: int
    by: str
    reason: HoldReason | None


class RecordedCaller(TypedDict):
    """Who called (null: the call's own row is not written yet); the number only for who hears."""

    kind: CallerKind | None
    number: NotRequired[str]


class RecordingSeen(TypedDict):
    """A recording as searchers see it. ``sha256`` is that of the encrypted file behind its head;
    from ``expires_ms`` on it may go."""

    id: str
    call: str
    agent: str
    agent_name: str
    queue: str
    dialled: str
    started_ms: int
    duration_ms: int
    expires_ms: int
    size_bytes: int
    sha256: str
    gaps: tuple[Gap, ...]
    held: Held | None
    caller: RecordedCaller


class RecordingsSeen(TypedDict):
    """Recordings, the newest first; whether there are more."""

    recordings: list[RecordingSeen]
    more: bool


class SearchChoices(TypedDict):
    """What a search can choose from, and whether this person may listen."""

    agents: dict[str, str]
    queues: dict[str, Words]
    reasons: list[AccessReason]
    listen: bool
    timezone: str


class Waveform(TypedDict):
    """How loud both sides are along the recording, 0 to 255."""

    id: str
    duration_ms: int
    gaps: tuple[Gap, ...]
    operator: list[int]
    caller: list[int]


class Deletions(TypedDict):
    """The proofs of all deletions, each chained to the one before."""

    deletions: list[Deletion]


def _recorder(ask: Ask) -> Recorder:
    if ask.wiring.recorder is None:
        raise NotFound("nothing is recorded here", code="recording_off")
    return ask.wiring.recorder


def _kept(ask: Ask) -> Recordings:
    if ask.wiring.recordings is None:
        raise NotFound("nothing is recorded here", code="recording_off")
    return ask.wiring.recordings


async def state(ask: Ask) -> Tape:
    """What the recording of the operator's present talk does; null: it is not recorded."""
    return {"agent": ask.agent, "recording": _recorder(ask).state_of(ask.agent)}


async def pause(ask: Ask) -> Tape:
    """Pause the recording of the present talk."""
    done = await _recorder(ask).pause(ask.agent, on=True)
    return {"agent": ask.agent, "recording": done}


async def resume(ask: Ask) -> Tape:
    """Let the recording of the present talk go on."""
    done = await _recorder(ask).pause(ask.agent, on=False)
    return {"agent": ask.agent, "recording": done}


async def search(ask: Ask) -> RecordingsSeen:
    """Recordings, the newest first."""
    body = ask.body_as(bodies.Search)
    asked = body.model_dump(exclude={"reason", "from_day", "to_day"})
    zone = ZoneInfo(ask.wiring.engine().plan.timezone)
    if body.from_day is not None:
        asked["from_ms"] = max(body.from_ms, _midnight_ms(body.from_day, zone))
    if body.to_day is not None and body.to_day < dt.date.max:
        asked["to_ms"] = _midnight_ms(body.to_day + dt.timedelta(days=1), zone)
    found = await _kept(ask).search(RecordingQuery(**asked))
    more = len(found) == asked["limit"]
    return {"recordings": [_view(ask, each) for each in found], "more": more}


def _midnight_ms(day: dt.date, zone: ZoneInfo) -> int:
    return round(dt.datetime.combine(day, dt.time(), zone).timestamp() * 1000)


async def choices(ask: Ask) -> SearchChoices:
    """What a search can choose from, and whether this person may listen."""
    plan = ask.wiring.engine().plan
    return {
        "agents": agent_names(plan.agents),
        "queues": {each.id: {"ja": each.name_ja, "en": each.name_en} for each in plan.queues},
        "reasons": list(AccessReason),
        "listen": ask.who.has(LISTENERS),
        "timezone": plan.timezone,
    }


async def waveform(ask: Ask) -> Waveform:
    """How loud both sides are along the recording, 0 to 255."""
    recording = (await _kept(ask).get(ask.names["recording"])).recording
    points = list(recording.waveform)
    return {
        "id": recording.id,
        "duration_ms": recording.duration_ms,
        "gaps": recording.gaps,
        "operator": points[0::2],
        "caller": points[1::2],
    }


async def audio(ask: Ask) -> Annotated[web.Response, Media((MEDIA_TYPE,))]:
    """The sound itself: the operator on the left, the caller on the right."""
    kept, recording = _kept(ask), ask.names["recording"]
    sound = await kept.open(recording)
    try:
        data = await asyncio.to_thread(sound.read, 0, sound.size)
    finally:
        sound.close()
    headers = {
        **SAFE_HEADERS,
        "Content-Disposition": f'inline; filename="{recording}.flac"',
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return web.Response(body=data, content_type=kept.media_type, headers=headers)


async def hold(ask: Ask) -> RecordingSeen:
    """Put a recording under legal hold: it is not deleted until it is released."""
    reason = HoldReason(ask.body_as(bodies.Hold).reason)
    return _view(ask, await _kept(ask).hold(ask.names["recording"], ask.who.name, reason))


async def release(ask: Ask) -> RecordingSeen:
    """End the legal hold of a recording."""
    return _view(ask, await _kept(ask).hold(ask.names["recording"], ask.who.name, None))


async def delete(ask: Ask) -> Deletion:
    """Delete a recording before its time; answers with the proof."""
    reason = DeletionReason(ask.body_as(bodies.Delete).reason.value)
    return await _kept(ask).delete(ask.names["recording"], reason, ask.who.name)


async def deletions(ask: Ask) -> Deletions:
    """The proofs of all deletions, each chained to the one before."""
    return {"deletions": await _kept(ask).deletions()}


def _view(ask: Ask, found: Found) -> RecordingSeen:
    """A recording as searchers see it; whose number it is only for those who may hear it."""
    one = found.recording
    view: RecordingSeen = {
        "id": one.id,
        "call": one.call,
        "agent": one.agent,
        "agent_name": agent_names(ask.wiring.engine().plan.agents).get(one.agent, ""),
        "queue": one.queue,
        "dialled": one.dialled,
        "started_ms": one.started_ms,
        "duration_ms": one.duration_ms,
        "expires_ms": one.expires_ms,
        "size_bytes": one.size_bytes,
        "sha256": one.sha256,
        "gaps": one.gaps,
        "held": {"since_ms": one.held_ms, "by": one.held_by, "reason": one.hold_reason}
        if one.held_ms is not None
        else None,
        "caller": {"kind": CallerKind(found.caller_kind) if found.caller_kind else None},
    }
    if ask.who.has(LISTENERS) and found.caller_kind == CallerKind.NUMBER.value:
        view["caller"]["number"] = found.caller_number
    return view


_K = OperationKind
ROUTES = (
    Route("GET", AGENT + "/recording", AT_WORK, state),
    Route("POST", AGENT + "/recording/pause", _OWN, pause, Nothing, _K.RECORDING_PAUSED),
    Route("POST", AGENT + "/recording/resume", _OWN, resume, Nothing, _K.RECORDING_RESUMED),
    Route("GET", "/api/recordings", SEARCHERS, search, bodies.Search, _K.RECORDING_SEARCHED),
    Route(
        "POST",
        "/api/recordings/search",
        SEARCHERS,
        search,
        bodies.SearchCaller,
        _K.RECORDING_SEARCHED,
    ),
    Route("GET", "/api/recordings/choices", SEARCHERS, choices),
    Route("GET", "/api/recordings/deletions", PROVERS, deletions, None, _K.RECORDING_SEARCHED),
    Route("GET", _ONE + "/waveform", LISTENERS, waveform, bodies.WithReason, _K.RECORDING_SEARCHED),
    Route("GET", _ONE + "/audio", LISTENERS, audio, bodies.WithReason, _K.RECORDING_PLAYED),
    Route("POST", _ONE + "/hold", FLOOR, hold, bodies.Hold, _K.RECORDING_HELD),
    Route("POST", _ONE + "/release", FLOOR, release, bodies.Release, _K.RECORDING_RELEASED),
    Route("DELETE", _ONE, ADMINISTRATORS, delete, bodies.Delete, _K.RECORDING_DELETED),
)
