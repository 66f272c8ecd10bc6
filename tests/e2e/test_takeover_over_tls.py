"""Two controllers with an Asterisk that speaks TLS with them: one dies, and callers are with the
menu of the other one as soon as in the clear."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import structs

from acd.adapters.asterisk.conf_tls import tls_files
from acd.adapters.asterisk.conf_tunnel import TUNNEL_FILE, TUNNEL_PID
from acd.adapters.asterisk.conffiles import render
from acd.adapters.asterisk.places import AsteriskPaths, private_root
from acd.adapters.asterisk.process import AsteriskProcess, AsteriskSpec
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import PROJECT, SOUNDS, conf_spec
from acd.config import load_centre
from sim.load.ports import free_ports
from tests.e2e.cluster_kit import ClusterKit, Member, running_cluster, write_cluster
from tests.e2e.test_controller_dies import waiting
from tests.e2e.tunnel_kit import Tunnel
from tests.fakes.redis_server import RedisServer

AT = {"a": "127.0.0.21", "b": "127.0.0.22"}
#: As in the clear (test_takeover.py), and what a machine with other work may take on top.
KILLED_S, SLACK_S = 2.0, 1.0
#: The dialplan asks for the menus again so long after nobody had any.
AGAIN_S = 1.0


class TunnelledCluster(ClusterKit):
    """Its Asterisk is a remote one for the controllers, though on this machine."""

    tunnel: Tunnel

    async def start_switch(self) -> None:
        """The tunnel, and Asterisk with what ``asterisk-conf`` would write for it."""
        home = self.whole_folder / "switch"
        paths = AsteriskPaths(home / "etc", home / "run", SOUNDS, private_root(PROJECT))
        spec = conf_spec(
            self.centre,
            Secrets(self.settings.secrets_dir),
            paths,
            witness_secret=self.witness_secret,
        )
        trunks = tuple(structs.replace(trunk, rtp_timeout_s=0) for trunk in spec.trunks)
        render(structs.replace(spec, trunks=trunks), paths.etc)
        own = self.whole_folder / "tunnel"
        own.mkdir()
        for name, text in tls_files(spec.tls, str(own), str(own)).items():
            (own / name).write_text(text)
        self.tunnel = Tunnel(own / TUNNEL_FILE, own / "log")
        self.tunnel.wait_until_there(own / TUNNEL_PID)
        self.switch = AsteriskProcess(AsteriskSpec(paths=paths))
        await self.switch.start()

    async def stop(self) -> None:
        """Everything, in order."""
        await super().stop()
        self.tunnel.close()


def encrypt(members: list[Member]) -> None:
    """The same settings as of an Asterisk elsewhere, each controller at an address of its own."""
    ami, menus, tunnel = free_ports(3)
    for member in members:
        at = AT[member.node]
        file = member.folder / "settings.toml"
        text = file.read_text()
        text = text.replace(
            "[switch]\n",
            f'[switch]\nkind = "remote"\nhost = "127.0.0.1"\ntls = true\nami_tls_port = {ami}\n'
            f"tunnel_port = {tunnel}\n",
        ).replace(
            "[agi]\n",
            f'[agi]\nbind = "{at}"\nadvertise = "{at}"\nadmit = ["127.0.0.1/32"]\n'
            f"tls_port = {menus}\n",
        )
        head, _, _ = text.partition("[cluster.menus]")
        file.write_text(head)
        member.centre = load_centre(member.folder)


@asynccontextmanager
async def tunnelled_cluster() -> AsyncIterator[TunnelledCluster]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-cluster-"))
    redis = RedisServer(folder, free_ports(1)[0], "save ''\nappendonly no")
    members = write_cluster(folder, {"op01": "tax = 5"}, redis.port, beat_max_s=15.0)
    encrypt(members)
    kit = TunnelledCluster(folder, members, redis)
    try:
        await kit.start_switch()
        await kit.start_all()
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def led_on_after_s(kit: ClusterKit) -> float:
    """Seconds from the leader's death until the menu of the other one has led on who called in
    that moment."""
    first = await kit.call(name="0466700001")
    await kit.until(lambda: waiting(kit, 1))
    old, new = kit.leader, kit.other(kit.leader)
    await old.kill()
    killed_s = time.monotonic()
    second = await kit.call(name="0466700002")
    await kit.until(lambda: kit.front.leader is new)
    await kit.until(lambda: waiting(kit, 2))
    took_s = time.monotonic() - killed_s
    for dialog in (first, second):
        await dialog.hang_up()
    await kit.until(kit.no_channels)
    return took_s


@pytest.mark.requirement("M18")
async def test_the_menus_of_the_second_controller_are_reached_as_soon_as_in_the_clear() -> None:
    async with running_cluster({"op01": "tax = 5"}, beat_max_s=15.0) as clear:
        clear_s = await led_on_after_s(clear)
    async with tunnelled_cluster() as tunnelled:
        tunnelled_s = await led_on_after_s(tunnelled)
    assert tunnelled_s < KILLED_S + AGAIN_S + SLACK_S
    assert tunnelled_s < clear_s + AGAIN_S + SLACK_S
