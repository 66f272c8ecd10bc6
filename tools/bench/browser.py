"""How soon after the click on "answer" caller and operator hear one another.

A real Asterisk and a real chromium on this machine, one call after another. The caller says a
tone from the beginning, the operator's microphone another; each end notes when the other's tone
first came out of its decoder. What counts is the later of the two, against the click.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.browser_kit import (
    CALLER_HZ,
    OPERATOR_HZ,
    Caller,
    Office,
    Telephone,
    running_office,
    until,
)

#: How loud a tone of 0.4 has to be to count as there.
HEARD = 0.3
CALLS = 40
_STRAIGHT = "0466001113"


def figures(calls: int = CALLS) -> dict[str, float]:
    """Median and p95 in milliseconds."""
    found = asyncio.run(_measure(calls))
    return {
        "answer_audio_p50_ms": percentile(found, 50),
        "answer_audio_p95_ms": percentile(found, 95),
    }


def percentile(values: Sequence[float], percent: int) -> float:
    """Nearest rank."""
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


async def _measure(calls: int) -> list[float]:
    folder = Path(tempfile.mkdtemp(prefix="mdg-bench-browser-"))
    try:
        async with running_office(folder, {"op01": "waste = 5"}, ring_s=10.0) as office:
            phone = await office.telephone("op01")
            return [await _one(office, phone) for _ in range(calls)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _one(office: Office, phone: Telephone) -> float:
    await phone.page.evaluate("hearing.forget()")
    caller = await office.caller(_STRAIGHT)
    await phone.until(state="ringing")
    # People do not answer in the same moment.
    await asyncio.sleep(0.3)
    caller.voice.packets.clear()
    await phone.page.click("#answer")
    await until(lambda: caller.voice.began(OPERATOR_HZ, HEARD))
    await phone.page.wait_for_function(f"hearing.began({CALLER_HZ}, {HEARD})", polling=50)
    took_ms = await _took_ms(phone, caller)
    await caller.hang_up()
    await phone.until(state="ready")
    return took_ms


async def _took_ms(phone: Telephone, caller: Caller) -> float:
    clicked_ms: float = await phone.page.evaluate("tool.clicked()")
    here_ms: float = await phone.page.evaluate(f"hearing.began({CALLER_HZ}, {HEARD})")
    there_ms = 1000 * caller.voice.began(OPERATOR_HZ, HEARD)
    return max(here_ms, there_ms) - clicked_ms
