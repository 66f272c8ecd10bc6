"""Asterisk itself dies: its calls were lost, not abandoned, whoever was there to see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.e2e.centre_kit import CentreKit, running_kit


@pytest.fixture
async def kit() -> AsyncIterator[CentreKit]:
    async with running_kit({"op1": "tax = 5", "op2": "tax = 5"}, beat_max_s=20.0) as running:
        yield running


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("controller_dies_too", [False, True])
async def test_calls_that_died_with_their_switch_are_lost(
    kit: CentreKit, controller_dies_too: bool
) -> None:
    await kit.work()
    for number in range(4):
        await kit.call(name=f"046610000{number}")
    await kit.until(lambda: busy(kit, talking=2, waiting=2))
    if controller_dies_too:
        await kit.kill_controller()
    # Asterisk writes the time of its start in seconds.
    await asyncio.sleep(1.0)
    await kit.switch.kill()
    await kit.switch.start()
    if controller_dies_too:
        await kit.start_controller()
    await kit.until(lambda: busy(kit, talking=0, waiting=0), 20.0)
    await kit.until(lambda: len(kit.sql("select 1 from calls")) == 4)
    assert sorted(kit.sql("select outcome, count(*) from calls group by 1")) == [
        ("answered", 2),
        ("lost", 2),
    ]
    assert kit.sql("select count(*) from visits where outcome = 'lost'") == [(2,)]
    # It goes on: nobody is stuck, and the next caller is served.
    await kit.until(lambda: ready(kit, 2))
    await kit.until(lambda: beats(kit))
    await kit.call(name="0466100009")
    await kit.until(lambda: busy(kit, talking=1, waiting=0))


@pytest.mark.requirement("M10")
async def test_calls_that_ended_while_the_controller_was_away_were_given_up(kit: CentreKit) -> None:
    dialog = await kit.call()
    await kit.until(lambda: busy(kit, talking=0, waiting=1))
    await kit.kill_controller()
    await dialog.hang_up()
    await kit.start_controller()
    await kit.until(lambda: kit.sql("select outcome from calls") == [("abandoned",)])


async def busy(kit: CentreKit, *, talking: int, waiting: int) -> bool:
    return (len(await kit.agents_in("talking")), await kit.waiting()) == (talking, waiting)


async def beats(kit: CentreKit) -> bool:
    """Whether the new Asterisk has heard of a controller: until then the static queue answers."""
    return "MDG_BEAT=" in await kit.switch.cli("dialplan show globals")


async def ready(kit: CentreKit, count: int) -> bool:
    return len(await kit.agents_in("ready")) == count
