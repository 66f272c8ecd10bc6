"""What callers really hear on a real Asterisk: the bytes on the line are those of the prompts."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.sounds import SOUNDS
from acd.config import load_centre
from sim.load.ports import free_ports
from tests.e2e.centre_kit import _SETTINGS, CentreKit
from tests.fakes.ear import Ear
from tests.fakes.sip_agent import Dialog

CITY = Path(__file__).parents[2] / "centre"
MAIN, SHUT, UNLISTED = "0466001111", "0466001112", "0466009999"


class Caller:
    """Somebody with ears who calls the city."""

    def __init__(self, dialog: Dialog, ear: Ear) -> None:
        self.dialog = dialog
        self.ear = ear

    def heard(self, *prompts: str) -> bool:
        """Whether these prompts (``language/id``) came one after another, each in full."""
        at = 0
        for prompt in prompts:
            sound = (SOUNDS / f"{prompt}.ulaw").read_bytes()
            # The last frame of a file may be shorter than a packet.
            found = self.ear.sound.find(sound[:-160], at)
            if found < 0:
                return False
            at = found + len(sound) - 160
        return True

    def began(self, prompt: str) -> bool:
        """Whether at least the first half second of a prompt came."""
        return self.ear.sound.find((SOUNDS / f"{prompt}.ulaw").read_bytes()[:4000]) >= 0


def write_city(folder: Path) -> None:
    """The example city, open day and night, but for one number, which is never open."""
    shutil.copytree(CITY, folder, dirs_exist_ok=True)
    sip, ami, agi, api = free_ports(4)
    rtp = 30_000 + 200 * secrets.randbelow(100)
    (folder / "settings.toml").write_text(
        _SETTINGS.format(
            sip=sip, ami=ami, agi=agi, api=api, rtp=rtp, rtp_to=rtp + 599, beat_max=5.0
        )
        # The notice is said only where talks are recorded.
        + "[recording]\nenabled = true\nmin_free_mib = 1\n"
    )
    calendars = folder / "calendars.toml"
    calendars.write_text(calendars.read_text("utf-8") + "\n[calendars.never]\nweek = {}\n", "utf-8")
    plan = folder / "plan.toml"
    text = plan.read_text("utf-8")
    for calendar in ("counter", "switchboard"):
        text = text.replace(f'hours = "{calendar}"', 'hours = "always"')
    text = text.replace('name_prompt = "queue-residents"', "announce_every_s = 10")
    text = text.replace(
        'number = "0466-00-1112"\nflow = "main"', 'number = "0466-00-1112"\nflow = "shut"'
    )
    plan.write_text(text, "utf-8")
    flow = folder / "flows" / "main.toml"
    words = flow.read_text("utf-8")
    flow.write_text(words.replace('calendar = "counter"', 'calendar = "always"'), "utf-8")
    shut = words.replace('calendar = "counter"', 'calendar = "never"')
    (folder / "flows" / "shut.toml").write_text(shut, "utf-8")


@pytest.fixture
async def kit() -> AsyncIterator[CentreKit]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-e2e-"))
    write_city(folder)
    kit = CentreKit(folder, load_centre(folder))
    try:
        await kit.start_switch()
        await kit.start_controller()
        # Logged in, but not ready: callers stay where the menu sent them.
        for agent in kit.phones:
            await kit.request("POST", f"/api/agents/{agent}/login", {})
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def calls(kit: CentreKit, number: str) -> Caller:
    ear = await Ear.open()
    agent = await kit.caller()
    agent.rtp_port = ear.port
    caller = Caller(await agent.call(number), ear)
    await asyncio.wait_for(caller.dialog.established.wait(), 20.0)
    return caller


async def waits(kit: CentreKit, queue: str, number: str = MAIN, language: str = "ja") -> float:
    """Seconds from arrival to the queue of the caller of whom all this is true; 0 = not there."""
    for call in (await kit.state())["calls"].values():
        if (call["queue"], call["dialled"], call["language"]) == (queue, number, language):
            return float(call["waiting_from_s"] - call["arrived_s"])
    return 0.0


async def impatient(kit: CentreKit) -> None:
    """Presses at once; hears the notice in full, and later the place in the line."""
    caller = await calls(kit, MAIN)
    await asyncio.sleep(1.0)
    await caller.ear.press("2")
    await kit.until(lambda: waits(kit, "residents"), 20.0)
    assert await waits(kit, "residents") <= 15.0
    assert caller.began("ja/city-greeting")
    assert not caller.heard("ja/city-greeting")
    assert not caller.began("ja/city-menu")
    assert caller.heard("ja/recording-notice", "ja/connecting")
    await kit.until(lambda: caller.heard("ja/connecting", "ja/position-1"), 20.0)
    await caller.dialog.hang_up()


async def english(kit: CentreKit) -> None:
    """Listens to the offer, changes the language, chooses while the menu is read."""
    caller = await calls(kit, MAIN)
    await kit.until(lambda: caller.heard("ja/city-greeting", "ja/offer-english"), 20.0)
    await caller.ear.press("9")
    await kit.until(lambda: caller.heard("en/recording-notice"), 20.0)
    await asyncio.sleep(1.5)
    await caller.ear.press("3")
    await kit.until(lambda: waits(kit, "general", language="en"), 20.0)
    assert caller.heard("ja/offer-english", "en/recording-notice", "en/connecting")
    assert caller.began("en/city-menu")
    assert not caller.heard("en/city-menu")
    await caller.dialog.hang_up()


async def silent(kit: CentreKit) -> None:
    """Presses nothing and reaches the switchboard."""
    caller = await calls(kit, MAIN)
    await kit.until(lambda: waits(kit, "switchboard"), 45.0)
    assert caller.heard(
        "ja/city-greeting",
        "ja/recording-notice",
        "ja/offer-english",
        "ja/city-menu",
        "ja/connecting",
    )
    await caller.dialog.hang_up()


async def too_late(kit: CentreKit) -> None:
    """Hears that it is closed and when to call again; we hang up."""
    caller = await calls(kit, SHUT)
    await kit.until(caller.dialog.over.is_set, 45.0)
    assert caller.heard(
        "ja/city-greeting", "ja/closed-day", "ja/city-hours", "ja/city-hours-english", "ja/goodbye"
    )
    assert not caller.began("ja/recording-notice")


async def unlisted(kit: CentreKit) -> None:
    """Dials a number that no plan knows: a person all the same."""
    caller = await calls(kit, UNLISTED)
    await kit.until(lambda: waits(kit, "general", UNLISTED), 20.0)
    assert caller.heard("ja/greeting", "ja/recording-notice", "ja/connecting")
    await caller.dialog.hang_up()


@pytest.mark.requirement("M1")
@pytest.mark.requirement("M2")
@pytest.mark.requirement("M5")
@pytest.mark.requirement("M6")
@pytest.mark.requirement("M8")
async def test_five_callers_hear_what_they_should_and_get_where_they_should(
    kit: CentreKit,
) -> None:
    async with asyncio.TaskGroup() as group:
        for caller in (impatient, english, silent, too_late, unlisted):
            group.create_task(caller(kit))
