"""A real Kamailio in front of nodes, as ``madoguchi proxy-conf`` configures it.

The nodes answer SIP as an Asterisk does, with an address of their own on loopback each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.kamailio import MODULES, render_proxy
from acd.bootstrap.switch import PROJECT
from sim.load.ports import free_ports
from tests.e2e.carriers import Carrier, Does
from tests.e2e.raw_sip import RawSip, header

PROXY, CARRIER, STRANGER = "127.0.0.31", "127.0.0.2", "127.0.0.9"
NODES = ("127.0.0.32", "127.0.0.33", "127.0.0.34")
ROOT = PROJECT / ".cache" / "kamailio" / "root"


class Node(Carrier):
    """One that answers a call as an Asterisk of ours does."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """As its parent, answering whoever asked."""
        self.server = addr
        super().datagram_received(data, addr)


def programs() -> tuple[str, str, dict[str, str]]:
    """Kamailio's program, its modules and its environment."""
    if not (ROOT / "usr/sbin/kamailio").exists():
        found = shutil.which("kamailio")
        assert found is not None, "run tools/kamailio.sh"
        return found, MODULES, dict(os.environ)
    (libraries,) = (ROOT / "usr/lib").glob("*-linux-gnu")
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{libraries}:{libraries}/kamailio"}
    return str(ROOT / "usr/sbin/kamailio"), f"{libraries}/kamailio/modules", environment


@contextlib.asynccontextmanager
async def running_proxy(folder: Path, port: int, nodes: list[Node]) -> AsyncIterator[None]:
    """The proxy, gone afterwards."""
    program, modules, environment = programs()
    places = {f"n{number}": (node.host, node.port) for number, node in enumerate(nodes)}
    render_proxy(
        folder,
        (PROXY, port),
        places,
        [f"{CARRIER}/32"],
        modules=modules,
        folder=str(folder),
        children=1,
    )
    log = (folder / "kamailio.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *(program, "-DD", "-E", "-f", str(folder / "kamailio.cfg"), "-Y", str(folder)),
        *("-m", "16", "-M", "4", "-P", str(folder / "pid")),
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        yield
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20.0)
        log.close()


async def until(true: object, within_s: float = 20.0) -> None:
    """Wait for a function to be true."""
    assert callable(true)
    for _ in range(round(within_s / 0.05)):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("this did not happen in time")


@pytest.mark.requirement("M18")
async def test_calls_are_spread_and_none_goes_to_a_node_that_died(tmp_path: Path) -> None:
    port, *ports = free_ports(1 + len(NODES))
    nodes = [await Node.open((PROXY, port), *each) for each in zip(NODES, ports, strict=True)]
    carrier = await RawSip.open((PROXY, port), CARRIER)
    stranger = await RawSip.open((PROXY, port), STRANGER)
    async with running_proxy(tmp_path, port, nodes):

        def asked(node: Node) -> int:
            return sum(text.startswith("OPTIONS") for text in node.received)

        await until(lambda: all(asked(node) for node in nodes))
        calls = [await carrier.call("0466001111") for _ in range(6)]
        assert [call.status for call in calls] == [200] * 6
        assert [len(node.invites) for node in nodes] == [2, 2, 2]
        route = header(nodes[0].invites[0], "Record-Route")
        assert PROXY in route, "the end of the call comes this way"
        assert (await stranger.call("0466001111", within_s=0.5)).status == 0

        # It dies between two questions: the one call that meets it goes on to the next node.
        dead, *alive = nodes
        dead.alive, dead.does = False, Does.NOTHING
        during = [await carrier.call("0466001111") for _ in range(3)]
        assert [call.status for call in during] == [200] * 3
        await asyncio.sleep(2.6)
        met = len(dead.invites)
        after = [await carrier.call("0466001111") for _ in range(6)]
        assert [call.status for call in after] == [200] * 6
        assert len(dead.invites) == met, "a dead node gets no call"

        dead.alive, dead.does = True, Does.TAKE
        # One that says that it is full is passed over for that call.
        alive[0].does = 503
        await asyncio.sleep(1.6)
        back = [await carrier.call("0466001111") for _ in range(6)]
        assert [call.status for call in back] == [200] * 6
        assert len(dead.invites) > met, "it gets calls again"
        # What a node says about the caller goes back as it is.
        for node in nodes:
            node.does = 486
        assert (await carrier.call("0466001111")).status == 486
    for each in (*nodes, carrier, stranger):
        each.close()


def test_the_lists_name_nodes_and_networks_and_nothing_else(tmp_path: Path) -> None:
    nodes = {"a": ("192.0.2.1", 5060), "b": ("192.0.2.2", 5062)}
    render_proxy(tmp_path, ("192.0.2.9", 5060), nodes, ["198.51.100.0/24", "198.51.100.7"])
    told = (tmp_path / "dispatcher.list").read_text(encoding="utf-8")
    assert re.findall(r"^1 (\S+)$", told, re.MULTILINE) == [
        "sip:192.0.2.1:5060",
        "sip:192.0.2.2:5062",
    ]
    allowed = (tmp_path / "address.list").read_text(encoding="utf-8")
    assert re.findall(r"^1 (\S+ \d+)$", allowed, re.MULTILINE) == [
        "198.51.100.0 24",
        "198.51.100.7 32",
    ]
    text = (tmp_path / "kamailio.cfg").read_text(encoding="utf-8")
    assert "@" not in re.sub(r"sip:proxy@madoguchi.invalid", "", text)
