"""What a leader keeps in memory for standbys: the newest steps, for as long as they are of use."""

from __future__ import annotations

import gc
import os
import tracemalloc

from acd.adapters.replication.tail import KEPT_S, Tail
from acd.core.events import SCHEMA
from acd.ports import Frame
from tests.unit.test_replication import Log

#: Of a step: what a busy centre's have on average.
STEP_BYTES, STEPS_PER_S = 400, 100


class Forgetful(Log):
    """A log whose frames are on a disk, not in memory."""

    def append(self, frames: list[Frame]) -> None:  # type: ignore[override]
        self._frames = frames[-1:]


class Leader:
    """Writes steps at an even rate, in time that is told."""

    def __init__(self, log: Log) -> None:
        self.now_s, self.seq = 1_000.0, 0
        self.tail = Tail(log, now=lambda: self.now_s)

    def work(self, seconds: int) -> None:
        for _ in range(seconds):
            for _ in range(STEPS_PER_S):
                self.seq += 1
                self.tail.append([Frame(self.seq, SCHEMA, b"", os.urandom(STEP_BYTES))])
            self.now_s += 1.0


def seqs(frames: list[Frame] | None) -> list[int] | None:
    return None if frames is None else [frame.seq for frame in frames[:2]]


def test_who_was_away_for_a_moment_goes_on_and_who_was_long_away_begins_anew() -> None:
    leader = Leader(Log())
    leader.work(600)
    moment_ago = leader.seq - round(STEPS_PER_S * (KEPT_S - 2))
    assert seqs(leader.tail.after(moment_ago)) == [moment_ago + 1, moment_ago + 2]
    assert leader.tail.after(leader.seq - round(STEPS_PER_S * (KEPT_S + 2))) is None
    assert leader.tail.after(leader.seq) == []


def test_a_standby_that_has_everything_has_it_after_a_quiet_night() -> None:
    leader = Leader(Log())
    leader.work(5)
    leader.now_s += 40_000.0
    assert leader.tail.after(leader.seq) == []
    before = leader.seq
    leader.work(1)
    assert seqs(leader.tail.after(before)) == [before + 1, before + 2]


def test_what_is_kept_does_not_grow_with_the_length_of_the_day() -> None:
    """Half an hour of ten calls a second came to 25 MiB, which no standby would ever ask for."""
    leader = Leader(Forgetful())
    leader.work(60)
    gc.collect()
    tracemalloc.start()
    try:
        leader.work(60)
        begun, _ = tracemalloc.get_traced_memory()
        leader.work(240)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept - begun < 200_000
