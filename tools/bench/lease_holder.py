"""A controller that does nothing but want the lease: ``python -m tools.bench.lease_holder``.

Says ``ready`` when it has begun to look, and ``leads`` with the monotonic time when it does.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time

from acd.adapters.lease_redis import RedisLeases
from acd.app.candidate import Candidate
from acd.app.leader import Leader, Times
from acd.config.cluster_settings import ClusterSettings


async def want(redis: str, node: str) -> None:
    """Want the lease until killed."""
    settings = ClusterSettings(node=node, redis=redis)
    leader = Leader(node, Times(), lambda: secrets.token_hex(8))
    store = RedisLeases(settings)
    candidate = Candidate(store, leader, ask_timeout_s=settings.ask_timeout_s)
    asking = asyncio.create_task(candidate.run())
    await store.look()
    print("ready ", flush=True)
    await candidate.elected()
    print("leads", time.monotonic(), flush=True)
    await asking


if __name__ == "__main__":
    asyncio.run(want(*sys.argv[1:3]))
