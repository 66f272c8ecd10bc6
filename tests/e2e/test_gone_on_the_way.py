"""An operator who answers and is gone before the two are in one bridge: the caller waits on.

Asterisk takes the caller into the talk's bridge first. When the operator's hang-up overtakes that
(a switch that stood still finds answer and hang-up together), the caller is alone in it, and comes
out of it as after a talk. That moment is too short to be met at will, so that what Asterisk does
with the caller is done here by its console.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.centre_kit import NUMBER, CentreKit, running_kit

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: A number that leads into the waiting bridge without the menu server; nothing is said afterwards.
STRAIGHT = "0466001113"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kit() -> AsyncIterator[CentreKit]:
    async with running_kit({"op": "tax = 5, waste = 5"}) as running:
        yield running


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("number", [NUMBER, STRAIGHT])
async def test_who_comes_out_of_a_bridge_without_a_talk_waits_on(
    kit: CentreKit, number: str
) -> None:
    dialog = await kit.call(number)
    await kit.until(lambda: waits(kit))
    (channel,) = await kit.channels()
    await kit.cli(f"dialplan set chanvar {channel} SHARED(MDG_OFFER) connected")
    await kit.cli(f"channel redirect {channel} after,{int(time.time())},1")
    await asyncio.sleep(1.0)
    assert not dialog.over.is_set()
    await kit.until(lambda: in_hold(kit, channel))
    await kit.work()
    await kit.until(lambda: talks(kit))
    await dialog.hang_up()
    await kit.request("POST", "/api/agents/op/logout", {})
    await kit.until(kit.no_channels)
    await kit.until(lambda: set(kit.sql("select outcome from calls")) == {("answered",)})


async def waits(kit: CentreKit) -> bool:
    return await kit.waiting() == 1


async def talks(kit: CentreKit) -> bool:
    return await kit.agents_in("talking") == ["op"]


async def in_hold(kit: CentreKit, channel: str) -> bool:
    """Whether the caller is in the waiting bridge, as Asterisk says."""
    shown = await kit.cli(f"core show channel {channel}")
    return "Context: hold" in shown and "Application: BridgeWait" in shown
