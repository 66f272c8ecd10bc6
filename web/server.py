"""The aiohttp application: routes from the access table, and nothing that is not in it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator

from aiohttp import web
from pydantic import BaseModel

from acd.errors import ConfigError, LimitExceeded, NotFound, Refused
from acd.ports_people import OperationKind
from web.answer import SAFE_HEADERS, json_response
from web.api.ask import Ask
from web.api.bodies import Body, checked_body
from web.cookies import SAFE_METHODS, check_origin
from web.door import Door, Knock
from web.errors import Handler, HttpError, errors_as_answers
from web.gauges import CONTENT_TYPE_LATEST, scrape
from web.headers import add_headers
from web.identity import Identity
from web.live import Live
from web.news import News
from web.openapi import document
from web.operations import NOT_UNLOGGED
from web.pages import add_pages
from web.probes import alive, readiness
from web.roles import AT_WORK, PERSONS, WATCHERS
from web.route import Answer, Route
from web.routes import (
    DOCUMENT,
    DOORS,
    HEALTH,
    LIVE,
    METRICS,
    NEWS,
    READY,
    ROUTES,
    SIP,
    WALLBOARD,
    Special,
)
from web.shown import Shown
from web.sip import serve_sip
from web.sockets import Talk, seat_named, serve_socket
from web.wallboard import WallboardLive, screen_named
from web.wiring import Wiring

#: Longest lines and headers of a request, in bytes.
MAX_LINE = 4_096
MAX_FIELD = 8_190
#: Where aiohttp reports requests that it cannot read. It would quote them, and they may hold a
#: token or a name: only that it happened is said.
_unreadable = logging.getLogger("madoguchi.http")
#: Errors that are found before anything was changed.
NOTHING_CHANGED = (NotFound, LimitExceeded, ConfigError, HttpError)
#: A stranger's request may wait for others whose passwords are compared.
STRANGER_WITHIN_S = 20.0


def _without_words(record: logging.LogRecord) -> bool:
    record.msg, record.args, record.exc_info = "a request could not be read", None, None
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


_unreadable.addFilter(_without_words)


class Server:
    """The interface of one centre. ``live`` and ``shown`` follow the controller's events."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self.entrance = wiring.entrance
        self.live = Live(wiring)
        self.wallboard = WallboardLive(wiring)
        self.news = News(wiring)
        self.shown = Shown(wiring)

    def application(self) -> web.Application:
        """The application, ready to be served or tested."""
        app = web.Application(
            middlewares=[errors_as_answers], client_max_size=self._wiring.settings.max_body_bytes
        )
        add_headers(app, tls=self.entrance.tls)
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._json_handler(route))
        for door in DOORS:
            app.router.add_route(door.method, door.path, self._door_handler(door))
        for special, answer in (
            (LIVE, self._live),
            (WALLBOARD, self._wallboard),
            (NEWS, self._news),
            (SIP, self._sip),
            (DOCUMENT, self._document),
            (METRICS, self._metrics),
            (HEALTH, alive),
            (READY, self._ready),
        ):
            app.router.add_route(special.method, special.path, answer)
        add_pages(app, self.entrance.identify)
        app.cleanup_ctx.append(self._feeding)
        app.on_shutdown.append(self._end_live)
        return app

    async def start(self, ssl_context: ssl.SSLContext | None = None) -> web.AppRunner:
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
            site = web.TCPSite(runner, settings.bind, settings.port, ssl_context=ssl_context)
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        return runner

    async def _feeding(self, app: web.Application) -> AsyncIterator[None]:
        feeding = [
            asyncio.create_task(self.live.run(), name="live"),
            asyncio.create_task(self.wallboard.run(), name="wallboard"),
            asyncio.create_task(self.news.run(), name="news"),
        ]
        async with self.shown.at_work():
            yield
        for each in feeding:
            each.cancel()
        await asyncio.gather(*feeding, return_exceptions=True)

    async def _end_live(self, app: web.Application) -> None:
        self.live.close()
        self.wallboard.close()
        self.news.close()

    def _json_handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            who = self.entrance.admit(request)
            names = dict(request.match_info)
            if not route.allows(who, names):
                await self._log(route, who, names, allowed=False)
                raise HttpError(403, "forbidden")
            within_s = route.within_s or self._wiring.settings.request_timeout_s
            async with asyncio.timeout(within_s):
                body = await checked_body(request, route.body)
                if route.hides(who, body):
                    await self._log(route, who, names, body, allowed=False)
                    raise HttpError(403, "forbidden")
                if request.method in SAFE_METHODS:
                    # Nothing is shown before it is sure that the log says so.
                    await self._log(route, who, names, body)
                elif route.logged_as(who, names, body) in NOT_UNLOGGED:
                    self.entrance.operations.check()
                answer = await self._done(route, Ask(self._wiring, who, names, body, request))
            return answer if isinstance(answer, web.StreamResponse) else json_response(answer)

        return handle

    async def _done(self, route: Route, ask: Ask) -> Answer:
        """Do what is asked for; what changes something is in the log afterwards. What was refused
        is there as refused, and what failed half-way as done: it may have been."""
        if ask.request.method in SAFE_METHODS:
            return await route.handler(ask)
        try:
            answer = await route.handler(ask)
        except NOTHING_CHANGED:
            raise
        except Refused:
            await self._log(route, ask.who, ask.names, ask.body, allowed=False)
            raise
        except BaseException:
            await self._log(route, ask.who, ask.names, ask.body)
            raise
        await self._log(route, ask.who, ask.names, ask.body)
        return answer

    def _door_handler(self, door: Door) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            if not door.public:
                check_origin(request, self._wiring.settings.allowed_origins)
            async with asyncio.timeout(STRANGER_WITHIN_S):
                body = await checked_body(request, door.body)
                return await door.handler(Knock(self._wiring, request, body))

        return handle

    async def _log(
        self,
        route: Route,
        who: Identity,
        names: dict[str, str],
        body: BaseModel | None = None,
        *,
        allowed: bool = True,
    ) -> None:
        """Write the operation log, where the access table says that this route is worth it."""
        kind = route.logged_as(who, names, body)
        if kind is None:
            return
        act = f"act={route.act}" if kind is OperationKind.AGENT_ACTED_FOR else ""
        said = body.said() if isinstance(body, Body) else ""
        words = [*names.values(), act, said]
        subject = " ".join(filter(None, words))
        reason = str(getattr(body, "reason", "") or "")
        role = route.acting(who, names)
        await self.entrance.operations.done(kind, who, role, subject, reason, allowed=allowed)

    def _admit(self, request: web.Request, special: Special) -> Identity:
        who = self.entrance.admit(request)
        if special.roles is not None and not who.has(special.roles):
            raise HttpError(403, "forbidden")
        return who

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        check_origin(request, self._wiring.settings.allowed_origins)
        # Programs that cannot send a header with a WebSocket say their token in the first frame.
        known = "Authorization" in request.headers or self.entrance.secret_of(request)
        who = self._admit(request, LIVE) if known else None
        talk = Talk(self.live, AT_WORK, seat_named(request))
        return await serve_socket(request, self._wiring, talk, who)

    async def _wallboard(self, request: web.Request) -> web.WebSocketResponse:
        check_origin(request, self._wiring.settings.allowed_origins)
        # A display's link counts there, whoever else has signed in with that browser.
        session = "link" not in request.query and self.entrance.secret_of(request)
        known = "Authorization" in request.headers or session
        who = self._admit(request, WALLBOARD) if known else None
        talk = Talk(self.wallboard, WATCHERS, screen_named(request))
        return await serve_socket(request, self._wiring, talk, who)

    async def _news(self, request: web.Request) -> web.WebSocketResponse:
        check_origin(request, self._wiring.settings.allowed_origins)
        talk = Talk(self.news, PERSONS, "")
        return await serve_socket(request, self._wiring, talk, self._admit(request, NEWS))

    async def _sip(self, request: web.Request) -> web.WebSocketResponse:
        check_origin(request, self._wiring.settings.allowed_origins)
        return await serve_sip(request, self._wiring, self._admit(request, SIP))

    async def _document(self, request: web.Request) -> web.Response:
        self._admit(request, DOCUMENT)
        return json_response(document())

    async def _metrics(self, request: web.Request) -> web.Response:
        self._admit(request, METRICS)
        headers = {**SAFE_HEADERS, "Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=scrape(self._wiring), headers=headers)

    async def _ready(self, request: web.Request) -> web.Response:
        who = self.entrance.identify(request)
        watching = self._wiring.watching
        lines = watching.trunks.up if watching is not None else None
        return readiness(self._wiring.health(), known=who is not None, lines=lines)
