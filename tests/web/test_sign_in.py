"""Signing in as browsers do: passwords, codes, links, locks."""

from __future__ import annotations

import asyncio

import pytest

from acd.config.people_settings import PeopleSettings
from acd.ports_people import OperationKind
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, SECRET, add, ask, attempt, sign_in, sign_in_again
from web.roles import Role
from web.totp import code_at


async def test_a_person_signs_in_works_and_signs_out(api: Api, log: KnownOperations) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    status, me = await ask(api, "GET", "/api/session", browser)
    assert status == 200
    assert (me["person"], me["roles"], me["agent"]) == ("kobayashi", ["operator"], "op09")
    assert me["csrf"] == browser["X-CSRF-Token"]
    assert (await ask(api, "POST", "/api/agents/op09/login", browser))[0] == 200
    assert (await ask(api, "POST", "/api/agents/op10/login", browser))[0] == 403
    assert (await ask(api, "DELETE", "/api/session", browser))[0] == 200
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401
    # To act in another's place was tried, and refused.
    assert [(entry.kind, entry.allowed) for entry in log.entries] == [
        (OperationKind.SIGNED_IN, True),
        (OperationKind.AGENT_ACTED_FOR, False),
        (OperationKind.SIGNED_OUT, True),
    ]
    assert {entry.who for entry in log.entries} == {"kobayashi"}


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
