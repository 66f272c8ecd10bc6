"""The OpenAPI 3.1 document, made from the access table, so that it cannot be out of date."""

from __future__ import annotations

import inspect
import re
from enum import StrEnum
from functools import cache
from importlib import metadata
from typing import Any

from pydantic.json_schema import models_json_schema

from agents.state import AgentState, NotReadyReason
from web.api.bodies import Body
from web.door import Door
from web.messages import MESSAGES
from web.roles import AT_WORK, FLOOR, PERSONS, WATCHERS, Role
from web.route import AGENT, Route
from web.routes import DOORS, LIVE, NEWS, ROUTES, SIP, WALLBOARD

_NAME = re.compile(r"\{(\w+):((?:[^{}]|\{[^{}]*\})*)\}")

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "examples": sorted(MESSAGES)},
                "message": {
                    "type": "object",
                    "required": ["ja", "en"],
                    "properties": {"ja": {"type": "string"}, "en": {"type": "string"}},
                },
                "faults": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "path": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}

#: What is asked for below ``/api/agents/{agent}/`` and answered with the state that follows.
_OWN_ACTS = frozenset(
    "login logout ready not-ready reserve wrap-up/extend wrap-up/end hang-up transfer hold resume"
    " consult consult/complete consult/cancel conference conference/drop dial digits".split()
)


def _one_of(kind: type[StrEnum], *, or_null: bool = False) -> dict[str, Any]:
    return {"enum": [*(each.value for each in kind), *([None] if or_null else [])]}


_OPERATOR = {
    "type": "object",
    "description": "An operator. What follows next_reason is for whom it is, and for who leads.",
    "required": ["agent", "name", "state", "reason", "since_s", "next_state", "next_reason"],
    "properties": {
        "agent": {"type": "string"},
        "name": {"type": "string"},
        "state": _one_of(AgentState),
        "reason": _one_of(NotReadyReason, or_null=True),
        "since_s": {"type": "number", "description": "Unix seconds."},
        "next_state": _one_of(AgentState, or_null=True),
        "next_reason": _one_of(NotReadyReason, or_null=True),
        "device": {"type": "string"},
        "offer": {"type": ["string", "null"]},
        "call": {"type": ["string", "null"]},
        "wrap_up_until_s": {"type": ["number", "null"]},
        "by": {"type": ["string", "null"], "description": "Who else set the state."},
        "skills_today": {"type": "object"},
        "today": {"type": "object"},
        "talk": {"type": ["object", "null"]},
    },
}

_SOCKET = (
    'WebSocket. Authorize by header or session, or send {"token": "..."} as the first frame'
    ' within 5 seconds. {"ping": 7} is answered {"pong": 7, "age_s": 0.1}, the age of'
    " what is shown. Close codes: 4401 no valid token,"
    " 4409 sent something else after the first frame. A client that does not read is cut off."
)
_LIVE = (
    " Frames: {type: snapshot, n, state} first, then {type: delta, n, now_s, queues,"
    " agents_by_state, switches_down, agents, calls}, with alerts for supervisors when there are"
    " new ones: objects replace those of the same id, null removes. n counts up by one; on a gap"
    " connect again. An operator's connection also gets {type: pop, n, call, url, opens} when a"
    " call rings, {type: seat, n, seat}, the page at work (connect with ?seat=NAME),"
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


@cache
def document() -> dict[str, Any]:
    """The document as plain data."""
    every: tuple[Route | Door, ...] = (*DOORS, *ROUTES)
    kinds = sorted({r.body for r in every if r.body is not None}, key=lambda kind: kind.__name__)
    _, made = models_json_schema(
        [(kind, "validation") for kind in kinds], ref_template="#/components/schemas/{model}"
    )
    schemas = made.get("$defs", {})
    paths: dict[str, Any] = {}
    for route in every:
        path = _NAME.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    paths.update(_others())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "madoguchi",
            "version": metadata.version("madoguchi"),
            "summary": "Operators, supervisors and the state of one centre.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}, {"session": [], "csrf": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-madoguchi"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
            "schemas": {**schemas, "Error": _ERROR, "Operator": _OPERATOR},
        },
    }


