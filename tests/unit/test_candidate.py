"""Controllers at work on one lease, in virtual time: election, hand-over, death, a store away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from acd.adapters.lease_memory import MemoryLeases
from acd.app.candidate import Candidate, Ended
from acd.app.leader import Leader, LeaderState, Times
from acd.errors import StoreUnavailable
from acd.ports_cluster import Lease
from tests.simulation.virtual_time import run_virtually

TIMES = Times()


class Cut(MemoryLeases):
    """A store whose line to one controller can be cut: with a word (an error) or without."""

    def __init__(self, shared: MemoryLeases) -> None:
        super().__init__()
        self.shared, self.how = shared, ""

    async def look(self) -> Lease | None:
        await self._pass()
        return await self.shared.look()

    async def acquire(self, seen: Lease | None, wanted: Lease) -> Lease | None:
        await self._pass()
        return await self.shared.acquire(seen, wanted)

    async def renew(self, mine: Lease, *, restore: bool) -> Lease | None:
        await self._pass()
        return await self.shared.renew(mine, restore=restore)

    async def release(self, mine: Lease, heir: str) -> None:
        await self._pass()
        await self.shared.release(mine, heir)

    async def _pass(self) -> None:
        await asyncio.sleep(0.001)
        if self.how == "silent":
            await asyncio.sleep(1e6)
        if self.how == "loud":
            raise StoreUnavailable("cut")
        if self.how == "deaf":
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.1)


class Controllers:
    """Some candidates on one store, each with its own line to it."""

    def __init__(self, names: str) -> None:
        shared = MemoryLeases()
        clock = asyncio.get_running_loop().time
        self.lines = {name: Cut(shared) for name in names}
        self.of = {
            name: Candidate(
                self.lines[name],
                Leader(name, TIMES, lambda name=name: f"{name}{clock()}"),  # type: ignore[misc]
                ask_timeout_s=0.5,
                clock=clock,
            )
            for name in names
        }
        self.tasks = {name: asyncio.create_task(each.run()) for name, each in self.of.items()}

    async def first(self) -> str:
        """Whoever leads first."""
        elections = [asyncio.create_task(each.elected()) for each in self.of.values()]
        await asyncio.wait(elections, return_when=asyncio.FIRST_COMPLETED)
        for each in elections:
            each.cancel()
        leading = [name for name, each in self.of.items() if each.holds()]
        assert len(leading) == 1
        return leading[0]

    async def end(self) -> None:
        """Stop them all."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.wait(self.tasks.values())


async def suspended(who: Candidate) -> bool:
    """Wait until it says that it is."""
    while who.state is LeaderState.LEADING:  # noqa: ASYNC110 - as a screen would look
        await asyncio.sleep(0.005)
    return who.state is LeaderState.SUSPENDED


def virtually(story: Coroutine[Any, Any, None]) -> None:
    run_virtually(asyncio.wait_for(story, 3600))


def test_the_dead_ones_lease_is_taken_within_its_time_and_one_look() -> None:
    async def story() -> None:
        all_of = Controllers("ab")
        first = await all_of.first()
        other = all_of.of["b" if first == "a" else "a"]
        await asyncio.sleep(10)
        old = all_of.of[first].token
        all_of.tasks[first].cancel()
        died_s = asyncio.get_running_loop().time()
        assert await other.elected() == old + 1
        took_s = asyncio.get_running_loop().time() - died_s
        assert TIMES.hold_s < took_s <= TIMES.lease_s + TIMES.ask_every_s + 0.01
        assert not all_of.of[first].holds()
        await all_of.end()

    virtually(story())


def test_handed_over_the_heir_leads_within_a_look() -> None:
    async def story() -> None:
        all_of = Controllers("abc")
        first = await all_of.first()
        heir = "c" if first != "c" else "b"
        all_of.of[first].step_down(heir)
        assert await all_of.of[first].over() is Ended.ASKED
        assert all_of.of[first].holds()  # it has still to hand over what it knows
        await asyncio.sleep(5)
        assert not all_of.of[heir].holds()
        await all_of.of[first].stopped()
        stopped_s = asyncio.get_running_loop().time()
        await all_of.of[heir].elected()
        assert asyncio.get_running_loop().time() - stopped_s < 0.12
        await asyncio.sleep(5)
        assert all_of.of[heir].holds()
        await all_of.end()

    virtually(story())


def test_a_silent_cut_suspends_on_time_and_the_other_takes_over() -> None:
    async def story() -> None:
        all_of = Controllers("ab")
        first = await all_of.first()
        here, there = all_of.of[first], all_of.of["b" if first == "a" else "a"]
        loop = asyncio.get_running_loop()
        all_of.lines[first].how = "silent"
        cut_s = loop.time()
        assert await suspended(here)
        assert loop.time() - cut_s < TIMES.hold_s + 0.01  # noticed while a question hangs
        assert not here.holds()
        assert not here.reached
        await there.elected()
        all_of.lines[first].how = ""
        assert await here.over() is Ended.DEPOSED
        await here.stopped()
        assert here.state is LeaderState.STANDING_BY
        await all_of.end()

    virtually(story())


def test_with_the_store_away_for_all_the_leader_pauses_and_goes_on() -> None:
    async def story() -> None:
        all_of = Controllers("ab")
        first = await all_of.first()
        here = all_of.of[first]
        token = here.token
        for line in all_of.lines.values():
            line.how = "loud"
        await asyncio.sleep(60)
        assert here.state is LeaderState.SUSPENDED
        for line in all_of.lines.values():
            line.how = ""
        await asyncio.sleep(0.5)
        assert here.holds()
        assert here.token == token
        await all_of.end()

    virtually(story())


def test_who_stands_aside_is_passed_over() -> None:
    async def story() -> None:
        all_of = Controllers("ab")
        all_of.of["a"].stand_aside()
        assert await all_of.first() == "b"
        all_of.of["b"].step_down()
        await all_of.of["b"].over()
        all_of.of["b"].stand_aside()
        await all_of.of["b"].stopped()
        await asyncio.sleep(30)
        assert not any(each.holds() for each in all_of.of.values())
        all_of.of["a"].stand_aside(False)
        await all_of.of["a"].elected()
        await all_of.end()

    virtually(story())


def test_it_ends_when_it_is_cancelled_although_the_stores_library_keeps_that_to_itself() -> None:
    async def story() -> None:
        one = Controllers("a")
        await one.first()
        one.lines["a"].how = "deaf"
        await asyncio.sleep(TIMES.renew_every_s + 0.05)  # a question is under way
        task = one.tasks["a"]
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        assert task.cancelled()

    virtually(story())
