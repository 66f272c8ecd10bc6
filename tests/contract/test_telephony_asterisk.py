"""The Telephony contract, kept by a real Asterisk with our dialplan.

One Asterisk serves all tests; each has a connection of its own and leaves no channel behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.core.ids import CallId
from acd.core.inputs import CallerHungUp
from tests.contract.asterisk_bench import AsteriskBench, real_asterisk
from tests.contract.spy_contract import *  # noqa: F403
from tests.contract.talk_contract import *  # noqa: F403
from tests.contract.telephony_bench import Bench, RealBench, opened, relayed
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


@pytest.mark.requirement("M25")
async def test_a_number_with_line_breaks_makes_no_event_about_others(bench: RealBench) -> None:
    """A call that is cancelled before the dialplan runs ends with its number as it came: with a
    Hangup event of another call in it. Whether one gets through is a matter of a millisecond."""
    victim = await bench.call_in()
    call = victim.info.call
    event = f"\r\n\r\nEvent: Hangup\r\nUniqueid: {call}\r\nLinkedid: {call}\r\n\r\n"
    number = "".join(one if one.isalnum() else f"%{ord(one):02x}" for one in event)
    attacker = await bench.asterisk.caller("attacker")
    for attempt in range(40):
        dialog = await attacker.call("0570012345", user=number)
        await asyncio.sleep(attempt % 8 * 0.0004)
        dialog.request("CANCEL", cseq=1)
        await asyncio.sleep(0.1)
        if bench.real.forged > 2:
            break
    assert bench.heard.all(CallerHungUp, call=call) == []
    assert bench.heard.all(CallerHungUp, call=CallId("")) == []
    assert not await victim.gone(0.1)
