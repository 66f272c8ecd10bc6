"""The lease while Redis itself dies, stands still and comes back: real Sentinel, real time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from acd.adapters.lease_redis import RedisLeases
from acd.app.candidate import Candidate
from acd.app.leader import Leader, Times
from acd.config.cluster_settings import ClusterSettings
from acd.errors import StoreUnavailable
from acd.ports_cluster import Lease
from tests.fakes.redis_server import MASTER, RedisCluster, running_cluster

#: Sentinel takes a master for dead after half a second; another is writable a second or two later,
#: and on this machine others work.
BACK_S = 20.0


@pytest.fixture
def redis() -> Iterator[RedisCluster]:
    with running_cluster() as servers:
        yield servers


class Rivals:
    """Two controllers on one Redis, watched every few milliseconds."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.stores = [RedisLeases(settings) for _ in "ab"]
        self.all = [
            Candidate(store, Leader(node, Times(), _names(node)), ask_timeout_s=0.5)
            for node, store in zip("ab", self.stores, strict=True)
        ]
        self.two_at_once = 0
        self.looks = 0

    async def watch(self) -> None:
        while True:
            self.looks += 1
            self.two_at_once += sum(each.holds() for each in self.all) > 1
            await asyncio.sleep(0.004)

    async def somebody(self) -> Candidate:
        """Whoever may act."""
        while not (acting := [each for each in self.all if each.holds()]):  # noqa: ASYNC110
            await asyncio.sleep(0.004)
        return acting[0]

    async def nobody(self) -> None:
        """Nobody may act."""
        while any(each.holds() for each in self.all):  # noqa: ASYNC110
            await asyncio.sleep(0.004)


def _names(node: str) -> Callable[[], str]:
    names = (f"{node}{number}" for number in itertools.count())
    return lambda: next(names)


@contextlib.asynccontextmanager
async def rivals(redis: RedisCluster) -> AsyncIterator[Rivals]:
    sentinels = tuple(each.address for each in redis.sentinels)
    both = Rivals(ClusterSettings(node="a", sentinels=sentinels, master=MASTER))
    tasks = [asyncio.create_task(each.run()) for each in both.all]
    tasks.append(asyncio.create_task(both.watch()))
    for each in both.all:
        tasks.append(asyncio.create_task(_stop_when_deposed(each)))
    try:
        yield both
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for store in both.stores:
            await store.close()


async def _stop_when_deposed(candidate: Candidate) -> None:
    while True:
        await candidate.over()
        await candidate.stopped()


async def test_a_dead_master_costs_a_pause_and_no_second_leader(redis: RedisCluster) -> None:
    async with rivals(redis) as both, asyncio.timeout(60):
        before = await both.somebody()
        token = before.token
        old = redis.master
        old.kill()
        await both.nobody()
        async with asyncio.timeout(BACK_S):
            after = await both.somebody()
        # What was confirmed is not lost: nobody was in between, or the token went up.
        assert after.token == token if after is before else after.token > token
        assert redis.master is not old
        await asyncio.sleep(1)
        assert both.looks > 100
        assert both.two_at_once == 0


async def test_a_master_that_stood_still_and_comes_back_confirms_nothing(
    redis: RedisCluster,
) -> None:
    """The split brain of Redis: for seconds there are two who think that they are master."""
    async with rivals(redis) as both, asyncio.timeout(60):
        first = await both.somebody()
        token = first.token
        old = redis.master
        old.pause()
        await asyncio.to_thread(redis.settle, old)
        async with asyncio.timeout(BACK_S):
            await both.somebody()
        old.go_on()
        lonely = RedisLeases(ClusterSettings(node="c", redis=old.address, redis_replicas=1))
        with pytest.raises(StoreUnavailable):
            await lonely.look()
        with pytest.raises(StoreUnavailable):
            await lonely.acquire(None, Lease(node="c", term="c0", token=token + 100, beat=0))
        await lonely.close()
        await asyncio.sleep(2)
        leader = await both.somebody()
        assert token <= leader.token < token + 100
        assert both.two_at_once == 0
