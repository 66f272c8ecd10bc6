"""Who may sign in, how long that lasts, what is logged, and a database that is away."""

from __future__ import annotations

import json

from msgspec import structs

from acd.config.people_settings import PeopleSettings
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedIn, AgentReadied, CallerHungUp
from tests.fakes.centre import Centre
from tests.fakes.people import KnownOperations, KnownPeople
from tests.web.client import Api
from tests.web.people_kit import PASSWORD, SECRET, add, ask, attempt, sign_in, sign_in_again
from web.roles import Role
from web.totp import code_at


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


async def test_an_administrator_looks_after_people(api: Api, log: KnownOperations) -> None:
    person = {"user": "ada", "name": "エイダ", "roles": ["operator"], "agent": "op09"}
    status, body = await api.post("/api/people", "admin", {**person, "password": PASSWORD})
    assert (status, body["has_password"]) == (200, True)
    assert (await api.post("/api/people", "admin", person))[1]["error"]["code"] == "person_exists"
    assert "argon2" not in json.dumps(await api.get("/api/people", "admin"))
    for wrong, code in (
        ({**person, "user": "b", "agent": ""}, "agent_wanted"),
        ({**person, "user": "b", "roles": ["auditor"]}, "agent_wanted"),
        ({**person, "user": "b", "agent": "nobody"}, "unknown_agent"),
        ({**person, "user": "b", "roles": ["monitor"]}, "bad_body"),
        ({**person, "user": "b", "roles": []}, "bad_body"),
        ({**person, "user": "B c"}, "bad_body"),
        ({**person, "user": "b", "name": "x\ny"}, "bad_name"),
    ):
        assert (await api.post("/api/people", "admin", wrong))[1]["error"]["code"] == code
    browser = await sign_in_again(api, "ada")
    change = {"name": "エイダ", "roles": ["supervisor"]}
    assert (await api.post("/api/people/ada/change", "admin", change))[0] == 200
    assert (await ask(api, "GET", "/api/session", browser))[0] == 401, "with another role anew"
    link = (await api.post("/api/people/ada/link", "admin"))[1]["token"]
    assert (await ask(api, "POST", "/api/session/link", {}, {"token": link}))[0] == 200
    assert (await api.post("/api/people/ada/disable", "admin"))[0] == 200
    assert await attempt(api, "ada") == (401, "sign_in_refused")
    assert (await api.post("/api/people/nobody/disable", "admin"))[0] == 404
    mine = [each for each in log.entries if each.who == "administrator:" + _id(api)]
    done = [(each.kind.value, each.subject) for each in mine if each.allowed]
    assert done == [
        ("person_added", "ada roles=operator agent=op09"),
        ("people_viewed", ""),
        ("person_changed", "ada roles=supervisor"),
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


async def test_who_looks_at_the_list_of_people_is_in_the_operation_log(
    api: Api, log: KnownOperations
) -> None:
    assert (await api.get("/api/people", "admin"))[0] == 200
    assert (await api.get("/api/people", "op09"))[0] == 403
    _, found = await api.get("/api/operations?kind=people_viewed", "auditor")
    assert [(each["role"], each["allowed"]) for each in found["operations"]] == [
        ("operator", False),
        ("administrator", True),
    ]


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
    for wrong in ("limit=0", "kind=x", "who=a%3Cb", "limit=1&limit=2", "x=1"):
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


async def test_what_is_done_to_others_is_logged_and_what_one_does_oneself_is_not(
    api: Api, centre: Centre, log: KnownOperations
) -> None:
    centre.do(AgentLoggedIn(AgentId("op09")))
    body = {"reason": "meeting"}
    assert (await api.post("/api/agents/op09/not-ready", "op09", body))[0] == 200
    assert log.entries == []
    assert (await api.post("/api/agents/op09/not-ready", "supervisor", body))[0] == 200
    assert (await api.post("/api/agents/op09/logout", "supervisor"))[0] == 200
    assert (await api.post("/api/agents/op09/logout", "supervisor"))[0] == 409
    assert [(e.kind.value, e.subject, e.reason, e.allowed) for e in log.entries] == [
        ("agent_forced", "op09", "meeting", True),
        ("agent_logged_out", "op09", "", True),
        ("agent_logged_out", "op09", "", False),
    ]


async def test_nobody_is_added_or_let_in_when_that_cannot_be_logged(
    api: Api, store: KnownPeople, log: KnownOperations
) -> None:
    log.full = True
    person = {"user": "ada", "name": "エイダ", "roles": ["auditor"]}
    status, body = await api.post("/api/people", "admin", person)
    assert (status, body["error"]["code"]) == (503, "operation_log_full")
    assert store.kept == {}
