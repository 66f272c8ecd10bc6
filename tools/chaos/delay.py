"""Holds packets back for a while: this kernel's own emulator of networks may be missing, so the
packets are handed to us (NFQUEUE) and let go in their order."""

from __future__ import annotations

import importlib.util
import queue
import threading
import time
from typing import Any

_PACKET_MAX = 0xFFFF
#: Packets that wait at most: more than a link of one centre has on the way in a second.
_WAITING_MAX = 8_192


def is_available() -> bool:
    """Whether packets can be held back here: the library is built for some Pythons alone."""
    return importlib.util.find_spec("fnfqueue") is not None


class Delayer:
    """One queue of the kernel, number ``number``: each packet goes on ``delay_s`` after it came.

    Everything still held goes on at :meth:`close`.
    """

    def __init__(self, number: int, delay_s: float) -> None:
        import fnfqueue

        self.number = number
        self.held = 0
        self._delay_s = delay_s
        self._connection = fnfqueue.Connection()
        self._queue = self._connection.bind(number)
        self._queue.set_mode(_PACKET_MAX, fnfqueue.COPY_META)
        self._waiting: queue.Queue[tuple[float, Any] | None] = queue.Queue(_WAITING_MAX)
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._take, self._let_go)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Let everything go; the rule that sends packets here must be gone by now."""
        self._closed.set()
        self._waiting.put(None)
        self._threads[1].join(5.0)
        self._queue.unbind()
        self._connection.close()

    def _take(self) -> None:
        try:
            for packet in self._connection:
                self.held += 1
                self._waiting.put((time.monotonic() + self._delay_s, packet))
        except OSError:
            # The connection was closed under the iterator: that is how it ends.
            if not self._closed.is_set():
                raise

    def _let_go(self) -> None:
        while (item := self._waiting.get()) is not None:
            due_s, packet = item
            self._closed.wait(max(0.0, due_s - time.monotonic()))
            packet.accept()
