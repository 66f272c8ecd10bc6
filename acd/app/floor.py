"""What a supervisor may ask for, and what an administrator may: a new plan for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from acd.app.desk import chosen
from acd.app.requests import Submit, ask
from acd.config import Centre, Settings, load_centre
from acd.core.engine import Engine
from acd.core.events import RefusalReason
from acd.core.ids import AgentId
from acd.core.inputs import AgentLoggedOut, AgentPaused, AgentReadied, Input, PlanChanged
from acd.core.inputs_floor import SkillGiven
from acd.errors import NotFound
from agents.agent import Agent
from agents.state import NotReadyReason

#: Lets the parts outside of the engine (menus, announcements) follow a new plan.
Adopt = Callable[[Centre], Awaitable[None]]
#: Raises ConfigError when the running process cannot work under a centre's settings.
Check = Callable[[Centre], None]
#: Makes the switch know a plan's telephones; whether it does.
BringPhones = Callable[[Centre], Awaitable[bool]]


class Floor:
    """A supervisor's requests about operators."""

    def __init__(self, submit: Submit, engine: Callable[[], Engine]) -> None:
        self._submit = submit
        self._engine = engine

    async def log_out(self, agent: AgentId, by: str) -> Agent:
        """Log an operator out: now, or after the present talk. ``by`` is who asked."""
        return await self._ask(agent, AgentLoggedOut(agent, by))

    async def not_ready(self, agent: AgentId, reason: NotReadyReason, by: str) -> Agent:
        """Let an operator take no calls: now, or after the present talk."""
        return await self._ask(agent, AgentPaused(agent, chosen(reason), by))

    async def ready(self, agent: AgentId, by: str) -> Agent:
        """Let an operator take calls: now, or after the present talk."""
        return await self._ask(agent, AgentReadied(agent, by))

    async def skill(self, agent: AgentId, skill: str, level: int | None, by: str) -> Agent:
        """Give an operator a level of a skill until midnight: 0 = not at all, None = the plan's."""
        return await self._ask(agent, SkillGiven(agent, skill, level, by))

    async def _ask(self, agent: AgentId, happened: Input) -> Agent:
        self._known(agent)
        await ask(self._submit, happened)
        return self._known(agent)

    def _known(self, agent: AgentId) -> Agent:
        found = self._engine().agents.get(agent)
        if found is None:
            raise NotFound("there is no such operator", code=RefusalReason.UNKNOWN_AGENT.value)
        return found


class Reloaded(Struct, frozen=True):
    """What a reload did. ``restart_needed``: settings differ from those in use, which the switch
    and the controller read at the start only, or telephones that could not be brought to it."""

    version: str
    changed: bool
    restart_needed: bool


class Reloader:
    """Reads the centre's files again and lets the running engine work under them.

    A centre with any fault is refused as a whole (:class:`acd.errors.ConfigError`), and nothing
    changes; ``check`` raises for what only the running process can know. Reloads run one after
    another.
    """

    def __init__(
        self,
        centre: Centre,
        submit: Submit,
        adopt: Adopt,
        bring: BringPhones | None = None,
        check: Check = lambda _: None,
    ) -> None:
        self._centre, self._check = centre, check
        self._settings = centre.settings
        self._phones = _phones(centre)
        self._bring = bring
        self._submit = submit
        self._adopt = adopt
        self._one_at_a_time = asyncio.Lock()

    @property
    def path(self) -> Path:
        """The centre's directory."""
        return self._centre.path

    async def reload(self) -> Reloaded:
        """Read, check, adopt; raises ConfigError with every fault."""
        async with self._one_at_a_time:
            read = await asyncio.to_thread(load_centre, self._centre.path)
            centre = read.shaped(self._centre.shape)
            self._check(centre)
            changed = centre.plan != self._centre.plan or centre.flows != self._centre.flows
            # Telephones before the engine: nobody is to ring what is not there yet.
            new = _phones(centre) != self._phones
            if new and self._bring is not None and await self._bring(centre):
                self._phones = _phones(centre)
            # The engine first: a new menu may name a new queue. An old menu that names a queue
            # which is gone is covered, since the engine then takes the default queue.
            await ask(self._submit, PlanChanged(centre.plan))
            await self._adopt(centre)
            self._centre = centre
        needed = {**self._settings.model_dump(), **_adopted(centre.settings)}
        as_is = centre.settings.model_dump() == needed
        restart_needed = not as_is or _phones(centre) != self._phones
        return Reloaded(centre.plan.version, changed, restart_needed)


def _adopted(settings: Settings) -> dict[str, object]:
    """The sections of the settings that a running centre adopts."""
    return settings.model_dump(include={"alarms", "mail", "reports"})


def _phones(centre: Centre) -> set[str]:
    """Every telephone and line that the switch has to know, operators' browsers among them."""
    people = {agent.id for agent in centre.plan.agents}
    phones = {agent.device for agent in centre.plan.agents}
    return people | phones | {entry.dial for entry in centre.plan.directory}
