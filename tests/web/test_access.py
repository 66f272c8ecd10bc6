"""Deny by default: every route for every role, and what a wrong token gets."""

from __future__ import annotations

import re

import pytest

from tests.fakes.centre import Centre
from tests.web.client import Api
from web.auth import TokenStore
from web.roles import Role
from web.route import Route
from web.routes import ROUTES

#: Who gets through, by route: written out by hand, so that the access table has a witness.
#: "own": an operator for himself; op10 asks for op09.
MAY = {
    "GET /api/me": {"op09", "op10", "supervisor", "admin"},
    "GET /api/state": {"op09", "op10", "supervisor", "admin"},
    "POST /api/agents/{agent}/login": {"op09", "admin"},
    "POST /api/agents/{agent}/logout": {"op09", "supervisor", "admin"},
    "POST /api/agents/{agent}/ready": {"op09", "admin"},
    "POST /api/agents/{agent}/not-ready": {"op09", "supervisor", "admin"},
    "POST /api/agents/{agent}/reserve": {"op09", "admin"},
    "POST /api/agents/{agent}/wrap-up/extend": {"op09", "admin"},
    "POST /api/agents/{agent}/wrap-up/end": {"op09", "admin"},
    "POST /api/agents/{agent}/hang-up": {"op09", "admin"},
    "POST /api/agents/{agent}/transfer": {"op09", "admin"},
    "POST /api/agents/{agent}/disposition": {"op09", "admin"},
    "POST /api/agents/{agent}/softphone": {"op09"},
    "DELETE /api/agents/{agent}/softphone": {"op09", "supervisor", "admin"},
    "POST /api/reload": {"admin"},
    "GET /api/explain/{offer}": {"supervisor", "admin"},
    "GET /metrics": {"supervisor", "admin", "monitor"},
    "GET /api/openapi.json": {"op09", "op10", "supervisor", "admin", "monitor"},
}
WHO = ("op09", "op10", "supervisor", "admin", "monitor", None)


def pattern(route: Route) -> str:
    return f"{route.method} " + re.sub(r"\{(\w+):.*?\}(?=/|$)", r"{\1}", route.path)


def test_every_route_has_a_line_in_the_table() -> None:
    assert {pattern(route) for route in ROUTES} <= set(MAY)


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("route", MAY)
@pytest.mark.parametrize("who", WHO)
async def test_every_route_for_every_role(api: Api, route: str, who: str | None) -> None:
    method, path = route.split()
    url = api.base + path.replace("{agent}", "op09").replace("{offer}", "o000000000001")
    async with api.session.request(method, url, headers=api.headers(who)) as answer:
        if who is None:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        elif who in MAY[route]:
            assert answer.status not in (401, 403, 404, 405, 500)
        else:
            assert answer.status == 403
            assert (await answer.json())["error"]["code"] == "forbidden"


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
    assert await api.get("/healthz") == (200, {"ok": True, "switch": True, "journal": True})
    centre.health = type(centre.health)(switch=False, journal=True)
    assert (await api.get("/healthz"))[0] == 503


@pytest.mark.parametrize("path", ["/x", "/api", "/api/agents", "/api/agents/op09", "/static/x"])
async def test_what_is_not_in_the_table_is_not_there(api: Api, path: str) -> None:
    status, body = await api.get(path, "admin")
    assert status == 404
    assert body["error"]["code"] == "no_such_route"
