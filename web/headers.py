"""Headers that every answer carries, whatever made it."""

from __future__ import annotations

from aiohttp import web

from web.answer import SAFE_HEADERS

#: A page may ask for the microphone, for our own pages only, and for nothing else.
PERMISSIONS = "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"
#: Half a year; subdomains are not ours to speak for.
HSTS = "max-age=15552000"

#: What pages of others may show and read: it is for everybody.
PUBLIC = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

_ALWAYS = {
    **SAFE_HEADERS,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}


def add_headers(app: web.Application, *, tls: bool) -> None:
    """Have every answer of the application carry them, unless it says otherwise itself."""
    headers = _ALWAYS | ({"Strict-Transport-Security": HSTS} if tls else {})

    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        # What we are is nobody's business, nor which version.
        response.headers["Server"] = "madoguchi"

    app.on_response_prepare.append(prepare)
