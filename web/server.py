"""The aiohttp application: routes from the access table, and nothing that is not in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import web
from pydantic import ValidationError

from acd.config.faults import Faults
from web.api.ask import Ask
from web.api.bodies import Body
from web.errors import SAFE_HEADERS, Handler, HttpError, errors_as_answers, json_response
from web.gauges import CONTENT_TYPE_LATEST, scrape
from web.identity import Identity
from web.live import Live
from web.openapi import document
from web.pages import add_pages
from web.roles import AT_WORK, EVERYBODY, FLOOR, Role
from web.route import Route
from web.routes import ROUTES
from web.sip import PATH, serve_sip
from web.sockets import check_origin, serve_socket
from web.wiring import Wiring

#: Longest lines and headers of a request, in bytes.
MAX_LINE = 4_096
MAX_FIELD = 8_190
#: Where aiohttp reports requests that it cannot read. It would quote them, and they may hold a
#: token or a name: only that it happened is said.
_unreadable = logging.getLogger("madoguchi.http")
SCRAPERS = FLOOR | {Role.MONITOR}


def _without_words(record: logging.LogRecord) -> bool:
    record.msg, record.args, record.exc_info = "a request could not be read", None, None
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


_unreadable.addFilter(_without_words)


class Server:
    """The interface of one centre. ``live`` follows the controller's events."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self.live = Live(wiring)

    def application(self) -> web.Application:
        """The application, ready to be served or tested."""
        app = web.Application(
            middlewares=[errors_as_answers], client_max_size=self._wiring.settings.max_body_bytes
        )
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._json_handler(route))
        app.router.add_get("/api/live", self._live)
        app.router.add_get(PATH, self._sip)
        app.router.add_get("/api/openapi.json", self._document)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._health)
        add_pages(app, self._identify)
        app.cleanup_ctx.append(self._feeding)
        app.on_shutdown.append(self._end_live)
        return app

    async def start(self) -> web.AppRunner:
        """Listen where the settings say; raises OSError. ``cleanup()`` of the runner ends it."""
        settings = self._wiring.settings
        runner = web.AppRunner(
            self.application(),
            access_log=None,
            logger=_unreadable,
            keepalive_timeout=30.0,
            max_line_size=MAX_LINE,
            max_field_size=MAX_FIELD,
            shutdown_timeout=2.0,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.bind, settings.port).start()
        except OSError:
            await runner.cleanup()
            raise
        return runner

    async def _feeding(self, app: web.Application) -> AsyncIterator[None]:
        feeding = asyncio.create_task(self.live.run(), name="live")
        yield
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)

    async def _end_live(self, app: web.Application) -> None:
        self.live.close()

    def _json_handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            who = self._authenticated(request)
            names = dict(request.match_info)
            if not route.allows(who, names):
                raise HttpError(403, "forbidden")
            async with asyncio.timeout(self._wiring.settings.request_timeout_s):
                body = await _body(request, route.body)
                answer = await route.handler(Ask(self._wiring, who, names, body, request))
            return answer if isinstance(answer, web.StreamResponse) else json_response(answer)

        return handle

    def _identify(self, request: web.Request) -> Identity | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return self._wiring.tokens.identify(token.strip())

    def _authenticated(self, request: web.Request, roles: frozenset[Role] = EVERYBODY) -> Identity:
        who = self._identify(request)
        if who is None:
            raise HttpError(401, "unauthenticated")
        if who.role not in roles:
            raise HttpError(403, "forbidden")
        return who

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        check_origin(request, self._wiring.settings.allowed_origins)
        # Browsers cannot send the header with a WebSocket: they say it in the first frame.
        known = "Authorization" in request.headers
        who = self._authenticated(request, AT_WORK) if known else None
        return await serve_socket(request, self._wiring, self.live, who)

    async def _sip(self, request: web.Request) -> web.WebSocketResponse:
        check_origin(request, self._wiring.settings.allowed_origins)
        return await serve_sip(request, self._wiring, self._authenticated(request, AT_WORK))

    async def _document(self, request: web.Request) -> web.Response:
        self._authenticated(request)
        return json_response(document())

    async def _metrics(self, request: web.Request) -> web.Response:
        self._authenticated(request, SCRAPERS)
        headers = {**SAFE_HEADERS, "Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=scrape(self._wiring), headers=headers)

    async def _health(self, request: web.Request) -> web.Response:
        health = self._wiring.health()
        body = {"ok": health.ok, "switch": health.switch, "journal": health.journal}
        return json_response(body, 200 if health.ok else 503)


async def _body(request: web.Request, kind: type[Body] | None) -> Body:
    """The request's body, checked; every fault in it is named in the answer."""
    if kind is not None and request.method == "GET":
        return _query(request, kind)
    data = await request.read()
    if kind is None:
        return Body()
    if data and request.content_type != "application/json":
        raise HttpError(415, "not_json")
    try:
        return kind.model_validate_json(data or b"{}")
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_url=False)):
            raise HttpError(400, "bad_json") from None
        raise _wrong("body", kind, error) from None


def _query(request: web.Request, kind: type[Body]) -> Body:
    """A GET's query as its body: each name once, every value a text."""
    if len(request.query) != len(set(request.query)):
        raise HttpError(400, "bad_query")
    try:
        return kind.model_validate_strings(dict(request.query))
    except ValidationError as error:
        raise _wrong("query", kind, error) from None


def _wrong(base: str, kind: type[Body], error: ValidationError) -> HttpError:
    faults = Faults()
    faults.add_validation(base, error, kind)
    return HttpError(400, f"bad_{base}", faults.found)