def _operation(route: Route | Door, schemas: dict[str, Any]) -> dict[str, Any]:
    names = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{pattern}$"},
        }
        for name, pattern in _NAME.findall(route.path)
    ]
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": inspect.getdoc(route.handler),
        "parameters": names,
        "responses": {"200": _json("Done.", _answer(route)), **_errors(route)},
    }
    if isinstance(route, Door):
        operation |= {"description": "For everybody.", "security": []}
    else:
        operation["description"] = "Roles: " + ", ".join(sorted(route.roles)) + "."
    if route.body is not None and route.method == "GET":
        operation["parameters"] = [*names, *_query(schemas[route.body.__name__])]
    elif route.body is not None:
        operation["requestBody"] = {
            "required": _needs_body(route.body),
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{route.body.__name__}"}
                }
            },
        }
    return operation


def _answer(route: Route | Door) -> dict[str, Any]:
    act = route.path.removeprefix(f"{AGENT}/")
    operator = route.method == "POST" and act != route.path and act in _OWN_ACTS
    return {"$ref": "#/components/schemas/Operator"} if operator else {"type": "object"}


def _operation_id(route: Route | Door) -> str:
    """``post_agents_agent_login``: from method and path, so that no two are alike."""
    words = re.findall(r"[a-z]+", _NAME.sub(r"\1", route.path).removeprefix("/api"))
    return "_".join([route.method.lower(), *words])


def _query(schema: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in wanted, "schema": each}
        for name, each in schema.get("properties", {}).items()
    ]


def _needs_body(body: type[Body]) -> bool:
    return any(field.is_required() for field in body.model_fields.values())


def _errors(route: Route | Door) -> dict[str, Any]:
    said = {"401": "Not known, or not right.", "403": "Not allowed.", "503": "Not now; try again."}
    if isinstance(route, Door):
        said |= {"429": "Too many attempts."}
    if route.body is not None:
        said |= {"400": "A wrong body or query.", "413": "Too large.", "415": "Not JSON."}
        said |= {"409": "Not possible in the present state.", "422": "Out of bounds."}
        said |= {"429": "Too many attempts."}
    # Also what a body names, or a part that is switched off here.
    said["404"] = "There is no such thing."
    error = {"$ref": "#/components/schemas/Error"}
    return {status: _json(text, error) for status, text in sorted(said.items())}


def _json(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _sockets(error: dict[str, Any]) -> dict[str, Any]:
    people, watchers, persons = (", ".join(sorted(r)) for r in (AT_WORK, WATCHERS, PERSONS))
    return {
        path: {
            "get": {
                "operationId": path.removeprefix("/api/").strip("/").replace("/", "_"),
                "summary": summary,
                "description": f"{told} Roles: {roles}.",
                "responses": {"101": {"description": "WebSocket."}, "401": error},
            }
        }
        for path, summary, told, roles in (
            (LIVE.path, "What is going on, as it happens.", _SOCKET + _LIVE, people),
            (WALLBOARD.path, "What the wallboard shows.", _SOCKET + _WALL, watchers),
            (NEWS.path, "The centre's banner, and its changes.", _NEWS, persons),
            (SIP.path, "A browser's SIP, on to Asterisk.", _SIP, people),
        )
    }


def _others() -> dict[str, Any]:
    scrapers = ", ".join(sorted(FLOOR | {Role.MONITOR}))
    error = _json("No valid token.", {"$ref": "#/components/schemas/Error"})
    return {
        **_sockets(error),
        "/api/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document.",
                "responses": {"200": _json("The document.", {"type": "object"}), "401": error},
            }
        },
        "/metrics": {
            "get": {
                "operationId": "metrics",
                "summary": "Levels and lags for Prometheus.",
                "description": f"Roles: {scrapers}.",
                "responses": {
                    "200": {"description": "Text.", "content": {"text/plain": {}}},
                    "401": error,
                    "403": _json("Not allowed.", {"$ref": "#/components/schemas/Error"}),
                },
            }
        },
        "/healthz": {
            "get": {
                "operationId": "healthz",
                "summary": "Whether this process lives.",
                "security": [],
                "responses": {"200": _json("It does.", {"type": "object"})},
            }
        },
        "/readyz": {
            "get": {
                "operationId": "readyz",
                "summary": "Whether callers can be served now; with a token also what is missing.",
                "security": [],
                "responses": {
                    "200": _json("They can.", {"type": "object"}),
                    "503": _json("They cannot.", {"type": "object"}),
                },
            }
        },
    }
