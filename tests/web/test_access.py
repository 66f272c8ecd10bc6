"""Deny by default: every route for every role, and what a wrong token gets."""

from __future__ import annotations

import re

import pytest

from acd.ports_people import OperationKind
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations
from tests.web.client import Api
from tests.web.people_kit import sign_in
from tools.access_table import plain
from web.auth import TokenStore
from web.pages import PAGES
from web.roles import ADMINISTRATORS, AT_WORK, FLOOR, PERSONS, Role
from web.route import Route
from web.routes import DOORS, ROUTES, SPECIAL, Special

#: Something for each name in a path: the first that fits its pattern.
SAMPLES = (
    *("op09", "o000000000001", "17000000.000001", "somebody", "0123456789abcdef" * 2, "1"),
    "harassment-1-1",
    "0123456789ab",
)
#: Each role as the operator op09, and op10 who is another one.
WHO = (*("op09" if role is Role.OPERATOR else role.value for role in Role), "op10")


def path_of(route: Route | Special) -> str:
    """The route's path with something for each name in it."""

    def fill(match: re.Match[str]) -> str:
        fits = [sample for sample in SAMPLES if re.fullmatch(match[2], sample)]
        assert fits, f"give {match[1]} a sample that fits {match[2]}"
        return fits[0]

    return re.sub(r"\{(\w+):((?:[^{}]|\{[^{}]*\})*)\}", fill, route.path)


def role_of(who: str) -> Role:
    return Role.OPERATOR if who.startswith("op") else Role(who)


def may(who: str, route: Route | Special) -> bool:
    if route.roles is None:
        return True
    own = who != "op10" or "{agent:" not in route.path
    return role_of(who) in route.roles and own


async def answer_to(api: Api, route: Route | Special, headers: dict[str, str]) -> tuple[int, str]:
    url = api.base + path_of(route)
    async with api.session.request(route.method, url, headers=headers) as answer:
        code = ""
        if answer.status >= 400 and answer.content_type == "application/json":
            code = (await answer.json()).get("error", {}).get("code", "")
        return answer.status, code


#: Who is let in there needs a telephone as well: tests/web/test_softphone.py.
NEEDS_MORE = ("/sip",)
#: What a request that was let in may be answered: never one of these.
TURNED_AWAY = ("forbidden", "unauthenticated", "no_such_route", "method_not_allowed", "internal")


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("who", WHO)
async def test_every_route_for_every_role(api: Api, who: str) -> None:
    for route in (*ROUTES, *SPECIAL):
        status, code = await answer_to(api, route, api.headers(api.role(who)))
        said = f"{who}: {route.method} {plain(route.path)} answered {status} {code}"
        if may(who, route):
            assert code not in TURNED_AWAY or route.path in NEEDS_MORE, said
            assert status != 500, said
        else:
            assert (status, code) == (403, "forbidden"), said


@pytest.mark.requirement("M24")
async def test_every_route_for_somebody_unknown(api: Api) -> None:
    for route in (*ROUTES, *SPECIAL):
        status, code = await answer_to(api, route, {})
        if route.roles is None:
            assert status == 200
        elif route.path not in ("/api/live", "/api/wallboard/live"):
            # A program may say its token after the upgrade: tests/web/test_live.py.
            assert (status, code) == (401, "unauthenticated"), route.path


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("who", WHO)
async def test_every_route_for_every_role_signed_in_with_a_browser(api: Api, who: str) -> None:
    role = role_of(who)
    if role not in PERSONS:
        return
    browser = await sign_in(api, who, role, who if role is Role.OPERATOR else "")
    for route in (*ROUTES, *SPECIAL):
        if route.path.startswith("/api/session") or "/people/{" in route.path:
            continue  # these end or change the session that asks: tests/web/test_people.py
        status, code = await answer_to(api, route, browser)
        said = f"{who}: {route.method} {plain(route.path)} answered {status} {code}"
        if may(who, route):
            assert code not in TURNED_AWAY or route.path in NEEDS_MORE, said
        else:
            assert (status, code) == (403, "forbidden"), said


