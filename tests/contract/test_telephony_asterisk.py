"""The Telephony contract, kept by a real Asterisk with our dialplan.

One Asterisk serves all tests; each has a connection of its own and leaves no channel behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.asterisk_bench import AsteriskBench, real_asterisk
from tests.contract.telephony_bench import Bench, opened, relayed
from tests.contract.telephony_contract import *  # noqa: F403

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk() -> AsyncIterator[AsteriskBench]:
    async with real_asterisk(hold_tick_s=2) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def bench(asterisk: AsteriskBench) -> AsyncIterator[Bench]:
    async with relayed(asterisk) as made, opened(made):
        yield made
        await made.leave_nothing()
