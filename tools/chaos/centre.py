"""The centre of a chaos run on one machine: real Asterisk, the controller, telephones that answer.

Each part has its own disk, clock and links, so that one can break without the others.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import conf_spec, paths_of, start_asterisk
from acd.config import Centre, load_centre
from sim.load.ports import free_ports
from tests.e2e.centre_kit import CentreKit, write_centre
from tools.chaos import delay
from tools.chaos.controller import ControllerPart
from tools.chaos.firewall import Link
from tools.chaos.parts import Clock, Controller, Disk, Part
from tools.chaos.schedule import Kind
from tools.chaos.world import small_disk

HOST = "127.0.0.1"
#: So many that whoever waited while something was broken is served within seconds.
PEOPLE = {f"op{n:02d}": "tax = 5, waste = 5" for n in range(60)}
_GROUP = 60_001
_DISK_MIB = 128
_PATIENCE = 5
_NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(slots=True)
class SwitchPart:
    """Asterisk as a part that can break; ``switch`` is its id in the settings."""

    name: str
    switch: str
    asterisk: AsteriskProcess
    disk: Disk | None = None
    clock: Clock | None = None

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        return self.asterisk.pid or 0

    async def start(self) -> None:
        """Start it with the configuration it had."""
        await self.asterisk.start()

    async def kill(self) -> None:
        """As a power cut would."""
        await self.asterisk.kill()


class Breakable(CentreKit):
    """A running centre; ``parts`` and ``links`` are what can break in it."""

    parts: Mapping[str, Part]
    links: Mapping[str, Link]
    controllers: Sequence[Controller]
    phones_port: int

    def entrances(self) -> dict[str, str]:
        """Where callers come, as ``address:port`` by the switch's id."""
        nodes = self.settings.nodes.items()
        return {node: f"{switch.sip_bind}:{switch.sip_port}" for node, switch in nodes}

    def homes(self) -> dict[str, str]:
        """The switch at which each telephone is at home."""
        return {agent.device: str(agent.switch) for agent in self.centre.plan.agents}

    def possible(self) -> list[tuple[Kind, str]]:
        """Everything that can break, and how."""
        found = [(kind, name) for name in self.parts for kind in (Kind.KILL, Kind.FREEZE)]
        cuts = [Kind.CUT_SILENT, Kind.CUT_LOUD, *([Kind.DELAY] if delay.is_available() else [])]
        found += [(kind, name) for name in self.links for kind in cuts]
        found += [(Kind.DISK_FULL, part.name) for part in self.parts.values() if part.disk]
        found += [(Kind.CLOCK_STEP, part.name) for part in self.parts.values() if part.clock]
        return found

    def contacts(self) -> dict[str, str]:
        """Where Asterisk finds the telephones: one SIPp answers for all of them."""
        devices = [agent.device for agent in self.centre.plan.agents]
        return {name: f"sip:{name}@{HOST}:{self.phones_port}" for name in devices}

    def folders(self) -> list[Path]:
        """The folder of each controller's settings."""
        return [self.folder]

    def leads(self, part: Controller) -> bool:
        """Whether a controller leads at this moment."""
        return True

    def farewell(self) -> Sequence[Controller]:
        """The controllers in the order in which they are stopped."""
        return self.controllers

    async def healthy(self) -> bool:
        """Whether a controller says that callers can be served, within a second."""
        with contextlib.suppress(*_NO_ANSWER):
            return await asyncio.wait_for(super().healthy(), 1.0)
        return False

    async def work(self, *agents: str) -> None:
        """Let operators log in and be ready; a machine that has just started may answer late."""
        for agent in agents or tuple(each.id for each in self.centre.plan.agents):
            for patience in reversed(range(_PATIENCE)):
                try:
                    await super().work(agent)
                    break
                except (*_NO_ANSWER, AssertionError):
                    if not patience:
                        raise

    async def quiet(self) -> bool:
        """Whether no call is known any more and every operator is ready for the next."""
        with contextlib.suppress(*_NO_ANSWER, AssertionError):
            state = await asyncio.wait_for(self.state(), 2.0)
            ready = sum(agent["state"] == "ready" for agent in state["agents"].values())
            return not state["calls"] and ready == len(self.centre.plan.agents)
        return False

    async def stop(self) -> None:
        """Everything, in order."""
        for part in self.controllers:
            await part.kill()
        await self.switch.stop(grace_s=2.0)


class ChaosCentre(Breakable):
    """One Asterisk, one controller, SQLite."""

    async def start_switch(self) -> None:
        """Asterisk with the product's configuration."""
        self.phones_port = free_ports(1)[0]
        paths, secrets = paths_of(self.settings), Secrets(self.settings.state_dir)
        spec = conf_spec(self.centre, secrets, paths, phone_contacts=self.contacts())
        self.switch = await start_asterisk(self.settings, spec, paths)


def _write(folder: Path) -> Centre:
    """The centre's folder; what the controller writes lies on a small disk, Asterisk's things lie
    elsewhere: it is another machine's disk in a centre that cares."""
    centre = write_centre(folder / "centre", PEOPLE, ring_s=4.0, beat_max_s=8.0)
    state = small_disk(centre.settings.state_dir, _DISK_MIB)
    (folder / "asterisk").mkdir()
    (state / "asterisk").symlink_to(folder / "asterisk")
    return load_centre(folder / "centre")


@contextlib.asynccontextmanager
async def one_machine(folder: Path) -> AsyncIterator[ChaosCentre]:
    """One Asterisk, one controller, SQLite: the embedded default, with all operators ready."""
    centre = ChaosCentre(folder / "centre", await asyncio.to_thread(_write, folder))
    settings = centre.settings
    controller = ControllerPart(
        "controller",
        folder / "centre",
        folder / "controller.log",
        _GROUP,
        centre.healthy,
        Disk(settings.state_dir),
        Clock(folder, "controller"),
    )
    centre.controllers = [controller]
    centre.links = {
        "AMI": Link("AMI", (settings.switch.ami_port,)),
        "AGI": Link("AGI", (settings.agi.port,)),
    }
    await centre.start_switch()
    centre.parts = {
        "controller": controller,
        "switch": SwitchPart("switch", settings.switch.id, centre.switch),
    }
    try:
        await controller.start()
        await centre.work()
        yield centre
    finally:
        await centre.stop()
