"""What a controller that stands by answers on the interface's address: that it lives, and waits.

Load balancers ask ``/readyz`` and send people to the one that says yes. Where both controllers
share the address (a floating one) the standby cannot have it, and does without.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

import structlog
from aiohttp import web
from msgspec import Struct, to_builtins

from acd.bootstrap.tls import certificate_of
from acd.config.settings import Settings
from acd.errors import ConfigError

_log = structlog.get_logger("madoguchi.cluster")


class Waiting(Struct, frozen=True):
    """How a standby is doing. ``follows``: whom; empty: nobody, so it could not take over with the
    present state. ``can_lead``: whether its disk has room for that."""

    node: str
    follows: str
    reached_seq: int
    lease_reached: bool
    can_lead: bool = True


@contextlib.asynccontextmanager
async def waiting_room(settings: Settings, now: Callable[[], Waiting]) -> AsyncIterator[None]:
    """Answer for as long as the context lasts, if the address can be had."""

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def ready(_request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "role": "standing_by"}, status=503)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(text=_metrics(now()))

    async def elsewhere(_request: web.Request) -> web.Response:
        said = {
            "code": "standing_by",
            "message": {
                "en": "this controller stands by: ask the one that leads",
                "ja": "このコントローラーは待機中です。主のコントローラーで実行してください。",
            },
        }
        return web.json_response({"error": said}, status=503)

    app = web.Application(client_max_size=1024)
    for path, answer in (("/healthz", alive), ("/readyz", ready), ("/metrics", metrics)):
        app.router.add_get(path, answer)
    app.router.add_route("*", "/api/{rest:.*}", elsewhere)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        certificate = certificate_of(settings.tls)
        context = certificate.context if certificate else None
        api = settings.api
        await web.TCPSite(runner, api.bind, api.port, ssl_context=context).start()
    except (OSError, ConfigError) as error:
        _log.info("standby_not_asked", why=type(error).__name__)
    try:
        yield
    finally:
        await runner.cleanup()


def _metrics(waiting: Waiting) -> str:
    """Text for Prometheus."""
    facts = to_builtins(waiting)
    lines = {
        "madoguchi_leads": 0,
        "madoguchi_standby_follows": int(bool(facts["follows"])),
        "madoguchi_standby_reached_seq": facts["reached_seq"],
        "madoguchi_standby_can_lead": int(facts["can_lead"]),
        "madoguchi_lease_store_up": int(facts["lease_reached"]),
    }
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in lines.items())
