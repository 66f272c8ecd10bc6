"""The OpenAPI document says of every answer what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from web.frames import BOARD_FRAMES, LIVE_FRAMES, NEWS_FRAMES, Frame
from web.openapi import document
from web.openapi_answers import reference
from web.routes import LIVE, NEWS, WALLBOARD

ROOT = Path(__file__).parents[2]

Schema = dict[str, Any]

#: Said of a value, these leave nothing open.
SAID = ("enum", "const")
#: The document is an answer itself, and OpenAPI says what its operations and schemas look like.
OF_OPENAPI = {
    "GET /api/openapi.json 200: .paths{}{}{}",
    "GET /api/openapi.json 200: .components.schemas{}{}",
}


def told(schema: Schema) -> Schema:
    """The schema that a reference leads to."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return document()["components"]["schemas"][name] if name else schema


def untold(schema: Schema, where: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The places of a schema that do not say what is there."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        if name not in seen:
            yield from untold(told(schema), where, seen | {name})
        return
    ways = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    for way in ways:
        yield from untold(way, where, seen)
    if ways or any(word in schema for word in SAID):
        return
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not kinds:
        yield where
    if "object" in kinds:
        yield from _of_object(schema, where, seen)
    if "array" in kinds:
        places = [*schema.get("prefixItems", ()), *filter(None, [schema.get("items")])]
        if not places:
            yield f"{where}[]"
        for each in places:
            yield from untold(each, f"{where}[]", seen)


def _of_object(schema: Schema, where: str, seen: frozenset[str]) -> Iterator[str]:
    members, others = schema.get("properties"), schema.get("additionalProperties")
    if members is None and not isinstance(others, dict):
        yield f"{where}{{}}"
    for name, each in (members or {}).items():
        yield from untold(each, f"{where}.{name}", seen)
    if isinstance(others, dict):
        yield from untold(others, f"{where}{{}}", seen)


def answers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every answer of the document: where, its status, and what is said of it."""
    for path, ways in document()["paths"].items():
        for method, operation in ways.items():
            for status, answer in operation["responses"].items():
                yield f"{method.upper()} {path}", status, answer


def test_every_answer_in_json_says_what_is_in_it() -> None:
    found = [
        place
        for route, status, answer in answers()
        for media, content in answer.get("content", {}).items()
        if media == "application/json"
        for place in untold(content.get("schema", {}), f"{route} {status}: ")
    ]
    assert set(found) == OF_OPENAPI, "\n".join(found)


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ({}, [""]),
        ({"type": "object"}, ["{}"]),
        ({"type": "object", "additionalProperties": True}, ["{}"]),
        ({"type": "object", "additionalProperties": {}}, ["{}"]),
        ({"type": "object", "properties": {"a": {}, "b": {"type": "string"}}}, [".a"]),
        ({"type": ["array", "null"]}, ["[]"]),
        ({"type": "array", "items": {"anyOf": [{"type": "null"}, {"type": "object"}]}}, ["[]{}"]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, []),
        ({"$ref": "#/components/schemas/Error"}, []),
    ],
)
def test_what_says_nothing_is_found(schema: Schema, wrong: list[str]) -> None:
    assert list(untold(schema, "")) == wrong


@pytest.mark.parametrize("path", [LIVE.path, WALLBOARD.path, NEWS.path])
def test_every_frame_says_what_is_in_it(path: str) -> None:
    frames = document()["paths"][path]["get"]["x-frames"]
    assert not list(untold(frames, ""))


@pytest.mark.parametrize("frames", [LIVE_FRAMES, BOARD_FRAMES, NEWS_FRAMES])
def test_the_page_about_the_interface_names_what_is_in_each_frame(
    frames: tuple[Frame, ...],
) -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    words = set(re.findall(r"[`\"'{ ]([a-z_]+)[`\"'}]", page))
    for frame in frames:
        members = set(told(reference(frame.body))["properties"])
        missing = {frame.kind, *members} - words
        assert not missing, frame.name
