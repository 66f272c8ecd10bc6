"""Signing in as browsers do: passwords, codes, links, cookies, forgeries, locks, ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from msgspec import structs

from acd.config.people_settings import PeopleSettings
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied, CallerHungUp
from acd.ports_people import OperationKind
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations, KnownPeople
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, add, sign_in, sign_in_again
from web.roles import Role
from web.totp import code_at

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


async def ask(
    api: Api, method: str, path: str, headers: dict[str, str], body: object = None
) -> tuple[int, Any]:
    async with api.session.request(method, api.base + path, headers=headers, json=body) as answer:
        return answer.status, await answer.json()


async def attempt(api: Api, user: str, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    """Try to sign in; returns the status and the error's code."""
    body = {"user": user, "password": password, **more}
    status, answer = await ask(api, "POST", "/api/session", {"Origin": api.base}, body)
    return status, answer.get("error", {}).get("code", "")


async def test_a_person_signs_in_works_and_signs_out(api: Api, log: KnownOperations) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    status, me = await ask(api, "GET", "/api/session", browser)
    assert status == 200
    assert (me["person"], me["role"], me["agent"]) == ("kobayashi", "operator", "op09")
    assert me["csrf"] == browser["X-CSRF-Token"]
    assert (await ask(api, "POST", "/api/agents/op09/login", browser))[0] == 200
    assert (await ask(api, "POST", "/api/agents/op10/login", browser))[0] == 403
    assert (await ask(api, "DELETE", "/api/session", browser))[0] == 200
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401
    kinds = [entry.kind for entry in log.entries]
    assert kinds == [OperationKind.SIGNED_IN, OperationKind.SIGNED_OUT]
    assert {entry.who for entry in log.entries} == {"kobayashi"}


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


async def test_wrong_names_and_passwords_are_answered_alike(api: Api, log: KnownOperations) -> None:
    await add(api, "ada")
    people = api.server.entrance.people
    await add(api, "gone")
    await people.change("gone", disabled=True)
    for user, password in (("ada", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)):
        assert await attempt(api, user, password) == (401, "sign_in_refused")
    assert [entry.who for entry in log.entries] == ["ada", "unknown", "gone"]
    assert not any(entry.allowed for entry in log.entries)
    assert "nobody" not in repr(log.entries), "what strangers type may be a password"


@pytest.mark.requirement("M23")
@pytest.mark.parametrize("user", ["ada", "nobody"])
async def test_ten_failures_lock_a_name_with_and_without_account_alike(
    api: Api, centre: Centre, user: str, log: KnownOperations
) -> None:
    await add(api, "ada")
    for _ in range(10):
        assert await attempt(api, user, "wrong") == (401, "sign_in_refused")
    assert await attempt(api, user) == (429, "account_locked")
    assert log.entries[-1].kind is OperationKind.LOCKED
    centre.wall_s += 30 * 60 + 1
    expected = (200, "") if user == "ada" else (401, "sign_in_refused")
    assert await attempt(api, user) == expected


async def test_attempts_at_the_same_time_do_not_get_around_the_lock(api: Api) -> None:
    await add(api, "ada")
    answers = await asyncio.gather(*(attempt(api, "ada", f"wrong {n}") for n in range(25)))
    assert sum(code == "sign_in_refused" for _, code in answers) == 10
    assert sum(code == "account_locked" for _, code in answers) == 15


async def test_a_lock_does_not_disturb_who_is_signed_in(api: Api) -> None:
    browser = await sign_in(api, "ada")
    for _ in range(11):
        await attempt(api, "ada", "wrong")
    assert (await ask(api, "GET", "/api/session", browser))[0] == 200


@pytest.fixture
def people_settings() -> PeopleSettings:
    return PeopleSettings(address_failures=20, second_factor=("administrator",))


async def test_an_address_that_fails_too_often_waits(api: Api) -> None:
    await add(api, "ada")
    for number in range(20):
        await attempt(api, f"user{number}", "wrong")
    assert await attempt(api, "ada") == (429, "too_many_attempts")


