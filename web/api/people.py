"""For administrators: who may sign in. For auditors: what people did."""

from __future__ import annotations

from msgspec import to_builtins

from acd.core.ids import AgentId
from acd.errors import NotFound, Refused
from acd.ports_people import OperationKind, OperationSpan, Person
from web.api import people_bodies as bodies
from web.api.ask import Ask
from web.api.bodies import Nothing
from web.passwords import check_new_password
from web.people import People
from web.roles import ADMINISTRATORS, Role
from web.route import Route
from web.views import Json

_USER = "/api/people/{user:" + bodies.USER + "}"
AUDITORS = ADMINISTRATORS | {Role.AUDITOR}


def person_view(person: Person) -> Json:
    """A person without secrets."""
    return {
        "user": person.user,
        "name": person.name,
        "role": person.role,
        "agent": person.agent or None,
        "disabled": person.disabled,
        "has_password": bool(person.password),
        "second_factor": bool(person.totp),
        "created_s": person.created_ms / 1000,
    }


def _people(ask: Ask) -> People:
    return ask.wiring.entrance.people


def _check_agent(ask: Ask, agent: str) -> str:
    if agent and AgentId(agent) not in ask.wiring.engine().agents:
        raise NotFound("there is no such operator", code="unknown_agent")
    return agent


def _not_self(ask: Ask) -> None:
    # The last administrator cannot lock the door behind himself: another one has to do it.
    if ask.names["user"] == ask.who.person:
        raise Refused("ask another administrator to do that", code="not_yourself")


async def people(ask: Ask) -> Json:
    """Everybody who may sign in, without secrets."""
    return {"people": [person_view(each) for each in _people(ask).everybody()]}


async def add_person(ask: Ask) -> Json:
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
    person = Person(body.user, body.name, body.role.value, agent, password, created_ms=now)
    return person_view(await entrance.people.put(person))


async def change_person(ask: Ask) -> Json:
    """Change name, role or operator; the person's sessions end."""
    _not_self(ask)
    body = ask.body_as(bodies.ChangedPerson)
    agent = _check_agent(ask, body.agent)
    changed = await _people(ask).change(
        ask.names["user"], name=body.name, role=body.role.value, agent=agent
    )
    return person_view(changed)


async def disable_person(ask: Ask) -> Json:
    """Let somebody sign in no more; open screens close within seconds."""
    _not_self(ask)
    return person_view(await _people(ask).change(ask.names["user"], disabled=True))


async def enable_person(ask: Ask) -> Json:
    """Let somebody sign in again, at once even after too many failures."""
    person = await _people(ask).change(ask.names["user"], disabled=False)
    _people(ask).lockout.succeeded(person.user)
    return person_view(person)


async def set_password(ask: Ask) -> Json:
    """Give somebody a new password; the person's sessions end."""
    entrance, user = ask.wiring.entrance, ask.names["user"]
    person = entrance.people.find(user)
    password = ask.body_as(bodies.NewPassword).password
    check_new_password(password, user, person.name if person else "")
    kept = await entrance.sign_in.passwords.hashed(password)
    return person_view(await entrance.people.change(user, password=kept))


async def remove_second_factor(ask: Ask) -> Json:
    """Take away a second factor whose device was lost."""
    _not_self(ask)
    return person_view(await _people(ask).change(ask.names["user"], totp=""))


async def make_link(ask: Ask) -> Json:
    """The secret of a link that signs somebody in, once, within the hour. It stands in for the
    password and the second factor."""
    person = _people(ask).find(ask.names["user"])
    if person is None:
        raise NotFound("there is no such person", code="unknown_person")
    if person.disabled:
        raise Refused("this person may not sign in", code="person_disabled")
    secret = ask.wiring.entrance.sign_in.link(person.user)
    return {"token": secret, "path": f"/sign-in#link={secret}"}


async def operations(ask: Ask) -> Json:
    """The operation log, newest first."""
    query = ask.body_as(bodies.OperationQuery)
    kind = query.kind.value if query.kind else ""
    span = OperationSpan(query.from_ms, query.to_ms, query.who, kind, query.before, query.limit)
    kept = await ask.wiring.entrance.operations.read(span)
    return {
        "operations": [{"number": each.number, **to_builtins(each.entry)} for each in kept],
        "next": kept[-1].number if len(kept) == query.limit else None,
    }


ROUTES = (
    Route("GET", "/api/people", ADMINISTRATORS, people),
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
    Route(
        "POST",
        _USER + "/disable",
        ADMINISTRATORS,
        disable_person,
        Nothing,
        OperationKind.PERSON_DISABLED,
    ),
    Route(
        "POST",
        _USER + "/enable",
        ADMINISTRATORS,
        enable_person,
        Nothing,
        OperationKind.PERSON_CHANGED,
    ),
    Route(
        "POST",
        _USER + "/password",
        ADMINISTRATORS,
        set_password,
        bodies.NewPassword,
        OperationKind.PASSWORD_CHANGED,
    ),
    Route(
        "POST",
        _USER + "/second-factor/remove",
        ADMINISTRATORS,
        remove_second_factor,
        Nothing,
        OperationKind.SECOND_FACTOR_CHANGED,
    ),
    Route(
        "POST",
        _USER + "/link",
        ADMINISTRATORS,
        make_link,
        Nothing,
        OperationKind.LINK_MADE,
    ),
    Route(
        "GET",
        "/api/operations",
        AUDITORS,
        operations,
        bodies.OperationQuery,
        OperationKind.OPERATIONS_READ,
    ),
)
