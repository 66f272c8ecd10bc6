"""Signing in with the city's own accounts: OpenID Connect, authorization code with PKCE.

The provider vouches for somebody; who that may be here is decided by us: only a person who was
added can come in. The second factor is the provider's part. What the provider sends is checked
whole: issuer, audience, signature by a key it publishes, times, the nonce of this very sign-in.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import msgspec
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from acd.config.people_settings import OidcSettings
from web.errors import HttpError

#: So long somebody may take at the provider.
FLOW_VALID_S = 600
MAX_FLOWS = 1_000
TIMEOUT_S = 8.0
MAX_ANSWER_BYTES = 500_000
#: What the provider says about itself is asked again after this time; unknown keys sooner.
KNOWN_FOR_S = 3_600.0
NEW_KEYS_AFTER_S = 30.0
LEEWAY_S = 60
#: Signatures with a key pair only: a shared secret or none proves nothing here.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]

_log = structlog.get_logger("oidc")


class _Flow(Struct, frozen=True):
    nonce: str
    verifier: str
    until_s: float


class Started(Struct, frozen=True):
    """Where to send the browser, and the value that its cookie keeps meanwhile."""

    url: str
    state: str


class Oidc:
    """One provider. ``secret`` is the client's, empty for a public client."""

    def __init__(self, settings: OidcSettings, secret: str, now_s: Callable[[], float]) -> None:
        self.settings = settings
        self._secret = secret
        self._now_s = now_s
        self._flows: OrderedDict[str, _Flow] = OrderedDict()
        self._about: dict[str, Any] = {}
        self._about_s = 0.0
        self._keys: KeySet | None = None
        self._keys_s = 0.0

    @property
    def enabled(self) -> bool:
        """Whether there is a provider."""
        return bool(self.settings.issuer)

    async def start(self) -> Started:
        """Begin a sign-in; raises HttpError."""
        about = await self._provider()
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        flow = _Flow(secrets.token_urlsafe(32), verifier, self._now_s() + FLOW_VALID_S)
        self._flows[state] = flow
        if len(self._flows) > MAX_FLOWS:
            self._flows.popitem(last=False)
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_url,
            "scope": self.settings.scope,
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = str(about["authorization_endpoint"])
        glue = "&" if "?" in endpoint else "?"
        return Started(f"{endpoint}{glue}{urlencode(query)}", state)

    async def finish(self, state: str, code: str, cookie: str) -> str:
        """The user name that the provider vouches for; raises HttpError.

        ``cookie`` ties the answer to the browser that began: else somebody could have another
        person's browser signed in as himself.
        """
        flow = self._flows.pop(state, None)
        same = secrets.compare_digest(state.encode(), cookie.encode("utf-8", "surrogatepass"))
        if flow is None or not same or flow.until_s < self._now_s() or not code:
            raise HttpError(401, "oidc_refused")
        claims = await self._claims(await self._token(code, flow.verifier))
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) > 1:
            self._check(claims.get("azp") == self.settings.client_id, "azp")
        nonce = str(claims.get("nonce", ""))
        self._check(secrets.compare_digest(nonce.encode(), flow.nonce.encode()), "nonce")
        user = claims.get(self.settings.claim)
        self._check(isinstance(user, str) and bool(user), "claim")
        return str(user).strip().lower()

    async def _token(self, code: str, verifier: str) -> str:
        about = await self._provider()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_url,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        headers = {}
        if self._secret:
            ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in ways:
                # RFC 6749, section 2.3.1: both parts are form-encoded first.
                pair = f"{quote_plus(self.settings.client_id)}:{quote_plus(self._secret)}"
                headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            else:
                form["client_secret"] = self._secret
        answer = await self._ask("POST", str(about["token_endpoint"]), form, headers)
        token = answer.get("id_token")
        self._check(isinstance(token, str), "id_token")
        return str(token)

    async def _claims(self, token: str) -> dict[str, Any]:
        rules = jwt.JWTClaimsRegistry(
            now=lambda: int(self._now_s()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
        )
        for fresh in (False, True):
            keys = await self._key_set(fresh=fresh)
            try:
                claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
                rules.validate(claims)
            except (JoseError, ValueError) as error:
                # The provider may have changed its keys since they were read.
                reason = type(error).__name__
                if fresh:
                    self._check(False, reason)
            else:
                return dict(claims)
        raise HttpError(401, "oidc_refused")

    def _check(self, fine: bool, what: str) -> None:
        if not fine:
            _log.warning("oidc_refused", reason=what)
            raise HttpError(401, "oidc_refused")

    # -- what the provider says about itself ---------------------------------------------------

    async def _provider(self) -> Mapping[str, Any]:
        if self._now_s() - self._about_s < KNOWN_FOR_S:
            return self._about
        issuer = self.settings.issuer
        about = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if about.get("issuer") != issuer or not all(_is_safe(about.get(name)) for name in names):
            _log.error("oidc_provider_wrong", issuer=issuer)
            raise HttpError(503, "oidc_unavailable")
        self._about, self._about_s = about, self._now_s()
        return about

    async def _key_set(self, *, fresh: bool) -> KeySet:
        age_s = self._now_s() - self._keys_s
        limit_s = NEW_KEYS_AFTER_S if fresh else KNOWN_FOR_S
        if self._keys is None or age_s > limit_s:
            about = await self._provider()
            found = await self._ask("GET", str(about["jwks_uri"]))
            try:
                self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise HttpError(503, "oidc_unavailable") from error
            self._keys_s = self._now_s()
        return self._keys

    async def _ask(
        self,
        method: str,
        url: str,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """A JSON object from the provider; raises HttpError."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.request(
                    method, url, data=form, headers=headers, allow_redirects=False
                ) as answer,
            ):
                data = await answer.content.read(MAX_ANSWER_BYTES)
                if answer.status in (400, 401, 403) and form is not None:
                    self._check(False, f"the provider answered {answer.status}")
                answer.raise_for_status()
                found = _json_object(data)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            _log.warning("oidc_unavailable", reason=type(error).__name__)
            raise HttpError(503, "oidc_unavailable") from error
        return found


def _json_object(data: bytes) -> dict[str, Any]:
    """A JSON object; raises ValueError for anything else."""
    try:
        found: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ValueError("not a JSON object") from error
    return found


def _is_safe(url: object) -> bool:
    """Whether a secret may go there: over TLS, or within this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and here)
