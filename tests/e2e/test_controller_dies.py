"""kill -9 of the controller in full work: no talk is cut, nobody is lost, order is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.e2e.centre_kit import CentreKit, running_kit
from tests.fakes.sip_agent import Dialog

TALKING, WAITING = 10, 30


@pytest.fixture
async def kit() -> AsyncIterator[CentreKit]:
    people = {f"op{n:02d}": "tax = 5" for n in range(1, TALKING + 1)}
    async with running_kit(people, beat_max_s=15.0) as running:
        yield running


async def fill(kit: CentreKit, count: int, first: int, per_s: float = 5.0) -> list[Dialog]:
    """Callers one after another at a steady rate."""
    dialogs = []
    for number in range(first, first + count):
        dialogs.append(await kit.call(name=f"04661{number:05d}"))
        await asyncio.sleep(1 / per_s)
    return dialogs


def by_caller(kit: CentreKit) -> list[str]:
    """Numbers of the answered callers, in the order in which operators were rung for them (ten
    phones that are rung at once are answered in any order)."""
    rows = kit.sql(
        "select caller_number from calls join legs using (call) "
        "where legs.answered_ms is not null order by offer"
    )
    return [row[0] for row in rows]


@pytest.mark.requirement("M4")
@pytest.mark.requirement("M10")
async def test_a_new_controller_takes_over_where_the_old_one_was_killed(kit: CentreKit) -> None:
    await kit.work()
    talkers = await fill(kit, TALKING, 0)
    await kit.until(lambda: talking(kit, TALKING))
    waiters = await fill(kit, WAITING - 5, 100)
    before = {call["id"]: call for call in await calls(kit)}
    began = await since(kit)
    # Callers go on coming at 5 a second while it dies and comes back.
    late = asyncio.create_task(fill(kit, 5, 200))
    await asyncio.sleep(0.5)
    killed_at = time.monotonic()
    await kit.kill_controller()
    await kit.start_controller()
    down_s = time.monotonic() - killed_at
    waiters += await late
    assert not any(dialog.over.is_set() for dialog in (*talkers, *waiters))
    await kit.until(lambda: waiting(kit, WAITING), 20.0)
    assert await talking(kit, TALKING)
    for call in await calls(kit):
        if call["id"] in before:
            assert call["waiting_from_s"] == before[call["id"]]["waiting_from_s"]
    # The floor goes on counting how long each has been in this state.
    assert await since(kit) == began
    # One operator after the other is free: those who waited longest go first.
    for dialog in talkers:
        await dialog.hang_up()
    for dialog in waiters:
        await asyncio.wait_for(reached(kit, dialog), 20.0)
        await asyncio.sleep(0.2)  # the phone is answered; a moment until both are connected
        await dialog.hang_up()
    await kit.until(lambda: kit.sql("select count(*) from calls")[0][0] == TALKING + WAITING, 20.0)
    outcomes = dict(kit.sql("select outcome, count(*) from calls group by 1"))
    assert outcomes == {"answered": TALKING + WAITING}, (outcomes, down_s)
    order = [number for number in by_caller(kit) if number.startswith("046610010")]
    assert order == sorted(order)
    await kit.until(lambda: nobody(kit))
    await kit.until(lambda: ready(kit, TALKING))


@pytest.mark.requirement("M10")
async def test_a_talk_that_began_and_ended_while_it_was_dead_was_a_talk() -> None:
    async with running_kit({"op01": "tax = 5"}, beat_max_s=15.0) as kit:
        await kit.work()
        phone = kit.phones["op01"]
        phone.answer_after_s = 2.0
        caller = await kit.call()
        await kit.until(lambda: bool(phone.calls))
        await kit.kill_controller()
        (leg,) = phone.calls.values()
        assert not leg.established.is_set()
        await asyncio.wait_for(leg.established.wait(), 20.0)
        await asyncio.sleep(2.0)
        await caller.hang_up()
        await asyncio.wait_for(leg.over.wait(), 20.0)
        await kit.start_controller()
        await kit.until(lambda: kit.sql("select outcome, agent from calls"))
        assert kit.sql("select outcome, agent from calls") == [("answered", "op01")]
        await kit.until(lambda: ready(kit, 1))
        assert "talks_unseen" in kit.log()


async def calls(kit: CentreKit) -> list[dict[str, object]]:
    found = (await kit.state())["calls"]
    return [{"id": name, **call} for name, call in found.items()]


async def since(kit: CentreKit) -> dict[str, tuple[str, float]]:
    """Who is in which state since when, as every screen is told."""
    agents = (await kit.state())["agents"]
    return {name: (agent["state"], agent["since_s"]) for name, agent in agents.items()}


async def talking(kit: CentreKit, count: int) -> bool:
    return len(await kit.agents_in("talking")) == count


async def ready(kit: CentreKit, count: int) -> bool:
    return len(await kit.agents_in("ready")) == count


async def waiting(kit: CentreKit, count: int) -> bool:
    return await kit.waiting() == count


async def reached(kit: CentreKit, dialog: Dialog) -> None:
    """Wait until this caller's operator is there: some phone shows the number and talks."""
    number = dialog.agent.name
    while True:
        for phone in kit.phones.values():
            for leg in phone.calls.values():
                shown = leg.invite is not None and number in leg.invite.get("from")
                if shown and leg.established.is_set():
                    return
        await asyncio.sleep(0.02)


async def test_when_it_stays_away_callers_reach_the_static_queue() -> None:
    people = {f"op{n:02d}": "tax = 5" for n in range(1, 5)}
    async with running_kit(people, beat_max_s=5.0) as kit:
        await stays_away(kit)


async def stays_away(kit: CentreKit) -> None:
    waiters = await fill(kit, 3, 0)
    await kit.until(lambda: waiting(kit, 3))
    await kit.kill_controller()
    # Nobody logged in: only the static queue rings these phones.
    async with asyncio.timeout(40.0):
        for dialog in waiters:
            await reached(kit, dialog)
    late = await kit.call(name="0466199999")
    await asyncio.wait_for(reached(kit, late), 20.0)
    # The controller comes back: calls in the static queue's care are left alone.
    await kit.start_controller()
    assert not any(dialog.over.is_set() for dialog in (*waiters, late))
    for dialog in (*waiters, late):
        await dialog.hang_up()
    await kit.until(lambda: nobody(kit))


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []
