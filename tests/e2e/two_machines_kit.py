"""Asterisk on one machine, the controller on another, telephones and browsers on a third.

What ``madoguchi asterisk-conf`` wrote is brought to the switch as its own words say, and nothing
else. ::

    switch 10.98.1.1 ──── link ──── 10.98.1.2 controller
    switch 10.98.2.1 ──── city ──── 10.98.2.2 telephones, browsers, carrier
                 controller 10.98.3.1 ──── desk ──── 10.98.3.2 (the same)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from acd.adapters.asterisk.places import private_root
from acd.adapters.certificates import make_certificate
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import PROJECT
from acd.config import load_centre
from tests.e2e.browser_kit import until as soon
from tests.e2e.centre_kit import NUMBER, CentreKit, write_centre
from tests.e2e.machines_kit import THERE, DeskPhone, FarAsterisk, Machine
from tests.e2e.tunnel_kit import Tunnel
from tests.fakes.ear import Ear
from tests.fakes.sip_agent import Dialog

LINK = ("10.98.1.1", "10.98.1.2")
CITY = ("10.98.2.1", "10.98.2.2")
DESK = ("10.98.3.1", "10.98.3.2")
WASTE = "0466001113"
#: Longer than what is taken for a lost link, shorter than a dead controller.
CUT_S, BEAT_MAX_S = 8.0, 30

_SETTINGS = f"""
state_dir = "var"
[switch]
kind = "remote"
host = "{LINK[0]}"
tls = true
remote_dir = "{THERE}"
sip_bind = "{CITY[0]}"
beat_max_s = {BEAT_MAX_S}
[agi]
bind = "{LINK[1]}"
advertise = "{LINK[1]}"
[api]
bind = "{DESK[0]}"
[tls]
certificate = "certificate.pem"
key = "key.pem"
[softphone]
networks = ["{CITY[0]}/32"]
[recording]
enabled = true
min_free_mib = 1
incoming_dir = "{{incoming}}"
[store]
spool_mib = 32
reserve_mib = 4
[trunks.carrier]
kind = "address"
match = ["{CITY[1]}"]
[log]
level = "warning"
"""
_MENU = """
name_ja = "案内"
name_en = "Menu"
start = "menu"
operator = "wait"
[nodes.menu]
kind = "menu"
prompts = ["offer-english"]
choices = { 1 = "wait" }
timeout_s = 5
max_silences = 2
[nodes.wait]
kind = "queue"
queue = "tax"
"""


class TwoMachines(CentreKit):
    """A centre in pieces. The tests themselves are where the telephones are."""

    sip_host, phones_host = CITY
    far: Machine
    near: Machine
    out: Path
    tunnel: Tunnel
    there: FarAsterisk

    def install(self) -> None:
        """What ``asterisk-conf`` says is to be done."""
        self.write_into(self.out)
        self.hand_over()

    def write_into(self, out: Path) -> None:
        """All that ``asterisk-conf`` writes."""
        command = [sys.executable, "-m", "acd", "asterisk-conf", str(out)]
        subprocess.run([*command, "--centre", str(self.folder)], check=True, capture_output=True)

    def hand_over(self) -> None:
        """What was brought is Asterisk's, who is another user there than here."""
        users = (private_root(PROJECT) / "etc/passwd").read_text().splitlines()
        (owner,) = (line.split(":")[2:4] for line in users if line.startswith("asterisk:"))
        subprocess.run(["chown", "-R", ":".join(owner), str(self.out)], check=True)

    async def start_far(self) -> None:
        """Bring the configuration to the switch, start it, and let the telephones register."""
        self.install()
        self.start_tunnel()
        self.there = FarAsterisk(self.far, self.out)
        self.switch = self.there  # type: ignore[assignment]
        await self.switch.start()
        phone = await DeskPhone.open("op01", (CITY[0], 5060), host=CITY[1])
        self.phones["op01"] = phone
        phone.register(Secrets(self.settings.state_dir).get("phone.op01"))
        await soon(lambda: phone.registered == 200)

    def start_tunnel(self) -> None:
        """stunnel on the switch's machine."""
        (self.out / "run/tunnel.pid").unlink(missing_ok=True)
        self.tunnel = Tunnel(f"{THERE}/etc/tunnel.conf", self.folder / "tunnel.log", self._there())
        self.tunnel.wait_until_there(self.out / "run/tunnel.pid")

    async def doctor(self) -> dict[str, Any]:
        """What `madoguchi doctor` says on the controller's machine, by what it looked at."""
        words = [sys.executable, "-m", "acd", "doctor", "--json", "--centre", str(self.folder)]
        asked = await asyncio.create_subprocess_exec(
            *self.near.command(*words), stdout=subprocess.PIPE
        )
        told, _ = await asyncio.wait_for(asked.communicate(), 60.0)
        return {each["check"]: each for each in json.loads(told)}

    def _there(self) -> list[str]:
        """Words that run something on the switch's machine, with what was brought there."""
        bring = f'mount -t tmpfs none /srv; mkdir {THERE}; mount --bind "$0" {THERE}; exec "$@"'
        own = ("unshare", "--mount", "--propagation", "private", "sh", "-ec", bring)
        return self.far.command(*own, str(self.out))

    async def stop(self) -> None:
        """Everything, in order."""
        await super().stop()
        if hasattr(self, "tunnel"):
            self.tunnel.close()

    @property
    def incoming(self) -> Path:
        """Where the recordings of the switch arrive here."""
        return Path(self.settings.recording.incoming_dir)


