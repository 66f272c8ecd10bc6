"""Signing in with the city's own accounts, against a real OpenID provider on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from acd.config.people_settings import OidcSettings
from acd.ports_people import OperationKind
from sim.load.ports import free_ports
from tests.fakes import openid_provider as provider
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.people_kit import add
from web.errors import HttpError
from web.oidc import Oidc


@dataclass
class Provided:
    """The provider that runs, and our side of it."""

    issuer: str
    oidc: Oidc


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that runs as long as this module's tests. A loopback address to come back to is
    the same on every port (RFC 8252, section 7.3)."""
    (port,) = free_ports(1)
    back = "http://127.0.0.1/api/oidc/return"
    command = [sys.executable, provider.__file__, str(port), back]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield f"http://127.0.0.1:{port}/o"
        finally:
            process.kill()


@pytest.fixture
def provided(api: Api, issuer: str) -> Provided:
    settings = OidcSettings(
        issuer=issuer,
        client_id=provider.CLIENT,
        redirect_url=f"{api.base}/api/oidc/return",
        name="市のアカウント",
    )
    oidc = Oidc(settings, provider.CLIENT_SECRET, time.time)
    api.server.entrance.__dict__["oidc"] = oidc
    return Provided(issuer, oidc)


class Browser:
    """Follows redirects and keeps cookies, as browsers do."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def go(self, url: str) -> tuple[str, str]:
        """Follow until there is a page; returns its address and text."""
        for _ in range(10):
            async with self.session.get(url, allow_redirects=False) as answer:
                if answer.status not in (302, 303):
                    return url, await answer.text()
                url = urljoin(url, answer.headers["Location"])
        raise AssertionError("redirects without end")

    async def log_in(self, page: str, text: str) -> str:
        """Fill in the provider's form; returns where it sends us then."""
        token = re.search(r"name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"", text)
        assert token is not None, text
        form = {
            "csrfmiddlewaretoken": token[1],
            "username": provider.USER,
            "password": provider.PASSWORD,
        }
        after = parse_qs(urlsplit(html.unescape(page)).query)["next"][0]
        async with self.session.post(page, data=form, allow_redirects=False) as answer:
            assert answer.status == 302
        return urljoin(page, after)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Browser(session)


@pytest.mark.requirement("S9")
async def test_somebody_who_was_added_comes_in_with_the_citys_account(
    api: Api, provided: Provided, browser: Browser, log: KnownOperations
) -> None:
    await add(api, "ada")
    assert (await api.get("/api/oidc"))[1] == {"enabled": True, "name": "市のアカウント"}
    page, text = await browser.go(f"{api.base}/api/oidc/start")
    assert page.startswith(provided.issuer.removesuffix("/o") + "/login/")
    await browser.go(await browser.log_in(page, text))
    async with browser.session.get(f"{api.base}/api/session") as answer:
        assert answer.status == 200
        assert (await answer.json())["person"] == "ada"
    assert [entry.kind for entry in log.entries] == [OperationKind.SIGNED_IN]


async def test_the_provider_alone_lets_nobody_in(
    api: Api, provided: Provided, browser: Browser, log: KnownOperations
) -> None:
    page, text = await browser.go(f"{api.base}/api/oidc/start")
    where, shown = await browser.go(await browser.log_in(page, text))
    assert where == f"{api.base}/sign-in?failed=not_added"
    assert "<title>" in shown
    assert [(entry.kind, entry.allowed) for entry in log.entries] == [
        (OperationKind.SIGN_IN_REFUSED, False)
    ]


async def test_an_answer_meant_for_another_browser_is_refused(
    api: Api, provided: Provided, browser: Browser
) -> None:
    await add(api, "ada")
    started = await provided.oidc.start()
    page, text = await browser.go(started.url)
    where, _ = await browser.go(await browser.log_in(page, text))
    assert where == f"{api.base}/sign-in?failed=oidc_refused"
    async with browser.session.get(f"{api.base}/api/session") as answer:
        assert answer.status == 401


async def test_a_code_is_good_with_its_own_verifier_only(
    api: Api, provided: Provided, browser: Browser
) -> None:
    first, second = await provided.oidc.start(), await provided.oidc.start()
    page, text = await browser.go(first.url)
    authorize = await browser.log_in(page, text)
    async with browser.session.get(authorize, allow_redirects=False) as answer:
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    for state, cookie in ((second.state, second.state), (first.state, "another"), ("x", "x")):
        with pytest.raises(HttpError) as refused:
            await provided.oidc.finish(state, code, cookie)
        assert refused.value.code == "oidc_refused"


async def test_a_provider_that_is_away_is_said(api: Api) -> None:
    (port,) = free_ports(1)
    settings = OidcSettings(
        issuer=f"http://127.0.0.1:{port}", client_id="x", redirect_url=f"{api.base}/back"
    )
    api.server.entrance.__dict__["oidc"] = Oidc(settings, "", time.time)
    status, body = await api.get("/api/oidc/start")
    assert (status, body["error"]["code"]) == (503, "oidc_unavailable")


async def test_without_a_provider_there_is_no_such_way(api: Api) -> None:
    assert (await api.get("/api/oidc"))[1]["enabled"] is False
    assert (await api.get("/api/oidc/start"))[0] == 404
    assert (await api.get("/api/oidc/return?code=x&state=y&session_state=z"))[0] == 404


NOW = 1_795_000_000


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2_048, {"kid": "k"})


@pytest.mark.requirement("M23")
@pytest.mark.parametrize(
    ("change", "header"),
    [
        ({"iss": "https://evil.example"}, {}),
        ({"aud": "another client"}, {}),
        ({"exp": NOW - 100}, {}),
        ({"iat": NOW + 1_000}, {}),
        ({"exp": None}, {}),
        ({}, {"alg": "HS256"}),
        ({}, {"alg": "none"}),
    ],
)
async def test_an_identity_that_is_not_quite_right_is_refused(
    key: RSAKey, change: dict[str, object], header: dict[str, str]
) -> None:
    settings = OidcSettings(
        issuer="https://idp.example", client_id="us", redirect_url="https://us.example/back"
    )
    oidc = Oidc(settings, "", lambda: NOW)
    oidc._keys, oidc._keys_s = KeySet([key]), NOW
    right = {"iss": settings.issuer, "aud": "us", "exp": NOW + 60, "iat": NOW}
    token = jwt.encode({"alg": "RS256", "kid": "k"}, right, key)
    assert (await oidc._claims(token))["aud"] == "us"
    claims = {name: value for name, value in (right | change).items() if value is not None}
    if header.get("alg") == "HS256":
        head = _part(b'{"alg":"HS256","kid":"k"}')
        signed = f"{head}.{token.split('.')[1]}"
        public = key.as_pem(private=False)
        wrong = f"{signed}.{_part(hmac.digest(public, signed.encode(), hashlib.sha256))}"
    elif header.get("alg") == "none":
        body = token.split(".")[1]
        wrong = f"eyJhbGciOiJub25lIn0.{body}."
    else:
        wrong = jwt.encode({"alg": "RS256", "kid": "k"}, claims, key)
    with pytest.raises(HttpError):
        await oidc._claims(wrong)


@pytest.mark.parametrize(
    ("issuer", "redirect"),
    [
        ("http://idp.example", "https://us.example/back"),
        ("https://idp.example", "http://us.example/back"),
        ("https://idp.example", ""),
    ],
)
def test_plain_http_is_for_this_machine_only(issuer: str, redirect: str) -> None:
    with pytest.raises(ValueError, match=r"https|redirect_url"):
        OidcSettings(issuer=issuer, client_id="us", redirect_url=redirect)
