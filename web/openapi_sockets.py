"""What the OpenAPI document says of WebSockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from web.frames import BOARD_FRAMES, LIVE_FRAMES, NEWS_FRAMES, Frame, Pong
from web.openapi_answers import REFERENCE, REFUSED, Schema, frame_schema, reference, refusals
from web.roles import AT_WORK, PERSONS, WATCHERS
from web.routes import LIVE, NEWS, SIP, WALLBOARD, Special

_SOCKET = (
    'WebSocket. Authorize by header or session, or send {"token": "..."} as the first frame'
    ' within 5 seconds. {"ping": 7} is answered {"pong": 7, "age_s": 0.1}, the age of'
    " what is shown. Close codes: 4401 no valid token,"
    " 4409 sent something else after the first frame, or pings far too often, 1013 too many"
    " connections, 1001 the controller stops. A client that does not read is cut off."
)
_LIVE = (
    " Frames: {type: snapshot, n, state} first and when the plan is another one, then {type: delta,"
    " n, now_s, queues, agents_by_state, switches_down, agents, calls}, with alerts for supervisors"
    " when there are new ones: objects replace those of the same id, null removes. n counts up by"
    " one; on a gap connect again. An operator's connection also gets {type: pop, n, call, url,"
    " opens} when a call rings, {type: seat, n, seat}, the page at work (connect with ?seat=NAME),"
    " {type: recording, n, recording}, and {type: not_reached, n, call, leg, result}, why whoever"
    " was rung for the present talk did not come."
)
_SIP = (
    "WebSocket of the protocol sip (RFC 7118), for who holds the ?lease= that a POST of"
    " /api/agents/{agent}/softphone or /api/softphone gave. It closes with 4001 another page has"
    " become this telephone, 4002 logged out, 4003 nobody holds it, 4004 the page opened a newer"
    " one, 4401 signed out, 4503 Asterisk is away."
)
_NEWS = (
    "WebSocket; authorize by header or session."
    " Frames: {type: snapshot, n, state: {now_s, banner}} first, then {type: delta, n, now_s,"
    " banner} whenever the banner is another one; null is none."
)
_WALL = (
    " Frames: {type: snapshot, n, state} first, then {type: delta, n, now_s, ...} with those"
    " sections that changed, each whole. ?screen=NAME chooses the layout; with ?link=1 the first"
    " frame is the token of a display's link."
)


class _Socket(Struct, frozen=True):
    special: Special
    summary: str
    told: str
    roles: frozenset[str]
    frames: tuple[Frame, ...] = ()


_SOCKETS = (
    _Socket(LIVE, "What is going on, as it happens.", _SOCKET + _LIVE, AT_WORK, LIVE_FRAMES),
    _Socket(WALLBOARD, "What the wallboard shows.", _SOCKET + _WALL, WATCHERS, BOARD_FRAMES),
    _Socket(NEWS, "The centre's banner, and its changes.", _NEWS, PERSONS, NEWS_FRAMES),
    _Socket(SIP, "A browser's SIP, on to Asterisk.", _SIP, AT_WORK),
)


_FRAMES = [frame for socket in _SOCKETS for frame in socket.frames]
#: The types of what is sent.
SENT: tuple[type, ...] = (Pong, *(frame.body for frame in _FRAMES))


def frame_schemas(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The schemas of all frames by name, from those of their bodies."""
    return {frame.name: frame_schema(frame, schemas) for frame in _FRAMES}


def socket_paths() -> dict[str, Any]:
    """A path for each WebSocket. ``x-frames`` is what it sends: OpenAPI has no word for it."""
    return {each.special.path: {"get": _operation(each)} for each in _SOCKETS}


def _operation(socket: _Socket) -> dict[str, Any]:
    sent = {"x-frames": _one_of(frame.name for frame in socket.frames)} if socket.frames else {}
    return {
        "operationId": socket.special.path.removeprefix("/api/").strip("/").replace("/", "_"),
        "summary": socket.summary,
        "description": f"{socket.told} Roles: {', '.join(sorted(socket.roles))}.",
        "responses": {
            "101": {"description": "WebSocket."},
            # In JSON where it is ours to say, in plain text where the protocol is not kept.
            "400": {"description": "This is no WebSocket, or not of this protocol."},
            **refusals({**REFUSED, "429": "Too many connections."}),
        },
        **sent,
    }


def _one_of(names: Iterable[str]) -> Schema:
    ways = [{"$ref": REFERENCE.format(name=name)} for name in names]
    return {"anyOf": [*ways, reference(Pong)]}