@contextlib.contextmanager
def three_machines() -> Iterator[tuple[Machine, Machine]]:
    """Switch and controller; this thread is at the third."""
    with contextlib.ExitStack() as standing:
        switch, controller, office = machines = Machine(), Machine(), Machine()
        for machine in machines:
            standing.callback(machine.close)
        switch.cable("link", LINK[0], controller, LINK[1])
        switch.cable("city", CITY[0], office, CITY[1])
        controller.cable("desk", DESK[0], office, DESK[1])
        standing.enter_context(office.entered())
        yield switch, controller


def write(folder: Path) -> None:
    """A centre whose Asterisk is elsewhere; the menu asks, and waste is led straight."""
    write_centre(folder, {"op01": "tax = 5, waste = 1", "op02": "waste = 5"}, ring_s=10.0)
    make_certificate(folder, [DESK[0]])
    incoming = folder / "out/run/spool/monitor"
    (folder / "settings.toml").write_text(_SETTINGS.format(incoming=incoming))
    (folder / "flows/tax.toml").write_text(_MENU)


@contextlib.asynccontextmanager
async def running_two_machines() -> AsyncIterator[TwoMachines]:
    """A centre at work, one operator ready; all is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-two-"))
    write(folder)
    with three_machines() as (switch, controller):
        made = TwoMachines(folder, load_centre(folder))
        made.far, made.near, made.out = switch, controller, folder / "out"
        made.reach = tuple(controller.command())
        try:
            await made.start_far()
            await made.start_controller()
            await made.work("op01")
            yield made
        finally:
            await made.stop()
    shutil.rmtree(folder)


async def calls(
    kit: TwoMachines, number: str = NUMBER, name: str = "0466123456"
) -> tuple[Dialog, Ear]:
    """Somebody calls who has an ear and can press keys."""
    agent, ear = await kit.caller(name), await Ear.open(CITY[1])
    agent.rtp_port = ear.port
    dialog = await agent.call(number)
    await asyncio.wait_for(dialog.established.wait(), 20.0)
    return dialog, ear


async def chooses(kit: TwoMachines, ear: Ear) -> None:
    """Press 1 until the menu has taken it."""
    before = await kit.waiting()

    async def taken() -> bool:
        await ear.press("1")
        return await kit.waiting() > before or await busy(kit, "ringing")

    await kit.until(taken, 30.0)


async def busy(kit: TwoMachines, state: str, agent: str = "op01") -> bool:
    return agent in await kit.agents_in(state)


async def quiet(kit: TwoMachines) -> bool:
    return not await kit.channels() and await busy(kit, "ready")
