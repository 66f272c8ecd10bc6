"""Which phones still have a leg of ours, so that none is rung while its last call is ending.

An operator is free for the engine as soon as the caller has hung up; the phone is when the switch
has taken its leg down, some milliseconds later. A phone that is rung in between says "busy".
"""

from __future__ import annotations

import asyncio

from acd.core.ids import OfferId

#: How long a phone whose last call is just ending is waited for.
DEVICE_FREE_S = 0.5


class Devices:
    """The newest leg of each phone."""

    def __init__(self) -> None:
        self._legs: dict[str, OfferId] = {}
        self._devices: dict[OfferId, str] = {}
        self._freed: dict[str, asyncio.Future[None]] = {}

    async def take(self, device: str, offer: OfferId, timeout_s: float = DEVICE_FREE_S) -> bool:
        """Wait until the phone's last leg is gone, at most so long, and note the new one; whether
        the last one was gone."""
        free = device not in self._legs
        if not free:
            freed = self._freed.setdefault(device, asyncio.get_running_loop().create_future())
            done, _ = await asyncio.wait({freed}, timeout=timeout_s)
            free = bool(done)
        self._gone(self._legs.get(device))
        self._legs[device] = offer
        self._devices[offer] = device
        return free

    def gone(self, offer: OfferId) -> None:
        """A leg is gone (unknown ones are fine)."""
        self._gone(offer)

    def _gone(self, offer: OfferId | None) -> None:
        device = self._devices.pop(offer, None) if offer is not None else None
        if device is None:
            return
        if self._legs.get(device) == offer:
            del self._legs[device]
        freed = self._freed.pop(device, None)
        if freed is not None and not freed.done():
            freed.set_result(None)

    def ended(self, leg: OfferId, channel: str) -> None:
        """The channel of a leg is gone."""
        self._gone(leg)

    def forget(self) -> None:
        """The connection is gone: nothing is known of any phone."""
        for offer in list(self._devices):
            self._gone(offer)
