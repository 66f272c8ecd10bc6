"""Answers as types: what a handler returns is what the OpenAPI document says of it.

A handler's annotation names the type of its answer: a ``TypedDict``, a msgspec struct, or one of
the two here for answers that are made by hand. :mod:`web.openapi_answers` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Generic, TypedDict, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

T = TypeVar("T")

#: What every answer carries: nothing of it is to be stored, framed, or taken for a page.
SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Words(TypedDict):
    """The same in both languages."""

    ja: str
    en: str


class Done(TypedDict):
    """It was done; there is nothing else to tell."""


class JsonAnswer(web.Response, Generic[T]):
    """An answer in JSON that is more than its text: it sets a cookie, or has its own status or
    headers. ``T`` is the type of what it says."""


class Media(Struct, frozen=True):
    """An answer that is made by hand, by its media types: ``Annotated[web.Response,
    Media(("text/csv",))]``. ``json``: the type of what is in it where it is JSON."""

    types: tuple[str, ...]
    json: type | None = None


class Elsewhere(Struct, frozen=True):
    """An answer that sends a browser elsewhere: ``Annotated[web.Response, Elsewhere()]``."""


def json_text(data: object) -> str:
    """JSON as it is sent everywhere; structs in it are objects of their fields."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=msgspec.to_builtins)


def json_response(
    data: T, status: int = 200, headers: Mapping[str, str] | None = None
) -> JsonAnswer[T]:
    """An answer in JSON."""
    return JsonAnswer(
        text=json_text(data),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers={**SAFE_HEADERS, **(headers or {})},
    )
