"""A call, a browser, a cut: all that a centre does, with the switch on a machine of its own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.adapters.asterisk.session import believing
from acd.adapters.secrets import Secrets
from acd.adapters.sounds import SOUNDS
from acd.bootstrap.line_tls import believed
from acd.bootstrap.switch import ACTIONS
from sim.load.sound import tone
from tests.e2e.browser_kit import CALLER_HZ, HEARD, LEVEL, OPERATOR_HZ, Office, running_browser
from tests.e2e.browser_kit import until as soon
from tests.e2e.two_machines_kit import (
    CITY,
    CUT_S,
    DESK,
    LINK,
    WASTE,
    TwoMachines,
    busy,
    calls,
    chooses,
    quiet,
    running_two_machines,
)
from tests.fakes.ear import Ear
from tests.fakes.voice import Voice, level

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[TwoMachines]:
    async with running_two_machines() as running:
        yield running


def hears(ear: Ear, hz: int) -> float:
    return level(bytes(ear.sound[-4000:]), hz)


async def speaks(kit: TwoMachines, hz: int = OPERATOR_HZ) -> Voice:
    """What the operator at the desk says from now on."""
    phone = kit.phones["op01"]
    leg = list(phone.calls.values())[-1]
    voice = await Voice.open(CITY[1])
    voice.speak(tone(hz, LEVEL), leg.sdp)
    return voice


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
    for port in (5038, 5039, 8088, 8089, 4573, 4574, 4575):
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
