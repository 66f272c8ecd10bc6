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
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.adapters.asterisk.places import private_root
from acd.adapters.asterisk.session import believing
from acd.adapters.certificates import make_certificate
from acd.adapters.secrets import Secrets
from acd.adapters.sounds import SOUNDS
from acd.bootstrap.line_tls import believed
from acd.bootstrap.switch import ACTIONS, PROJECT
from acd.config import load_centre
from sim.load.sound import tone
from tests.e2e.browser_kit import CALLER_HZ, HEARD, LEVEL, OPERATOR_HZ, Office, running_browser
from tests.e2e.browser_kit import until as soon
from tests.e2e.centre_kit import NUMBER, CentreKit, write_centre
from tests.e2e.machines_kit import THERE, DeskPhone, FarAsterisk, Machine
from tests.fakes.ear import Ear
from tests.fakes.sip_agent import Dialog
from tests.fakes.voice import Voice, level

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

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
private_link = true
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

    def install(self) -> None:
        """What ``asterisk-conf`` says is to be done."""
        command = [sys.executable, "-m", "acd", "asterisk-conf", str(self.out)]
        subprocess.run([*command, "--centre", str(self.folder)], check=True, capture_output=True)
        users = (private_root(PROJECT) / "etc/passwd").read_text().splitlines()
        (owner,) = (line.split(":")[2:4] for line in users if line.startswith("asterisk:"))
        subprocess.run(["chown", "-R", ":".join(owner), str(self.out)], check=True)

    async def start_far(self) -> None:
        """Bring the configuration to the switch, start it, and let the telephones register."""
        self.install()
        self.switch = FarAsterisk(self.far, self.out)  # type: ignore[assignment]
        await self.switch.start()
        phone = await DeskPhone.open("op01", (CITY[0], 5060), host=CITY[1])
        self.phones["op01"] = phone
        phone.register(Secrets(self.settings.state_dir).get("phone.op01"))
        await soon(lambda: phone.registered == 200)

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[TwoMachines]:
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


def hears(ear: Ear, hz: int) -> float:
    return level(bytes(ear.sound[-4000:]), hz)


async def speaks(kit: TwoMachines, hz: int = OPERATOR_HZ) -> Voice:
    """What the operator at the desk says from now on."""
    phone = kit.phones["op01"]
    leg = list(phone.calls.values())[-1]
    voice = await Voice.open(CITY[1])
    voice.speak(tone(hz, LEVEL), leg.sdp)
    return voice


async def quiet(kit: TwoMachines) -> bool:
    return not await kit.channels() and await busy(kit, "ready")


@pytest.mark.requirement("M1")
async def test_a_caller_hears_the_menu_is_answered_held_and_recorded(kit: TwoMachines) -> None:
    dialog, ear = await calls(kit)
    prompt = (SOUNDS / "ja/offer-english.ulaw").read_bytes()
    await kit.until(lambda: ear.sound.find(prompt[:-160]) >= 0, 20.0)
    await chooses(kit, ear)
    await kit.until(lambda: busy(kit, "talking"))
    voice = await speaks(kit)
    await kit.until(lambda: hears(ear, OPERATOR_HZ) > HEARD)
    await kit.request("POST", "/api/agents/op01/hold", {})
    await kit.until(lambda: busy(kit, "hold"))
    await kit.until(lambda: hears(ear, OPERATOR_HZ) < 0.1)
    await kit.request("POST", "/api/agents/op01/resume", {})
    await kit.until(lambda: hears(ear, OPERATOR_HZ) > HEARD)
    assert len(list(kit.incoming.glob("*.raw"))) == 1
    await dialog.hang_up()
    voice.close()
    await kit.until(lambda: quiet(kit))
    await kit.until(lambda: kit.sql("select 1 from recordings"), 20.0)
    assert list(kit.incoming.iterdir()) == []
    (row,) = kit.sql("select duration_ms from recordings")
    assert row[0] > 500


