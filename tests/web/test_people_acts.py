"""What administrators do to accounts, and what people do to their own, over the interface."""

from __future__ import annotations

import asyncio

import pytest

from acd.config.people_settings import PeopleSettings
from acd.core.ids import AgentId
from acd.core.inputs import CallerHungUp
from acd.errors import Refused
from agents.state import AgentState
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.floor_kit import at_work
from tests.web.people_kit import PASSWORD, add, ask, attempt, sign_in, sign_in_again
from web.roles import Role

NEW = "eight small green kettles"


@pytest.fixture
def people_settings() -> PeopleSettings:
    return PeopleSettings(lock_after=3)


async def person(api: Api, user: str) -> dict[str, object]:
    """One person as the administrators' list has it."""
    _, known = await api.get("/api/people", "admin")
    return next(each for each in known["people"] if each["user"] == user)


async def test_a_lock_is_seen_and_lifted_and_open_sessions_go_on(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    browser = await sign_in(api, "ada")
    for _ in range(3):
        await attempt(api, "ada", "wrong")
    locked = await person(api, "ada")
    assert locked["locked_until_s"] == pytest.approx(centre.wall_s + 30 * 60, abs=1)
    assert locked["signed_in_s"] == pytest.approx(centre.wall_s, abs=1)
    assert locked["sessions"] == 1
    assert await attempt(api, "ada") == (429, "account_locked")
    assert (await api.post("/api/people/ada/unlock", "admin"))[0] == 200
    assert (await person(api, "ada"))["locked_until_s"] is None
    assert await attempt(api, "ada") == (200, "")
    assert (await ask(api, "GET", "/api/session", browser))[0] == 200
    assert (await api.post("/api/people/nobody/unlock", "admin"))[0] == 404
    assert "unlocked" in [entry.kind.value for entry in log.entries]


@pytest.mark.parametrize("act", ["sessions/end", "disable", "password/reset"])
async def test_who_is_sent_away_gets_no_more_calls(api: Api, centre: Centre, act: str) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    at_work(centre, "op09")
    assert (await api.post(f"/api/people/kobayashi/{act}", "admin"))[0] == 200
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401
    assert centre.engine.agents[AgentId("op09")].state is AgentState.LOGGED_OUT


async def test_signing_out_of_the_last_screen_leaves_no_empty_seat(
    api: Api, centre: Centre
) -> None:
    first = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    second = await sign_in_again(api, "kobayashi")
    at_work(centre, "op09")
    seat = centre.engine.agents[AgentId("op09")]
    assert (await ask(api, "DELETE", "/api/session", second))[0] == 200
    assert seat.state is AgentState.READY, "the other screen is still there"
    assert (await ask(api, "DELETE", "/api/session", first))[0] == 200
    assert centre.engine.agents[AgentId("op09")].state is AgentState.LOGGED_OUT


async def test_nobody_signs_out_of_a_call(api: Api, centre: Centre) -> None:
    browser = await sign_in(api, "kobayashi", Role.OPERATOR, "op09")
    at_work(centre, "op09")
    call = centre.call(1)
    centre.connect(call)
    status, answer = await ask(api, "DELETE", "/api/session", browser)
    assert (status, answer["error"]["code"]) == (409, "sign_out_in_call")
    centre.do(CallerHungUp(call))
    assert (await ask(api, "DELETE", "/api/session", browser))[0] == 200


@pytest.mark.requirement("M23")
async def test_a_reset_lets_only_the_person_choose_and_only_for_a_while(
    api: Api, centre: Centre
) -> None:
    await add(api, "ada")
    _, made = await api.post("/api/people/ada/password/reset", "admin")
    assert made["path"].startswith("/sign-in?to=/account#link=")
    assert await attempt(api, "ada") == (401, "sign_in_refused")
    browser = await by_link(api, made["token"])
    _, account = await ask(api, "GET", "/api/session/account", browser)
    assert (account["has_password"], account["may_choose"]) == (False, True)
    centre.wall_s += 16 * 60
    path, chosen = "/api/session/password", {"new": NEW}
    assert (await ask(api, "POST", path, browser, chosen))[0] == 403
    _, made = await api.post("/api/people/ada/link", "admin")
    browser = await by_link(api, made["token"])
    status, answer = await ask(api, "POST", path, browser, {"new": "short"})
    assert (status, answer["error"]["code"]) == (409, "password_length")
    assert (await ask(api, "POST", path, browser, chosen))[0] == 200
    again = await sign_in_with(api, "ada", NEW)
    assert (await ask(api, "POST", path, again, {"new": PASSWORD}))[0] == 403, "the old is needed"
    await api.post("/api/people/ada/disable", "admin")
    _, refused = await api.post("/api/people/ada/password/reset", "admin")
    assert refused["error"]["code"] == "person_disabled"


async def by_link(api: Api, token: str) -> dict[str, str]:
    """Come in by a link; returns the headers that the browser sends with each request."""
    return await _come_in(api, "/api/session/link", {"token": token})


async def sign_in_with(api: Api, user: str, password: str) -> dict[str, str]:
    return await _come_in(api, "/api/session", {"user": user, "password": password})


async def _come_in(api: Api, path: str, body: dict[str, str]) -> dict[str, str]:
    origin = {"Origin": api.base}
    async with api.session.post(api.base + path, json=body, headers=origin) as answer:
        assert answer.status == 200, await answer.text()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return {**origin, "Cookie": cookie, "X-CSRF-Token": (await answer.json())["csrf"]}


@pytest.mark.requirement("M24")
async def test_the_last_administrator_stays_even_when_two_remove_each_other_at_once(
    api: Api,
) -> None:
    await add(api, "root", Role.ADMINISTRATOR)
    await add(api, "boss", "supervisor administrator")
    people = api.server.entrance.people
    done = await asyncio.gather(
        people.change("root", disabled=True),
        people.change("boss", roles=("supervisor",)),
        return_exceptions=True,
    )
    (refused,) = [each for each in done if isinstance(each, Refused)]
    assert refused.code == "last_administrator"
    assert not people.known_person("boss").disabled
    assert people.known_person("boss").roles == ("supervisor", "administrator")


async def test_a_second_factor_comes_as_a_code_to_scan(api: Api) -> None:
    browser = await sign_in(api, "ada")
    path = "/api/session/second-factor"
    assert (await ask(api, "POST", path, browser, {"password": "wrong"}))[0] == 403
    _, offer = await ask(api, "POST", path, browser, {"password": PASSWORD})
    size, marks = offer["qr"]["size"], offer["qr"]["path"]
    # The three corners that a reader looks for, each a ring of seven modules within a light rim.
    for x, y in ((4, 4), (size - 11, 4), (4, size - 11)):
        ring = [(x + at, y) for at in range(7)] + [(x, y + at) for at in range(7)]
        assert all(f"M{across} {down}h1v1h-1z" in marks for across, down in ring)
    assert not any(f"M{at} 3h" in marks or f"M3 {at}h" in marks for at in range(size))
    assert offer["secret"] in offer["uri"]
