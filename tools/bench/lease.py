"""How soon another controller may lead when the one that led is killed: the lease alone.

Two processes of their own on a real Redis, with the times that are the default. Again and again the
one that leads is killed with SIGKILL at a random moment between two renewals; the clock that both
read is the machine's monotonic one. What a whole takeover takes on top is measured elsewhere.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time

from acd.bootstrap.switch import PROJECT
from tests.fakes.redis_server import running_redis
from tools.bench.sides import nearest_rank

KILLS = 12


def figures(kills: int = KILLS) -> dict[str, float]:
    """The bench's figures about the lease, by key."""
    taken_ms = [took_s * 1000 for took_s in sorted(_takeovers(kills))]
    return {
        "lease_takeover_p50_ms": nearest_rank(taken_ms, 50),
        "lease_takeover_p99_ms": nearest_rank(taken_ms, 99),
    }


def _takeovers(kills: int) -> list[float]:
    chance, taken_s = random.Random(1), []
    with running_redis() as redis:
        leading = _Process(redis.address, "a")
        leading.led_s()
        standing = _Process(redis.address, "b")
        try:
            for _ in range(kills):
                standing.ready()
                time.sleep(0.5 + chance.random() * 0.4)
                leading.process.kill()
                killed_s = time.monotonic()
                taken_s.append(standing.led_s() - killed_s)
                fresh = _Process(redis.address, leading.node)
                leading.close()
                leading, standing = standing, fresh
        finally:
            leading.close()
            standing.close()
    return taken_s


class _Process:
    """A controller that does nothing but want the lease."""

    def __init__(self, redis: str, node: str) -> None:
        self.node = node
        command = [sys.executable, "-m", "tools.bench.lease_holder", redis, node]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=PROJECT, text=True
        )
        self._ready = False

    def ready(self) -> None:
        """Wait until it has begun to look."""
        if not self._ready:
            self._word("ready")
            self._ready = True

    def led_s(self) -> float:
        """Wait until it leads; the monotonic time of that moment."""
        self.ready()
        return float(self._word("leads"))

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _word(self, wanted: str) -> str:
        """What follows this word, when it comes; the process's log goes the same way."""
        for line in self.process.stdout or ():
            word, _, rest = line.partition(" ")
            if word == wanted:
                return rest
        raise AssertionError("the controller of the bench ended")


if __name__ == "__main__":
    for key, value in figures().items():
        print(f"{key}: {value:,.0f}")
