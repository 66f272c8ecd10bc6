"""The lease in Redis: one string that Lua scripts change, confirmed by replicas.

The string never expires: who takes over measures time alone (:mod:`acd.app.leader`), so that Redis'
clock may show anything. ``WAIT`` after each question, also after a look, makes sure that as many
replicas as asked for follow this very master: one that was deposed by Sentinel and does not know
it yet confirms nothing.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import Any

from msgspec.structs import replace
from redis.asyncio import Redis, Sentinel
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from acd.adapters.lookups import Lookups
from acd.config.cluster_settings import ClusterSettings, split_address
from acd.errors import ConfigError, Fault, StoreCorrupt, StoreUnavailable
from acd.ports_cluster import Lease

#: What stands in the string for nobody.
_NOBODY = "-"
_RECORD = re.compile(
    r"(?P<node>-|[a-z0-9][a-z0-9_-]{0,31}) (?P<term>[A-Za-z0-9_-]{1,64}) (?P<token>[0-9]{1,15})"
    r" (?P<beat>[0-9]{1,15}) (?P<heir>-|[a-z0-9][a-z0-9_-]{0,31})"
)

#: A look writes as well, so that there is something for the replicas to confirm.
_LOOK = "redis.call('SET', KEYS[2], ARGV[1]) return redis.call('GET', KEYS[1])"

_ACQUIRE = """
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) now = ARGV[2] end
redis.call('SET', KEYS[2], ARGV[2])
return now
"""

_RENEW = """
local now = redis.call('GET', KEYS[1])
local mine = ARGV[1]
if not now and ARGV[3] == '1' then now = mine .. ARGV[2] .. ' -' end
if now and string.sub(now, 1, #mine) == mine then
  local beat = tonumber(string.match(now, ' (%d+) %S+$')) + 1
  now = mine .. string.format('%.0f', beat) .. ' -'
  redis.call('SET', KEYS[1], now)
end
redis.call('SET', KEYS[2], mine)
return now
"""

_RELEASE = """
local now = redis.call('GET', KEYS[1])
if now and string.sub(now, 1, #ARGV[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2] .. string.match(now, '(%d+) %S+$') .. ' ' .. ARGV[3])
end
redis.call('SET', KEYS[2], ARGV[1])
return now
"""


class RedisLeases:
    """A LeaseStore in one Redis, or in the master that Sentinel names.

    ``password`` and ``sentinel_password``: empty where none is asked for.
    """

    def __init__(
        self, cluster: ClusterSettings, *, password: str = "", sentinel_password: str = ""
    ) -> None:
        self._keys = (f"{cluster.redis_prefix}:lease", f"{cluster.redis_prefix}:looked")
        self._confirmations = cluster.confirmations
        # Answers of replicas are given up somewhat before the whole question is.
        self._wait_ms = max(1, int(cluster.ask_timeout_s * 800))
        self._connection = 0
        self._where = cluster.redis or f"{cluster.master} of {', '.join(cluster.sentinels)}"
        mine: dict[str, Any] = {
            **_common(cluster),
            "redis_connect_func": self._on_connect,
            "username": cluster.redis_user or None,
            "password": password or None,
        }
        self._sentinel: Any = None
        if cluster.redis:
            host, port = split_address(cluster.redis)
            self._redis: Any = Redis(host=host, port=port, **mine)
        else:
            self._sentinel = _sentinel(cluster, sentinel_password)
            self._redis = self._sentinel.master_for(cluster.master, **mine)
        lookups = Lookups()
        for client in (self._redis, *(self._sentinel.sentinels if self._sentinel else ())):
            _look_up_by(lookups, client.connection_pool)

    @property
    def connection(self) -> int:
        """How often Redis was reached anew."""
        return self._connection

    async def look(self) -> Lease | None:
        """The record, from a Redis that could also keep a renewal."""
        if not self._confirmations:
            return self._decoded(await self._alone("GET", self._keys[0]))
        return self._decoded(await self._run(_LOOK, str(self._connection)))

    async def acquire(self, seen: Lease | None, wanted: Lease) -> Lease | None:
        """Put ``wanted`` in place of exactly ``seen``."""
        before = _encoded(seen) if seen else ""
        return self._decoded(await self._run(_ACQUIRE, before, _encoded(wanted)))

    async def renew(self, mine: Lease, *, restore: bool) -> Lease | None:
        """Raise the beat of ``mine``, or put it back."""
        answer = await self._run(_RENEW, _head(mine), str(mine.beat), "1" if restore else "0")
        return self._decoded(answer)

    async def release(self, mine: Lease, heir: str) -> None:
        """Give it back; the string stays, so that the next token is higher."""
        after = _head(replace(mine, node=""))
        await self._run(_RELEASE, _head(mine), after, heir or _NOBODY)

    async def about(self) -> tuple[str, float]:
        """Redis' version and its clock (Unix seconds), for who examines an installation."""
        server = await self._alone("INFO", "server")
        now = await self._alone("TIME")
        return str(server["redis_version"]), int(now[0]) + int(now[1]) / 1e6

    async def close(self) -> None:
        """Close the connections, to the sentinels too."""
        await self._redis.aclose()
        if self._sentinel is not None:
            await self._sentinel.aclose()

    # -- inside ------------------------------------------------------------------------------

    async def _on_connect(self, connection: Connection) -> None:
        self._connection += 1
        await connection.on_connect()

    async def _alone(self, *command: str) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error

    async def _run(self, script: str, *values: str) -> Any:
        """One script; its answer counts when the replicas have what it wrote."""
        if not self._confirmations:
            return await self._alone("EVAL", script, "2", *self._keys, *values)
        try:
            async with self._redis.pipeline(transaction=False) as both:
                both.execute_command("EVAL", script, "2", *self._keys, *values)
                both.execute_command("WAIT", str(self._confirmations), str(self._wait_ms))
                answer, replicas = await both.execute()
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error
        if replicas < self._confirmations:
            # Perhaps another one is master by now: ask the sentinels next time.
            await self._redis.connection_pool.disconnect()
            raise StoreUnavailable(
                f"Redis ({self._where}): {replicas} replicas follow it, {self._confirmations} are"
                " needed: start them, or lower redis_replicas of [cluster]",
                code="lease_unconfirmed",
                ja=f"Redis（{self._where}）：追従しているレプリカが{replicas}台で、"
                f"{self._confirmations}台必要です。レプリカを起動するか、[cluster] の"
                " redis_replicas を減らしてください",
            )
        return answer

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        what = str(error).strip() or type(error).__name__
        return StoreUnavailable(
            f"Redis ({self._where}) did not answer as it should: {what}",
            ja=f"Redis（{self._where}）から正しい応答がありません：{what}",
        )

    def _decoded(self, answer: Any) -> Lease | None:
        if answer in (None, b""):
            return None
        text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else ""
        found = _RECORD.fullmatch(text)
        if found is None:
            raise StoreCorrupt(
                f"the key {self._keys[0]} in Redis ({self._where}) holds no lease: give this"
                " centre a redis_prefix of its own, or remove the key",
                ja=f"Redis（{self._where}）のキー {self._keys[0]} の中身がリースではありません。"
                "この窓口専用の redis_prefix を付けるか、キーを削除してください",
            )
        return Lease(
            node=found["node"].strip(_NOBODY) and found["node"],
            term=found["term"],
            token=int(found["token"]),
            beat=int(found["beat"]),
            heir=found["heir"].strip(_NOBODY) and found["heir"],
        )


class _Named:
    """What a connection does with the name that it is to go to. The library has the loop look it
    up, in threads that all share and that do not come back while the name server hangs."""

    lookups: Lookups

    def __init__(self, **given: Any) -> None:
        self._at = ""
        super().__init__(**given)

    async def _connect(self) -> None:
        here: Any = self
        there: Any = super()
        failed = OSError(f"{here.host} has no address")
        async with asyncio.timeout(here.socket_connect_timeout):
            for address in await self.lookups.addresses(here.host):
                self._at = address
                try:
                    await there._connect()
                except OSError as error:
                    failed = error
                else:
                    return
        raise failed

    def _connection_arguments(self) -> dict[str, Any]:
        here: Any = self
        there: Any = super()
        given = {**there._connection_arguments(), "host": self._at}
        # A certificate bears the name, not the address that it had today.
        return {**given, "server_hostname": here.host} if "ssl" in given else given


def _look_up_by(lookups: Lookups, pool: Any) -> None:
    """Let the pool's connections ask ``lookups`` for the addresses of names."""
    kind = pool.connection_class
    pool.connection_class = type(f"Named{kind.__name__}", (_Named, kind), {"lookups": lookups})


def _sentinel(cluster: ClusterSettings, password: str) -> Any:
    # One that does not answer must leave time to ask the next.
    patience_s = cluster.ask_timeout_s / (len(cluster.sentinels) + 1)
    theirs = {
        **_common(cluster),
        "socket_timeout": patience_s,
        "socket_connect_timeout": patience_s,
        "password": password or None,
    }
    make: Any = Sentinel  # has no types
    return make([split_address(each) for each in cluster.sentinels], sentinel_kwargs=theirs)


def _common(cluster: ClusterSettings) -> dict[str, Any]:
    """What every connection has: deadlines, no repeats of its own, perhaps TLS."""
    common: dict[str, Any] = {
        "socket_timeout": cluster.ask_timeout_s,
        "socket_connect_timeout": cluster.ask_timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    if not cluster.redis_tls:
        return common
    try:
        ssl.create_default_context(cafile=cluster.redis_ca or None)
    except OSError as error:
        raise ConfigError(
            [Fault("settings.toml:cluster.redis_ca", f"cannot be read: {error}")]
        ) from error
    return common | {"ssl": True, "ssl_ca_certs": cluster.redis_ca or None}


def _head(lease: Lease) -> str:
    return f"{lease.node or _NOBODY} {lease.term} {lease.token} "


def _encoded(lease: Lease) -> str:
    return f"{_head(lease)}{lease.beat} {lease.heir or _NOBODY}"
