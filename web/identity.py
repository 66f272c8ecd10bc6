"""Who is asking, once that is known: a person in a session, or a program with a token."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec import Struct, structs

from acd.core.ids import AgentId
from web.roles import FLOOR, Role, in_order


class Identity(Struct, frozen=True):
    """Who is asking. ``roles`` of a person may be several, a token has one; ``agent`` is set for
    operators.

    ``person`` and ``session`` are set for somebody who signed in, ``token_id`` for a token.
    """

    token_id: str
    roles: frozenset[Role]
    agent: AgentId | None
    label: str
    person: str = ""
    session: str = ""

    @property
    def name(self) -> str:
        """How this person appears in the records of what was done."""
        return self.agent or self.person or f"{in_order(self.roles)[0].value}:{self.token_id}"

    @property
    def key(self) -> str:
        """What connections and requests are counted by: the session, or the token."""
        return self.session or self.token_id

    @property
    def is_operator(self) -> bool:
        """Whether this is an operator, perhaps among other things."""
        return Role.OPERATOR in self.roles

    @property
    def leads(self) -> bool:
        """Whether this person leads the floor, and sees all of it."""
        return self.has(FLOOR)

    def has(self, roles: AbstractSet[Role]) -> bool:
        """Whether one of these is a role of this person."""
        return not self.roles.isdisjoint(roles)

    def looking(self, *, at_panel: bool) -> Identity:
        """The same person before one screen: an operator's panel, or the floor. Each shows what
        its role sees, so that all who look at the floor can be sent the same words."""
        if self.is_operator and (at_panel or not self.leads):
            return structs.replace(self, roles=frozenset({Role.OPERATOR}))
        return structs.replace(self, roles=self.roles - {Role.OPERATOR}, agent=None)
