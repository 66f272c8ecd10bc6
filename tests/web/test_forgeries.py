"""Cookies, forged requests, the live channel by cookie, headers, hostile names."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from acd.core.ids import AgentId
from tests.fakes.centre import Centre
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, add, ask, attempt, sign_in
from web.roles import Role


@pytest.mark.requirement("M23")
async def test_the_cookie_is_as_closed_as_cookies_can_be(api: Api) -> None:
    await add(api, "ada")
    api.server.entrance.__dict__["tls"] = True
    async with api.session.post(
        api.base + "/api/session", json={"user": "ada", "password": PASSWORD}
    ) as answer:
        name, _, rest = answer.headers["Set-Cookie"].partition("=")
        attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name == "__Host-madoguchi"
    assert attributes == {"httponly", "path=/", "samesite=lax", "secure"}


@pytest.mark.requirement("M23")
@pytest.mark.parametrize(
    "change",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "x" * 32},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/agents/op09/login"), ("DELETE", "/api/session")]
)
async def test_a_page_of_others_changes_nothing(
    api: Api, centre: Centre, change: dict[str, str], method: str, path: str
) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    forged = {key: value for key, value in (browser | change).items() if value}
    status, body = await ask(api, method, path, forged)
    assert status == 403
    assert body["error"]["code"] in ("bad_csrf", "bad_origin")
    assert centre.engine.agents[AgentId("op09")].state.value == "logged_out"
    assert (await ask(api, "GET", "/api/session", browser))[0] == 200


async def test_the_value_of_one_session_is_not_good_for_another(api: Api) -> None:
    mine, other = await sign_in(api, "ada"), await sign_in(api, "bob")
    forged = mine | {"X-CSRF-Token": other["X-CSRF-Token"]}
    assert (await ask(api, "DELETE", "/api/session", forged))[0] == 403


async def test_a_page_of_others_cannot_sign_a_browser_in(api: Api) -> None:
    await add(api, "ada")
    body = {"user": "ada", "password": PASSWORD}
    forged = {"Origin": "https://evil.example"}
    assert (await ask(api, "POST", "/api/session", forged, body))[0] == 403


@pytest.mark.requirement("M23")
@pytest.mark.parametrize(
    ("origin", "opens"), [("own", True), ("https://evil.example", False), ("", False)]
)
async def test_the_live_channel_by_cookie_needs_our_own_page(
    api: Api, origin: str, opens: bool
) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    headers = {"Cookie": browser["Cookie"]}
    if origin:
        headers["Origin"] = api.base if origin == "own" else origin
    if not opens:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await api.session.ws_connect(api.base + "/api/live", headers=headers)
        assert refused.value.status == 403
        return
    async with api.session.ws_connect(api.base + "/api/live", headers=headers) as socket:
        assert json.loads(await socket.receive_str())["type"] == "snapshot"
        await socket.send_str('{"ping":7}')
        answer = json.loads(await socket.receive_str())
        assert answer.pop("pong") == 7
        assert 0 <= answer.pop("age_s") < 60
        assert answer == {}


@pytest.mark.parametrize(
    "frame", ['{"ping":-1}', '{"ping":"x"}', '{"ping":1,"x":2}', '{"ping":1e99}', "[]", "ping"]
)
async def test_anything_but_a_ping_ends_the_live_channel(api: Api, frame: str) -> None:
    async with api.session.ws_connect(
        api.base + "/api/live", headers=api.headers("supervisor")
    ) as socket:
        await socket.receive_str()
        await socket.send_str(frame)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4409


async def test_pings_without_end_are_shut_out(api: Api) -> None:
    async with api.session.ws_connect(
        api.base + "/api/live", headers=api.headers("supervisor")
    ) as socket:
        await socket.receive_str()
        for number in range(40):
            await socket.send_str(f'{{"ping":{number}}}')
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert socket.close_code == 4409


async def test_the_live_channel_ends_with_the_session(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.live.Live.recheck_every_s", 0.0)
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    async with api.session.ws_connect(api.base + "/api/live", headers=browser) as socket:
        await socket.receive_str()
        await api.server.entrance.people.change("kobayashi", disabled=True)
        async with asyncio.timeout(20):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert socket.close_code == 4401


@pytest.mark.requirement("M23")
@pytest.mark.parametrize("path", ["/api/session", "/healthz", "/sign-in", "/nowhere"])
async def test_every_answer_carries_the_headers(api: Api, path: str) -> None:
    async with api.session.get(api.base + path) as answer:
        headers = answer.headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Permissions-Policy"].startswith("microphone=(self), camera=()")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Server"] == "madoguchi"
    assert "Strict-Transport-Security" not in headers, "there is no TLS here"


@pytest.mark.parametrize(
    "body",
    [
        {"user": "", "password": "x"},
        {"user": "x" * 65, "password": "x"},
        {"user": "ada", "password": "x" * 300},
        {"user": "ada", "password": "x", "code": "12345"},
        {"user": "ada", "password": "x", "more": 1},
        {"user": ["ada"], "password": {}},
    ],
)
async def test_hostile_bodies_are_refused_before_anything_is_compared(
    api: Api, body: object
) -> None:
    assert (await ask(api, "POST", "/api/session", {}, body))[0] == 400


@pytest.mark.parametrize(
    "user", ["'; DROP TABLE people; --", "\x00", "../../etc", "<b>", "\ud800x"]
)
async def test_hostile_names_are_just_wrong(api: Api, user: str) -> None:
    assert (await attempt(api, user))[0] in (400, 401)
