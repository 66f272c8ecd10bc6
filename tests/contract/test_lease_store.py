"""One contract for every store of the lease: memory, Redis, and Redis behind Sentinel, all real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from acd.adapters.certificates import CERTIFICATE, KEY, make_certificate
from acd.adapters.lease_memory import MemoryLeases
from acd.adapters.lease_redis import RedisLeases
from acd.config.cluster_settings import ClusterSettings
from acd.errors import ConfigError, StoreCorrupt, StoreUnavailable
from acd.ports_cluster import Lease, LeaseStore
from sim.load.ports import free_ports
from tests.fakes.redis_server import (
    MASTER,
    RedisCluster,
    RedisServer,
    running_cluster,
    running_redis,
)

FIRST = Lease(node="a", term="t1", token=1, beat=0)
PASSWORD = "only-for-this-test"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with running_redis(f"save ''\nappendonly yes\nrequirepass {PASSWORD}") as server:
        yield server


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    with running_cluster() as servers:
        yield servers


@pytest.fixture(params=["memory", "redis", "sentinel"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[LeaseStore]:
    prefix = f"p{abs(hash(request.node.name)) % 10**8}"
    made: LeaseStore
    if request.param == "memory":
        made = MemoryLeases()
    elif request.param == "redis":
        server = request.getfixturevalue("redis")
        settings = ClusterSettings(node="a", redis=server.address, redis_prefix=prefix)
        made = RedisLeases(settings, password=PASSWORD)
    else:
        servers: RedisCluster = request.getfixturevalue("cluster")
        made = RedisLeases(through_sentinels(servers, prefix))
    yield made
    await made.close()


def through_sentinels(servers: RedisCluster, prefix: str) -> ClusterSettings:
    sentinels = tuple(each.address for each in servers.sentinels)
    return ClusterSettings(node="a", sentinels=sentinels, master=MASTER, redis_prefix=prefix)


async def test_first_there_is_nothing_and_then_what_was_acquired(store: LeaseStore) -> None:
    assert await store.look() is None
    assert await store.acquire(None, FIRST) == FIRST
    assert await store.look() == FIRST


async def test_only_what_was_seen_can_be_replaced(store: LeaseStore) -> None:
    await store.acquire(None, FIRST)
    wanted = Lease(node="b", term="t2", token=2, beat=0)
    assert await store.acquire(None, wanted) == FIRST
    assert await store.acquire(replace(FIRST, beat=1), wanted) == FIRST
    assert await store.acquire(FIRST, wanted) == wanted
    assert await store.acquire(FIRST, replace(wanted, node="c")) == wanted


async def test_each_renewal_is_one_beat_more_and_only_the_holders(store: LeaseStore) -> None:
    await store.acquire(None, FIRST)
    for beat in range(1, 12):
        assert await store.renew(FIRST, restore=False) == replace(FIRST, beat=beat)
    for other in (
        replace(FIRST, node="b"),
        replace(FIRST, term="t"),
        replace(FIRST, term="t11"),
        replace(FIRST, token=11),
    ):
        assert await store.renew(other, restore=True) == replace(FIRST, beat=11)
        await store.release(other, "")
    assert await store.look() == replace(FIRST, beat=11)


async def test_a_lost_record_is_put_back_only_when_that_is_asked(store: LeaseStore) -> None:
    mine = replace(FIRST, token=9, beat=41)
    assert await store.renew(mine, restore=False) is None
    assert await store.renew(mine, restore=True) == replace(mine, beat=42)


async def test_given_back_it_keeps_its_token_and_names_the_heir(store: LeaseStore) -> None:
    await store.acquire(None, FIRST)
    held = await store.renew(FIRST, restore=False)
    assert held is not None
    await store.release(FIRST, "b")
    freed = await store.look()
    assert freed == replace(held, node="", heir="b")
    assert freed.given_back
    assert await store.renew(FIRST, restore=True) == freed  # it is nobody's now
    second = Lease(node="b", term="t2", token=2, beat=0)
    assert await store.acquire(freed, second) == second


async def test_of_many_at_once_one_gets_it(store: LeaseStore) -> None:
    rivals = [Lease(node=name, term=f"of-{name}", token=1, beat=0) for name in "abcdefgh"]
    answers = await asyncio.gather(*(store.acquire(None, each) for each in rivals))
    assert len(set(answers)) == 1
    assert answers[0] in rivals


async def test_large_tokens_stay_exact(store: LeaseStore) -> None:
    large = replace(FIRST, token=10**14 + 1, beat=10**14 + 1)
    await store.acquire(None, large)
    assert await store.renew(large, restore=False) == replace(large, beat=10**14 + 2)


async def test_a_key_of_somebody_else_is_refused_and_left_alone(redis: RedisServer) -> None:
    store = RedisLeases(
        ClusterSettings(node="a", redis=redis.address, redis_prefix="taken"), password=PASSWORD
    )
    await store._redis.set("taken:lease", "a shopping list")
    with pytest.raises(StoreCorrupt, match="holds no lease"):
        await store.look()
    assert await store._redis.get("taken:lease") == b"a shopping list"
    await store.close()


async def test_a_wrong_password_and_nobody_there_are_said(redis: RedisServer) -> None:
    wrong = RedisLeases(ClusterSettings(node="a", redis=redis.address), password="wrong")
    with pytest.raises(StoreUnavailable, match=r"did not answer as it should.*password"):
        await wrong.look()
    await wrong.close()
    nobody = RedisLeases(ClusterSettings(node="a", redis="127.0.0.1:1"))
    with pytest.raises(StoreUnavailable, match="127.0.0.1:1"):
        await nobody.look()
    await nobody.close()


async def test_over_tls_only_a_redis_that_proves_itself_is_believed(tmp_path: Path) -> None:
    make_certificate(tmp_path, ["127.0.0.1"])
    certificate, key = tmp_path / CERTIFICATE, tmp_path / KEY
    (port,) = free_ports(1)
    config = f"save ''\ntls-port {port}\ntls-auth-clients no\ntls-ca-cert-file {certificate}"
    with running_redis(f"{config}\ntls-cert-file {certificate}\ntls-key-file {key}"):
        at = f"127.0.0.1:{port}"
        store = RedisLeases(
            ClusterSettings(node="a", redis=at, redis_tls=True, redis_ca=str(certificate))
        )
        assert await store.acquire(None, FIRST) == FIRST
        await store.close()
        stranger = RedisLeases(ClusterSettings(node="a", redis=at, redis_tls=True))
        with pytest.raises(StoreUnavailable, match="certificate"):
            await stranger.look()
        await stranger.close()
        in_clear = RedisLeases(ClusterSettings(node="a", redis=at))
        with pytest.raises(StoreUnavailable):
            await in_clear.look()
        await in_clear.close()
    with pytest.raises(ConfigError, match="redis_ca"):
        RedisLeases(ClusterSettings(node="a", redis=at, redis_tls=True, redis_ca="/nowhere"))


async def test_a_restarted_redis_has_the_record_and_is_known_as_reached_anew() -> None:
    with running_redis("save ''\nappendonly yes\nappendfsync always") as server:
        store = RedisLeases(ClusterSettings(node="a", redis=server.address))
        await store.acquire(None, FIRST)
        before = store.connection
        server.kill()
        with pytest.raises(StoreUnavailable):
            await store.look()
        server.start()
        assert await store.look() == FIRST
        assert store.connection > before
        await store.close()
