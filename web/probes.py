"""For load balancers: whether this process lives, and whether it can take calls.

Both answer strangers, with no more than that; whoever is known is told what is missing as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

from aiohttp import web

from web.answer import JsonAnswer, json_response
from web.wiring import Health


class Alive(TypedDict):
    """This process lives."""

    ok: bool


class Ready(TypedDict):
    """Whether callers can be served now. For who is known: what is missing, and which carriers
    answer."""

    ok: bool
    missing: NotRequired[list[str]]
    lines: NotRequired[dict[str, Literal["up", "down"]]]


async def alive(request: web.Request) -> JsonAnswer[Alive]:
    """``/healthz``: an answer at all is the answer."""
    return json_response(Alive(ok=True))


def readiness(
    health: Health, *, known: bool, lines: Mapping[str, bool] | None = None
) -> JsonAnswer[Ready]:
    """``/readyz``: 200 when callers can be served now, else 503. ``lines`` tells which carriers
    answer: one that does not is no reason to take no calls."""
    body: Ready = {"ok": health.ok}
    if known:
        body["missing"] = health.missing
        if lines:
            body["lines"] = {trunk: "up" if is_up else "down" for trunk, is_up in lines.items()}
    return json_response(body, 200 if health.ok else 503)
