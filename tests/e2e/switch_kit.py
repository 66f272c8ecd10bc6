"""A real Asterisk with the product's configuration, for tests of that configuration alone.

The controller is not there; the kit plays its part as far as the dialplan can tell: it beats, it
serves the scripts with the product's own FastAGI server, and it acts over the two AMI accounts.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from acd.adapters.asterisk.conf_trunks import TrunkSpec
from acd.adapters.asterisk.conffiles import ConfSpec, PhoneSpec, render
from acd.adapters.asterisk.fastagi import FastAgiServer, Script
from acd.adapters.asterisk.process import (
    AsteriskPaths,
    AsteriskProcess,
    AsteriskSpec,
    private_root,
)
from acd.core.ids import SwitchId
from acd.ports import CallInfo, Conversation
from sim.load.ports import free_ports
from tests.e2e.raw_sip import RawCall, RawSip

PROJECT = Path(__file__).parents[2]
#: Where the carrier's calls come from, and a carrier whose identity headers are believed.
CARRIER, TRUSTED_CARRIER, PHONES_AT = "127.0.0.2", "127.0.0.3", "127.0.0.1"
#: A carrier whose line is taken for dead after a second of silence, and nobody's address.
SILENT_CARRIER, STRANGER = "127.0.0.4", "127.0.0.9"
#: A carrier that may bring two callers at once.
NARROW_CARRIER = "127.0.0.5"


async def until(true: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait for something to become true; AssertionError when it does not."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "this did not happen in time"
        await asyncio.sleep(0.02)


class Scripts:
    """What the kit's menu does; a test replaces the scripts it cares about."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, CallInfo, str]] = []
        self.reset()

    def reset(self) -> None:
        """As at the beginning."""
        self.begun.clear()
        self.ivr: Script = self._to_hold
        self.hold: Script = self._to_hold
        self.after: Script = self._hang_up
        self.announce: Script = self._hang_up

    def table(self) -> dict[str, Script]:
        """The scripts by name; each is looked up when it is called."""

        def named(name: str) -> Script:
            async def script(conversation: Conversation, argument: str) -> None:
                self.begun.append((name, conversation.info, argument))
                await getattr(self, name)(conversation, argument)

            return script

        return {name: named(name) for name in ("ivr", "hold", "after", "announce")}

    def names(self) -> list[str]:
        """The scripts that callers were led through, in order."""
        return [name for name, _, _ in self.begun]

    async def _to_hold(self, conversation: Conversation, argument: str) -> None:
        await conversation.set_next("hold")

    async def _hang_up(self, conversation: Conversation, argument: str) -> None:
        await conversation.set_next("hangup")


