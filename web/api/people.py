"""For administrators: who may sign in. For auditors: what people did."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import TypedDict

from acd.core.ids import AgentId
from acd.errors import MadoguchiError, NotFound, Refused
from acd.ports_people import KeptOperation, OperationKind, OperationSpan, Person
from web.api import people_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.passwords import check_new_password
from web.people import People
from web.roles import ADMINISTRATORS, Role, in_order
from web.route import Answer, Route

_USER = "/api/people/{user:" + bodies.USER + "}"
AUDITORS = ADMINISTRATORS | {Role.AUDITOR}


class PersonSeen(TypedDict):
    """A person without secrets, and how the account is used. Times are Unix seconds."""

    user: str
    name: str
    roles: tuple[str, ...]
    agent: str | None
    disabled: bool
    has_password: bool
    second_factor: bool
    created_s: float
    locked_until_s: float | None
    signed_in_s: float | None
    sessions: int
    in_call: bool


class PeopleSeen(TypedDict):
    """Everybody who may sign in, and what there is to choose from: roles, operators by id, the
    roles that need a second factor."""

    people: list[PersonSeen]
    roles: list[bodies.PersonRole]
    agents: dict[str, str]
    second_factor_for: tuple[str, ...]


class OneTimeLink(TypedDict):
    """The secret of a link that signs in once, and the address that holds it."""

    token: str
    path: str


class OperationSeen(TypedDict):
    """One thing that somebody did: ids and reasons, no personal data. ``at_ms`` is Unix
    milliseconds, ``subject`` the ids of what it was done to; a refused one is not ``allowed``."""

    number: int
    at_ms: int
    kind: OperationKind
    who: str
    role: str
    subject: str
    reason: str
    allowed: bool


class OperationsSeen(TypedDict):
    """Entries, the newest first; ``next`` is the ``before`` of the next page."""

    operations: list[OperationSeen]
    next: int | None


def person_view(ask: Ask, person: Person) -> PersonSeen:
    """A person without secrets, and how the account is used. Times are Unix seconds."""
    known = _people(ask)
    locked_ms = known.lockout.locked_until_ms(person.user, known.now_ms())
    last_ms = known.lockout.last_signed_in_ms(person.user)
    return {
        "user": person.user,
        "name": person.name,
        "roles": person.roles,
        "agent": person.agent or None,
        "disabled": person.disabled,
        "has_password": bool(person.password),
        "second_factor": bool(person.totp),
        "created_s": person.created_ms / 1000,
        "locked_until_s": locked_ms / 1000 if locked_ms else None,
        "signed_in_s": last_ms / 1000 if last_ms else None,
        "sessions": len(known.open_sessions(person.user)),
        "in_call": known.in_call(person.user),
    }


def _people(ask: Ask) -> People:
    return ask.wiring.entrance.people


def _check_agent(ask: Ask, agent: str) -> str:
    if agent and AgentId(agent) not in ask.wiring.engine().agents:
        raise NotFound("there is no such operator", code="unknown_agent")
    return agent


def _names(roles: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(role.value for role in in_order(Role(each.value) for each in roles))


def _not_self(ask: Ask) -> None:
    # The last administrator cannot lock the door behind himself: another one has to do it.
    if ask.names["user"] == ask.who.person:
        raise Refused("ask another administrator to do that", code="not_yourself")


async def _off_the_floor(ask: Ask, agent: str) -> None:
    """Nobody sits before this operator's screen any more: no caller is to be sent there. A talk
    goes on to its end; who is logged out already stays so."""
    if agent:
        with contextlib.suppress(MadoguchiError):
            await ask.wiring.floor.log_out(AgentId(agent), ask.who.name)


async def people(ask: Ask) -> PeopleSeen:
    """Everybody who may sign in, without secrets, and what there is to choose from."""
    return {
        "people": [person_view(ask, each) for each in _people(ask).everybody()],
        "roles": list(bodies.PersonRole),
        "agents": {each.id: each.name for each in ask.wiring.engine().plan.agents},
        "second_factor_for": ask.wiring.entrance.people.settings.second_factor,
    }


async def add_person(ask: Ask) -> PersonSeen:
    """Add somebody; the user name must be new."""
    body, entrance = ask.body_as(bodies.NewPerson), ask.wiring.entrance
    if entrance.people.find(body.user) is not None:
        raise Refused("there is a person with this user name", code="person_exists")
    password = ""
    if body.password:
        check_new_password(body.password, body.user, body.name)
        password = await entrance.sign_in.passwords.hashed(body.password)
    now = entrance.people.now_ms()
    agent = _check_agent(ask, body.agent)
    person = Person(body.user, body.name, _names(body.roles), agent, password, created_ms=now)
    return person_view(ask, await entrance.people.put(person))


async def change_person(ask: Ask) -> PersonSeen:
    """Change name, roles or operator; the person's sessions end."""
    _not_self(ask)
    body = ask.body_as(bodies.ChangedPerson)
    agent = _check_agent(ask, body.agent)
    before = _people(ask).known_person(ask.names["user"])
    changed = await _people(ask).change(
        before.user, name=body.name, roles=_names(body.roles), agent=agent
    )
    await _off_the_floor(ask, before.agent)
    return person_view(ask, changed)


async def disable_person(ask: Ask) -> PersonSeen:
    """Let somebody sign in no more; open screens close within seconds."""
    _not_self(ask)
    person = await _people(ask).change(ask.names["user"], disabled=True)
    await _off_the_floor(ask, person.agent)
    return person_view(ask, person)


