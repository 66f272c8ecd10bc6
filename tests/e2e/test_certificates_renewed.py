"""Certificates are made anew while callers talk: nobody starts an Asterisk again for them."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from cryptography import x509

from acd.adapters.asterisk.session import believing
from acd.adapters.secrets import Secrets
from acd.bootstrap.line_tls import believed
from acd.bootstrap.switch import PROJECT
from tests.e2e.machines_kit import THERE
from tests.e2e.two_machines_kit import (
    LINK,
    TwoMachines,
    busy,
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


@pytest.mark.requirement("M29")
async def test_a_switch_takes_new_ones_by_the_printed_commands(kit: TwoMachines) -> None:
    """One talks, one listens to the menu, which is spoken through the tunnel: both go on."""
    talking, _ = await calls(kit, "0466001113", "0466700001")
    await kit.until(lambda: busy(kit, "talking"))
    choosing, ear = await calls(kit, name="0466700002")
    await kit.until(lambda: len(ear.sound) > 4_000)
    before = [await shown_at(kit, port) for port in (5039, 8089)]
    await renew(kit)
    await asyncio.sleep(1.0)
    after = [await shown_at(kit, port) for port in (5039, 8089)]
    assert not {*before} & {*after}, "an old one is still shown"
    await chooses(kit, ear)
    assert await kit.waiting() == 1
    assert not talking.over.is_set()
    assert (await kit.doctor())["lines"]["verdict"] == "well"
    # Who calls from now on hears the menu too: by a handshake with the new certificate.
    later, other = await calls(kit, name="0466700003")
    await chooses(kit, other)
    for dialog in (later, choosing, talking):
        await dialog.hang_up()
    await kit.until(lambda: quiet(kit))


@pytest.mark.requirement("M29")
async def test_the_containers_command_takes_new_ones_as_well(kit: TwoMachines) -> None:
    """``init`` writes the whole configuration anew; ``renew`` of the image does the rest."""
    before = [await shown_at(kit, port) for port in (5039, 8089)]
    (kit.out / "etc").rename(kit.folder / "etc.old")
    whole = kit.folder / "whole"
    kit.write_into(whole)
    shutil.copytree(whole / "etc", kit.out / "etc")
    kit.hand_over()
    script = (PROJECT / "docker/asterisk/renew").read_text()
    await kit.there.shell(f"set -- {THERE}\n{script}")
    await asyncio.sleep(1.0)
    after = [await shown_at(kit, port) for port in (5039, 8089)]
    assert not {*before} & {*after}
    dialog, ear = await calls(kit, name="0466700009")
    await chooses(kit, ear)
    await dialog.hang_up()
    await kit.until(lambda: quiet(kit))


async def renew(kit: TwoMachines) -> None:
    """What ``asterisk-conf --certificates`` says is to be done, word by word; cp is our rsync."""
    new = kit.folder / "certificates"
    words = [sys.executable, "-m", "acd", "asterisk-conf", "--certificates", str(new)]
    environment = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    said = subprocess.run(
        [*words, "--centre", str(kit.folder)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    ).stdout
    bring, *there = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    assert bring == f"rsync -a {new}/ root@{LINK[0]}:{THERE}/etc/"
    for path in new.iterdir():
        shutil.copy2(path, kit.out / "etc" / path.name)
    for line in there:
        await kit.there.shell(line)


async def shown_at(kit: TwoMachines, port: int) -> int:
    """The number of the certificate that the switch shows to its controller at a port."""
    context = believing(believed(Secrets(kit.settings.state_dir)))
    with kit.near.entered():
        line = socket.create_connection((LINK[0], port), 5.0)
    with context.wrap_socket(line, server_hostname=LINK[0]) as line:
        shown = line.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number
