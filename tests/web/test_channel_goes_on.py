"""A live channel that cannot be brought up to date once goes on: screens must not freeze."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

import pytest

from acd.errors import MadoguchiError
from web.channel import Channel
from web.wiring import Wiring


class Faulty(Channel):
    """Its flush fails in the given ways, and works from then on."""

    flush_every_s, recheck_every_s = 0.001, 60.0

    def __init__(self, *faults: Exception) -> None:
        super().__init__(cast(Wiring, None), same_max=1)
        self._faults = list(faults)
        self.flushed = asyncio.Event()

    def flush(self) -> None:
        if self._faults:
            raise self._faults.pop()
        self.flushed.set()


@pytest.mark.parametrize("fault", [MadoguchiError("not now"), ValueError("0466251111")])
async def test_whatever_goes_wrong_once_it_goes_on_and_says_so_once(
    fault: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = Faulty(fault, fault, fault)
    running = asyncio.create_task(channel.run())
    await asyncio.wait_for(channel.flushed.wait(), 5.0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    said = capsys.readouterr().out
    assert said.count("live_failed") == 1
    assert "0466251111" not in said, "what it holds may be personal"
