"""The dialplan must know that a leader is there while that one still puts calls right: on a big
centre this takes longer than ``beat_max_s``, and who waits would go to the static queue. In virtual
time, on a line that answers at once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
from typing import NamedTuple

import pytest

from acd.adapters.asterisk import link as link_module
from acd.adapters.asterisk.codec import Action, Message
from acd.adapters.asterisk.link import BUSY_AFTER_S, RECONCILE_S, Link
from acd.adapters.asterisk.session import AmiAccount, AmiAddress
from acd.errors import ActionTimeout
from tests.simulation.virtual_time import run_virtually

BEAT_MAX_S = 10
EPOCH_S = 1_700_000_000
ADDRESS = AmiAddress("127.0.0.1", 1, AmiAccount("hears", "s1"), AmiAccount("acts", "s2"))


class Line:
    """Both sessions of a switch whose clock is the loop's. From ``silent_from_s`` on it answers no
    beat."""

    def __init__(self, silent_from_s: float) -> None:
        self.beats: list[int] = []
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._silent_from_s = silent_from_s

    async def open(self, *_: object, **__: object) -> Line:
        return self

    async def call(self, action: Action, timeout_s: float) -> Message:
        now_s = asyncio.get_running_loop().time()
        if action.name == "Ping":
            return Message(f"Response: Success\r\nTimestamp: {now_s + EPOCH_S:.6f}")
        if now_s >= self._silent_from_s:
            await asyncio.sleep(timeout_s)
            raise ActionTimeout("nothing came")
        self.beats.append(int(dict(action.headers)["Value"]) - EPOCH_S)
        return Message("Response: Success")

    def nothing(self) -> None:
        """Nothing is to be done."""

    gulp = close = give_up = nothing

    def longest_silence(self) -> int:
        """Seconds between two beats, at most."""
        return max(later - earlier for earlier, later in itertools.pairwise(self.beats))


class Life(NamedTuple):
    """What the switch heard, when the link was given up, and when nobody reconciled any more."""

    line: Line
    downs: list[float]
    ends: list[float]


def lived(
    monkeypatch: pytest.MonkeyPatch,
    *,
    reconciling_s: float,
    until_s: float,
    silent_from_s: float = math.inf,
) -> Life:
    """A controller that needs so long, until then."""

    async def main() -> Life:
        loop = asyncio.get_running_loop()
        life = Life(Line(silent_from_s), [], [])
        monkeypatch.setattr(link_module, "Session", life.line)

        async def on_up() -> None:
            try:
                await asyncio.sleep(reconciling_s)
            finally:
                life.ends.append(loop.time())

        link = Link(
            ADDRESS,
            on_event=lambda _: None,
            on_up=on_up,
            on_down=lambda: life.downs.append(loop.time()),
        )
        running = asyncio.create_task(link.run())
        await asyncio.sleep(until_s)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        return life

    return run_virtually(main())


def test_who_waits_does_not_go_to_the_static_queue_while_a_leader_puts_calls_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line, downs, ends = lived(monkeypatch, reconciling_s=40.0, until_s=60.0)
    assert line.longest_silence() <= 2 < BEAT_MAX_S
    assert line.beats[-1] >= 58, "and it goes on afterwards"
    assert (downs, ends) == ([], [40.0])


def test_who_never_gets_it_done_is_no_leader(monkeypatch: pytest.MonkeyPatch) -> None:
    line, _, _ = lived(monkeypatch, reconciling_s=10_000.0, until_s=RECONCILE_S + 100.0)
    assert RECONCILE_S - 2 <= line.beats[-1] <= RECONCILE_S + 1


def test_a_switch_that_answers_no_beat_meanwhile_is_connected_to_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = lived(monkeypatch, reconciling_s=40.0, until_s=30.0, silent_from_s=5.0)
    assert life.ends[0] == life.downs[0] < 5.0 + BUSY_AFTER_S + 2.0
