"""Does anything of what the controllers say to their database, to Redis and to each other cross a
network in the clear?"""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from acd.bootstrap.doctor.finding import Finding, Said, note, nothing, well
from acd.bootstrap.doctor.scene import Scene
from acd.config.cluster_settings import split_address
from acd.config.settings import Settings, is_loopback

#: PostgreSQL's words for encryption with a server that proves who it is.
_PROVED = ("verify-full", "verify-ca")


async def look(scene: Scene) -> Finding:
    """The settings of each line that leaves this machine; what is shown on it, libraries check."""
    crossing = list(_crossing(scene.settings))
    if not crossing:
        return nothing("このマシンの外に出ません", "they do not leave this machine")
    clear = [(name, todo) for name, safe, todo in crossing if not safe]
    if not clear:
        names = [name for name, _, _ in crossing]
        return well(
            f"暗号化されています: {'、'.join(each.ja for each in names)}",
            f"encrypted: {', '.join(each.en for each in names)}",
        )
    return note(
        Said(
            "暗号化せずに、または相手を確かめずにネットワークを通ります: "
            + "、".join(name.ja for name, _ in clear),
            "cross the network in the clear, or to whoever answers: "
            + ", ".join(name.en for name, _ in clear),
        ),
        Said(
            "、".join(todo for _, todo in clear) + " を設定してください",
            "set " + ", ".join(todo for _, todo in clear),
        ),
    )


def _crossing(settings: Settings) -> Iterator[tuple[Said, bool, str]]:
    """Each line that leaves this machine: its name, whether it is encrypted, the setting for it."""
    host, mode = _database(settings)
    if host and not is_loopback(host):
        todo = "[store] database_url …?sslmode=verify-full&sslrootcert=…"
        yield Said("データベース", "the database"), mode in _PROVED, todo
    cluster = settings.cluster
    if not cluster.on:
        return
    places = [split_address(each)[0] for each in (cluster.redis, *cluster.sentinels) if each]
    if not all(is_loopback(each) for each in places):
        yield Said("Redis", "Redis"), cluster.redis_tls, "[cluster] redis_tls, redis_ca"
    if not is_loopback(cluster.bind):
        todo = "[tls] certificate, key"
        yield Said("コントローラー間", "between controllers"), bool(settings.tls.certificate), todo


def _database(settings: Settings) -> tuple[str, str]:
    """The host of a database server (empty: a file, or a socket of this machine) and its mode."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        return "", ""
    asked = url.query.get("host", url.host) or ""
    host = asked if isinstance(asked, str) else asked[0]
    mode = url.query.get("sslmode") or os.environ.get("PGSSLMODE", "")
    return ("" if host.startswith("/") else host), str(mode)
