"""The pages: one shell for every screen, who may open it, and the files it loads.

A page is the same text for everybody: no data, no script and no style of its own, so that the
content security policy can forbid all that is inline. What a person sees comes through the API.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from aiohttp import web

from web.answer import SAFE_HEADERS
from web.api.people import AUDITORS
from web.api.recordings import SEARCHERS
from web.api.reports import READERS
from web.api.studies import PLANNERS
from web.assets import Asset, Assets, assets
from web.errors import Handler, HttpError
from web.identity import Identity
from web.roles import ADMINISTRATORS, FLOOR, PERSONS, Role

#: Who is asking, or ``None``: the server's own way to tell.
Identify = Callable[[web.Request], Identity | None]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PAGE_HEADERS = {
    **SAFE_HEADERS,
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: One year: the folder's name changes when a file does.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
NOBODY = "/sign-in"


@dataclass(frozen=True)
class Page:
    """One screen: its address, its folder below ``static/`` (with ``<folder>.js`` and
    ``<folder>.css``), who may open it (nobody in particular: everybody), and its title."""

    path: str
    folder: str
    roles: frozenset[Role] | None
    title: str
    #: Whether somebody's work may begin here.
    work: bool = True
    #: Whether a stranger may load it: a display that has a link, for what the page then shows.
    linked: bool = False


CHOICE = "/start"
ACCOUNT = "/account"

#: Every page, in the order in which they are offered. A role's first page is where it starts.
PAGES: tuple[Page, ...] = (
    Page(NOBODY, "sign-in", None, "サインイン"),
    Page("/panel", "panel", frozenset({Role.OPERATOR}), "オペレーター"),
    Page("/floor", "floor", FLOOR, "フロア"),
    Page("/operations", "operations", AUDITORS, "操作の記録"),
    Page("/recordings", "recordings", SEARCHERS, "録音"),
    Page("/reports", "reports", READERS, "報告"),
    Page("/planner", "planner", PLANNERS, "席と回線の計画"),
    Page("/people", "people", ADMINISTRATORS, "利用者"),
    Page("/wallboard", "wallboard", PERSONS, "ボード", work=False, linked=True),
    Page(ACCOUNT, "account", PERSONS, "自分の設定", work=False),
    Page(CHOICE, "start", PERSONS, "はじめに", work=False),
)


def start_page(who: Identity | None) -> str:
    """Where this person begins: at the work of the role, or where one of several is chosen."""
    if who is None or not who.has(PERSONS):
        return NOBODY
    firsts = {_first_page(role).path for role in who.roles}
    return firsts.pop() if len(firsts) == 1 else CHOICE


def _first_page(role: Role) -> Page:
    mine = [page for page in PAGES if page.roles is not None and role in page.roles]
    return next((page for page in mine if page.work), mine[0])


def screens_of(who: Identity) -> list[Page]:
    """The pages that this person may go to, for the way between them."""
    return [
        page
        for page in PAGES
        if page.roles is not None and page.path != CHOICE and who.has(page.roles)
    ]


def add_pages(app: web.Application, identify: Identify, files: Assets | None = None) -> None:
    """Serve the pages and their files; ``identify`` tells who asks for a page."""
    served = files or assets()

    async def root(request: web.Request) -> web.Response:
        return _elsewhere(start_page(identify(request)))

    async def static(request: web.Request) -> web.Response:
        return _file(request, served)

    app.router.add_get("/", root)
    app.router.add_get("/static/{name:.+}", static)
    for page in PAGES:
        app.router.add_get(page.path, _page_handler(page, identify, served))


def _page_handler(page: Page, identify: Identify, files: Assets) -> Handler:
    text = _shell(page, files)

    async def handle(request: web.Request) -> web.Response:
        who = identify(request)
        if page.roles is not None and not page.linked:
            if who is None:
                return _elsewhere(f"{NOBODY}?to={quote(page.path)}")
            if not who.has(page.roles):
                raise HttpError(403, "forbidden")
        headers = {**PAGE_HEADERS, "Vary": "Cookie"}
        return web.Response(text=text, content_type="text/html", headers=headers)

    return handle


def _elsewhere(where: str) -> web.Response:
    return web.Response(status=303, headers={**PAGE_HEADERS, "Location": where})


def _shell(page: Page, files: Assets) -> str:
    base = f"/static/{files.version}"
    own = f"{page.folder}/{page.folder}"
    styles = [n for n in ("base/tokens.css", "base/base.css", f"{own}.css") if files.get(n)]
    links = [f'<link rel="stylesheet" href="{base}/{name}">' for name in styles]
    links += [f'<link rel="modulepreload" href="{base}/{n}">' for n in files.graph(f"{own}.js")]
    head = "\n".join(links)
    return f"""<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(page.title)} — 窓口</title>
<link rel="icon" href="{base}/base/icon.svg" type="image/svg+xml">
<script src="{base}/base/early.js"></script>
{head}
<script type="module" src="{base}/{own}.js"></script>
</head>
<body>
<div id="app"></div>
<noscript>この画面にはJavaScriptが必要です。This screen needs JavaScript.</noscript>
</body>
</html>
"""


def _file(request: web.Request, files: Assets) -> web.Response:
    folder, _, rest = request.match_info["name"].partition("/")
    versioned = folder.startswith("v-")
    asset = files.get(rest if versioned else f"{folder}/{rest}")
    if asset is None:
        raise HttpError(404, "no_such_route")
    # A page that was opened before an upgrade asks for the old folder: it gets today's file, once.
    keep = FOR_EVER if folder == files.version else ASK_EACH_TIME
    return _asset_response(request, asset, keep)


def _asset_response(request: web.Request, asset: Asset, keep: str) -> web.Response:
    accepted = request.headers.get("Accept-Encoding", "")
    packed = asset.compressed if "gzip" in accepted.lower() else None
    etag = f'"{asset.etag}{"-gz" if packed is not None else ""}"'
    headers = {
        **PAGE_HEADERS,
        "Cache-Control": keep,
        "Content-Type": asset.type,
        "ETag": etag,
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    known = request.headers.get("If-None-Match", "").split(",")
    if etag in [each.strip().removeprefix("W/") for each in known]:
        return web.Response(status=304, headers=headers)
    if packed is None:
        return web.Response(body=asset.data, headers=headers)
    return web.Response(body=packed, headers={**headers, "Content-Encoding": "gzip"})
