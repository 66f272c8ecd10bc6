"""The Telephony contract, kept by a real Asterisk with our dialplan.

One Asterisk serves all tests; each has a connection of its own and leaves no channel behind.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.conf_tls import LineTls
from acd.adapters.asterisk.link import Link
from acd.adapters.asterisk.session import AmiAddress, Session
from acd.adapters.authority import LineAuthority
from acd.core.ids import CallId
from acd.core.inputs import CallerHungUp
from acd.errors import SwitchUnavailable
from sim.load.ports import free_ports
from tests.contract.asterisk_bench import AsteriskBench, real_asterisk
from tests.contract.spy_contract import *  # noqa: F403
from tests.contract.talk_contract import *  # noqa: F403
from tests.contract.telephony_bench import Bench, RealBench, opened, relayed
from tests.contract.telephony_contract import *  # noqa: F403

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS, OTHERS = LineAuthority("a" * 32), LineAuthority("b" * 32)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk() -> AsyncIterator[AsteriskBench]:
    # For one test: the others speak to it in the clear, as the controller of its own machine does.
    made = OURS.certify(["127.0.0.1"], "k" * 32)
    (port,) = free_ports(1)
    tls = LineTls(made.certificate, made.key, made.ca, ami_port=port)
    async with real_asterisk(hold_tick_s=2, tls=tls) as started:
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


async def test_the_manager_interface_is_spoken_over_tls_with_our_own_switch_alone(
    asterisk: AsteriskBench,
) -> None:
    assert asterisk.tls is not None
    port = asterisk.tls.ami_port
    session = await session_of(asterisk.address_at(port, OURS.ca))
    assert (await session.call(Action("Ping"), 20.0)).get("Ping") == "Pong"
    session.close()
    await comes_up(asterisk.address_at(port, OURS.ca))
    # Somebody else's authority; and no TLS at all.
    for wrong in (
        asterisk.address_at(port, OTHERS.ca),
        asterisk.address_at(asterisk.ami_port, OURS.ca),
    ):
        with pytest.raises(SwitchUnavailable) as refused:
            await session_of(wrong)
        assert refused.value.code == "certificate_refused"


async def session_of(address: AmiAddress) -> Session:
    return await Session.open(address, address.actions, on_event=lambda _: None, events=False)


async def comes_up(address: AmiAddress) -> None:
    """The product's link: both sessions, the heartbeat and what is asked at the beginning."""
    up = asyncio.Event()

    async def on_up() -> None:
        up.set()

    link = Link(address, on_event=lambda _: None, on_up=on_up, on_down=lambda: None)
    running = asyncio.create_task(link.run())
    await asyncio.wait_for(up.wait(), 20.0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