class Ami:
    """One AMI session: actions with their answers, and the events that came meanwhile."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.events: list[dict[str, str]] = []
        self.raw = b""
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port: int, user: str, secret: str) -> Ami:
        """Connect and log in."""
        ami = cls(*await asyncio.open_connection(PHONES_AT, port))
        answer = await ami.act("Login", Username=user, Secret=secret)
        assert answer["Response"] == "Success", answer
        return ami

    async def act(self, action: str, *lines: str, **fields: str) -> dict[str, str]:
        """Send an action and return its answer."""
        rows = [f"Action: {action}", *(f"{key}: {value}" for key, value in fields.items()), *lines]
        self._writer.write(("\r\n".join(rows) + "\r\n\r\n").encode())
        return await asyncio.wait_for(self._answers.get(), 20.0)

    def named(self, event: str) -> list[dict[str, str]]:
        """The events of one name so far."""
        return [each for each in self.events if each["Event"] == event]

    async def close(self) -> None:
        """End the session."""
        self._task.cancel()
        self._writer.close()

    async def _read(self) -> None:
        await self._reader.readline()
        while not self._reader.at_eof():
            block = await self._reader.readuntil(b"\r\n\r\n")
            self.raw += block
            pairs = [
                line.partition(": ") for line in block.decode("utf-8", "replace").split("\r\n")
            ]
            message = {key: value for key, _, value in pairs if key}
            if "Event" in message:  # first, since an OriginateResponse has a Response as well
                self.events.append(message)
            elif "Response" in message:
                self._answers.put_nowait(message)


class Switch:
    """The running Asterisk and everything around it."""

    def __init__(self, spec: ConfSpec, paths: AsteriskPaths) -> None:
        self.spec = spec
        self.paths = paths
        self.process = AsteriskProcess(AsteriskSpec(paths=paths))
        self.scripts = Scripts()
        self.actions: Ami
        self.witness: Ami
        self.events: Ami
        self._server: asyncio.Task[None] | None = None
        self._beat: asyncio.Task[None] | None = None
        self._dead = asyncio.Event()
        self._agents: list[RawSip] = []

    async def serve(self, *, elsewhere: bool = False) -> None:
        """Start the menu's server; ``elsewhere``: that of another controller."""
        server = FastAgiServer(self.scripts.table(), SwitchId("a"), self.spec.agi_key)
        other = int(self.spec.agi_others[0].rpartition(":")[2])
        await server.listen(PHONES_AT, other if elsewhere else self.spec.agi_port)
        self._server = asyncio.create_task(server.run())

    async def stop_serving(self) -> None:
        """The menu's server dies: open sessions break off."""
        await _cancelled(self._server)
        self._server = None

    async def beat(self) -> None:
        """Be alive from now on."""
        await self._beat_once()
        self._dead.clear()
        self._beat = asyncio.create_task(self._beating())

    async def stop_beating(self) -> None:
        """Be dead from now on. A beat under way is heard to its end: whose answer is not waited for
        would be taken for the answer to what is asked next."""
        self._dead.set()
        if self._beat is not None:
            await self._beat
        self._beat = None

    async def _beating(self) -> None:
        while not self._dead.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._dead.wait()
                    return
            await self._beat_once()

    async def _beat_once(self) -> None:
        now = str(int(time.time()))
        answer = await self.actions.act("Setvar", Variable="GLOBAL(MDG_BEAT)", Value=now)
        assert answer["Response"] == "Success", answer

    async def agent(self, host: str, port: int = 0) -> RawSip:
        """A SIP socket at an address of this machine."""
        agent = await RawSip.open((PHONES_AT, self.spec.sip_port), host, port)
        self._agents.append(agent)
        return agent

    async def phone(self, name: str) -> RawSip:
        """The phone of an operator, where the configuration expects it."""
        phone = next(phone for phone in self.spec.phones if phone.name == name)
        return await self.agent(PHONES_AT, int(phone.contact.rpartition(":")[2]))

    async def forget(self) -> None:
        """Forget what a test did: agents, events, scripts."""
        for agent in self._agents:
            agent.close()
        self._agents.clear()
        await asyncio.sleep(0)  # the sockets are closed by the loop
        for ami in (self.actions, self.events, self.witness):
            ami.events.clear()
            ami.raw = b""
        self.scripts.reset()

    async def channels(self) -> list[str]:
        """The names of all channels."""
        text = await self.process.cli("core show channels concise")
        return [line.partition("!")[0] for line in text.splitlines() if "!" in line]

    async def empties(self, within_s: float = 20.0) -> None:
        """Return when there is no channel left."""
        end = time.monotonic() + within_s
        while left := await self.channels():
            assert time.monotonic() < end, f"channels left: {left}"
            await asyncio.sleep(0.05)

    async def held(self, carrier: RawSip, number: str = "0466501111") -> tuple[RawCall, str]:
        """A new caller in the waiting bridge: the call and its channel."""
        before = len(self.scripts.begun)
        call = await carrier.call(number)
        assert call.status == 200
        await until(lambda: len(self.scripts.begun) > before)
        channel = self.scripts.begun[before][1].channel
        await self.waits(channel, "hold BridgeWait")
        return call, channel

    async def where(self, channel: str) -> str:
        """Context and application of a channel, as ``hold BridgeWait``."""
        text = await self.process.cli("core show channels concise")
        for line in text.splitlines():
            fields = line.split("!")
            if fields[0] == channel:
                return f"{fields[1]} {fields[5]}"
        return ""

    async def waits(self, channel: str, where: str, within_s: float = 20.0) -> None:
        """Return when the channel is there (see :meth:`where`)."""
        end = time.monotonic() + within_s
        while (now := await self.where(channel)) != where:
            assert time.monotonic() < end, f"{channel} is at {now!r}, not at {where!r}"
            await asyncio.sleep(0.05)

    async def offer(self, caller: str, phone: str, offer: str, token: str) -> dict[str, str]:
        """Ring a phone for a caller as the controller does; ``token`` is what the leg carries."""
        await self.actions.act("Setvar", Channel=caller, Variable="SHARED(MDG_OFFER)", Value=offer)
        return await self.actions.act(
            "Originate",
            f"Variable: MDG_OFFER={token}",
            f"Variable: MDG_CALLER={caller}",
            "Variable: MDG_ANNOUNCE=",
            Channel=f"PJSIP/{phone}",
            ChannelId=f"mdg-{token}",
            Context="operator",
            Exten="s",
            Priority="1",
            Timeout="8000",
            CallerID="<0466112233>",
            Async="true",
        )

    def written(self) -> bytes:
        """Everything that Asterisk wrote into files so far: logs, records, database."""
        files = [path for path in self.paths.run.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)

    def cel(self) -> str:
        """Asterisk's own record of events."""
        return (self.paths.run / "log" / "cel.csv").read_text(encoding="utf-8")

    async def start(self) -> None:
        """Asterisk, its AMI sessions, server and heartbeat."""
        await self.process.start()
        port, spec = self.spec.ami_port, self.spec
        self.actions = await Ami.open(port, spec.ami_actions_user, spec.ami_actions_secret)
        self.events = await Ami.open(port, spec.ami_events_user, spec.ami_events_secret)
        self.witness = await Ami.open(port, "witness", spec.witness_secret)
        await self.serve()
        await self.beat()

    async def stop(self) -> None:
        """Everything, in order."""
        await self.stop_beating()
        await self.stop_serving()
        for agent in self._agents:
            agent.close()
        for name in ("actions", "events", "witness"):
            if hasattr(self, name):
                await getattr(self, name).close()
        await self.process.stop(grace_s=2.0)


