"""From kill -9 of the controller that leads to the first caller connected by the one that stood by.

Two real ``madoguchi serve`` on a real Asterisk and a real Redis, with the times that are the
default. Again and again: everybody talks and some wait, the leader is killed at a random moment,
one talk ends, and the telephones say when the next caller is there. What was killed stands by again
before the next round.
"""

from __future__ import annotations

import asyncio
import random
import time

from rich.console import Console

from tests.e2e.cluster_kit import ClusterKit, running_cluster
from tests.fakes.sip_agent import Dialog
from tools.bench.sides import nearest_rank

KILLS, OPERATORS, WAITING = 20, 3, 3
_PEOPLE = {f"op{number:02d}": "tax = 5" for number in range(1, OPERATORS + 1)}


def figures(console: Console, kills: int = KILLS) -> dict[str, float]:
    """The bench's figures about a takeover, by key, in milliseconds."""
    taken_ms = sorted(asyncio.run(_takeovers(kills, console)))
    return {
        "takeover_p50_ms": nearest_rank(taken_ms, 50),
        "takeover_p99_ms": nearest_rank(taken_ms, 99),
    }


async def _takeovers(kills: int, console: Console) -> list[float]:
    chance, taken_ms = random.Random(1), []
    async with running_cluster(_PEOPLE, beat_max_s=15.0) as kit:
        await kit.work()
        people: list[Dialog] = []
        for number in range(kills):
            people = await _busy(kit, people, number)
            await asyncio.sleep(chance.random())
            taken_ms.append(await _one(kit, people) * 1000)
            console.print(f"takeover {number + 1:2}: {taken_ms[-1]:,.0f} ms", highlight=False)
    return taken_ms


async def _busy(kit: ClusterKit, people: list[Dialog], number: int) -> list[Dialog]:
    """Everybody talks, and as many wait as are needed."""
    left = [dialog for dialog in people if not dialog.over.is_set()]
    for each in range(OPERATORS + WAITING - len(left)):
        left.append(await kit.call(name=f"0466{number:03d}{each:03d}"))
        await asyncio.sleep(0.1)

    async def all_here() -> bool:
        return len(await kit.agents_in("talking")) == OPERATORS and await kit.waiting() == WAITING

    await kit.until(all_here, 20.0)
    return left


async def _one(kit: ClusterKit, people: list[Dialog]) -> float:
    """One takeover, in seconds."""
    old, new = kit.leader, kit.other(kit.leader)
    killed_s = time.monotonic()
    await old.kill()
    await people[0].hang_up()
    took_s = await kit.rung(killed_s)
    await kit.until(lambda: kit.front.leader is new)
    await old.start()
    await kit.stands_by(old, 60.0)
    return took_s
