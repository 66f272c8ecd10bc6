"""The ledger of a real centre: against Asterisk's record, without its database, after kill -9."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time

import pytest

from acd.bootstrap.ledger import Checked, check, replay
from tests.e2e.centre_kit import CentreKit, running_kit
from tests.fakes.sip_agent import Dialog

PEOPLE = {f"op{n:02d}": "tax = 5" for n in range(1, 5)}


async def served(kit: CentreKit, count: int, first: int) -> None:
    """So many calls one after another, each answered and hung up by its caller."""
    for number in range(first, first + count):
        dialog = await kit.call(name=f"04661{number:05d}")
        await kit.until(lambda: talking(kit), 20.0)
        await asyncio.sleep(0.3)
        await dialog.hang_up()
        await kit.until(lambda: nobody(kit), 20.0)
        # The panel's state lags the switch's a little: the next caller must not see this talk.
        await kit.until(lambda: silent(kit), 20.0)


async def silent(kit: CentreKit) -> bool:
    return not await talking(kit)


async def talking(kit: CentreKit) -> bool:
    return bool(await kit.agents_in("talking"))


async def nobody(kit: CentreKit) -> bool:
    return await kit.channels() == []


async def stored(kit: CentreKit, calls: int) -> None:
    """Wait until the database has this many calls."""

    await kit.until(lambda: kit.sql("select count(*) from calls") == [(calls,)], 45.0)


async def checked(kit: CentreKit, *, take_over: bool = False) -> Checked:
    return await check(kit.settings, take_over=take_over)


@pytest.mark.requirement("M10")
async def test_it_agrees_with_asterisk_and_takes_over_what_the_fallback_served() -> None:
    async with running_kit(PEOPLE, beat_max_s=2.0) as kit:
        await kit.work()
        await served(kit, 3, 0)
        gives_up = await kit.call(number="0466001113", name="0466199998")
        await kit.until(lambda: waiting(kit), 20.0)
        await gives_up.hang_up()
        await kit.until(lambda: nobody(kit), 20.0)
        await stored(kit, 4)
        healthy = await checked(kit)
        assert healthy.balances, healthy
        assert healthy.switch is not None
        assert healthy.switch.compared == 4
        assert (healthy.switch.talk_length, healthy.switch.moments) == ([], [])

        await kit.kill_controller()
        await by_fallback(kit, await kit.call(name="0466199999"))
        await kit.start_controller()
        await kit.stop_controller()
        found = await checked(kit)
        assert not found.balances
        assert found.switch is not None
        assert len(found.switch.only_switch) == 1
        after = await checked(kit, take_over=True)
        assert after.balances, after
        assert after.taken_over == 1
        rows = kit.sql("select outcome, source, talk_ms > 300 from calls where source = 'switch'")
        assert rows == [("answered", "switch", 1)]
        again = await replay(kit.settings, kit.centre.plan.timezone)
        assert (again.differing, again.gap_at) == (0, None)


async def waiting(kit: CentreKit) -> bool:
    return await kit.waiting() == 1


async def by_fallback(kit: CentreKit, dialog: Dialog) -> None:
    """A member of the static queue talks with this caller for a moment."""

    def connected() -> bool:
        legs = [leg for phone in kit.phones.values() for leg in phone.calls.values()]
        return any(leg.established.is_set() and not leg.over.is_set() for leg in legs)

    await kit.until(connected, 20.0)
    await asyncio.sleep(0.8)
    await dialog.hang_up()
    await kit.until(lambda: nobody(kit), 20.0)


@pytest.mark.requirement("M10")
async def test_calls_go_on_while_the_database_is_locked_or_gone() -> None:
    async with running_kit(PEOPLE) as kit:
        await kit.work()
        await served(kit, 2, 0)
        await stored(kit, 2)
        path = kit.settings.state_dir / "madoguchi.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as locker:
            locker.execute("begin exclusive")
            began = time.monotonic()
            await served(kit, 3, 10)
            assert time.monotonic() - began < 15.0, "no caller waits for the database"
            locker.rollback()
        await stored(kit, 5)
        # Gone for good, with all that was in it: the spool fills a new one.
        for file in path.parent.glob("madoguchi.sqlite*"):
            file.unlink()
        await served(kit, 2, 20)
        await stored(kit, 7)
        assert kit.sql("select outcome, count(*) from calls group by 1") == [("answered", 7)]
        assert kit.sql("select * from dropped") == []
        found = await checked(kit)
        assert found.balances, found
