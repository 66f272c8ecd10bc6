"""The doctor asks Asterisk about carriers' lines: over TCP, and where it registers.

What the switch says here was taken down from Asterisk 22.10.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from acd.adapters.secrets import Secrets
from acd.bootstrap.doctor import Verdict, trunks
from acd.bootstrap.doctor.scene import Scene
from acd.config import Centre
from sim.load.ports import free_ports
from tests.e2e.centre_kit import write_centre
from tests.fakes.ami_server import AmiServer

_TRUNKS = """
[trunks.member]
kind = "registration"
host = "127.0.0.1"
port = {member}
username = "0466001111"
[trunks.refused]
kind = "registration"
host = "127.0.0.1"
port = {refused}
username = "0466001112"
[trunks.mute]
kind = "address"
match = ["127.0.0.3"]
host = "127.0.0.1"
port = {mute}
transport = "tcp"
qualify_s = 1
[trunks.gone]
kind = "address"
match = ["127.0.0.4"]
host = "127.0.0.1"
port = {gone}
transport = "tcp"
"""


def registrations(**status: str) -> str:
    """A list of them, each followed by its account as Asterisk does."""
    parts = ["Response: Success\r\nEventList: start"]
    for name, state in status.items():
        detail = f"Event: OutboundRegistrationDetail\r\nObjectName: {name}\r\nStatus: {state}"
        parts += [detail, f"Event: AuthDetail\r\nObjectName: {name}\r\nPassword: secret"]
    parts.append("Event: OutboundRegistrationDetailComplete\r\nEventList: Complete")
    return "\r\n\r\n".join(parts)


@pytest.fixture
async def switch() -> AsyncIterator[AmiServer]:
    server = AmiServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def centre(tmp_path: Path, switch: AmiServer) -> AsyncIterator[Centre]:
    names = ("member", "refused", "mute", "gone")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    made = write_centre(tmp_path, {"op1": "tax = 5"}, more_settings=_TRUNKS.format(**ports))
    here = made.settings.switch.model_copy(update={"ami_port": switch.port})
    made = replace(made, settings=made.settings.model_copy(update={"switch": here}))
    for name in ("member", "refused"):
        Secrets(made.settings.state_dir).put(f"trunk.{name}", "of-the-carrier")
    # It takes the connection and never says a word.
    mute = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", ports["mute"])
    yield made
    mute.close()


async def said(centre: Centre) -> tuple[Verdict, str]:
    scene = Scene(centre.path, centre.settings, centre)
    try:
        found = await trunks.look(scene)
        return found.verdict, found.found.en
    finally:
        await scene.close()


async def test_each_line_is_told_in_plain_words(centre: Centre, switch: AmiServer) -> None:
    switch.answers["Getvar"] = "Response: Success\r\nValue: UNAVAILABLE"
    listed = registrations(member="Registered", refused="Rejected")
    switch.answers["PJSIPShowRegistrationsOutbound"] = listed
    assert await said(centre) == (
        Verdict.NOTE,
        "carrier (only calls us: cannot be asked), gone (TCP: no connection), "
        "member (registered), mute (TCP: connects, but does not speak SIP), "
        "refused (the carrier refused the registration: user name or password)",
    )
    switch.answers["Getvar"] = "Response: Success\r\nValue: NOT_INUSE"
    listed = registrations(member="Unregistered", refused="Registered")
    switch.answers["PJSIPShowRegistrationsOutbound"] = listed
    _, words = await said(centre)
    assert "member (not registered)" in words
    assert "mute (TCP, answers)" in words
    assert "refused (registered)" in words


async def test_without_asterisk_it_asks_as_far_as_it_can(centre: Centre, switch: AmiServer) -> None:
    await switch.close()
    verdict, words = await said(centre)
    assert verdict is Verdict.NOTE
    assert "mute (TCP: connects)" in words
    assert "member (no answer)" in words
