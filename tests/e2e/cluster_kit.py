"""Several controllers of one centre: real processes on one Asterisk, one Redis, one database.

Each has an address of the interface of its own; :class:`Front` is what a city would have before
them, one address that leads to whoever says on ``/readyz`` that it takes calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import structs

from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import conf_spec, paths_of, start_asterisk
from acd.config import Centre, load_centre
from sim.load.ports import free_ports
from tests.e2e.centre_kit import HOST, CentreKit, write_centre
from tests.fakes.redis_server import RedisServer
from tests.fakes.sip_agent import Dialog, SipAgent
from web.auth import TokenStore
from web.roles import Role

NODES = ("a", "b")
_LOOK_EVERY_S = 0.05

_CLUSTER = """
[cluster]
node = "{node}"
bind = "{at}"
port = {stream}
redis = "127.0.0.1:{redis}"
secrets_dir = "{secrets}"
{times}
[cluster.peers]
{peers}
[cluster.menus]
{menus}
"""


class Member:
    """One controller as a process that can be killed, stopped and woken."""

    def __init__(self, node: str, folder: Path, group: int = 0) -> None:
        self.node = node
        self.folder = folder
        self.centre: Centre = load_centre(folder)
        #: Group id of its process: what firewall rules know it by. 0: that of the tests.
        self.group = group
        self.process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Its own address of the interface."""
        return f"http://{self.centre.settings.api.bind}:{self.centre.settings.api.port}"

    async def start(self) -> None:
        """``madoguchi serve``; returns at once."""
        command = [sys.executable, "-m", "acd", "serve", "--centre", str(self.folder)]
        if self.group:
            command = ["setpriv", f"--regid={self.group}", "--clear-groups", *command]
        with (self.folder / "controller.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)

    def send(self, number: signal.Signals) -> None:
        """A signal to it."""
        assert self.process is not None
        self.process.send_signal(number)

    async def kill(self) -> None:
        """kill -9, whatever state it is in."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def asked(self, path: str) -> int:
        """Status of its answer; 0 when there is none."""
        try:
            timeout = aiohttp.ClientTimeout(total=0.4)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self.url + path) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def metric(self, name: str) -> float:
        """A figure of its ``/metrics`` while it stands by; -1 when there is none."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            timeout = aiohttp.ClientTimeout(total=0.4)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self.url + "/metrics") as answer,
            ):
                for line in (await answer.text()).splitlines():
                    if line.startswith(f"{name} "):
                        return float(line.split()[1])
        return -1.0

    def log(self) -> str:
        """What it wrote."""
        return (self.folder / "controller.log").read_text(encoding="utf-8")


