"""A centre on two real Asterisks: callers arrive on either, telephones register at either.

Each Asterisk has an address of its own on loopback, the carrier and the telephones have theirs, as
the machines of a network would. Telephones register with their secrets and can move.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import conf_spec, directory_phones, paths_of, start_asterisk
from acd.config import Centre, load_centre
from sim.load.ports import free_ports
from tests.e2e.centre_kit import PLAN, CentreKit, flow_text
from tests.e2e.machines_kit import DeskPhone
from tests.fakes.sip_agent import Dialog, SipAgent

#: Where the two switches, the carrier and the telephones are.
NODES = {"a": "127.0.0.11", "b": "127.0.0.12"}
CARRIER, PHONES_AT = "127.0.0.21", "127.0.0.31"
FIRST_NUMBER = "0466001111"

_SETTINGS = """
state_dir = "var"
[switch]
id = "a"
sip_bind = "{a}"
sip_port = {sip}
ami_port = {ami}
{tls}
rtp_from_port = {rtp}
rtp_to_port = {rtp_to}
beat_max_s = 5
lost_after_s = {lost_after}
[switches.b]
sip_bind = "{b}"
sip_port = {sip}
ami_port = {ami_b}
{tls}
rtp_from_port = {rtp}
rtp_to_port = {rtp_to}
beat_max_s = 5
lost_after_s = {lost_after}
[agi]
port = {agi}
[api]
port = {api}
[softphone]
ws_port = 0
[store]
spool_mib = 32
reserve_mib = 4
[trunks.carrier]
kind = "address"
match = ["{carrier}"]
[log]
level = "warning"
"""


class NodesKit(CentreKit):
    """One running centre on two switches. ``at`` says where each operator's telephone is."""

    phones: dict[str, Any]

    def __init__(self, folder: Path, centre: Centre) -> None:
        super().__init__(folder, centre)
        self.switches: dict[str, AsteriskProcess] = {}
        self.at: dict[str, str] = {}

    def address(self, node: str) -> tuple[str, int]:
        """Where a switch speaks SIP."""
        here = self.settings.nodes[node]
        return here.sip_bind, here.sip_port

    async def start_switch(self) -> None:
        """Both Asterisks, and every telephone registered where it is at home."""
        for node in self.settings.nodes:
            await self.start_node(node)
        self.switch = self.switches["a"]
        for agent in self.centre.plan.agents:
            phone = await DeskPhone.open(agent.device, self.address(agent.switch), host=PHONES_AT)
            self.phones[agent.id] = phone
            await self.move(agent.id, agent.switch)
        for device in directory_phones(self.centre.plan):
            phone = await DeskPhone.open(device, self.address("a"), host=PHONES_AT)
            self.departments[device] = phone
            await self._register(phone, "a")

    async def start_node(self, node: str) -> None:
        """One Asterisk with the product's configuration, for the first time or again."""
        settings = self.settings.at(node)
        paths = paths_of(settings)
        spec = conf_spec(
            replace(self.centre, settings=settings),
            Secrets(self.settings.state_dir),
            paths,
            witness_secret=self.witness_secret,
        )
        self.switches[node] = await start_asterisk(settings, spec, paths)

    async def kill_node(self, node: str) -> None:
        """kill -9: callers and telephones there hear nothing more."""
        await self.switches[node].kill()

    async def move(self, agent: str, node: str) -> None:
        """Let an operator's telephone register at a switch, and be rung from there."""
        await self._register(self.phones[agent], node)
        self.at[agent] = node

    async def _register(self, phone: DeskPhone, node: str) -> None:
        phone.server = self.address(node)
        phone.registered = 0
        phone.register(self.secret(phone.name))
        await self.until(lambda: phone.registered, 20.0)
        assert phone.registered == 200, (phone.name, phone.registered)

    def secret(self, device: str) -> str:
        """What a telephone registers with."""
        return Secrets(self.settings.state_dir).get(f"phone.{device}")

    async def gone(self, device: str, node: str) -> bool:
        """Whether a switch knows no such telephone any more."""
        return f"{device}/sip:" not in await self.switches[node].cli("pjsip show contacts")

    async def caller(self, name: str = "0466123456", node: str = "a") -> SipAgent:
        """A telephone at the carrier, whose calls arrive on this switch."""
        agent = await SipAgent.open(name, self.address(node), host=CARRIER)
        self._callers.append(agent)
        return agent

    async def call(
        self, number: str = FIRST_NUMBER, name: str = "0466123456", node: str = "a"
    ) -> Dialog:
        """Somebody calls; returns at once, before the answer."""
        return await (await self.caller(name, node)).call(number)

    async def cli(self, command: str) -> str:
        """What the Asterisks that run answer to a command of their console, one after another."""
        running = [each for each in self.switches.values() if each.pid is not None]
        return "\n".join([await each.cli(command) for each in running])

    async def stop(self) -> None:
        """Everything, in order."""
        await super().stop()
        for switch in self.switches.values():
            if switch.pid is not None:
                await switch.stop(grace_s=2.0)


def write_nodes_centre(
    folder: Path,
    agents: Mapping[str, str],
    *,
    lost_after_s: float = 3.0,
    ring_s: float = 5.0,
    tls: bool = False,
    more_settings: str = "",
    more_plan: str = "",
) -> Centre:
    """A centre's directory; ``agents`` gives the switch at which each operator is at home.
    ``tls``: the switches call one another over TLS."""
    sip, ami, ami_b, agi, api, sip_tls = free_ports(6)
    rtp = 33_000 + 600 * secrets.randbelow(20)
    (folder / "flows").mkdir(parents=True)
    settings = _SETTINGS.format(
        **NODES,
        carrier=CARRIER,
        sip=sip,
        ami=ami,
        ami_b=ami_b,
        agi=agi,
        api=api,
        rtp=rtp,
        rtp_to=rtp + 599,
        lost_after=lost_after_s,
        tls=f"tls = true\nsip_tls_port = {sip_tls}" if tls else "",
    )
    (folder / "settings.toml").write_text(settings + more_settings)
    for queue in ("tax", "expert", "waste"):
        (folder / "flows" / f"{queue}.toml").write_text(flow_text(queue))
    people = "".join(
        f'[agents.{name}]\nname = "{name}"\ndevice = "{name}"\nswitch = "{node}"\n'
        "skills = { tax = 5 }\n"
        for name, node in agents.items()
    )
    (folder / "plan.toml").write_text(
        PLAN.format(ring_s=ring_s, no_answer_s=1.0) + people + more_plan
    )
    (folder / "calendars.toml").write_text("")
    return load_centre(folder)


@contextlib.asynccontextmanager
async def running_nodes(agents: Mapping[str, str], **rules: Any) -> AsyncIterator[NodesKit]:
    """A centre at work on two switches (operators not logged in); all is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-nodes-"))
    kit = NodesKit(folder, write_nodes_centre(folder, agents, **rules))
    try:
        await kit.start_switch()
        await kit.start_controller()
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)
