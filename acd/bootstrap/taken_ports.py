"""Addresses that the controller that led before may be about to give back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from acd.config.settings import Settings
from acd.errors import ConfigError

#: How long a controller that comes to lead waits for an address: the other one, on the same machine
#: or leaving a floating address, may not be through with it.
PATIENCE_S = 5.0
_AGAIN_S = 0.03

_T = TypeVar("_T")


async def patiently(settings: Settings, listen: Callable[[], Awaitable[_T]]) -> _T:
    """Listen; where there are several controllers, for a while again and again."""
    end_s = time.monotonic() + (PATIENCE_S if settings.cluster.on else 0.0)
    while True:
        try:
            return await listen()
        except (ConfigError, OSError):
            if time.monotonic() >= end_s:
                raise
        await asyncio.sleep(_AGAIN_S)
