"""The spool against crashes, torn writes, garbage and a database that fails at any moment."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.adapters.segment import frame_size
from acd.adapters.snapshots import SnapshotFiles
from acd.adapters.spool import Spool, SpoolSize
from acd.adapters.store_memory import MemoryRecords
from acd.app.drainer import Drainer, DrainPolicy
from acd.app.journal import Journal, SnapshotPolicy, contiguous
from acd.core.events import SCHEMA
from acd.errors import StoreUnavailable
from acd.ports import Frame, Snapshot, Step
from tests.call_stories import many_calls

KIB = 1024
SIZE = SpoolSize(total_bytes=96 * KIB, reserve_bytes=32 * KIB, segment_bytes=8 * KIB)
ROOMY = SpoolSize(total_bytes=512 * KIB, reserve_bytes=32 * KIB, segment_bytes=16 * KIB)


def _frame(seq: int, size: int, life: int = 0) -> Frame:
    """Differs from a frame of the same number and size that an earlier life of the spool wrote."""
    return Frame(seq, SCHEMA, b"", random.Random(f"{seq} {life}").randbytes(size))


def _tail_of(folder: Path) -> Path:
    """The ring file that is written to now."""
    files = [path for path in folder.glob("ring-*.seg") if path.read_bytes()[:8] == b"MDGSPOOL"]
    return max(files, key=lambda path: int.from_bytes(path.read_bytes()[12:20], "little"))


@settings(max_examples=150, deadline=None)
@given(
    batches=st.lists(st.lists(st.integers(1, 900), min_size=1, max_size=5), min_size=1,
                     max_size=12),
    tears=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["zeros", "noise", "flip", "none"]),
                             st.integers(0, 2**32)), min_size=1, max_size=4),
)  # fmt: skip
def test_a_torn_write_leaves_a_clean_prefix_and_writing_goes_on(
    batches: list[list[int]], tears: list[tuple[float, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth: list[Frame] = []
        for life, (where, how, seed) in enumerate(tears):
            spool = Spool(folder, SIZE)
            # Whatever lies behind the torn place must not come back when it is written over.
            assert list(contiguous(spool, 0)) == truth
            written: list[Frame] = []
            # Later lives write over the torn batch frame by frame, and end in the middle of it.
            again_sizes = [[size] for size in batches[-1]][: 1 + seed % len(batches[-1])]
            for sizes in again_sizes if life else batches:
                if sum(len(one.detail) for one in truth) > 40 * KIB:
                    break
                batch = [_frame(len(truth) + n, size, life) for n, size in enumerate(sizes, 1)]
                spool.append(batch)
                truth += batch
                written = batch
            end = spool._ring[-1].end
            torn = [one for one in written if one.seq >= spool._ring[-1].first_seq]
            start = end - sum(frame_size(one) for one in torn)
            spool.close()
            if torn:
                _tear(_tail_of(folder), start, end, where, how, seed)
            again = Spool(folder, SIZE)
            survived = list(contiguous(again, 0))
            assert survived == truth[: len(survived)], "nothing altered, nothing out of order"
            assert len(survived) >= len(truth) - len(torn), "what was written before stays"
            assert again.last_seq == len(survived)
            truth = survived
            again.close()


def _tear(path: Path, start: int, end: int, where: float, how: str, seed: int) -> None:
    at = start + int((end - start - 1) * where)
    rng = random.Random(seed)
    with path.open("r+b") as file:
        file.seek(at)
        old = file.read(end - at)
        file.seek(at)
        if how == "zeros":
            file.write(bytes(len(old)))
        elif how == "noise":
            file.write(rng.randbytes(len(old)))
        elif how == "flip":
            spot = rng.randrange(len(old))
            file.seek(at + spot)
            file.write(bytes([old[spot] ^ (1 << rng.randrange(8))]))


@settings(max_examples=100, deadline=None)
@given(junk=st.binary(min_size=0, max_size=4096), slot=st.integers(0, 7), at=st.integers(0, 9000))
def test_garbage_anywhere_never_yields_a_frame_that_was_not_written(
    junk: bytes, slot: int, at: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spool = Spool(folder, SIZE)
        truth = {seq: _frame(seq, 300) for seq in range(1, 121)}
        for frame in truth.values():
            spool.append([frame])
        spool.close()
        with (folder / f"ring-{slot:04d}.seg").open("r+b") as file:
            file.seek(min(at, 8 * KIB - len(junk)))
            file.write(junk)
        again = Spool(folder, SIZE)
        seen, after = [], 0
        while frames := again.read(after, 16):
            seen += frames
            after = frames[-1].seq
        assert [one.seq for one in seen] == sorted({one.seq for one in seen})
        assert all(truth[one.seq] == one for one in seen)
        again.append([_frame(again.last_seq + 1, 10)])
        assert again.read(again.last_seq - 1)[0].seq == again.last_seq
        again.close()


class FaultyStore(MemoryRecords):
    """A database that fails before, in the middle of, or after a commit, by seed."""

    def __init__(self, seed: int, rate: float) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self.rate = rate
        self.commits: list[int] = []

    def _maybe_fail(self) -> None:
        if self._random.random() < self.rate:
            raise StoreUnavailable("database is locked")

    async def position(self, stream: str) -> int:
        self._maybe_fail()
        return await super().position(stream)

    async def store(self, stream: str, frames: Sequence[Frame]) -> None:
        self._maybe_fail()
        await asyncio.sleep(0)
        assert frames[0].seq > self.positions.get(stream, 0), "a frame was stored twice"
        await super().store(stream, frames)
        self.commits += [one.seq for one in frames]
        # The commit is done; its answer is lost.
        self._maybe_fail()

    async def keep_snapshot(self, snapshot: Snapshot) -> None:
        self._maybe_fail()
        await super().keep_snapshot(snapshot)


async def _drain_some(drainer: Drainer, times: int) -> None:
    for _ in range(times):
        try:
            await drainer.drain_once()
        except StoreUnavailable:
            continue


@pytest.mark.requirement("M10")
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 0.7),
    plan=st.lists(
        st.tuples(st.integers(1, 40), st.integers(0, 6), st.booleans()), min_size=1, max_size=12
    ),
)
def test_nothing_is_lost_or_doubled_with_a_faulty_database_and_crashes(
    seed: int, rate: float, plan: list[tuple[int, int, bool]]
) -> None:
    """Each part of the plan: write so many steps, drain so often, then perhaps crash."""

    async def story() -> None:
        store = FaultyStore(seed, rate)
        steps = list(many_calls(60))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            written = 0
            spool, journal, drainer = _start(folder, store)
            for count, drains, crash in plan:
                part: Sequence[Step] = steps[written : written + count]
                if part:
                    journal.write(part)
                written += len(part)
                if journal.snapshot_due:
                    journal.snapshot(b"engine", journal.book.snapshot(), journal.last_seq)
                await _drain_some(drainer, drains)
                if crash:
                    spool.close()
                    spool, journal, drainer = _start(folder, store)
                    assert journal.last_seq == written
            store.rate = 0.0
            assert await drainer.finish(5)
            spool.close()
        assert store.commits == list(range(1, written + 1))
        await _compare_with_one_pass(store, steps[:written])

    asyncio.run(story())


def _start(
    folder: Path, store: FaultyStore, size: SpoolSize = ROOMY
) -> tuple[Spool, Journal, Drainer]:
    spool = Spool(folder, size)
    snapshots = SnapshotFiles(folder)
    journal = Journal(spool, snapshots, policy=SnapshotPolicy(steps=25))
    journal.restore()
    return spool, journal, Drainer(spool, store, snapshots, policy=DrainPolicy(batch=16))


async def _one_pass(steps: list[Step]) -> FaultyStore:
    clean = FaultyStore(0, 0.0)
    with tempfile.TemporaryDirectory() as name:
        spool, journal, drainer = _start(Path(name), clean)
        journal.write(steps)
        assert await drainer.finish(5)
        spool.close()
    return clean


async def _compare_with_one_pass(store: FaultyStore, steps: list[Step]) -> None:
    """What is in the database is what one undisturbed pass over the steps gives."""
    clean = await _one_pass(steps)
    for table in ("calls", "visits", "legs", "segments"):
        assert getattr(store, table) == getattr(clean, table)


@pytest.mark.requirement("M10")
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rate=st.floats(0, 1),
    plan=st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 4), st.booleans()), min_size=3, max_size=15
    ),
)
def test_at_the_limit_no_outcome_is_lost_and_what_is_dropped_is_counted(
    seed: int, rate: float, plan: list[tuple[int, int, bool]]
) -> None:
    """As above, with a ring far too small for what the faulty database leaves in it."""
    tight = SpoolSize(total_bytes=96 * KIB, reserve_bytes=72 * KIB, segment_bytes=4 * KIB)

    async def story() -> None:
        store = FaultyStore(seed, rate)
        steps = list(many_calls(120))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            written = 0
            spool, journal, drainer = _start(folder, store, tight)
            for count, drains, crash in plan:
                part = steps[written : written + count]
                if part:
                    journal.write(part)
                written += len(part)
                journal.snapshot(b"engine", journal.book.snapshot(), journal.last_seq)
                await _drain_some(drainer, drains)
                if crash:
                    spool.close()
                    spool, journal, drainer = _start(folder, store, tight)
                    assert journal.last_seq == written
            store.rate = 0.0
            assert await drainer.finish(5)
            spool.close()
        clean = await _one_pass(steps[:written])
        assert store.calls == clean.calls
        assert store.visits == clean.visits
        seqs = [seq for _, seq in store.journal]
        dropped = {
            seq for one in store.dropped.values() for seq in range(one.first_seq, one.last_seq + 1)
        }
        assert sorted([*seqs, *dropped]) == list(range(1, written + 1)), "stored or counted, once"
        assert sum(one.steps for one in store.dropped.values()) == len(dropped)
        assert sum(one.outcomes_lost for one in store.dropped.values()) == 0

    asyncio.run(story())
