"""One connection of the live channel: who is looking, and the frames that wait to be written."""

from __future__ import annotations

import asyncio
from collections import deque

from web.identity import Identity


class Subscriber:
    """A bounded line of frames, numbered from 0, and the reasons for which it may end. ``who`` has
    connected; ``viewer`` is the same person as what the page shows."""

    def __init__(self, who: Identity, limit: int, page: str = "") -> None:
        self.who = who
        self.viewer = who.looking(at_panel=bool(page))
        self.page = page
        self.slow = False
        self.revoked = False
        self.ended = False
        self.seen: set[str] = set()
        self._limit = limit
        self._frames: deque[str] = deque()
        self._ready = asyncio.Event()
        self._over = asyncio.Event()
        self._number = 0

    @property
    def is_operator(self) -> bool:
        """Whether this is an operator, who sees only the call of his own."""
        return self.viewer.is_operator

    def push(self, kind: str, body: str) -> None:
        """Queue a frame under the next number; beyond the limit the connection is given up.

        ``body`` is a JSON object as text, so that one text serves all who may see the same.
        """
        if len(self._frames) >= self._limit:
            self.slow = True
            self._over.set()
        if not self.slow:
            self._frames.append(f'{{"type":"{kind}","n":{self._number},{body[1:]}')
            self._number += 1
        self._ready.set()

    def revoke(self) -> None:
        """The token is gone: the connection shall end."""
        self.revoked = True
        self._over.set()

    def end(self) -> None:
        """The server stops: the connection shall end."""
        self.ended = True
        self._over.set()

    async def until_over(self) -> None:
        """Return when the connection shall end, whatever is still to be written."""
        await self._over.wait()

    async def next_frame(self) -> str:
        """The next frame to write."""
        while not self._frames:
            self._ready.clear()
            await self._ready.wait()
        return self._frames.popleft()