async def enable_person(ask: Ask) -> PersonSeen:
    """Let somebody sign in again, at once even after too many failures."""
    person = await _people(ask).change(ask.names["user"], disabled=False)
    _people(ask).lockout.succeeded(person.user)
    return person_view(ask, person)


async def unlock_person(ask: Ask) -> PersonSeen:
    """Let somebody try again at once after too many failures; open sessions go on."""
    person = _people(ask).known_person(ask.names["user"])
    _people(ask).lockout.succeeded(person.user)
    _people(ask).hurry()
    return person_view(ask, person)


async def end_sessions(ask: Ask) -> PersonSeen:
    """End every session of somebody; open screens close within seconds."""
    _not_self(ask)
    person = _people(ask).known_person(ask.names["user"])
    _people(ask).end_sessions(person.user)
    await _off_the_floor(ask, person.agent)
    return person_view(ask, person)


async def set_password(ask: Ask) -> PersonSeen:
    """Give somebody a new password; the person's sessions end."""
    entrance, user = ask.wiring.entrance, ask.names["user"]
    person = entrance.people.find(user)
    password = ask.body_as(bodies.NewPassword).password
    check_new_password(password, user, person.name if person else "")
    kept = await entrance.sign_in.passwords.hashed(password)
    return person_view(ask, await entrance.people.change(user, password=kept))


async def remove_second_factor(ask: Ask) -> PersonSeen:
    """Take away a second factor whose device was lost."""
    _not_self(ask)
    return person_view(ask, await _people(ask).change(ask.names["user"], totp=""))


async def make_link(ask: Ask) -> OneTimeLink:
    """The secret of a link that signs somebody in, once, within the hour. It stands in for the
    password and the second factor; who came by it may choose a password."""
    person = _people(ask).known_person(ask.names["user"])
    if person.disabled:
        raise Refused("this person may not sign in", code="person_disabled")
    return _link_for(ask, person)


def _link_for(ask: Ask, person: Person) -> OneTimeLink:
    secret = ask.wiring.entrance.sign_in.link(person.user)
    # Who has no password begins where one is chosen.
    where = "" if person.password else "?to=/account"
    return {"token": secret, "path": f"/sign-in{where}#link={secret}"}


async def reset_password(ask: Ask) -> OneTimeLink:
    """Make somebody's password void, end the sessions, and give a link by which to choose another:
    nobody but the person ever knows it."""
    _not_self(ask)
    person = _people(ask).known_person(ask.names["user"])
    if person.disabled:
        raise Refused("this person may not sign in", code="person_disabled")
    changed = await _people(ask).change(person.user, password="")
    await _off_the_floor(ask, person.agent)
    return _link_for(ask, changed)


async def operations(ask: Ask) -> OperationsSeen:
    """The operation log, newest first."""
    query = ask.body_as(bodies.OperationQuery)
    kind = query.kind.value if query.kind else ""
    span = OperationSpan(query.from_ms, query.to_ms, query.who, kind, query.before, query.limit)
    kept = await ask.wiring.entrance.operations.read(span)
    return {
        "operations": [_operation(each) for each in kept],
        "next": kept[-1].number if len(kept) == query.limit else None,
    }


def _operation(kept: KeptOperation) -> OperationSeen:
    entry = kept.entry
    return {
        "number": kept.number,
        "at_ms": entry.at_ms,
        "kind": entry.kind,
        "who": entry.who,
        "role": entry.role,
        "subject": entry.subject,
        "reason": entry.reason,
        "allowed": entry.allowed,
    }


def _act(path: str, handler: Callable[[Ask], Awaitable[Answer]], kind: OperationKind) -> Route:
    """Something that is done to a person and needs no words."""
    return Route("POST", _USER + path, ADMINISTRATORS, handler, Nothing, kind)


ROUTES = (
    Route("GET", "/api/people", ADMINISTRATORS, people, logged=OperationKind.PEOPLE_VIEWED),
    Route(
        "POST",
        "/api/people",
        ADMINISTRATORS,
        add_person,
        bodies.NewPerson,
        OperationKind.PERSON_ADDED,
    ),
    Route(
        "POST",
        _USER + "/change",
        ADMINISTRATORS,
        change_person,
        bodies.ChangedPerson,
        OperationKind.PERSON_CHANGED,
    ),
    _act("/disable", disable_person, OperationKind.PERSON_DISABLED),
    _act("/enable", enable_person, OperationKind.PERSON_CHANGED),
    Route(
        "POST",
        _USER + "/password",
        ADMINISTRATORS,
        set_password,
        bodies.NewPassword,
        OperationKind.PASSWORD_CHANGED,
    ),
    _act("/password/reset", reset_password, OperationKind.PASSWORD_CHANGED),
    _act("/unlock", unlock_person, OperationKind.UNLOCKED),
    _act("/sessions/end", end_sessions, OperationKind.SESSIONS_ENDED),
    _act("/second-factor/remove", remove_second_factor, OperationKind.SECOND_FACTOR_CHANGED),
    _act("/link", make_link, OperationKind.LINK_MADE),
    Route(
        "GET",
        "/api/operations",
        AUDITORS,
        operations,
        bodies.OperationQuery,
        OperationKind.OPERATIONS_READ,
    ),
)
