"""An operator who answers and is gone before the two are in one bridge: the caller waits on.

Asterisk takes the caller into the talk's bridge first. When the operator's hang-up overtakes that
(a switch that stood still finds answer and hang-up together), the caller is alone in it, and comes
out of it as after a talk. That moment is too short to be met at will, so that what Asterisk does
with the caller is done here by an action.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.adapters.asterisk.actions import OFFER_TOKEN, TAKEN
from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.session import Session
from acd.adapters.secrets import Secrets
from acd.bootstrap.switch import ami_address
from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: A number that leads into the waiting bridge without the menu server; nothing is said afterwards.
STRAIGHT = "0466001113"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    async with running_kit({"op": "tax = 5, waste = 5"}) as running:
        yield running


async def out_of_a_talk(kit: CentreKit, channel: str, after_s: int) -> None:
    """Send a waiting caller the way that Bridge() does, so long after the operator came."""
    manager = ami_address(kit.settings, Secrets(kit.settings.state_dir))
    session = await Session.open(
        manager, manager.actions, on_event=lambda _: None, events=False, gulps=False
    )
    try:
        token = Action(
            "Setvar", (("Channel", channel), ("Variable", OFFER_TOKEN), ("Value", TAKEN))
        )
        await session.call(token, 5.0)
        came = str(int(time.time()) - after_s)
        there = (("Channel", channel), ("Context", "after"), ("Exten", came), ("Priority", "1"))
        await session.call(Action("Redirect", there), 5.0)
    finally:
        session.close()


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("number", [NUMBER, STRAIGHT])
async def test_who_comes_out_of_a_bridge_without_a_talk_waits_on(
    kit: CentreKit, number: str
) -> None:
    dialog = await kit.call(number)
    await kit.until(lambda: waits(kit))
    (channel,) = await kit.channels()
    await out_of_a_talk(kit, channel, 0)
    await asyncio.sleep(1.0)
    assert not dialog.over.is_set()
    await kit.until(lambda: in_hold(kit, channel))
    await kit.work()
    await kit.until(lambda: talks(kit))
    await dialog.hang_up()
    await kit.request("POST", "/api/agents/op/logout", {})
    await kit.until(kit.no_channels)
    await kit.until(lambda: set(kit.sql("select outcome from calls")) == {("answered",)})


@pytest.mark.parametrize("number", [NUMBER, STRAIGHT])
async def test_who_talked_while_the_controller_heard_nothing_is_not_put_in_line_again(
    kit: CentreKit, number: str
) -> None:
    """The switch knows that the operator was there for longer than a moment."""
    dialog = await kit.call(number)
    await kit.until(lambda: waits(kit))
    (channel,) = await kit.channels()
    await out_of_a_talk(kit, channel, 5)
    await asyncio.wait_for(dialog.over.wait(), 10.0)
    await kit.until(kit.no_channels)


async def waits(kit: CentreKit) -> bool:
    return await kit.waiting() == 1


async def talks(kit: CentreKit) -> bool:
    return await kit.agents_in("talking") == ["op"]


async def in_hold(kit: CentreKit, channel: str) -> bool:
    """Whether the caller is in the waiting bridge, as Asterisk says."""
    shown = await kit.cli(f"core show channel {channel}")
    return "Context: hold" in shown and "Application: BridgeWait" in shown
