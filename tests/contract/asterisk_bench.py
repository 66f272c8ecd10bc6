"""A real Asterisk with our dialplan, small SIP agents around it and a stand-in for the menu.

The menu's server answers each script by saying where the dialplan goes on; what a caller hears is
not the subject here. Every instance takes free ports of its own and lies in a folder of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from acd.adapters.asterisk.conf_tls import LineTls
from acd.adapters.asterisk.conf_trunks import TrunkSpec
from acd.adapters.asterisk.conffiles import ConfSpec, PhoneSpec, render
from acd.adapters.asterisk.places import private_root
from acd.adapters.asterisk.process import AsteriskPaths, AsteriskProcess, AsteriskSpec
from acd.adapters.asterisk.session import AmiAccount, AmiAddress
from acd.core.ids import CallId, SwitchId
from acd.core.inputs import Caller, CallerKind
from acd.ports import CallInfo
from sim.load.ports import free_ports
from tests.fakes.sip_agent import SipAgent

PROJECT = Path(__file__).resolve().parents[2]
PHONES = ("op1", "op2", "op3", "op10")


class MenuStub:
    """Answers FastAGI: ``/ivr`` sends the caller to hold; ``/hold`` waits ``announce_s``."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[CallInfo] = asyncio.Queue()
        self.announce_s = 0.0
        self.scripts: list[str] = []
        self.next = "hold"
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            told: dict[str, str] = {}
            while line := (await reader.readline()).decode("utf-8", "replace").strip():
                name, _, value = line.partition(": ")
                told[name] = value
            script = told.get("agi_network_script", "").rpartition("/")[2]
            self.scripts.append(script)
            if script == "ivr":
                self.arrived.put_nowait(_info(told))
                await self._say(reader, writer, f"SET VARIABLE MDG_NEXT {self.next}")
            elif script == "hold" and self.announce_s:
                await self._say(reader, writer, f"EXEC Wait {self.announce_s}")
        writer.close()

    async def _say(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: str
    ) -> None:
        writer.write(command.encode() + b"\n")
        await reader.readline()


def _info(told: dict[str, str]) -> CallInfo:
    channel = told["agi_channel"]
    number = told["agi_callerid"]
    known = number.lstrip("+").isdigit()
    return CallInfo(
        call=CallId(told["agi_uniqueid"]),
        switch=SwitchId("pbx"),
        channel=channel,
        trunk=channel.partition("/")[2].rpartition("-")[0],
        dialled=told.get("agi_arg_1", ""),
        caller=Caller(CallerKind.NUMBER, number) if known else Caller(CallerKind.WITHHELD),
    )


class AsteriskBench:
    """One started Asterisk; its address, its phones, and callers on demand."""

    def __init__(self, sip_port: int, ami_port: int, process: AsteriskProcess) -> None:
        self.sip_port = sip_port
        self.ami_port = ami_port
        self.process = process
        self.menu = MenuStub()
        self.phones: dict[str, SipAgent] = {}
        self.callers: list[SipAgent] = []
        self.secrets = ("", "")
        self.witness = ""
        self.tls: LineTls | None = None

    @property
    def server(self) -> tuple[str, int]:
        return ("127.0.0.1", self.sip_port)

    def address_at(self, port: int, ca: str = "") -> AmiAddress:
        """The manager interface, reached at this port; over TLS where ``ca`` is believed."""
        return AmiAddress(
            "127.0.0.1",
            port,
            AmiAccount("madoguchi-events", self.secrets[0]),
            AmiAccount("madoguchi-actions", self.secrets[1]),
            ca,
        )

    async def caller(self, user: str = "0312345678") -> SipAgent:
        agent = await SipAgent.open(user, self.server)
        self.callers.append(agent)
        return agent


@contextlib.asynccontextmanager
async def real_asterisk(
    hold_tick_s: int = 30, tls: LineTls | None = None
) -> AsyncIterator[AsteriskBench]:
    """Start one; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-"))
    phones = {name: await SipAgent.open(name, ("127.0.0.1", 0)) for name in PHONES}
    menu = MenuStub()
    sip_port, ami_port = free_ports(2)
    paths = AsteriskPaths(
        etc=folder / "etc",
        run=folder / "run",
        sounds=PROJECT / "ivr" / "sounds",
        root=private_root(PROJECT),
    )
    spec = ConfSpec(
        etc_dir=paths.inside_etc,
        run_dir=paths.inside_run,
        sounds_dir=paths.inside_sounds,
        sip_port=sip_port,
        ami_port=ami_port,
        agi_port=await menu.open(),
        agi_key=secrets.token_hex(16),
        ami_events_secret=secrets.token_hex(16),
        ami_actions_secret=secrets.token_hex(16),
        witness_secret=secrets.token_hex(16),
        rtp_first=22000,
        rtp_last=22999,
        trunks=(TrunkSpec("carrier", addresses=("127.0.0.1",), rtp_timeout_s=0),),
        phones=(
            *(
                PhoneSpec(
                    name,
                    secrets.token_hex(8),
                    contact=f"sip:{name}@127.0.0.1:{agent.port}",
                    rtp_timeout_s=0,
                )
                for name, agent in phones.items()
            ),
            PhoneSpec("absent", secrets.token_hex(8)),
        ),
        hold_tick_s=hold_tick_s,
        tls=tls,
    )
    render(spec, paths.etc)
    process = AsteriskProcess(AsteriskSpec(paths=paths))
    bench = AsteriskBench(sip_port, ami_port, process)
    bench.menu, bench.phones = menu, phones
    bench.secrets = (spec.ami_events_secret, spec.ami_actions_secret)
    bench.witness, bench.tls = spec.witness_secret, tls
    for agent in phones.values():
        agent.server = bench.server
    try:
        await process.start()
        yield bench
    finally:
        await process.stop(grace_s=2.0)
        await menu.close()
        for agent in (*phones.values(), *bench.callers):
            agent.close()
        shutil.rmtree(folder, ignore_errors=True)
