"""What live channels share: who is connected, how many may be, and who may no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import structlog

from acd.errors import MadoguchiError
from web.errors import HttpError
from web.identity import Identity
from web.subscriber import Subscriber
from web.wiring import Wiring

_log = structlog.get_logger(__name__)


class Channel:
    """The connections of one live channel. A kind of channel says what they are sent: it has
    ``subscribe(who, page)`` and ``flush()``. ``same_max``: connections of one token or session."""

    #: Changes are collected for this long before they are sent.
    flush_every_s: ClassVar[float]
    #: Open connections whose token, session or link is over are closed within this time.
    recheck_every_s: ClassVar[float]

    def __init__(self, wiring: Wiring, same_max: int) -> None:
        self._wiring, self._same_max = wiring, same_max
        self._subscribers: set[Subscriber] = set()
        self._strangers = 0
        self._looked_s = time.monotonic()

    @property
    def connections(self) -> int:
        """Connections that are served now."""
        return len(self._subscribers)

    @property
    def age_s(self) -> float:
        """How long ago changes were last looked for: so old is what is shown at most."""
        return time.monotonic() - self._looked_s

    def subscribe(self, who: Identity, page: str = "") -> Subscriber:
        """A new connection, its snapshot queued; raises HttpError when there are too many."""
        raise NotImplementedError

    def flush(self) -> None:
        """Send every connection what changed since the last time."""
        raise NotImplementedError

    def admit(self, who: Identity, page: str) -> Subscriber:
        """A new connection, not counted yet; raises HttpError when there are too many."""
        self._check_room()
        same = sum(1 for each in self._subscribers if each.who.key == who.key)
        if same >= self._same_max:
            raise HttpError(429, "too_many_connections")
        return Subscriber(who, self._wiring.settings.max_frames_waiting, page)

    @contextmanager
    def room_for_a_stranger(self) -> Iterator[None]:
        """Count a connection that has not said yet who it is; raises when there are too many."""
        self._check_room()
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    def _check_room(self) -> None:
        if len(self._subscribers) + self._strangers >= self._wiring.settings.max_sockets:
            raise HttpError(429, "too_many_connections")

    def close(self) -> None:
        """End every connection: the server stops."""
        for subscriber in self._subscribers:
            subscriber.end()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """The connection is gone."""
        self._subscribers.discard(subscriber)

    async def run(self) -> None:
        """Send changes to all connections until cancelled."""
        loop = asyncio.get_running_loop()
        checked_at_s = loop.time()
        failed = ""
        while True:
            await asyncio.sleep(self.flush_every_s)
            try:
                if loop.time() - checked_at_s >= self.recheck_every_s:
                    checked_at_s = loop.time()
                    self._recheck()
                self.flush()
            except Exception as error:
                # Whatever it is, screens would stand still for ever if nobody looked again.
                code = error.code if isinstance(error, MadoguchiError) else type(error).__name__
                if code != failed:
                    _log.error("live_failed", code=code)
                failed = code
            else:
                self._looked_s = time.monotonic()
                failed = ""

    def _recheck(self) -> None:
        for subscriber in self._subscribers:
            if not self._wiring.entrance.is_valid(subscriber.who):
                subscriber.revoke()
