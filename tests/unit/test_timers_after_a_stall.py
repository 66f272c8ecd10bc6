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


async def test_what_has_to_be_heard_first_is_and_other_timers_do_not_wait_for_it() -> None:
    clock, delivered = Hand(), list[object]()
    ring, rest, answered = TimerToken(1), TimerToken(2), TimerToken(3)
    wanted = {ring, rest, answered}
    wheel = TimerWheel(clock, delivered.append, wanted.__contains__)
    heard = asyncio.Event()
    wheel.first = lambda token: None if token == rest else heard.wait()
    clock.now_s = 200.0
    for token in sorted(wanted):
        wheel.start(StartTimer(token, 100.5))
    running = asyncio.create_task(wheel.run())
    await asyncio.sleep(0.05)
    assert delivered == [TimerFired(rest)]
    wanted.remove(answered)
    heard.set()
    await asyncio.sleep(0.05)
    assert delivered == [TimerFired(rest), TimerFired(ring)]
    running.cancel()


async def test_nothing_is_asked_any_more_once_it_has_ended() -> None:
    clock, never = Hand(), asyncio.get_running_loop().create_future()
    wheel = TimerWheel(clock, lambda _: None, lambda _: True)
    wheel.first = lambda _: never
    wheel.start(StartTimer(TimerToken(1), 100.0))
    running = asyncio.create_task(wheel.run())
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait({running})
    await asyncio.sleep(0.05)
    assert never.cancelled()
