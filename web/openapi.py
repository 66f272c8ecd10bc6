"""The OpenAPI 3.1 document, made from the access table, so that it cannot be out of date."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from typing import Any

from pydantic.json_schema import models_json_schema

from web.api.bodies import Body
from web.door import Door
from web.errors import Error
from web.messages import MESSAGES
from web.openapi_answers import (
    REFUSED,
    Schema,
    answer_of,
    json_content,
    reference,
    refusals,
    responses_of,
    schemas_of,
    types_in,
)
from web.openapi_form import Document
from web.openapi_sockets import SENT, frame_schemas, socket_paths
from web.probes import Alive, Ready
from web.roles import FLOOR, Role
from web.route import Route
from web.routes import DOORS, ROUTES

_NAME = re.compile(r"\{(\w+):((?:[^{}]|\{[^{}]*\})*)\}")

#: What answers without a handler of their own say.
_OTHERS = (Error, Alive, Ready, Document)


@cache
def document() -> Document:
    """The document as plain data."""
    every: tuple[Route | Door, ...] = (*DOORS, *ROUTES)
    bodies = _bodies(every)
    paths: dict[str, Any] = {}
    for route in every:
        path = _NAME.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, bodies)
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
            "schemas": _together(bodies, _answers(every)),
        },
    }


def _bodies(every: Iterable[Route | Door]) -> dict[str, Schema]:
    kinds = sorted({r.body for r in every if r.body is not None}, key=lambda kind: kind.__name__)
    _, made = models_json_schema(
        [(kind, "validation") for kind in kinds], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Schema] = made.get("$defs", {})
    return found


def _answers(every: Iterable[Route | Door]) -> dict[str, Schema]:
    told = [kind for route in every for kind in types_in(answer_of(route.handler))]
    schemas = schemas_of([*told, *_OTHERS, *SENT])
    schemas["ErrorTold"]["properties"]["code"]["examples"] = sorted(MESSAGES)
    return {**schemas, **frame_schemas(schemas)}


def _together(bodies: dict[str, Schema], answers: dict[str, Schema]) -> dict[str, Schema]:
    """All schemas; a name that both use is one list of words, or a mistake."""
    for name in bodies.keys() & answers.keys():
        words = [set(each[name].get("enum", ())) for each in (bodies, answers)]
        if not words[0] or words[0] != words[1]:
            raise ValueError(f"a body and an answer have one name: {name}")
    return {**answers, **bodies}


def _operation(route: Route | Door, schemas: dict[str, Schema]) -> dict[str, Any]:
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
        "responses": {**responses_of(answer_of(route.handler)), **_errors(route)},
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
    said = dict(REFUSED)
    if isinstance(route, Door):
        said |= {"429": "Too many attempts."}
    if route.body is not None:
        said |= {"400": "A wrong body or query.", "413": "Too large.", "415": "Not JSON."}
        said |= {"409": "Not possible in the present state.", "422": "Out of bounds."}
        said |= {"429": "Too many attempts."}
    # Also what a body names, or a part that is switched off here.
    said["404"] = "There is no such thing."
    return refusals(said)


def _others() -> dict[str, Any]:
    scrapers = ", ".join(sorted(FLOOR | {Role.MONITOR}))
    return {
        **socket_paths(),
        "/api/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document.",
                "responses": {
                    "200": json_content("The document.", reference(Document)),
                    **refusals(REFUSED),
                },
            }
        },
        "/metrics": {
            "get": {
                "operationId": "metrics",
                "summary": "Levels and lags for Prometheus.",
                "description": f"Roles: {scrapers}.",
                "responses": {
                    "200": {"description": "Text.", "content": {"text/plain": {}}},
                    **refusals(REFUSED),
                },
            }
        },
        "/healthz": {
            "get": {
                "operationId": "healthz",
                "summary": "Whether this process lives.",
                "security": [],
                "responses": {"200": json_content("It does.", reference(Alive))},
            }
        },
        "/readyz": {
            "get": {
                "operationId": "readyz",
                "summary": "Whether callers can be served now; with a token also what is missing.",
                "security": [],
                "responses": {
                    "200": json_content("They can.", reference(Ready)),
                    "503": json_content("They cannot.", reference(Ready)),
                },
            }
        },
    }
