"""What is said between switch and controller is read by nobody else, and nobody else is served."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from acd.adapters.asterisk.session import believing
from acd.adapters.authority import LineAuthority, shown_by
from acd.adapters.secrets import Secrets
from acd.adapters.sounds import SOUNDS
from acd.bootstrap.doctor import lines
from acd.bootstrap.doctor.scene import figures
from acd.bootstrap.line_tls import believed, line_tls
from acd.bootstrap.nodes import AGI_KEY
from tests.agi_client import headers
from tests.e2e.tunnel_kit import Wire
from tests.e2e.two_machines_kit import (
    LINK,
    TwoMachines,
    calls,
    chooses,
    quiet,
    running_two_machines,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[TwoMachines]:
    async with running_two_machines() as running:
        yield running


@pytest.mark.requirement("M25")
async def test_nothing_of_a_menu_is_seen_on_the_link(kit: TwoMachines) -> None:
    """Key of the menus, caller's number and pressed key: on the switch's loopback they can be read
    along, which shows that the eye is open; between the machines nothing can."""
    key = Secrets(kit.settings.state_dir).get(AGI_KEY).encode()
    with kit.far.entered():
        loopback, link = Wire("lo"), Wire("link")
    dialog, ear = await calls(kit, name="0466700044")
    prompt = (SOUNDS / "ja/offer-english.ulaw").read_bytes()
    await kit.until(lambda: ear.sound.find(prompt[:-160]) >= 0, 20.0)
    await chooses(kit, ear)
    await dialog.hang_up()
    await kit.until(lambda: quiet(kit))
    here, between = loopback.seen(), link.seen()
    for said in (b"agi_network_script", key, b"0466700044", b"STREAM FILE", b"WAIT FOR DIGIT"):
        assert said in here
        assert said not in between
    assert len(between) > len(here) / 2, "the menu went over the link"
    for wire in (loopback, link):
        wire.close()


@pytest.mark.requirement("M25")
async def test_menus_are_served_to_who_proves_itself(kit: TwoMachines) -> None:
    """Even with the key of the menus nobody is served in the clear, without a certificate or with
    somebody else's; with the switch's own it is."""
    secrets = Secrets(kit.settings.state_dir)
    asked = headers(f"{secrets.get(AGI_KEY)}/after")
    assert await said_to(kit, asked, None) == b""
    context = believing(believed(secrets))
    assert await said_to(kit, asked, context) == b""
    stranger = LineAuthority("s" * 32).certify([LINK[0]], "s" * 32)
    shown_by(context, stranger.certificate, stranger.key)
    assert await said_to(kit, asked, context) == b""
    own = line_tls(kit.settings, secrets)
    assert own is not None
    context = believing(believed(secrets))
    shown_by(context, own.certificate, own.key)
    assert (await said_to(kit, asked, context)).startswith(b"STREAM FILE ")


async def said_to(kit: TwoMachines, asked: bytes, context: ssl.SSLContext | None) -> bytes:
    """The first line that the menu server says to somebody on the link; nothing if it closes."""
    with kit.far.entered():
        line = socket.create_connection((LINK[1], 4574), 5.0)
    name = LINK[1] if context else None
    try:
        reader, writer = await asyncio.open_connection(sock=line, ssl=context, server_hostname=name)
        writer.write(asked)
        return await asyncio.wait_for(reader.readline(), 10.0)
    except (ConnectionError, ssl.SSLError):
        return b""
    finally:
        line.close()


@pytest.mark.requirement("M25")
async def test_the_doctor_sees_from_the_switch_that_its_tunnel_is_gone(kit: TwoMachines) -> None:
    """By a call of its own telephone's, which asks for the menus."""
    kit.near.ip("route", "add", "10.98.2.0/24", "via", LINK[0])  # that telephone is here
    said = await kit.doctor()
    assert said["menus"]["verdict"] == "well", said
    assert "through the tunnel" in said["menus"]["found"]["en"]
    assert said["lines"]["verdict"] == "well", said
    headers = {"Authorization": f"Bearer {kit.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        answer = await session.get(f"{kit.url}/metrics", ssl=False)
        shown = figures(await answer.text())[lines.TUNNEL_ENDS]
    assert shown > time.time() + 800 * 86_400, "what the tunnel showed last"
    kit.tunnel.close()
    try:
        said = await kit.doctor()
        assert said["menus"]["verdict"] == "fault"
        assert "madoguchi-tunnel" in said["menus"]["todo"]["en"]
    finally:
        kit.start_tunnel()
    said = await kit.doctor()
    assert said["menus"]["verdict"] == "well", said
