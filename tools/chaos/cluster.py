"""The centre of a chaos run as a city runs it: two controllers, two Asterisks with a trunk between
them, Redis with Sentinel, PostgreSQL.

Each controller has a disk, a clock and links of its own, so that one can break and the other leads.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import conf_spec, paths_of, start_asterisk
from acd.errors import Refused
from sim.load.ports import free_ports
from tests.e2e.cluster_kit import ClusterKit, Member, write_cluster
from tests.fakes.redis_server import RedisServer
from tools.chaos.centre import PEOPLE, Breakable, SwitchPart
from tools.chaos.firewall import Link
from tools.chaos.parts import Clock, Controller, Disk, Part, send, tree_of
from tools.chaos.stores import PostgresPart, RedisPart
from tools.chaos.world import small_disk

_FIRST_GROUP = 61_001
#: Room for three spools of 32 MiB: its own, the next one, and the copy of the leader's.
_DISK_MIB = 256
_READY_S = 60.0
_FAREWELL_S = 30.0
#: One machine plays all of a centre's machines and its callers: a lease of the usual length is lost
#: to the work of others, and the lead goes to and fro where nothing has broken.
_TIMES = "lease_s = 4.0\nrenew_every_s = 0.8\nmargin_s = 1.0\nask_timeout_s = 1.0"
#: Where the two Asterisks are; every second operator's telephone is at home at the second.
_FIRST_AT, _SECOND_AT = "127.0.0.11", "127.0.0.12"
_SECOND = "b"
_SECOND_SWITCH = f"""
[switches.{_SECOND}]
sip_bind = "{_SECOND_AT}"
sip_port = {{sip}}
ami_port = {{ami}}
rtp_from_port = 40000
rtp_to_port = 40999
beat_max_s = 8
"""


class _ClockedMember(Member):
    """A controller whose clock can be stepped."""

    clock: Clock | None = None

    async def start(self) -> None:
        """``madoguchi serve``; returns at once."""
        if self.clock is not None:
            with self.clock.worn():
                await super().start()


@dataclass(slots=True)
class MemberPart:
    """One of two controllers as a part that can break."""

    name: str
    member: Member
    group: int
    disk: Disk | None = None
    clock: Clock | None = None

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        process = self.member.process
        return process.pid if process is not None and process.returncode is None else 0

    async def start(self) -> None:
        """Start it; returns when it leads or follows the leader."""
        await self.member.start()
        for _ in range(int(_READY_S / 0.1)):
            if not self.pid:
                raise Refused(f"{self.name} ended at once:\n{self.member.log()[-3_000:]}")
            if await self.member.asked("/readyz") == 200:
                return
            if await self.member.metric("madoguchi_standby_follows") == 1.0:
                return
            await asyncio.sleep(0.1)
        raise Refused(f"{self.name} neither leads nor follows within {_READY_S:g} s")

    async def kill(self) -> None:
        """kill -9."""
        await self.member.kill()

    async def stop(self) -> int:
        """SIGTERM; returns its exit code, which must be 0."""
        process = self.member.process
        if process is None:
            return 0
        send(tree_of(self), signal.SIGTERM)
        try:
            return await asyncio.wait_for(process.wait(), _FAREWELL_S)
        except TimeoutError:
            await self.kill()
            return -signal.SIGKILL


class ChaosCluster(Breakable, ClusterKit):
    """Two controllers before two Asterisks; what breaks is one of them, or what they stand on."""

    def __init__(self, folder: Path, members: list[Member], redis: RedisServer) -> None:
        super().__init__(folder, members, redis)
        self.switches: dict[str, AsteriskProcess] = {}

    async def start_switch(self) -> None:
        """Both Asterisks; one SIPp answers for all telephones. Each telephone is registered at
        its home alone: whoever calls elsewhere reaches it over the trunk between the two."""
        self.phones_port = free_ports(1)[0]
        secrets, contacts, homes = Secrets(self.settings.secrets_dir), self.contacts(), self.homes()
        for node in self.settings.nodes:
            settings = self.settings.at(node)
            paths = paths_of(settings)
            own = {device: where for device, where in contacts.items() if homes[device] == node}
            here = replace(self.centre, settings=settings)
            spec = conf_spec(here, secrets, paths, phone_contacts=own)
            self.switches[node] = await start_asterisk(settings, spec, paths)
        self.switch = self.switches[self.settings.switch.id]

    def has_tables(self) -> bool:
        """Nobody reads them while the run lasts."""
        return True

    async def channels(self) -> list[str]:
        """Names of all channels of both Asterisks."""
        found = []
        for switch in self.switches.values():
            text = await switch.cli("core show channels concise")
            found += [line.partition("!")[0] for line in text.splitlines() if "!" in line]
        return found

    def folders(self) -> list[Path]:
        """Of both controllers."""
        return [member.folder for member in self.members.values()]

    def leads(self, part: Controller) -> bool:
        """Whether a controller leads, as far as the front knows."""
        return self.front.leader is not None and self.front.leader.node == part.name

    def farewell(self) -> list[Controller]:
        """Who stands by goes first: nobody need take over from a leader that is stopped."""
        return sorted(self.controllers, key=self.leads)

    async def stop(self) -> None:
        """Everything, in order."""
        self.front.close()
        for part in self.controllers:
            await part.kill()
        for switch in self.switches.values():
            await switch.stop(grace_s=2.0)


def _write(folder: Path, postgres: PostgresPart, redis: RedisPart) -> list[Member]:
    """A folder for each controller; what it writes lies on a small disk of its own."""
    members: list[Member] = []
    sip, ami = free_ports(2)
    second = _SECOND_SWITCH.format(sip=sip, ami=ami)
    for member in write_cluster(
        folder, PEOPLE, 1, times=_TIMES, ring_s=4.0, beat_max_s=8.0, more_settings=second
    ):
        plan = member.folder / "plan.toml"
        text = plan.read_text(encoding="utf-8")
        for device in list(PEOPLE)[1::2]:
            own = f'device = "{device}"\n'
            text = text.replace(own, f'{own}switch = "{_SECOND}"\n')
        plan.write_text(text, encoding="utf-8")
        file = member.folder / "settings.toml"
        text = file.read_text(encoding="utf-8")
        text = text.replace("[switch]\n", f'[switch]\nsip_bind = "{_FIRST_AT}"\n')
        text = text.replace('redis = "127.0.0.1:1"', redis.settings)
        text = text.replace(f"sqlite+aiosqlite:///{folder / 'madoguchi.sqlite'}", postgres.url)
        file.write_text(text.replace('level = "info"', 'level = "warning"'), encoding="utf-8")
        state = small_disk(member.folder / "var", _DISK_MIB)
        for home in ("asterisk", f"asterisk-{_SECOND}"):
            (folder / home).mkdir(exist_ok=True)
            (state / home).symlink_to(folder / home)
        clocked = _ClockedMember(member.node, member.folder, _FIRST_GROUP + len(members))
        clocked.clock = Clock(folder, member.node)
        members.append(clocked)
    return members


def _links(cluster: ChaosCluster, redis: RedisPart, postgres: PostgresPart) -> dict[str, Link]:
    """Each controller's own ways, and the switches' way to whoever leads."""
    found = {}
    menus, streams = [], []
    for member in cluster.members.values():
        settings, group = member.centre.settings, member.group
        menus.append(settings.agi.port)
        streams.append(settings.cluster.port)
        ways: dict[str, tuple[int, ...]] = {"Redis": redis.ports, "PostgreSQL": (postgres.port,)}
        ways |= {f"AMI-{node}": (switch.ami_port,) for node, switch in settings.nodes.items()}
        for way, ports in ways.items():
            name = f"{member.node}-{way}"
            found[name] = Link(name, ports, group)
    return {**found, "AGI": Link("AGI", tuple(menus)), "stream": Link("stream", tuple(streams))}


@contextlib.asynccontextmanager
async def two_controllers(folder: Path) -> AsyncIterator[ChaosCluster]:
    """Two controllers, two Asterisks, PostgreSQL, Redis with Sentinel; all operators ready."""
    postgres, redis = PostgresPart(folder), RedisPart(folder)
    await postgres.make()
    cluster: ChaosCluster | None = None
    try:
        await redis.make()
        members = await asyncio.to_thread(_write, folder, postgres, redis)
        cluster = ChaosCluster(folder, members, redis.first)
        cluster.controllers = ()
        parts = [
            MemberPart(member.node, member, member.group, Disk(member.folder / "var"), clock)
            for member in members
            if isinstance(member, _ClockedMember) and (clock := member.clock)
        ]
        cluster.controllers = parts
        cluster.links = _links(cluster, redis, postgres)
        await cluster.start_switch()
        switches = [
            SwitchPart(f"switch-{node}", node, asterisk)
            for node, asterisk in cluster.switches.items()
        ]
        every: list[Part] = [*parts, *switches, postgres, redis]
        cluster.parts = {part.name: part for part in every}
        await cluster.start_all()
        await cluster.work()
        yield cluster
    finally:
        if cluster is not None:
            await cluster.stop()
        redis.close()
        await postgres.kill()
