"""What the tests of the switch's configuration share: one Asterisk for each file of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.e2e.switch_kit import Switch, running_switch


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_switch() -> AsyncIterator[Switch]:
    """An Asterisk with the product's configuration, for all tests of a file."""
    async with running_switch() as switch:
        yield switch


@pytest_asyncio.fixture(loop_scope="module")
async def switch(shared_switch: Switch) -> AsyncIterator[Switch]:
    """The file's Asterisk, with no calls and the usual scripts."""
    yield shared_switch
    for channel in await shared_switch.channels():
        await shared_switch.actions.act("Hangup", Channel=channel)
    await shared_switch.empties()
    await shared_switch.forget()