class Front:
    """One address for all controllers: new connections go to who says that it takes calls, old
    ones end when another one does."""

    def __init__(self, members: list[Member]) -> None:
        self._members = members
        self._leader: Member | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: list[asyncio.Task[Any]] = []
        self.port = free_ports(1)[0]

    async def open(self) -> None:
        """Begin."""
        self._server = await asyncio.start_server(self._connected, HOST, self.port)
        self._tasks.append(asyncio.create_task(self._look()))

    def close(self) -> None:
        """End."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        self._drop()

    @property
    def leader(self) -> Member | None:
        """Whom it leads to."""
        return self._leader

    async def _look(self) -> None:
        while True:
            found = None
            for member in self._members:
                if await member.asked("/readyz") == 200:
                    found = member
            if found is not None and found is not self._leader:
                self._leader = found
                self._drop()
            await asyncio.sleep(_LOOK_EVERY_S)

    def _drop(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._leader is None:
            writer.transport.abort()
            return
        api = self._leader.centre.settings.api
        try:
            there, back = await asyncio.open_connection(api.bind, api.port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        try:
            await asyncio.gather(_carry(reader, back), _carry(there, writer))
        finally:
            for each in (writer, back):
                self._open.discard(each)
                each.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


class ClusterKit(CentreKit):
    """The kit of one centre, with several controllers in the place of one. What it asks of the
    interface goes through the front."""

    def __init__(self, folder: Path, members: list[Member], redis: RedisServer) -> None:
        super().__init__(members[0].folder, members[0].centre)
        self.whole_folder = folder
        self.members = {member.node: member for member in members}
        self.redis = redis
        self.front = Front(members)
        self.token = TokenStore(self.settings.secrets_dir).add(Role.ADMINISTRATOR, label="test")
        self.database = folder / "madoguchi.sqlite"

    @property
    def url(self) -> str:
        """The front's address."""
        return f"http://{HOST}:{self.front.port}"

    async def start_switch(self) -> None:
        """Asterisk as the first controller's settings want it; all controllers' are the same."""
        server = (HOST, self.settings.switch.sip_port)
        contacts = {}
        for agent in self.centre.plan.agents:
            phone = self.phones[agent.id] = await SipAgent.open(agent.device, server)
            contacts[agent.device] = f"sip:{agent.device}@{HOST}:{phone.port}"
        paths = paths_of(self.settings)
        spec = conf_spec(
            self.centre,
            Secrets(self.settings.secrets_dir),
            paths,
            phone_contacts=contacts,
            witness_secret=self.witness_secret,
        )
        # The tests' telephones are silent, and talks last for as long as the machine needs.
        silent = {"rtp_timeout_s": 0}
        spec = structs.replace(
            spec,
            phones=tuple(structs.replace(phone, **silent) for phone in spec.phones),
            trunks=tuple(structs.replace(trunk, **silent) for trunk in spec.trunks),
        )
        self.switch = await start_asterisk(self.settings, spec, paths)

    async def start_all(self) -> None:
        """The first leads, the others stand by and follow it."""
        await self.front.open()
        first, *others = self.members.values()
        await first.start()
        await self.until(lambda: self.front.leader is first, 60.0)
        await self.until(self.has_tables, 60.0)
        for member in others:
            await member.start()
            await self.stands_by(member)

    async def stands_by(self, member: Member, within_s: float = 90.0) -> None:
        """Return when a controller follows the leader."""

        async def follows() -> bool:
            return await member.metric("madoguchi_standby_follows") == 1.0

        await self.until(follows, within_s)

    @property
    def leader(self) -> Member:
        """Who leads, as far as the front knows."""
        assert self.front.leader is not None
        return self.front.leader

    def other(self, member: Member) -> Member:
        """Another one than this."""
        return next(each for each in self.members.values() if each is not member)

    async def stop(self) -> None:
        """Everything, in order."""
        self.front.close()
        for member in self.members.values():
            if member.process is not None and member.process.returncode is None:
                member.send(signal.SIGCONT)
            await member.kill()
        await super().stop()
        self.redis.close()

    def log(self) -> str:
        """What the controllers wrote, the newest of each."""
        return "\n".join(
            f"--- {node}\n{member.log()[-2500:]}"
            for node, member in self.members.items()
            if (member.folder / "controller.log").exists()
        )

    async def rung(self, since_s: float, within_s: float = 20.0) -> float:
        """Seconds from ``since_s`` until some operator's phone is answered anew."""
        before = {id(leg) for leg in self._talks()}
        while not any(id(leg) not in before for leg in self._talks()):
            assert time.monotonic() - since_s < within_s, f"nobody is connected\n{self.log()}"
            await asyncio.sleep(0.005)
        return time.monotonic() - since_s

    def _talks(self) -> list[Dialog]:
        return [
            leg
            for phone in self.phones.values()
            for leg in phone.calls.values()
            if leg.established.is_set()
        ]


def write_cluster(
    folder: Path, agents: dict[str, str], redis_port: int, *, times: str = "", **rules: Any
) -> list[Member]:
    """A centre's directory for each controller, the same but for addresses."""
    template = folder / "template"
    write_centre(template, agents, database_url="sqlite+aiosqlite:///@DATABASE@", **rules)
    text = (template / "settings.toml").read_text()
    text = text.replace("@DATABASE@", str(folder / "madoguchi.sqlite"))
    streams = dict(zip(NODES, free_ports(len(NODES)), strict=True))
    menus = dict(zip(NODES, free_ports(len(NODES)), strict=True))
    hosts = {node: f"127.0.0.{21 + number}" for number, node in enumerate(NODES)}
    peers = "\n".join(f'{node} = "{hosts[node]}:{port}"' for node, port in streams.items())
    members = []
    for node in NODES:
        own = folder / node
        shutil.copytree(template, own)
        lines = text.splitlines()
        at = lines.index("[agi]") + 1
        lines[at] = f"port = {menus[node]}"
        at = lines.index("[api]") + 1
        lines.insert(at, f'bind = "{hosts[node]}"')
        cluster = _CLUSTER.format(
            node=node,
            at=hosts[node],
            stream=streams[node],
            redis=redis_port,
            secrets=folder / "secrets",
            times=times,
            peers=peers,
            menus="\n".join(f'{each} = "{HOST}:{menus[each]}"' for each in NODES),
        )
        (own / "settings.toml").write_text("\n".join(lines).replace("warning", "info") + cluster)
        members.append(Member(node, own))
    return members


@contextlib.asynccontextmanager
async def running_cluster(
    agents: dict[str, str], *, times: str = "", groups: bool = False, **rules: Any
) -> AsyncIterator[ClusterKit]:
    """Two controllers at work, the first leading; all is gone afterwards. ``groups``: each in a
    group id of its own, so that firewall rules can tell them apart."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-cluster-"))
    redis = RedisServer(folder, free_ports(1)[0], "save ''\nappendonly no")
    members = write_cluster(folder, agents, redis.port, times=times, **rules)
    if groups:
        for number, member in enumerate(members):
            member.group = 61_000 + os.getpid() % 500 * 2 + number
    kit = ClusterKit(folder, members, redis)
    try:
        await kit.start_switch()
        await kit.start_all()
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)
