"""The entrance: tells who a request comes from, by token or by session, and keeps forgeries out."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from web.auth import TokenStore
from web.cookies import SAFE_METHODS, check_csrf, check_origin, read_cookie
from web.errors import HttpError
from web.identity import Identity
from web.oidc import Oidc
from web.operations import Operations
from web.people import People
from web.sign_in import SignIn


@dataclass(frozen=True)
class Entrance:
    """Everything about who comes in.

    ``tls`` says whether browsers speak TLS; ``behind_proxy`` that a proxy does it, which then says
    the caller's address. ``allowed_origins`` are pages besides our own that may connect.
    """

    tokens: TokenStore
    people: People
    operations: Operations
    sign_in: SignIn
    oidc: Oidc
    tls: bool = False
    behind_proxy: bool = False
    allowed_origins: tuple[str, ...] = ()

    def secret_of(self, request: web.Request) -> str:
        """The secret of the session that a request brings; empty when a token says who asks."""
        if "Authorization" in request.headers:
            return ""
        return read_cookie(request, tls=self.tls)

    def identify(self, request: web.Request) -> Identity | None:
        """Who sent a request that changes nothing; ``None`` for a stranger."""
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            return self.tokens.identify(token.strip()) if scheme.lower() == "bearer" else None
        secret = self.secret_of(request)
        return self.people.identify(secret) if secret else None

    def admit(self, request: web.Request) -> Identity:
        """Who sent a request, once it is sure that they meant to; raises HttpError.

        A browser adds the cookie to whatever a page of others asks for. So a request with a
        cookie that changes something or opens a WebSocket must come from a page of ours.
        """
        who = self.identify(request)
        secret = self.secret_of(request)
        if who is None:
            if secret and not self.people.known:
                raise HttpError(503, "people_unknown")
            raise HttpError(401, "unauthenticated")
        if secret:
            upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
            if upgrade or request.method not in SAFE_METHODS:
                check_origin(request, self.allowed_origins, needed=True)
            if request.method not in SAFE_METHODS:
                check_csrf(request, secret)
            self.people.sessions.seen(who.session, self.people.now_ms())
        return who

    def is_valid(self, who: Identity) -> bool:
        """Whether the token or session behind an open connection still holds."""
        return self.people.is_valid(who) if who.session else self.tokens.is_valid(who)

    def address_of(self, request: web.Request) -> str:
        """Where a request comes from, as far as that is known."""
        if self.behind_proxy:
            # What stands last was written by our proxy; all before it by whoever asked.
            last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            return last or "unknown"
        return request.remote or "unknown"