def make_spec(paths: AsteriskPaths, phones: tuple[PhoneSpec, ...]) -> ConfSpec:
    """A small centre on free ports, impatient where waiting would make a test slow."""
    rtp = 15_000 + 100 * secrets.randbelow(50)
    sip, ami, agi, other = free_ports(4)
    return ConfSpec(
        etc_dir=paths.inside_etc,
        run_dir=paths.inside_run,
        sounds_dir=paths.inside_sounds,
        sip_port=sip,
        ami_port=ami,
        agi_port=agi,
        agi_key=secrets.token_hex(16),
        agi_others=(f"{PHONES_AT}:{other}",),
        ami_events_secret=secrets.token_hex(16),
        ami_actions_secret=secrets.token_hex(16),
        witness_secret=secrets.token_hex(16),
        rtp_first=rtp,
        rtp_last=rtp + 98,
        trunks=(
            TrunkSpec("carrier", (CARRIER,)),
            TrunkSpec("trusted", (TRUSTED_CARRIER,), trust_id=True),
            TrunkSpec("silent", (SILENT_CARRIER,), rtp_timeout_s=1),
            TrunkSpec("narrow", (NARROW_CARRIER,), max_channels=2),
        ),
        phones=phones,
        fallback_members=("op01",),
        beat_max_s=2,
        hold_tick_s=1,
        offer_max_s=10,
    )


@contextlib.asynccontextmanager
async def running_switch(kind: type[Switch] = Switch, **changes: object) -> AsyncIterator[Switch]:
    """Start a switch with two phones that wait at fixed ports; all is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-conf-"))
    paths = AsteriskPaths(
        etc=folder / "etc",
        run=folder / "run",
        sounds=PROJECT / "ivr" / "sounds",
        root=private_root(PROJECT),
    )
    ports = dict(zip(("op01", "op02"), free_ports(2), strict=True))
    phones = tuple(
        PhoneSpec(name, secrets.token_hex(16), contact=f"sip:{name}@{PHONES_AT}:{port}")
        for name, port in ports.items()
    )
    phones += (PhoneSpec("op03", secrets.token_hex(16)),)
    spec = msgspec.structs.replace(make_spec(paths, phones), **changes)
    render(spec, paths.etc)
    switch = kind(spec, paths)
    try:
        await switch.start()
        yield switch
    finally:
        await switch.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _cancelled(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
