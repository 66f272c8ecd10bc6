"""The roles that people and programs have, and the sets of them that routes name.

A role gives nothing by itself: what is not in the access table (``web.routes``) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; the access table says what that is."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    ADMINISTRATOR = "administrator"
    PLANNER = "planner"
    CITY_STAFF = "city_staff"
    AUDITOR = "auditor"
    #: A program that reads figures.
    MONITOR = "monitor"
    #: A display on a wall: it sees the wallboard and nothing else.
    WALLBOARD = "wallboard"

    @classmethod
    def _missing_(cls, value: object) -> Role | None:
        # Tokens made by version 0.1 say admin.
        return cls.ADMINISTRATOR if value == "admin" else None


ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
#: Who leads the floor, and therefore sees all of it.
FLOOR = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
#: Who works with calls: the operators and those who lead them.
AT_WORK = FLOOR | {Role.OPERATOR}
#: Everybody who is a person.
PERSONS = frozenset(Role) - {Role.MONITOR, Role.WALLBOARD}
EVERYBODY = frozenset(Role) - {Role.WALLBOARD}
#: Who sees the wallboard: people, and the displays that were given a link.
WATCHERS = PERSONS | {Role.WALLBOARD}


def in_order(roles: Iterable[Role]) -> list[Role]:
    """Roles as they are listed everywhere."""
    named = frozenset(roles)
    return [role for role in Role if role in named]
