"""How much a browser fetches for the panel's first load, and how long that takes.

A centre at work and a real chromium on this machine, which knows nothing of the page yet. What
counts is the bytes on the wire, headers included, and the time until the panel can be used.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import Request

from tests.e2e.browser_kit import Office, running_office

LOADS = 7


def figures(loads: int = LOADS) -> dict[str, float]:
    """The largest load in kilobytes (1,000 bytes), and the median time in milliseconds."""
    found = asyncio.run(_measure(loads))
    return {
        "panel_load_kb": max(kilobytes for kilobytes, _ in found),
        "panel_load_ms": statistics.median(took_ms for _, took_ms in found),
    }


async def _measure(loads: int) -> list[tuple[float, float]]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-bench-screens-"))
    try:
        async with running_office(folder, {"op01": "waste = 5"}) as office:
            return [await _one(office) for _ in range(loads)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _one(office: Office) -> tuple[float, float]:
    page = await office.person("op01")
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108
    began = time.perf_counter()
    await page.goto("/panel", wait_until="commit")
    await page.wait_for_selector(".topbar")
    took_ms = 1_000 * (time.perf_counter() - began)
    await page.wait_for_load_state("networkidle")
    sizes = [await request.sizes() for request in finished]
    await page.context.close()
    fetched = sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
    return fetched / 1_000, took_ms