async def test_a_second_factor_is_asked_for_and_good_once(api: Api, centre: Centre) -> None:
    await add(api, "ada", totp=SECRET)
    assert await attempt(api, "ada", "wrong") == (401, "sign_in_refused")
    assert await attempt(api, "ada") == (401, "code_wanted")
    code = code_at(SECRET, int(centre.wall_s) // 30)
    other = f"{(int(code) + 1) % 1_000_000:06d}"
    assert await attempt(api, "ada", code=other) == (401, "code_wrong")
    assert await attempt(api, "ada", code=code) == (200, "")
    assert await attempt(api, "ada", code=code) == (401, "code_wrong")


async def test_codes_cannot_be_tried_without_end(api: Api) -> None:
    await add(api, "ada", totp=SECRET)
    codes = [await attempt(api, "ada", code=f"{n:06d}") for n in range(11)]
    assert codes[:10] == [(401, "code_wrong")] * 10
    assert codes[10] == (429, "account_locked")


async def test_a_role_may_need_a_second_factor(api: Api) -> None:
    await add(api, "root", Role.ADMINISTRATOR)
    assert await attempt(api, "root") == (403, "second_factor_missing")


async def test_a_person_sets_up_a_second_factor(api: Api, centre: Centre) -> None:
    browser = await sign_in(api, "ada")
    path = "/api/session/second-factor"
    assert (await ask(api, "POST", path, browser, {"password": "wrong"}))[0] == 403
    _, offered = await ask(api, "POST", path, browser, {"password": PASSWORD})
    assert offered["secret"] in offered["uri"]
    status, _ = await ask(api, "POST", path + "/confirm", browser, {"code": "000000"})
    assert status == 409
    code = code_at(offered["secret"], int(centre.wall_s) // 30)
    async with api.session.post(
        api.base + path + "/confirm", headers=browser, json={"code": code}
    ) as answer:
        assert answer.status == 200
        assert "Set-Cookie" in answer.headers
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401, "old sessions ended"
    assert await attempt(api, "ada") == (401, "code_wanted")


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
        assert json.loads(await socket.receive_str()) == {"pong": 7}


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
    monkeypatch.setattr("web.live.RECHECK_EVERY_S", 0.0)
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    async with api.session.ws_connect(api.base + "/api/live", headers=browser) as socket:
        await socket.receive_str()
        await api.server.entrance.people.change("kobayashi", disabled=True)
        async with asyncio.timeout(5):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert socket.close_code == 4401


async def test_limits_end_a_session_but_never_one_in_a_call(api: Api, centre: Centre) -> None:
    talker = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    idler = await sign_in(api, "sato", Role.OPERATOR, "op10")
    centre.do(AgentLoggedIn(AgentId("op09")))
    centre.do(AgentReadied(AgentId("op09")))
    call = centre.call(1)
    centre.connect(call)
    people = api.server.entrance.people
    centre.wall_s += 61 * 60
    people.sweep()
    assert (await ask(api, "GET", "/api/session", idler))[0] == 401
    assert (await ask(api, "GET", "/api/session", talker))[0] == 200
    centre.wall_s += 24 * 3600
    people.sweep()
    centre.do(CallerHungUp(call))
    assert (await ask(api, "GET", "/api/session", talker))[0] == 200, "still in wrap-up"
    assert (await ask(api, "POST", "/api/agents/op09/wrap-up/end", talker))[0] == 200
    assert (await ask(api, "GET", "/api/session", talker))[0] == 401


async def test_a_link_signs_in_once(api: Api, centre: Centre) -> None:
    await add(api, "ada")
    way = api.server.entrance.sign_in
    first, late = way.link("ada"), way.link("ada")
    body = {"token": first}
    assert (await ask(api, "POST", "/api/session/link", {}, body))[0] == 200
    status, answer = await ask(api, "POST", "/api/session/link", {}, body)
    assert (status, answer["error"]["code"]) == (401, "link_used")
    centre.wall_s += 3_601
    assert (await ask(api, "POST", "/api/session/link", {}, {"token": late}))[0] == 401
    assert (await ask(api, "POST", "/api/session/link", {}, {"token": "x"}))[0] == 401


async def test_signing_in_anew_ends_the_session_of_the_same_browser(api: Api) -> None:
    old = await sign_in(api, "ada")
    async with api.session.post(
        api.base + "/api/session",
        json={"user": "ada", "password": PASSWORD},
        headers={"Cookie": old["Cookie"], "Origin": api.base},
    ) as answer:
        assert answer.status == 200
        assert answer.headers["Set-Cookie"].partition(";")[0] != old["Cookie"]
    assert (await ask(api, "GET", "/api/session", old))[0] == 401


async def test_a_person_changes_the_password(api: Api) -> None:
    browser, elsewhere = await sign_in(api, "ada"), await sign_in_again(api, "ada")
    path, new = "/api/session/password", "another long sentence"
    body = {"old": PASSWORD, "new": new}
    for wrong, status in (
        ({"old": "wrong", "new": new}, 403),
        ({"old": PASSWORD, "new": "short"}, 409),
        ({"old": PASSWORD, "new": "aaaaaaaaaaaaaaaa"}, 409),
        ({"old": PASSWORD, "new": "my name is ada さん"}, 409),
    ):
        assert (await ask(api, "POST", path, browser, wrong))[0] == status
    assert (await ask(api, "POST", path, browser, body))[0] == 200
    assert (await ask(api, "GET", "/api/session", elsewhere))[0] == 401
    assert await attempt(api, "ada") == (401, "sign_in_refused")
    assert await attempt(api, "ada", new) == (200, "")


async def test_an_administrator_looks_after_people(api: Api, log: KnownOperations) -> None:
    person = {"user": "ada", "name": "エイダ", "role": "operator", "agent": "op09"}
    status, body = await api.post("/api/people", "admin", {**person, "password": PASSWORD})
    assert (status, body["has_password"]) == (200, True)
    assert (await api.post("/api/people", "admin", person))[1]["error"]["code"] == "person_exists"
    assert "argon2" not in json.dumps(await api.get("/api/people", "admin"))
    for wrong, code in (
        ({**person, "user": "b", "agent": ""}, "agent_wanted"),
        ({**person, "user": "b", "role": "auditor"}, "agent_wanted"),
        ({**person, "user": "b", "agent": "nobody"}, "unknown_agent"),
        ({**person, "user": "b", "role": "monitor"}, "bad_body"),
        ({**person, "user": "B c"}, "bad_body"),
        ({**person, "user": "b", "name": "x\ny"}, "bad_name"),
    ):
        assert (await api.post("/api/people", "admin", wrong))[1]["error"]["code"] == code
    browser = await sign_in_again(api, "ada")
    change = {"name": "エイダ", "role": "supervisor"}
    assert (await api.post("/api/people/ada/change", "admin", change))[0] == 200
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401, "with another role anew"
    link = (await api.post("/api/people/ada/link", "admin"))[1]["token"]
    assert (await ask(api, "POST", "/api/session/link", {}, {"token": link}))[0] == 200
    assert (await api.post("/api/people/ada/disable", "admin"))[0] == 200
    assert await attempt(api, "ada") == (401, "sign_in_refused")
    assert (await api.post("/api/people/nobody/disable", "admin"))[0] == 404
    done = [(e.kind.value, e.subject) for e in log.entries if e.who == "administrator:" + _id(api)]
    assert done == [
        ("person_added", "ada"),
        ("person_changed", "ada"),
        ("link_made", "ada"),
        ("person_disabled", "ada"),
    ]


def _id(api: Api) -> str:
    return api.tokens["admin"].split("_")[1]


async def test_an_administrator_cannot_lock_the_door_behind_himself(
    api: Api, centre: Centre
) -> None:
    await add(api, "root", Role.ADMINISTRATOR, totp=SECRET)
    code = code_at(SECRET, int(centre.wall_s) // 30)
    browser = await sign_in_again(api, "root", code=code)
    status, body = await ask(api, "POST", "/api/people/root/disable", browser)
    assert (status, body["error"]["code"]) == (409, "not_yourself")


async def test_the_operation_log_is_read_in_pages_and_reading_it_is_in_it(
    api: Api, log: KnownOperations
) -> None:
    await sign_in(api, "ada")
    _, first = await api.get("/api/operations?limit=1", "auditor")
    assert first["operations"][0]["kind"] == "operations_read"
    _, second = await api.get(f"/api/operations?limit=5&before={first['next']}", "auditor")
    assert second["operations"][0]["kind"] == "signed_in"
    assert second["next"] is None
    _, found = await api.get("/api/operations?who=ada&kind=signed_in", "auditor")
    assert len(found["operations"]) == 1
    for wrong in ("limit=0", "kind=x", "who=a%20b", "limit=1&limit=2", "x=1"):
        assert (await api.get(f"/api/operations?{wrong}", "auditor"))[0] == 400


async def test_what_cannot_be_logged_is_not_shown_but_work_goes_on(
    api: Api, log: KnownOperations
) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    log.full = True
    status, body = await api.get("/api/operations", "auditor")
    assert (status, body["error"]["code"]) == (503, "operation_log_full")
    assert (await ask(api, "POST", "/api/agents/op09/login", browser))[0] == 200
    await sign_in_again(api, "kobayashi")
    assert (await ask(api, "DELETE", "/api/session", browser))[0] == 200


async def test_a_database_that_is_away_stops_nobody_who_works(
    api: Api, store: KnownPeople, centre: Centre
) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    people = api.server.entrance.people
    store.away = True
    await people.exchange()
    assert (await ask(api, "POST", "/api/agents/op09/login", browser))[0] == 200
    later = await sign_in_again(api, "kobayashi")
    status, body = await api.post("/api/people/kobayashi/disable", "admin")
    assert (status, body["error"]["code"]) == (503, "store_unavailable")
    assert (await ask(api, "GET", "/api/session", later))[0] == 200, "and nothing has changed"
    store.away = False
    await people.exchange()
    assert len(store.began) == 2, "what happened meanwhile is written then"


async def test_who_is_known_is_read_again_until_it_can_be(
    api: Api, store: KnownPeople, log: KnownOperations
) -> None:
    browser = await sign_in(api, "ada")
    await api.server.entrance.people.exchange()
    people = type(api.server.entrance.people)(
        store, PeopleSettings(), api.server.entrance.people._engine, lambda: 1_795_000_000.0
    )
    entrance = api.server.entrance
    entrance.__dict__["people"] = people
    entrance.sign_in._people = people
    store.away = True
    await people.exchange()
    status, body = await ask(api, "GET", "/api/session", browser)
    assert (status, body["error"]["code"]) == (503, "people_unknown")
    assert await attempt(api, "ada") == (503, "people_unknown")
    store.away = False
    await people.exchange()
    assert (await ask(api, "GET", "/api/session", browser))[0] == 200, "the session is still good"


async def test_a_change_on_the_command_line_is_seen(api: Api, store: KnownPeople) -> None:
    browser = await sign_in(api, "ada")
    ada = store.kept["ada"]
    await store.put(structs.replace(ada, disabled=True))
    await api.server.entrance.people.exchange()
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401


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