def test_the_table_keeps_to_what_roles_are_for() -> None:
    """Written out by hand, so that a slip in the table has a witness."""
    roles = {(route.method, plain(route.path)): route.roles for route in ROUTES}
    for (method, path), allowed in roles.items():
        assert allowed, path
        assert Role.MONITOR not in allowed, path
        if path.startswith("/api/agents/") or path == "/api/state":
            assert allowed <= AT_WORK | {Role.AUDITOR}, path
        if path.startswith("/api/people"):
            assert allowed == ADMINISTRATORS, path
        if method == "POST" and path.startswith("/api/calls/"):
            assert allowed <= FLOOR | {Role.QUALITY, Role.OPERATOR}, path
    assert roles["GET", "/api/operations"] == {Role.AUDITOR, Role.ADMINISTRATOR}
    assert roles["POST", "/api/reload"] == {Role.ADMINISTRATOR}
    assert {door.path for door in DOORS} == {
        "/api/oidc",
        "/api/oidc/start",
        "/api/oidc/return",
        "/api/public/busy",
        "/api/public/busy.svg",
        "/api/session",
        "/api/session/link",
    }
    assert {page.path for page in PAGES if page.roles is None} == {"/sign-in"}


async def test_a_refused_attempt_is_in_the_operation_log(api: Api, log: KnownOperations) -> None:
    assert (await api.get("/api/operations", "supervisor"))[0] == 403
    entry = log.entries[-1]
    assert (entry.kind, entry.role, entry.allowed) == (
        OperationKind.OPERATIONS_READ,
        "supervisor",
        False,
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic b3A6b3A=",
        "Bearer mdg_000000000000_" + "A" * 43,
        "Bearer " + "A" * 4000,
        "Bearer mdg_" + "é" * 20,
        "Bearer '; DROP TABLE tokens; --",
    ],
)
async def test_a_wrong_token_gets_nothing(api: Api, header: str) -> None:
    async with api.session.get(
        api.base + "/api/state", headers={"Authorization": header}
    ) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "agents" not in await answer.text()


async def test_a_token_with_one_character_changed_gets_nothing(api: Api) -> None:
    good = api.tokens["admin"]
    last = "A" if good[-1] != "A" else "B"
    api.tokens["bad"] = good[:-1] + last
    assert (await api.get("/api/me", "bad"))[0] == 401


async def test_a_revoked_token_gets_nothing_at_once(api: Api) -> None:
    assert (await api.get("/api/me", "op09"))[0] == 200
    api.store.revoke(api.tokens["op09"].split("_")[1])
    assert (await api.get("/api/me", "op09"))[0] == 401


async def test_a_token_added_by_another_process_works_without_a_restart(
    api: Api, tmp_path: object
) -> None:
    api.tokens["new"] = TokenStore(api.store._dir).add(Role.SUPERVISOR)
    assert (await api.get("/api/me", "new"))[0] == 200


async def test_health_needs_no_token_and_says_no_more_than_that(api: Api, centre: Centre) -> None:
    assert await api.get("/healthz") == (200, {"ok": True})
    assert await api.get("/readyz") == (200, {"ok": True})
    centre.health = type(centre.health)(switch=False, journal=True, menus=False)
    assert await api.get("/readyz") == (503, {"ok": False})
    assert await api.get("/readyz", "monitor") == (
        503,
        {"ok": False, "missing": ["switch", "menus"]},
    )
    # It lives all the same: nobody should start it again.
    assert await api.get("/healthz") == (200, {"ok": True})


@pytest.mark.parametrize("path", ["/api", "/api/agents", "/api/agents/op09", "/static/x"])
async def test_what_is_not_in_the_table_is_not_there(api: Api, path: str) -> None:
    status, body = await api.get(path, "admin")
    assert status == 404
    assert body["error"]["code"] == "no_such_route"
