"""The wallboard: how displays are laid out, their links, and how busy it is for anybody."""

from __future__ import annotations

from typing import Annotated, TypedDict

from aiohttp import web

from acd.errors import NotFound
from acd.ports_people import OperationKind
from web.answer import SAFE_HEADERS, Done, JsonAnswer, Media, Words, json_response
from web.api import wallboard_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.auth import Entry
from web.door import Door, Knock
from web.errors import HttpError
from web.headers import PUBLIC
from web.roles import FLOOR, PERSONS, Role
from web.route import Route
from web.wallboard_public import KEPT_S, Busy, BusyNow, PublicBusy, badge, words_of
from web.wallboard_screens import Layout, Tile, TileKind, TileSize, WallScreen, layout_of

_SCREEN = "/api/wallboard/screens/{screen:[a-z0-9][a-z0-9-]{0,31}}"
_LINK = "/api/wallboard/links/{link:[0-9a-f]{12}}"


class Layouts(TypedDict):
    """Every layout by its id, and what a tile may be."""

    screens: dict[str, WallScreen]
    kinds: list[TileKind]
    sizes: list[TileSize]


class Link(TypedDict):
    """A link for displays, without its secret. ``created_s`` is Unix seconds."""

    id: str
    label: str
    created_s: int


class Links(TypedDict):
    """The links that hold."""

    links: list[Link]


class NewLink(TypedDict):
    """Where a display goes; the secret in it is told this once."""

    path: str


class BusyTold(TypedDict):
    """How busy it is; ``wait_within_min`` is null when nobody knows."""

    level: Busy
    wait_within_min: int | None
    text: Words


async def screens(ask: Ask) -> Layouts:
    """Every layout, and what a tile may be."""
    return {
        "screens": ask.wiring.wallboard.screens.all(),
        "kinds": list(TileKind),
        "sizes": list(TileSize),
    }


async def screen_put(ask: Ask) -> Layout:
    """Lay a display out; those who look at it see it at once."""
    body = ask.body_as(bodies.ScreenBody)
    tiles = tuple(Tile(each.kind, each.size) for each in body.tiles)
    layout = WallScreen(body.name, tiles, body.news, body.alarm_s)
    ask.wiring.wallboard.screens.put(ask.names["screen"], layout)
    return layout_of(ask.names["screen"], layout)


async def screen_remove(ask: Ask) -> Done:
    """Forget a layout: the display shows the usual one."""
    ask.wiring.wallboard.screens.remove(ask.names["screen"])
    return {}


async def links(ask: Ask) -> Links:
    """The links that hold, never their secrets."""
    return {"links": [_link(entry) for entry in links_of(ask.wiring.tokens.entries())]}


async def link_make(ask: Ask) -> NewLink:
    """A new link; its token is told this once."""
    token = ask.wiring.tokens.add(Role.WALLBOARD, label=ask.body_as(bodies.LinkBody).label)
    return {"path": link_path(token)}


async def link_revoke(ask: Ask) -> Done:
    """Revoke a link: its displays are cut off at once."""
    known = {entry.id for entry in links_of(ask.wiring.tokens.entries())}
    if ask.names["link"] not in known:
        raise NotFound("there is no such link", code="unknown_token")
    ask.wiring.tokens.revoke(ask.names["link"])
    return {}


def links_of(entries: list[Entry]) -> list[Entry]:
    """Those of all tokens that are links of displays."""
    return [entry for entry in entries if entry.role is Role.WALLBOARD]


def link_path(token: str, screen: str = "") -> str:
    """Where a display goes. The token stands behind the number sign: browsers keep that part to
    themselves, so that it is in no log."""
    return f"/wallboard{f'?screen={screen}' if screen else ''}#link={token}"


def _link(entry: Entry) -> Link:
    return {"id": entry.id, "label": entry.label, "created_s": entry.created_s}


# -- for anybody -----------------------------------------------------------------------------

_PUBLIC = {**SAFE_HEADERS, **PUBLIC, "Cache-Control": f"public, max-age={KEPT_S}"}


def _busy(knock: Knock) -> BusyNow:
    wallboard = knock.wiring.wallboard
    if not wallboard.public:
        raise HttpError(404, "no_such_route")
    busy: PublicBusy = wallboard.busy
    if busy.too_often(knock.address):
        raise HttpError(429, "too_many_requests")
    return busy.now(knock.wiring.engine(), knock.wiring.now())


async def busy_json(knock: Knock) -> JsonAnswer[BusyTold]:
    """How busy it is, for the city's own pages."""
    now = _busy(knock)
    ja, en = words_of(now)
    told: BusyTold = {
        "level": now.level,
        "wait_within_min": now.wait_min,
        "text": {"ja": ja, "en": en},
    }
    return json_response(told, headers=_PUBLIC)


async def busy_svg(knock: Knock) -> Annotated[web.Response, Media(("image/svg+xml",))]:
    """The same as a picture."""
    now, lang = _busy(knock), knock.body_as(bodies.BusyQuery).lang
    title = {"ja": "電話の混み具合", "en": "telephone"}[lang]
    headers = {**_PUBLIC, "Content-Type": "image/svg+xml; charset=utf-8"}
    return web.Response(text=badge(now, lang, title), headers=headers)


_K = OperationKind

ROUTES = (
    Route("GET", "/api/wallboard/screens", PERSONS, screens),
    Route("POST", _SCREEN, FLOOR, screen_put, bodies.ScreenBody, _K.WALLBOARD_CHANGED),
    Route("DELETE", _SCREEN, FLOOR, screen_remove, Nothing, _K.WALLBOARD_CHANGED),
    Route("GET", "/api/wallboard/links", FLOOR, links),
    Route(
        "POST", "/api/wallboard/links", FLOOR, link_make, bodies.LinkBody, _K.WALLBOARD_LINK_MADE
    ),
    Route("DELETE", _LINK, FLOOR, link_revoke, Nothing, _K.WALLBOARD_LINK_REVOKED),
)

DOORS = (
    Door("GET", "/api/public/busy", busy_json, public=True),
    Door("GET", "/api/public/busy.svg", busy_svg, bodies.BusyQuery, public=True),
)
