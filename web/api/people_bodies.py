"""The bodies of requests about signing in, people and the operation log."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from acd.ports_people import OperationKind
from web.api.bodies import Body
from web.roles import PERSONS, Role

#: A user name: what somebody types to sign in.
USER = r"[a-z0-9][a-z0-9._@-]{0,63}"

User = Annotated[str, Field(pattern=f"^{USER}$")]
Password = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
AgentOrNone = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]


def is_user(text: str) -> bool:
    """Whether this can be a user name."""
    return re.fullmatch(USER, text) is not None


#: The roles that a person may have.
PersonRole = StrEnum(  # type: ignore[misc]
    "PersonRole", {role.name: role.value for role in Role if role in PERSONS}
)


Roles = Annotated[tuple[PersonRole, ...], Field(min_length=1, max_length=len(PersonRole))]


class SignInWith(Body):
    """Name and password; ``code`` is the second factor's, where there is one."""

    user: Annotated[str, Field(min_length=1, max_length=64)]
    password: Password
    code: Annotated[str, Field(pattern=r"^([0-9]{6})?$")] = ""


class SignInByLink(Body):
    """The secret of a one-time link."""

    token: Annotated[str, Field(min_length=1, max_length=100)]


class NewPerson(Body):
    """Somebody who may sign in from now on; without a password only by link or with the city's
    own accounts. ``agent`` is the operator that this person is."""

    told = ("roles", "agent")

    user: User
    name: Name
    roles: Roles
    agent: AgentOrNone = ""
    password: Annotated[str, Field(max_length=200)] = ""

    def said(self) -> str:
        """Who is added, and as what."""
        return f"{self.user} {super().said()}"


class ChangedPerson(Body):
    """What becomes of a person; ``agent`` belongs to operators."""

    told = ("roles", "agent")

    name: Name
    roles: Roles
    agent: AgentOrNone = ""


class NewPassword(Body):
    """A password that an administrator gives."""

    password: Password


class OwnPassword(Body):
    """Changing the own password. ``old`` is not needed just after coming in by a link."""

    old: Annotated[str, Field(max_length=200)] = ""
    new: Password


class WithPassword(Body):
    """The own password once more, since a screen may have been left alone."""

    password: Password


class SecondFactor(Body):
    """A code of the new second factor: it is right."""

    code: Code


class OperationQuery(Body):
    """Which entries: a span of Unix milliseconds, a person, a kind; ``before`` is the number to go
    on from."""

    from_ms: Annotated[int, Field(ge=0, le=10**14)] = 0
    to_ms: Annotated[int, Field(ge=0, le=10**14)] = 0
    who: Annotated[str, Field(pattern=r"^[A-Za-z0-9._@: -]{0,80}$")] = ""
    kind: OperationKind | None = None
    before: Annotated[int, Field(ge=0, le=10**15)] = 0
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
