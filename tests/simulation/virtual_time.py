"""An asyncio loop whose time is a number: nobody waits, an hour of sleeping costs nothing.

When nothing is ready to run, time jumps to the next timer. A loop without timers and without work
would stand still for ever, and says so.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.BaseSelector):
    """The selector of a loop in virtual time: instead of waiting it lets time pass."""

    def __init__(self, passes: Callable[[float], None]) -> None:
        self._real = selectors.DefaultSelector()
        self._passes = passes

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("nothing will ever happen again in this simulation")
            self._passes(timeout)
        return ready

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at 0 seconds."""

    def __init__(self) -> None:
        self._virtual_s = 0.0
        super().__init__(_Jumping(self._pass))

    def _pass(self, seconds: float) -> None:
        self._virtual_s += max(0.0, seconds)

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._virtual_s


class VirtualClock:
    """Engine time on a virtual loop."""

    def __init__(self, epoch_s: float) -> None:
        self._epoch_s = epoch_s

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._epoch_s + asyncio.get_running_loop().time()

    async def sleep_until(self, at_s: float) -> None:
        """Return when ``now() >= at_s``."""
        while (left_s := at_s - self.now()) > 0:  # noqa: ASYNC110 - rounding may wake it early
            await asyncio.sleep(left_s)


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
