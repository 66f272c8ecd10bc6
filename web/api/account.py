"""The own account: its password, its second factor, its sessions."""

from __future__ import annotations

from typing import TypedDict

from acd.errors import NotFound
from acd.ports_people import OperationKind, Person
from web.answer import JsonAnswer
from web.api import people_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.api.sessions import SignedIn, welcome
from web.errors import HttpError
from web.passwords import MAX_CHARACTERS, MIN_CHARACTERS, MIN_DIFFERENT, check_new_password
from web.qr import QrCode, qr_code
from web.roles import PERSONS
from web.route import Route
from web.totp import uri


class PasswordRules(TypedDict):
    """How many characters a password has, and how many different ones at least."""

    min: int
    max: int
    different: int


class OpenSession(TypedDict):
    """An open session; ``own`` is the one that asks. Times are Unix seconds."""

    began_s: float
    seen_s: float
    own: bool


class Account(TypedDict):
    """The own account. ``guest``: it belongs to this run alone; ``may_choose``: a new password
    needs no old one, for a while after coming in by a link."""

    user: str
    name: str
    roles: tuple[str, ...]
    agent: str | None
    guest: bool
    has_password: bool
    may_choose: bool
    second_factor: bool
    second_factor_wanted: bool
    password: PasswordRules
    sessions: list[OpenSession]


class OpenSessions(TypedDict):
    """The sessions that are open now."""

    sessions: list[OpenSession]


class Offered(TypedDict):
    """A second factor to be confirmed: its secret, the same as an address, and that as a QR
    code."""

    secret: str
    uri: str
    qr: QrCode


def _person(ask: Ask) -> Person:
    person = ask.wiring.entrance.people.find(ask.who.person)
    if person is None:
        raise NotFound("a token is nobody's account", code="unknown_person")
    return person


async def account(ask: Ask) -> Account:
    """What the account page shows. Times are Unix seconds."""
    person, entrance = _person(ask), ask.wiring.entrance
    ways = entrance.sign_in
    return {
        "user": person.user,
        "name": person.name,
        "roles": person.roles,
        "agent": person.agent or None,
        "guest": entrance.people.is_guest(person.user),
        "has_password": bool(person.password),
        "may_choose": ways.may_choose(ask.who.session),
        "second_factor": bool(person.totp),
        "second_factor_wanted": ways.wants_second_factor(person),
        "password": {
            "min": MIN_CHARACTERS,
            "max": MAX_CHARACTERS,
            "different": MIN_DIFFERENT,
        },
        "sessions": _sessions(ask),
    }


def _sessions(ask: Ask) -> list[OpenSession]:
    return [
        {
            "began_s": each.created_ms / 1000,
            "seen_s": each.seen_ms / 1000,
            "own": each.id == ask.who.session,
        }
        for each in ask.wiring.entrance.people.open_sessions(ask.who.person)
    ]


async def end_others(ask: Ask) -> OpenSessions:
    """End every other session of this person: forgotten screens, or somebody else's."""
    person = _person(ask)
    ask.wiring.entrance.people.end_sessions(person.user, but=ask.who.session)
    return {"sessions": _sessions(ask)}


async def change_password(ask: Ask) -> JsonAnswer[SignedIn]:
    """Change the own password; every other session of this person ends. Who has just come by a
    link need not know the old one."""
    body, person, entrance = ask.body_as(bodies.OwnPassword), _person(ask), ask.wiring.entrance
    if body.old or not entrance.sign_in.may_choose(ask.who.session):
        await entrance.sign_in.confirm(person, body.old, entrance.address_of(ask.request))
    check_new_password(body.new, person.user, person.name)
    kept = await entrance.sign_in.passwords.hashed(body.new)
    await entrance.people.change(person.user, password=kept)
    began = entrance.people.sessions.begin(person.user, entrance.people.now_ms())
    return welcome(ask.wiring, ask.request, began)


async def offer_second_factor(ask: Ask) -> Offered:
    """A new second factor for the own account; it counts once a code has confirmed it."""
    person, entrance = _person(ask), ask.wiring.entrance
    body = ask.body_as(bodies.WithPassword)
    await entrance.sign_in.confirm(person, body.password, entrance.address_of(ask.request))
    secret = entrance.sign_in.offer(ask.who.session)
    text = uri(secret, person.user)
    return {"secret": secret, "uri": text, "qr": qr_code(text)}


async def confirm_second_factor(ask: Ask) -> JsonAnswer[SignedIn]:
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


ROUTES = (
    Route("GET", "/api/session/account", PERSONS, account),
    Route(
        "POST",
        "/api/session/others/end",
        PERSONS,
        end_others,
        Nothing,
        OperationKind.SESSIONS_ENDED,
    ),
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
