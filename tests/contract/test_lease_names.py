"""Where Redis is known by a name: a name server that hangs costs one thread per name, no more."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from acd.adapters.lease_redis import RedisLeases
from acd.adapters.lookups import Lookups
from acd.config.cluster_settings import ClusterSettings
from acd.errors import StoreUnavailable
from tests.fakes.redis_server import running_redis

NAME = "lease.example"


class NameServer:
    """What the system answers when it is asked for a name; it can hang, and say that it is ill."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers = threading.Event()
        self.answers.set()
        self.ill = False
        self.asked: Counter[str] = Counter()
        self.address = "127.0.0.1"
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, port: Any, *rest: Any, **more: Any) -> Any:
        self.asked[host] += 1
        if not host.endswith(".example"):
            return self._real(host, port, *rest, **more)
        self.answers.wait()
        if self.ill:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        if not self.address:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return self._real(self.address, port, *rest, **more)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer(monkeypatch)
    yield server
    server.answers.set()  # or its threads would outlive the test


@pytest.mark.parametrize("through", ["redis", "sentinels"])
async def test_one_look_up_per_name_and_none_of_the_threads_that_all_share(
    names: NameServer, through: str
) -> None:
    names.answers.clear()
    where: dict[str, Any] = {"redis": f"{NAME}:6379"}
    wanted = {NAME}
    if through == "sentinels":
        wanted = {f"s{number}.example" for number in range(3)}
        where = {"sentinels": tuple(f"{name}:26379" for name in sorted(wanted))}
    store = RedisLeases(ClusterSettings(node="a", ask_timeout_s=0.04, **where))
    for _ in range(12):
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(0.04):
                await store.look()
    assert wanted >= set(names.asked)
    assert max(names.asked.values()) == 1
    assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 20.0) == "free"
    await store.close()


async def test_what_was_known_is_used_while_no_answer_comes(names: NameServer) -> None:
    with running_redis("save ''\nappendonly no") as server:
        store = RedisLeases(
            ClusterSettings(node="a", redis=f"{NAME}:{server.port}", ask_timeout_s=10.0)
        )
        assert await store.look() is None
        names.answers.clear()
        began_s = time.monotonic()
        for _ in range(3):
            await store._redis.connection_pool.disconnect()
            assert await store.look() is None
        assert time.monotonic() - began_s < 10.0, "it waited for the name server"
        assert names.asked[NAME] == 2, "one at the start, one that hangs"
        await store.close()


async def test_a_name_that_moved_is_followed_at_once(names: NameServer) -> None:
    lookups = Lookups()
    assert await lookups.addresses(NAME) == ("127.0.0.1",)
    names.address = "127.0.0.2"
    assert await lookups.addresses(NAME) == ("127.0.0.2",)
    names.ill = True
    assert await lookups.addresses(NAME) == ("127.0.0.2",), "as it was before"
    names.ill, names.address = False, ""
    with pytest.raises(socket.gaierror):
        await lookups.addresses(NAME)


async def test_after_it_hung_the_answer_that_comes_is_the_one_that_counts(
    names: NameServer,
) -> None:
    lookups = Lookups()
    names.answers.clear()
    waiting = [asyncio.create_task(lookups.addresses(NAME)) for _ in range(5)]
    given_up = asyncio.create_task(lookups.addresses(NAME))
    await asyncio.sleep(0)
    given_up.cancel()
    names.answers.set()
    async with asyncio.timeout(20.0):
        assert {await each for each in waiting} == {("127.0.0.1",)}
    assert names.asked[NAME] == 1


@pytest.mark.parametrize("number", ["127.0.0.1", "::1", "10.0.0.9"])
async def test_a_number_is_not_looked_up(names: NameServer, number: str) -> None:
    assert await Lookups().addresses(number) == (number,)
    assert not names.asked


async def test_names_under_way_are_bounded(names: NameServer) -> None:
    names.answers.clear()
    lookups = Lookups()
    asking = [asyncio.create_task(lookups.addresses(f"n{number}.example")) for number in range(40)]
    done, waiting = await asyncio.wait(asking, timeout=0.1)
    assert (len(done), len(waiting)) == (8, 32)
    assert all("too many" in str(each.exception()) for each in done)
    for each in waiting:
        each.cancel()
