"""The form of the OpenAPI document, which is an answer itself."""

from __future__ import annotations

from typing import Any, TypedDict

#: A JSON Schema (2020-12): of any form.
JsonSchema = dict[str, Any]


class License(TypedDict):
    """Under what it is given away."""

    name: str
    identifier: str


class Info(TypedDict):
    """What it is about; ``version`` is that of the program."""

    title: str
    version: str
    summary: str
    license: License


class Components(TypedDict):
    """Ways to say who asks, and schemas by name."""

    securitySchemes: dict[str, dict[str, str]]
    schemas: dict[str, JsonSchema]


class Document(TypedDict):
    """An OpenAPI 3.1 document: operations by path and method."""

    openapi: str
    info: Info
    security: list[dict[str, list[str]]]
    paths: dict[str, dict[str, JsonSchema]]
    components: Components
