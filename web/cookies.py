"""The session's cookie, and the proof that a request which brings it comes from a page of ours.

Where browsers speak TLS the cookie's name begins with ``__Host-``: browsers then take it only
with Secure, for the whole site, and from this very host. On plain http (this machine only, for
trying out) browsers would refuse that name.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from aiohttp import web

from web.errors import HttpError
from web.sessions import csrf_of

NAME = "madoguchi"
CSRF_HEADER = "X-CSRF-Token"
#: Lax and not strict: who follows a link from the city's own pages is still signed in. Requests
#: that change anything need the header as well.
_SAME_SITE = "Lax"
#: Methods that change nothing.
SAFE_METHODS = ("GET", "HEAD")


def cookie_name(*, tls: bool, name: str = NAME) -> str:
    """The cookie's name."""
    return f"__Host-{name}" if tls else name


def read_cookie(request: web.Request, *, tls: bool, name: str = NAME) -> str:
    """The secret that a request brings; empty when there is none."""
    return request.cookies.get(cookie_name(tls=tls, name=name), "")


def set_cookie(response: web.StreamResponse, value: str, *, tls: bool, name: str = NAME) -> None:
    """Give the browser the cookie; it is gone when the browser closes."""
    response.set_cookie(
        cookie_name(tls=tls, name=name),
        value,
        path="/",
        secure=tls,
        httponly=True,
        samesite=_SAME_SITE,
    )


def drop_cookie(response: web.StreamResponse, *, tls: bool, name: str = NAME) -> None:
    """Take the cookie away."""
    response.del_cookie(
        cookie_name(tls=tls, name=name),
        path="/",
        secure=tls,
        httponly=True,
        samesite=_SAME_SITE,
    )


def check_origin(request: web.Request, allowed: tuple[str, ...], *, needed: bool = False) -> None:
    """Refuse a page of another origin. Programs send no Origin; where a cookie says who asks
    (``needed``) there must be one, since every browser sends it."""
    origin = request.headers.get("Origin")
    if origin is None:
        if needed:
            raise HttpError(403, "bad_origin")
        return
    if origin in allowed:
        return
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or parts.netloc != request.host:
        raise HttpError(403, "bad_origin")


def check_csrf(request: web.Request, secret: str) -> None:
    """Refuse a change that does not bring the session's own value; raises HttpError."""
    brought = request.headers.get(CSRF_HEADER, "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(brought, csrf_of(secret).encode()):
        raise HttpError(403, "bad_csrf")
