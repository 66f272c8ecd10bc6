"""A centre whose controller is at work, as it starts; nobody connects it to a switch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from acd.adapters.secrets import Secrets
from acd.bootstrap.centre import RunningCentre
from acd.config import Centre
from acd.ports_cluster import Leadership


@contextlib.asynccontextmanager
async def deciding(
    centre: Centre, leadership: Leadership | None = None
) -> AsyncIterator[RunningCentre]:
    """It decides for as long as the context lasts."""
    running = RunningCentre(centre, Secrets(centre.settings.secrets_dir), leadership)
    task = asyncio.create_task(running.controller.run())
    try:
        await running.start_under_plan()
        yield running
    finally:
        task.cancel()
        await asyncio.wait({task})
        await running.records.close()
