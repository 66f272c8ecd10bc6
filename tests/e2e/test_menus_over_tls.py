"""A switch's menus through its tunnel, at two menu servers that speak TLS: two controllers'.

Whichever of them does not serve, a caller is with the other one as soon as in the clear.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.asterisk.conf_tls import LineTls, tls_files
from acd.adapters.asterisk.conf_tunnel import HANDSHAKE_S, TUNNEL_FILE, TUNNEL_PID, TunnelWay
from acd.adapters.asterisk.fastagi import FastAgiServer
from acd.adapters.authority import LineAuthority, shown_by
from acd.core.ids import SwitchId
from acd.ports import Conversation
from sim.load.ports import free_ports
from tests.e2e.switch_kit import CARRIER, PHONES_AT, Switch, running_switch, until
from tests.e2e.tunnel_kit import Tunnel

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

#: What a machine with other work may take on top.
SLOW_S = 1.5


class TunnelledSwitch(Switch):
    """Its menu servers listen elsewhere than its dialplan believes, and over TLS."""

    _tunnel: Tunnel
    _ways: tuple[TunnelWay, ...]
    at: tuple[int, ...]
    authority = LineAuthority("a" * 32)

    async def start(self) -> None:
        """The tunnel, then everything else."""
        self.at = tuple(free_ports(2))
        ports = (self.spec.agi_port, int(self.spec.agi_others[0].rpartition(":")[2]))
        self._ways = tuple(
            TunnelWay(port, PHONES_AT, there) for port, there in zip(ports, self.at, strict=True)
        )
        own = self._write()
        self._tunnel = Tunnel(own / TUNNEL_FILE, own / "log")
        self._tunnel.wait_until_there(own / TUNNEL_PID)
        await super().start()

    def _write(self) -> Path:
        own = self.paths.etc.parent / "tunnel"
        own.mkdir(exist_ok=True)
        made = self.authority.certify([PHONES_AT], "k" * 32)
        line = LineTls(made.certificate, made.key, made.ca, menus=self._ways)
        for name, text in tls_files(line, str(own), str(own)).items():
            (own / name).write_text(text)
        return own

    async def renew(self, authority: LineAuthority) -> None:
        """Certificates of another authority, which the tunnel reads at a signal."""
        self.authority = authority
        self._write()
        os.kill(self._tunnel.pid, signal.SIGHUP)
        await asyncio.sleep(0.5)

    async def serve(self, *, elsewhere: bool = False) -> None:
        """Start a menu server; ``elsewhere``: that of another controller."""
        server = FastAgiServer(self.scripts.table(), SwitchId("a"), self.spec.agi_key)
        await server.listen(PHONES_AT, self.at[elsewhere], _served(self.authority))
        self._server = asyncio.create_task(server.run())

    async def stop(self) -> None:
        """Everything, in order."""
        await super().stop()
        self._tunnel.close()


def _served(authority: LineAuthority) -> ssl.SSLContext:
    made = authority.certify([PHONES_AT], "m" * 32)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=made.ca)
    shown_by(context, made.certificate, made.key)
    return context


@contextlib.asynccontextmanager
async def both() -> AsyncIterator[tuple[Switch, TunnelledSwitch]]:
    """One that speaks to its menus in the clear, and one through a tunnel."""
    async with running_switch() as clear, running_switch(TunnelledSwitch) as tunnelled:
        assert isinstance(tunnelled, TunnelledSwitch)
        yield clear, tunnelled


@pytest.mark.requirement("M18")
async def test_the_menu_of_another_controller_is_found_as_soon_as_in_the_clear() -> None:
    """The one that was named is dead: nobody listens there any more."""
    async with both() as switches:
        took_s: list[float] = []
        for switch in switches:
            await served_s(switch)
            await switch.stop_serving()
            await switch.serve(elsewhere=True)
            took_s.append(min([await served_s(switch) for _ in range(3)]))
        clear_s, tunnelled_s = took_s
        assert tunnelled_s < clear_s + SLOW_S, took_s


@pytest.mark.requirement("M18")
async def test_a_controller_that_stands_still_holds_a_caller_up_for_a_moment_only() -> None:
    """Its machine takes connections, and nobody there shows a certificate. It is tried as the one
    that was named, and as one of all. In the clear a caller would wait for as long as it stands."""
    async with running_switch(TunnelledSwitch) as switch:
        assert isinstance(switch, TunnelledSwitch)
        await switch.stop_serving()
        with socket.create_server((PHONES_AT, switch.at[0])):
            await switch.serve(elsewhere=True)
            assert await served_s(switch) < 2 * HANDSHAKE_S + SLOW_S


@pytest.mark.requirement("M29")
async def test_the_tunnel_takes_new_certificates_and_cuts_nobody_off() -> None:
    """Of another authority, so that only who reads all of them again is served by its servers."""
    async with running_switch(TunnelledSwitch) as switch:
        assert isinstance(switch, TunnelledSwitch)

        renewed = asyncio.Event()

        async def listens(conversation: Conversation, _argument: str) -> None:
            await renewed.wait()
            await conversation.set_next("hold")

        switch.scripts.ivr = listens
        carrier = await switch.agent(CARRIER)
        call = await carrier.call("0466501111")
        await until(lambda: switch.scripts.begun)
        channel = switch.scripts.begun[0][1].channel
        await switch.renew(LineAuthority("b" * 32))
        renewed.set()
        await switch.waits(channel, "hold BridgeWait")
        carrier.hang_up(call)
        await switch.empties()
        await switch.stop_serving()
        await switch.serve()
        switch.scripts.reset()
        assert await served_s(switch) < SLOW_S


async def served_s(switch: Switch) -> float:
    """Seconds from a call until a menu is asked what to do with it; the call ends then."""
    carrier = await switch.agent(CARRIER)
    switch.scripts.begun.clear()
    begun_s = time.monotonic()
    call = await carrier.call("0466501111")
    await until(lambda: switch.scripts.begun)
    took_s = time.monotonic() - begun_s
    carrier.hang_up(call)
    await switch.empties()
    return took_s
