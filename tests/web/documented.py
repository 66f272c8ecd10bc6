"""Holds what the server says against the OpenAPI document: answers and frames of live channels.

The document's objects may grow, so that clients must bear members that they do not know. Here they
are closed: whatever is sent must be told.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jsonschema_rs
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from web.channel import Channel
from web.errors import Handler
from web.live import Live
from web.news import News
from web.openapi import document
from web.routes import LIVE, NEWS, WALLBOARD
from web.server import Server
from web.subscriber import Subscriber
from web.wallboard import WallboardLive

Schema = dict[str, Any]

#: The address of each channel.
SOCKETS: dict[type, str] = {Live: LIVE.path, WallboardLive: WALLBOARD.path, News: NEWS.path}


def closed(schema: Any) -> Any:
    """The same schema; its objects have no members but those that are told."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    members = {name: closed(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        members.setdefault("additionalProperties", False)
    return members


@cache
def _components() -> Schema:
    return {"schemas": closed(document()["components"]["schemas"])}


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(
        {**closed(json.loads(schema)), "components": _components()}
    )


def wrong_in(said: object, schema: Schema) -> list[str]:
    """What is not as the schema tells."""
    validator = _validator(json.dumps(schema, sort_keys=True))
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
        for error in validator.iter_errors(said)
    ]


class Documented:
    """Listens to one server; ``troubles`` is all that the document does not tell."""

    def __init__(self) -> None:
        self.troubles: set[str] = set()
        self.heard = 0

    def middleware(self) -> Any:
        """Looks at every answer of the interface."""

        @web.middleware
        async def look(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            resource = request.match_info.route.resource
            told = document()["paths"].get(resource.canonical if resource else "", {})
            if request.method.lower() in told:
                self._answer(f"{request.method} {request.path}", told, answer, request.method)
            return answer

        return look

    def _answer(
        self, what: str, told: dict[str, Schema], answer: web.StreamResponse, method: str
    ) -> None:
        self.heard += 1
        response = told[method.lower()]["responses"].get(str(answer.status))
        if response is None:
            self.troubles.add(f"{what}: status {answer.status} is not told")
            return
        if "content" not in response:
            return
        content = response["content"].get(answer.content_type)
        if content is None:
            self.troubles.add(f"{what}: {answer.status} in {answer.content_type} is not told")
        elif answer.content_type == "application/json" and isinstance(answer, web.Response):
            wrong = wrong_in(json.loads(answer.text or ""), content["schema"])
            self.troubles.update(f"{what} {answer.status}: {each}" for each in wrong)

    def follow(self, channel: Channel) -> None:
        """Look at every frame of a channel."""
        path = next(path for kind, path in SOCKETS.items() if isinstance(channel, kind))
        admit = channel.admit
        schema = document()["paths"][path]["get"]["x-frames"]

        def admitted(who: Any, page: str) -> Subscriber:
            subscriber = admit(who, page)
            push = subscriber.push

            def pushed(kind: str, body: str) -> None:
                self._frame(path, schema, f'{{"type":"{kind}","n":0,{body[1:]}')
                push(kind, body)

            subscriber.push = pushed  # type: ignore[method-assign]
            return subscriber

        channel.admit = admitted  # type: ignore[method-assign]

    def _frame(self, path: str, schema: Schema, text: str) -> None:
        self.heard += 1
        frame = json.loads(text)
        ways = [way for way in schema["anyOf"] if not wrong_in(frame, way)]
        if not ways:
            near = min((wrong_in(frame, way) for way in schema["anyOf"]), key=len)
            self.troubles.add(f"{path} {frame['type']}: {near}")


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[BaseTestServer]:
    """The server on loopback; in the end, what it said that the document does not tell fails."""
    documented = Documented()
    for channel in (server.live, server.wallboard, server.news):
        documented.follow(channel)
    application = server.application()
    application.middlewares.insert(0, documented.middleware())
    async with TestServer(application) as running:
        yield running
    assert not documented.troubles, "\n".join(sorted(documented.troubles))
