"""Signing in and out, and what people may change about their own account."""

from __future__ import annotations

from aiohttp import web

from acd.errors import NotFound
from acd.ports_people import OperationKind, Person
from web.api import people_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.cookies import drop_cookie, read_cookie, set_cookie
from web.door import Door, Knock
from web.errors import HttpError, json_response
from web.identity import Identity
from web.passwords import check_new_password
from web.roles import PERSONS
from web.route import Route
from web.sessions import Began, csrf_of
from web.totp import uri
from web.views import Json
from web.wiring import Wiring


def _session_view(wiring: Wiring, who: Identity, secret: str) -> Json:
    people = wiring.entrance.people
    person = people.find(who.person)
    return {
        "person": who.person,
        "name": who.label,
        "role": who.role.value,
        "agent": who.agent,
        "csrf": csrf_of(secret) if secret else "",
        "second_factor": bool(person and person.totp),
        "idle_min": people.settings.idle_min,
    }


def welcome(wiring: Wiring, request: web.Request, began: Began) -> web.Response:
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


async def sign_in(knock: Knock) -> web.Response:
    """Sign in with name and password, and a code where there is a second factor.

    ``code_wanted`` (401) asks for the code; send all three again.
    """
    body = knock.body_as(bodies.SignInWith)
    way = knock.wiring.entrance.sign_in
    user = body.user.strip().lower()
    began = await way.by_password(user, body.password, body.code, knock.address)
    return welcome(knock.wiring, knock.request, began)


async def sign_in_by_link(knock: Knock) -> web.Response:
    """Sign in with the secret of a one-time link."""
    secret = knock.body_as(bodies.SignInByLink).token
    began = await knock.wiring.entrance.sign_in.by_link(secret, knock.address)
    return welcome(knock.wiring, knock.request, began)


async def session(ask: Ask) -> Json:
    """Who I am, and the value that changes must bring in ``X-CSRF-Token``."""
    return _session_view(ask.wiring, ask.who, ask.wiring.entrance.secret_of(ask.request))


async def sign_out(ask: Ask) -> web.Response:
    """End this session. The operator's state stays: log out of the floor before."""
    entrance = ask.wiring.entrance
    if ask.who.session:
        entrance.people.sessions.end(ask.who.session)
        entrance.people.hurry()
    answer = json_response({})
    drop_cookie(answer, tls=entrance.tls)
    return answer


def _person(ask: Ask) -> Person:
    person = ask.wiring.entrance.people.find(ask.who.person)
    if person is None:
        raise NotFound("a token is nobody's account", code="unknown_person")
    return person


async def change_password(ask: Ask) -> web.Response:
    """Change the own password; every other session of this person ends."""
    body, person, entrance = ask.body_as(bodies.OwnPassword), _person(ask), ask.wiring.entrance
    await entrance.sign_in.confirm(person, body.old, entrance.address_of(ask.request))
    check_new_password(body.new, person.user, person.name)
    kept = await entrance.sign_in.passwords.hashed(body.new)
    await entrance.people.change(person.user, password=kept)
    began = entrance.people.sessions.begin(person.user, entrance.people.now_ms())
    return welcome(ask.wiring, ask.request, began)


async def offer_second_factor(ask: Ask) -> Json:
    """A new second factor for the own account; it counts once a code has confirmed it."""
    person, entrance = _person(ask), ask.wiring.entrance
    body = ask.body_as(bodies.WithPassword)
    await entrance.sign_in.confirm(person, body.password, entrance.address_of(ask.request))
    secret = entrance.sign_in.offer(ask.who.session)
    return {"secret": secret, "uri": uri(secret, person.user)}


async def confirm_second_factor(ask: Ask) -> web.Response:
    """Make the offered second factor count."""
    person, entrance = _person(ask), ask.wiring.entrance
    code = ask.body_as(bodies.SecondFactor).code
    taken = entrance.sign_in.take_offered(ask.who.session, code)
    if taken is None:
        raise HttpError(409, "code_wrong")
    secret, step = taken
    await entrance.people.change(person.user, totp=secret)
    entrance.people.lockout.succeeded(person.user, step)
    began = entrance.people.sessions.begin(person.user, entrance.people.now_ms())
    return welcome(ask.wiring, ask.request, began)


DOORS = (
    Door("POST", "/api/session", sign_in, bodies.SignInWith),
    Door("POST", "/api/session/link", sign_in_by_link, bodies.SignInByLink),
)

ROUTES = (
    Route("GET", "/api/session", PERSONS, session),
    Route("DELETE", "/api/session", PERSONS, sign_out, Nothing, OperationKind.SIGNED_OUT),
    Route(
        "POST",
        "/api/session/password",
        PERSONS,
        change_password,
        bodies.OwnPassword,
        OperationKind.PASSWORD_CHANGED,
    ),
    Route(
        "POST",
        "/api/session/second-factor",
        PERSONS,
        offer_second_factor,
        bodies.WithPassword,
    ),
    Route(
        "POST",
        "/api/session/second-factor/confirm",
        PERSONS,
        confirm_second_factor,
        bodies.SecondFactor,
        OperationKind.SECOND_FACTOR_CHANGED,
    ),
)
