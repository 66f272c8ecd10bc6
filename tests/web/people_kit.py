"""People who sign in to the server under test, as their browsers do."""

from __future__ import annotations

from functools import cache
from typing import Any

from acd.ports_people import Person
from tests.web.client import Api
from web.passwords import hashed
from web.roles import Role

PASSWORD = "correct horse battery staple"
#: A second factor: the secret of the vectors in RFC 6238.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@cache
def hash_of(password: str) -> str:
    return hashed(password)


async def add(
    api: Api, user: str, role: Role | str = Role.SUPERVISOR, agent: str = "", totp: str = ""
) -> Person:
    """Add somebody whose password is PASSWORD; several roles are words in one text."""
    people = api.server.entrance.people
    roles = tuple(role.split())
    person = Person(user, f"{user} さん", roles, agent, hash_of(PASSWORD), totp)
    return await people.put(person)


async def sign_in(
    api: Api, user: str, role: Role | str = Role.SUPERVISOR, agent: str = ""
) -> dict[str, str]:
    """Somebody new signs in; returns the headers that the browser sends with each request."""
    await add(api, user, role, agent)
    return await sign_in_again(api, user)


async def sign_in_again(api: Api, user: str, **more: str) -> dict[str, str]:
    """Sign in with PASSWORD; returns the headers that the browser sends with each request."""
    async with api.session.post(
        api.base + "/api/session",
        json={"user": user, "password": PASSWORD, **more},
        headers={"Origin": api.base},
    ) as answer:
        assert answer.status == 200, await answer.text()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        csrf = (await answer.json())["csrf"]
    return {"Cookie": cookie, "Origin": api.base, "X-CSRF-Token": csrf}


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
