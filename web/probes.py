"""For load balancers: whether this process lives, and whether it can take calls.

Both answer strangers, with no more than that; whoever is known is told what is missing as well.
"""

from __future__ import annotations

from aiohttp import web

from web.errors import json_response
from web.wiring import Health


async def alive(request: web.Request) -> web.Response:
    """``/healthz``: an answer at all is the answer."""
    return json_response({"ok": True})


def readiness(health: Health, *, known: bool) -> web.Response:
    """``/readyz``: 200 when callers can be served now, else 503."""
    body: dict[str, object] = {"ok": health.ok}
    if known:
        body["missing"] = health.missing
    return json_response(body, 200 if health.ok else 503)
