"""The Telephony contract, kept by the switch in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.spy_contract import *  # noqa: F403
from tests.contract.talk_contract import *  # noqa: F403
from tests.contract.telephony_bench import Bench, FakeBench, opened
from tests.contract.telephony_contract import *  # noqa: F403


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with opened(FakeBench()) as made:
        yield made
