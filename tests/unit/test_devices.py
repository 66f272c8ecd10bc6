"""No phone is rung while its last call is still ending."""

from __future__ import annotations

import asyncio
import time

from acd.adapters.asterisk.devices import Devices
from acd.core.ids import offer_id

FIRST, SECOND, THIRD = offer_id(1), offer_id(2), offer_id(3)


async def test_a_phone_without_a_call_is_rung_at_once() -> None:
    devices = Devices()
    assert await devices.take("op01", FIRST, 1.0)
    assert await devices.take("op02", SECOND, 1.0)


async def test_the_next_ring_waits_until_the_last_leg_is_gone() -> None:
    devices = Devices()
    await devices.take("op01", FIRST, 1.0)
    next_ring = asyncio.create_task(devices.take("op01", SECOND, 5.0))
    await asyncio.sleep(0.02)
    assert not next_ring.done()
    devices.gone(FIRST)
    assert await asyncio.wait_for(next_ring, 20.0)
    # The new leg counts from now on, and the old one's hang-up told twice frees nothing.
    devices.gone(FIRST)
    after = asyncio.create_task(devices.take("op01", THIRD, 0.05))
    assert not await after


async def test_a_hang_up_that_is_never_told_delays_the_next_ring_once() -> None:
    devices = Devices()
    await devices.take("op01", FIRST, 1.0)
    began = time.monotonic()
    assert not await devices.take("op01", SECOND, 0.05)
    assert time.monotonic() - began >= 0.04
    devices.gone(SECOND)
    assert await devices.take("op01", THIRD, 0.05)


async def test_nothing_is_known_after_the_connection_was_lost() -> None:
    devices = Devices()
    await devices.take("op01", FIRST, 1.0)
    waiting = asyncio.create_task(devices.take("op01", SECOND, 5.0))
    await asyncio.sleep(0)
    devices.forget()
    assert await asyncio.wait_for(waiting, 20.0)
