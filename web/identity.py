"""Who is asking, once that is known: a person in a session, or a program with a token."""

from __future__ import annotations

from msgspec import Struct

from acd.core.ids import AgentId
from web.roles import Role


class Identity(Struct, frozen=True):
    """Who is asking. ``agent`` is set for operators.

    ``person`` and ``session`` are set for somebody who signed in, ``token_id`` for a token.
    """

    token_id: str
    role: Role
    agent: AgentId | None
    label: str
    person: str = ""
    session: str = ""

    @property
    def name(self) -> str:
        """How this person appears in the records of what was done."""
        return self.agent or self.person or f"{self.role.value}:{self.token_id}"

    @property
    def key(self) -> str:
        """What connections and requests are counted by: the session, or the token."""
        return self.session or self.token_id
