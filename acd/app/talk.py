"""What an operator may ask for in a talk: hold, asking somebody, handing over, a third voice.

All of it happens in the switch, so it is the same for a page, a desk telephone and a telephone far
away. Each request is checked, submitted, and answered or refused (see :mod:`acd.app.requests`).
"""

from __future__ import annotations

from collections.abc import Callable

from acd.app.keypad import Keypad
from acd.app.requests import Submit, ask
from acd.core.engine import Engine
from acd.core.events import RefusalReason
from acd.core.ids import AgentId, OfferId
from acd.core.inputs import Input
from acd.core.inputs_talk import (
    ConferenceRequested,
    ConsultCompleted,
    ConsultRequested,
    DialRequested,
    HoldRequested,
    PartyDropped,
    ResumeRequested,
)
from acd.core.plan import Target, TargetKind
from acd.errors import NotFound, Refused
from agents.agent import Agent


class Talk:
    """An operator's requests about the present talk. Each returns the operator as it then is, and
    raises :class:`acd.errors.NotFound` or :class:`acd.errors.Refused`."""

    def __init__(
        self, submit: Submit, engine: Callable[[], Engine], keypad: Keypad | None = None
    ) -> None:
        self._submit = submit
        self._engine = engine
        self._keypad = keypad

    async def hold(self, agent: AgentId) -> Agent:
        """Let the caller wait with music."""
        return await self._ask(agent, HoldRequested(agent))

    async def resume(self, agent: AgentId) -> Agent:
        """Go back to the caller; who is being asked is let go."""
        return await self._ask(agent, ResumeRequested(agent))

    async def consult(self, agent: AgentId, target: Target) -> Agent:
        """Ask an entry of the directory, a colleague, or the next one of a queue, while the caller
        waits."""
        return await self._ask(agent, ConsultRequested(agent, target))

    async def consult_number(self, agent: AgentId, number: str) -> Agent:
        """Ask somebody outside while the caller waits, if the number may be called."""
        target = Target(TargetKind.OUTSIDE)
        return await self._ask(agent, ConsultRequested(agent, target, digits(number)))

    async def dial(self, agent: AgentId, number: str) -> Agent:
        """Call outside: the operator's telephone rings first."""
        return await self._ask(agent, DialRequested(agent, digits(number)))

    async def complete(self, agent: AgentId) -> Agent:
        """Leave the caller to whoever is being asked."""
        return await self._ask(agent, ConsultCompleted(agent))

    async def invite(self, agent: AgentId, target: Target) -> Agent:
        """Let a third voice in: an entry of the directory, a colleague, the next one of a queue."""
        return await self._ask(agent, ConferenceRequested(agent, target))

    async def interpreter(self, agent: AgentId, language: str) -> Agent:
        """Let the first interpreter of a language in who is there now."""
        return await self._ask(agent, ConferenceRequested(agent, language=language))

    async def all_three(self, agent: AgentId) -> Agent:
        """Let caller, operator and whoever is being asked talk together."""
        return await self._ask(agent, ConferenceRequested(agent))

    async def drop(self, agent: AgentId, party: OfferId) -> Agent:
        """Let a third voice go."""
        return await self._ask(agent, PartyDropped(agent, party))

    async def press(self, agent: AgentId, keys: str) -> Agent:
        """Send keys to whoever the operator talks with."""
        person = self._known(agent)
        if self._keypad is None:
            raise Refused("no keys can be sent here", code=RefusalReason.NOT_IN_A_CALL.value)
        await self._keypad.press(person, keys)
        return person

    async def _ask(self, agent: AgentId, happened: Input) -> Agent:
        self._known(agent)
        await ask(self._submit, happened)
        return self._known(agent)

    def _known(self, agent: AgentId) -> Agent:
        found = self._engine().agents.get(agent)
        if found is None:
            raise NotFound("there is no such operator", code=RefusalReason.UNKNOWN_AGENT.value)
        return found


def digits(number: str) -> str:
    """A number as people write it, as it is dialled: digits, ``+`` in front at most."""
    plus = "+" if number.strip().startswith("+") else ""
    return plus + "".join(each for each in number if each.isascii() and each.isdigit())
