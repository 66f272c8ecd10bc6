"""A controller that stood still hears what happened meanwhile before its timers decide."""

from __future__ import annotations

import asyncio

from acd.app.timer_wheel import CATCH_UP_S, TimerWheel
from acd.core.commands import StartTimer
from acd.core.ids import TimerToken
from acd.core.inputs import Input, TimerFired


class Hand:
    """A clock that is moved by hand; whoever sleeps is woken when told."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.woken = asyncio.Event()

    def now(self) -> float:
        return self.now_s

    async def sleep_until(self, at_s: float) -> None:
        while self.now_s < at_s:
            self.woken.clear()
            await self.woken.wait()


async def heard(late_s: float) -> list[object]:
    """What is delivered, in order, when a ring's timer is woken so late and an answer lies in the
    socket, to be read a moment after the waking."""
    clock = Hand()
    delivered: list[object] = []

    def deliver(happened: Input) -> None:
        delivered.append(happened)

    wheel = TimerWheel(clock, deliver, lambda _: True)
    wheel.start(StartTimer(TimerToken(1), 100.5))
    running = asyncio.create_task(wheel.run())
    await asyncio.sleep(0.01)
    clock.now_s = 100.5 + late_s
    clock.woken.set()
    asyncio.get_running_loop().call_later(CATCH_UP_S / 2, delivered.append, "answered")
    await asyncio.sleep(2 * CATCH_UP_S)
    running.cancel()
    return delivered


async def test_in_time_it_fires_at_once() -> None:
    assert await heard(0.01) == [TimerFired(TimerToken(1)), "answered"]


async def test_after_a_stall_it_fires_behind_what_waited_to_be_read() -> None:
    assert await heard(6.0) == ["answered", TimerFired(TimerToken(1))]


async def test_while_a_switch_says_nothing_no_ring_ends() -> None:
    clock, delivered = Hand(), list[object]()
    wheel = TimerWheel(clock, delivered.append, lambda _: True)
    silent = True
    wheel.unheard = lambda: silent
    clock.now_s = 200.0
    wheel.start(StartTimer(TimerToken(1), 100.5))
    running = asyncio.create_task(wheel.run())
    await asyncio.sleep(2 * CATCH_UP_S)
    assert delivered == []
    delivered.append("answered")
    silent = False
    await asyncio.sleep(2 * CATCH_UP_S)
    assert delivered == ["answered", TimerFired(TimerToken(1))]
    running.cancel()
