"""Signing in and out. What people may change about their own account: web.api.account."""

from __future__ import annotations

import contextlib
from typing import TypedDict

from aiohttp import web

from acd.errors import MadoguchiError
from acd.ports_people import OperationKind
from web.answer import Done, JsonAnswer, json_response
from web.api import people_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.cookies import drop_cookie, read_cookie, set_cookie
from web.door import Door, Knock
from web.errors import HttpError
from web.identity import Identity
from web.pages import screens_of
from web.roles import PERSONS, Role, in_order
from web.route import Route
from web.sessions import Began, csrf_of
from web.wiring import Wiring


class SignedIn(TypedDict):
    """Who is signed in. Requests with the cookie bring ``csrf`` in ``X-CSRF-Token``; ``pages`` are
    the addresses that this person may open; without use the session ends after ``idle_min``
    minutes."""

    person: str
    name: str
    roles: list[Role]
    agent: str | None
    csrf: str
    second_factor: bool
    idle_min: int
    pages: list[str]


def _session_view(wiring: Wiring, who: Identity, secret: str) -> SignedIn:
    people = wiring.entrance.people
    person = people.find(who.person)
    return {
        "person": who.person,
        "name": who.label,
        "roles": in_order(who.roles),
        "agent": who.agent,
        "csrf": csrf_of(secret) if secret else "",
        "second_factor": bool(person and person.totp),
        "idle_min": people.settings.idle_min,
        "pages": [page.path for page in screens_of(who)],
    }


def welcome(wiring: Wiring, request: web.Request, began: Began) -> JsonAnswer[SignedIn]:
    """The answer to a sign-in: who it is, and the cookie. An older session of the same browser
    ends."""
    entrance = wiring.entrance
    old = read_cookie(request, tls=entrance.tls)
    if old:
        known = entrance.people.sessions.find(old)
        if known is not None:
            entrance.people.sessions.end(known.id)
    who = entrance.people.identify(began.secret)
    if who is None:
        raise HttpError(401, "sign_in_refused")
    answer = json_response(_session_view(wiring, who, began.secret))
    set_cookie(answer, began.secret, tls=entrance.tls)
    return answer


async def sign_in(knock: Knock) -> JsonAnswer[SignedIn]:
    """Sign in with name and password, and a code where there is a second factor.

    ``code_wanted`` (401) asks for the code; send all three again.
    """
    body = knock.body_as(bodies.SignInWith)
    way = knock.wiring.entrance.sign_in
    user = body.user.strip().lower()
    began = await way.by_password(user, body.password, body.code, knock.address)
    return welcome(knock.wiring, knock.request, began)


async def sign_in_by_link(knock: Knock) -> JsonAnswer[SignedIn]:
    """Sign in with the secret of a one-time link."""
    secret = knock.body_as(bodies.SignInByLink).token
    began = await knock.wiring.entrance.sign_in.by_link(secret, knock.address)
    return welcome(knock.wiring, knock.request, began)


async def session(ask: Ask) -> SignedIn:
    """Who I am, and the value that changes must bring in ``X-CSRF-Token``."""
    return _session_view(ask.wiring, ask.who, ask.wiring.entrance.secret_of(ask.request))


async def sign_out(ask: Ask) -> JsonAnswer[Done]:
    """End this session. An operator who signed out everywhere is logged out of the floor as well:
    no caller is to be sent to an empty seat. The last session does not end while a caller is there
    (``sign_out_in_call``): the browser may be the telephone."""
    entrance = ask.wiring.entrance
    only = len(entrance.people.open_sessions(ask.who.person)) == 1
    if ask.who.session and only and entrance.people.with_caller(ask.who.person):
        raise HttpError(409, "sign_out_in_call")
    if ask.who.session:
        entrance.people.sessions.end(ask.who.session)
        entrance.people.hurry()
    if ask.who.agent and not entrance.people.open_sessions(ask.who.person):
        with contextlib.suppress(MadoguchiError):
            await ask.wiring.desk.log_out(ask.who.agent)
    answer = json_response(Done())
    drop_cookie(answer, tls=entrance.tls)
    return answer


DOORS = (
    Door("POST", "/api/session", sign_in, bodies.SignInWith),
    Door("POST", "/api/session/link", sign_in_by_link, bodies.SignInByLink),
)

ROUTES = (
    Route("GET", "/api/session", PERSONS, session),
    Route("DELETE", "/api/session", PERSONS, sign_out, Nothing, OperationKind.SIGNED_OUT),
)