@pytest.mark.requirement("M4")
async def test_a_browser_gets_to_it_through_the_controller(kit: TwoMachines) -> None:
    await kit.request("POST", "/api/agents/op01/not-ready", {"reason": "break"})
    async with running_browser(kit.folder) as browser:
        office = Office(kit, browser)
        phone = await office.telephone("op02")
        caller = await office.caller(WASTE)
        await phone.answer()

        async def both_hear() -> bool:
            there = level(bytes(caller.voice.heard[-4000:]), OPERATOR_HZ)
            return await phone.hears(CALLER_HZ) > HEARD and there > HEARD

        await soon(both_hear, 10.0)
        await caller.hang_up()
        await phone.until(state="ready")
        await kit.request("POST", "/api/agents/op02/logout", {})
        await phone.close()
    await kit.request("POST", "/api/agents/op01/ready", {})


async def test_the_link_is_cut_and_comes_back(kit: TwoMachines) -> None:
    """Who talks notices nothing, who waits keeps the place, who listens to the menu goes on."""
    talking, heard = await calls(kit, WASTE, "0466700001")
    await kit.until(lambda: busy(kit, "talking"))
    voice = await speaks(kit)
    waiting, ear = await calls(kit, name="0466700002")
    await chooses(kit, ear)
    place = await arrivals(kit)
    choosing, other = await calls(kit, name="0466700003")
    await kit.until(lambda: len(other.sound) > 8_000)

    kit.near.ip("link", "set", "dev", "link", "down")
    cut = asyncio.get_running_loop().time()
    await soon(lambda: away(kit), 15.0)
    heard.sound.clear()
    await soon(lambda: hears(heard, OPERATOR_HZ) > HEARD)
    await asyncio.sleep(cut + CUT_S - asyncio.get_running_loop().time())
    kit.near.ip("link", "set", "dev", "link", "up")
    await kit.until(kit.healthy, 20.0)
    assert set(place.items()) <= set((await arrivals(kit)).items())
    await chooses(kit, other)
    assert not any(each.over.is_set() for each in (talking, waiting, choosing))
    voice.close()
    rung = len(kit.phones["op01"].rung)
    await talking.hang_up()
    await kit.until(lambda: next_talk(kit, rung + 1))
    await waiting.hang_up()
    await kit.until(lambda: next_talk(kit, rung + 2))
    await choosing.hang_up()
    await kit.until(lambda: quiet(kit))
    theirs = "select outcome from calls where caller_number like '04667%'"
    await kit.until(lambda: kit.sql(theirs) == 3 * [("answered",)])


async def next_talk(kit: TwoMachines, rung: int) -> bool:
    """Whether the telephone on the desk has rung so often, and was answered."""
    return len(kit.phones["op01"].rung) == rung and await busy(kit, "talking")


async def away(kit: TwoMachines) -> bool:
    return not await kit.healthy()


async def arrivals(kit: TwoMachines) -> dict[str, float]:
    """Since when who waits."""
    found = (await kit.state())["calls"]
    return {key: call["waiting_from_s"] for key, call in found.items() if call["waiting_from_s"]}


@pytest.mark.requirement("M25")
async def test_nobody_but_the_controller_reaches_what_is_for_the_controller(
    kit: TwoMachines,
) -> None:
    for port in (5038, 5039, 8088, 8089, 4573):
        for host in (CITY[0], DESK[0]):
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((host, port), 2.0)
    stranger = "10.98.1.77"
    kit.near.ip("address", "add", f"{stranger}/24", "dev", "link")
    secrets = Secrets(kit.settings.state_dir)
    secret, context = secrets.get(ACTIONS), believing(believed(secrets))
    for port in (5038, 8088):  # in the clear they are not on the link
        with kit.near.entered(), pytest.raises(OSError, match="refused"):
            socket.create_connection((LINK[0], port), 2.0)
    with kit.near.entered():
        line = socket.create_connection((LINK[0], 8089), 5.0)
    with context.wrap_socket(line, server_hostname=LINK[0]) as line:
        line.sendall(b"GET /ws HTTP/1.1\r\nHost: switch\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 4"), "no WebSocket was asked for"
    login = f"Action: Login\r\nUsername: madoguchi-actions\r\nSecret: {secret}\r\n\r\n"
    for source, said in ((stranger, b"Authentication failed"), (LINK[1], b"Success")):
        with kit.near.entered():
            line = socket.create_connection((LINK[0], 5039), 5.0, (source, 0))
        with context.wrap_socket(line, server_hostname=LINK[0]) as line:
            line.sendall(login.encode())
            answer = b""
            while b"Message:" not in answer:
                answer += line.recv(4096)
        assert said in answer
