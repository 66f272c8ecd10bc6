"""What the OpenAPI document says of answers: read from the types that the handlers return.

A handler's annotation is checked by the type checker against what it returns, so that the document
cannot say anything else.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from web.answer import Elsewhere, JsonAnswer, Media
from web.errors import Error
from web.frames import Frame

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"


def answer_of(handler: Callable[..., Any]) -> object:
    """What a handler returns: a :class:`Media`, an :class:`Elsewhere`, or the type of its JSON."""
    said = get_type_hints(handler, include_extras=True)["return"]
    if get_origin(said) is JsonAnswer:
        return get_args(said)[0]
    marks = get_args(said)[1:] if get_origin(said) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, Media | Elsewhere)), said)


def types_in(answer: object) -> tuple[Any, ...]:
    """The types of JSON that an answer may be."""
    if isinstance(answer, Elsewhere):
        return ()
    if isinstance(answer, Media):
        return (answer.json,) if answer.json is not None else ()
    return get_args(answer) if get_origin(answer) in (types.UnionType, Union) else (answer,)


def responses_of(answer: object, done: str = "Done.") -> dict[str, Any]:
    """The response of a handler that did what it was asked for, by its status."""
    if isinstance(answer, Elsewhere):
        return {"303": {"description": "The browser goes on elsewhere."}}
    if not isinstance(answer, Media):
        return {"200": json_content(done, reference(*types_in(answer)))}
    content: dict[str, Any] = {media: {} for media in answer.types}
    if answer.json is not None:
        content["application/json"] = {"schema": reference(answer.json)}
    return {"200": {"description": done, "content": content}}


def json_content(description: str, schema: Schema) -> dict[str, Any]:
    """A response in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


#: Why a request of somebody who should be known was not answered, whatever it asked for.
REFUSED = {
    "401": "Not known, or not right.",
    "403": "Not allowed.",
    "500": "A defect of ours; the log tells.",
    "503": "Not now; try again.",
}


def refusals(said: Mapping[str, str]) -> dict[str, Any]:
    """Responses that say why not, by status."""
    return {status: json_content(said[status], reference(Error)) for status in sorted(said)}


def reference(*kinds: type) -> Schema:
    """The schema of what is one of these."""
    found = [{"$ref": REFERENCE.format(name=kind.__name__)} for kind in kinds]
    return found[0] if len(found) == 1 else {"anyOf": found}


def schemas_of(kinds: Iterable[Any]) -> dict[str, Schema]:
    """The schemas of the types and of all that they hold, by the names of their classes; raises
    ValueError where two classes have the same name."""
    wanted = tuple(dict.fromkeys(kinds))
    _, found = msgspec.json.schema_components(wanted, ref_template=REFERENCE)
    twice = [name for name in found if not name.isidentifier()]
    if twice:
        raise ValueError(f"two types of answers have one name: {', '.join(sorted(twice))}")
    return {name: _as_sent(schema) for name, schema in found.items()}


def _as_sent(schema: Schema) -> Schema:
    """msgspec tells what may be read; of what is sent nothing is left out for being usual."""
    members: dict[str, Schema] = schema.get("properties", {})
    if schema.get("type") != "object" or "properties" not in schema:
        return schema
    usual = [name for name, each in members.items() if "default" in each]
    told = {name: {k: v for k, v in each.items() if k != "default"}
            for name, each in members.items()}  # fmt: skip
    always = {*schema.get("required", ()), *usual}
    return {**schema, "properties": told, "required": [name for name in members if name in always]}


def frame_schema(frame: Frame, schemas: Mapping[str, Schema]) -> Schema:
    """A frame of a live channel: its body behind ``type`` and ``n``."""
    body = schemas[frame.body.__name__]
    always = body["required"] if frame.always is None else frame.always
    return {
        "title": frame.name,
        "description": body["description"],
        "type": "object",
        "properties": {
            "type": {"const": frame.kind},
            "n": {"type": "integer", "minimum": 0, "description": "Counts up by one."},
            **body["properties"],
        },
        "required": ["type", "n", *always],
    }
