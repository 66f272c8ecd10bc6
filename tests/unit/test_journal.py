"""The journal: numbering, restoring, refusing disks, other versions."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from acd.adapters.clock import SystemClock
from acd.adapters.snapshots import ROOM_BYTES, SnapshotFiles
from acd.adapters.spool import Spool, SpoolSize
from acd.app import frames as frames_module
from acd.app.frames import decode_details, decode_rows, decode_step, encode
from acd.app.journal import Journal, SnapshotPolicy, contiguous
from acd.core.cdr_types import CallRecord, Record
from acd.core.events import SCHEMA, PlanAdopted
from acd.core.ids import AgentId
from acd.core.inputs import PlanChanged
from acd.core.plan import AgentPlan, Plan, SkillNeed
from acd.errors import StoreCorrupt, StoreError
from acd.ports import Frame, Snapshot, Step
from tests.call_stories import T0_S, answered_call, many_calls

SIZE = SpoolSize(total_bytes=2**21, reserve_bytes=2**17, segment_bytes=2**17)


class Disk:
    """Spool, snapshots and journal in one folder, as a controller opens them."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.spool = Spool(folder, SIZE)
        self.snapshots = SnapshotFiles(folder)
        self.journal = Journal(self.spool, self.snapshots, **options)  # type: ignore[arg-type]
        self.restored = self.journal.restore()

    def snapshot(self, engine: bytes = b"engine") -> None:
        journal = self.journal
        journal.snapshot(engine, journal.book.snapshot(), journal.last_seq)


def test_steps_come_back_as_they_were_written(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    steps = list(many_calls(10))
    for start in range(0, len(steps), 5):
        disk.journal.write(steps[start : start + 5])
    assert disk.journal.last_seq == len(steps)
    disk.spool.close()
    again = Disk(tmp_path)
    assert again.restored.steps == steps
    assert again.restored.engine is None
    assert (again.restored.seq, again.restored.gap) == (len(steps), False)
    assert again.restored.at_s == max(step.at_s for step in steps)


def test_restoring_takes_the_newest_snapshot_and_the_steps_after_it(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    steps = list(many_calls(10))
    disk.journal.write(steps[:20])
    disk.snapshot(b"first")
    disk.journal.write(steps[20:40])
    disk.snapshot(b"second")
    disk.journal.write(steps[40:])
    rows = dict(disk.journal.book.calls)
    disk.spool.close()
    again = Disk(tmp_path)
    assert again.restored.engine == b"second"
    assert again.restored.steps == steps[40:]
    assert again.journal.book.calls == rows
    again.journal.write(answered_call(99))
    assert [frame.seq for frame in again.spool.read(len(steps), 1)] == [len(steps) + 1]


def test_a_damaged_snapshot_gives_way_to_the_one_before(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    steps = list(many_calls(10))
    disk.journal.write(steps[:20])
    disk.snapshot(b"first")
    disk.journal.write(steps[20:])
    disk.snapshot(b"second")
    disk.spool.close()
    newest = sorted(tmp_path.glob("snapshot-*.mdg"))[-1]
    with newest.open("r+b") as file:
        file.seek(30)
        file.write(b"junk")
    again = Disk(tmp_path)
    assert again.restored.engine == b"first"
    assert again.restored.steps == steps[20:]


def test_a_snapshot_newer_than_the_frames_is_used_and_numbers_go_on_behind_it(
    tmp_path: Path,
) -> None:
    disk = Disk(tmp_path)
    disk.journal.write(answered_call(1))
    stream = disk.spool.stream
    SnapshotFiles(tmp_path).save(
        Snapshot(stream, 500, T0_S + 900, SCHEMA, b"later", disk.journal.book.snapshot())
    )
    disk.spool.close()
    again = Disk(tmp_path)
    assert (again.restored.engine, again.restored.seq) == (b"later", 500)
    again.journal.write(answered_call(2))
    assert again.journal.last_seq == 508
    again.spool.close()
    third = Disk(tmp_path)
    assert (len(third.restored.steps), third.restored.gap) == (8, False)


def test_missing_steps_are_reported(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.journal.write(answered_call(1))
    disk.snapshot()
    disk.spool.append([encode(20, answered_call(2)[0], [], [])])
    disk.spool.close()
    again = Disk(tmp_path)
    assert again.restored.gap
    assert again.restored.seq == 20


def test_snapshots_are_due_by_steps_and_by_time(tmp_path: Path) -> None:
    disk = Disk(tmp_path, policy=SnapshotPolicy(steps=10, seconds=60))
    due = [disk.journal.snapshot_due]
    disk.snapshot()
    due.append(disk.journal.snapshot_due)
    assert due == [True, False], "there was none; nothing happened since"
    [first, *others] = answered_call(1)
    disk.journal.write([first])
    disk.snapshot()
    disk.journal.write(others[:3])
    due = [disk.journal.snapshot_due]
    disk.journal.write(others[3:])
    due.append(disk.journal.snapshot_due)
    assert due == [False, True], "two minutes of talk lie between"
    disk.snapshot()
    disk.journal.write([replace(first, at_s=others[-1].at_s)] * 10)
    assert disk.journal.snapshot_due, "ten steps lie between"


def test_only_two_snapshots_are_kept_and_their_room_is_used_again(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    for step in answered_call(1):
        disk.journal.write([step])
        disk.snapshot(b"e" * 1000)
        files = sorted(tmp_path.glob("snapshot*"))
        assert len(files) == 3, "their room is taken at the start, and no more later"
        assert all(path.stat().st_size == ROOM_BYTES for path in files)
    assert [path.suffix[:6] for path in files] == [".mdg", ".mdg", ".spare"]


def test_a_snapshot_that_fails_leaves_the_older_ones_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path)
    disk.journal.write(answered_call(1))
    disk.snapshot(b"good")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("acd.adapters.snapshots.os.pwrite", full)
        with pytest.raises(StoreError) as caught:
            disk.snapshot(b"bad")
    assert caught.value.code == "snapshot_failed"
    newest = disk.snapshots.newest()
    assert newest is not None
    assert newest.engine == b"good"
    assert not disk.journal.snapshot_due, "it is tried again at the usual time, not at once"


class StubbornLog:
    """A log on a disk that refuses on demand (a real spool behind it)."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.refusing = False
        self.stream = spool.stream

    @property
    def last_seq(self) -> int:
        return self._spool.last_seq

    def append(self, frames: Sequence[Frame]) -> None:
        if self.refusing and frames:
            raise StoreError("the disk is broken")
        self._spool.append(frames)

    def read(self, after_seq: int, max_frames: int = 256) -> list[Frame]:
        return self._spool.read(after_seq, max_frames)

    def mark_stored(self, seq: int) -> None:
        self._spool.mark_stored(seq)

    def mark_restorable(self, seq: int) -> None:
        self._spool.mark_restorable(seq)


def test_steps_that_the_disk_refused_are_written_before_the_next_ones(tmp_path: Path) -> None:
    log = StubbornLog(Spool(tmp_path, SIZE))
    seen: list[Record] = []
    journal = Journal(log, SnapshotFiles(tmp_path), on_records=seen.extend)
    journal.restore()
    steps = list(many_calls(6))
    journal.write(steps[:3])
    log.refusing = True
    for step in steps[3:9]:
        with pytest.raises(StoreError):
            journal.write([step])
    assert journal.restore().steps == steps[:9], "a rebuild in between misses nothing"
    log.refusing = False
    journal.write(steps[9:])
    assert [decode_step(frame) for frame in contiguous(log, 0)] == steps
    assert journal.last_seq == len(steps)
    assert len([row for row in seen if isinstance(row, CallRecord)]) == 6


def test_what_is_kept_in_memory_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "MAX_UNWRITTEN", 5)
    log = StubbornLog(Spool(tmp_path, SIZE))
    journal = Journal(log, SnapshotFiles(tmp_path))
    journal.restore()
    log.refusing = True
    for step in answered_call(1):
        with pytest.raises(StoreError):
            journal.write([step])
    assert journal.lost_steps == 3


def test_each_row_is_in_the_frame_of_the_step_that_finished_it(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.journal.write(answered_call(1))
    outcomes = {frame.seq: decode_rows(frame) for frame in disk.spool.read(0)}
    details = {frame.seq: decode_details(frame)[1] for frame in disk.spool.read(0)}
    assert {seq: len(rows) for seq, rows in outcomes.items() if rows} == {5: 1, 6: 1}
    assert {seq: len(rows) for seq, rows in details.items() if rows} == {3: 1, 5: 3, 6: 2, 8: 3}


def frame_of_schema(schema: int) -> Frame:
    return replace(encode(1, answered_call(1)[0], [], []), schema=schema)


def test_an_unknown_schema_is_refused_in_a_sentence() -> None:
    for read in (decode_step, decode_rows, decode_details):
        with pytest.raises(StoreCorrupt, match="schema 99") as caught:
            read(frame_of_schema(99))
        assert caught.value.code == "store_schema_unknown"


def test_the_version_before_is_read_and_the_one_before_that_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames_module, "READABLE", (4, 5))
    assert decode_step(frame_of_schema(4)) == answered_call(1)[0]
    with pytest.raises(StoreCorrupt):
        decode_step(frame_of_schema(3))


def test_unreadable_bytes_are_refused_without_values_in_the_message() -> None:
    good = encode(7, answered_call(1)[0], [], [])
    bad = replace(good, detail=good.detail.replace(b"call_opened", b"call_closed"))
    with pytest.raises(StoreCorrupt, match="step 7") as caught:
        decode_step(bad)
    assert "0312345678" not in str(caught.value)


def large_plan() -> Plan:
    skills = tuple(SkillNeed(f"skill{number}", 5) for number in range(50))
    agents = tuple(
        AgentPlan(AgentId(f"a{number}"), f"窓口{number}", f"PJSIP/{number}", skills)
        for number in range(1000)
    )
    return Plan("v2", (), agents)


def test_a_plan_of_a_thousand_operators_fits_into_a_frame() -> None:
    plan = large_plan()
    step = Step(T0_S, PlanChanged(plan), [PlanAdopted(plan)])
    frame = encode(1, step, [], [])
    assert len(frame.detail) < 1_000_000
    assert decode_step(frame) == step


def test_a_detail_that_inflates_without_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_module, "MAX_DETAIL_BYTES", 1000)
    bomb = Frame(1, SCHEMA, b"", zlib.compress(b"\x94" + bytes(100_000)))
    with pytest.raises(StoreCorrupt):
        decode_step(bomb)


async def test_engine_time_never_goes_back_behind_the_journal() -> None:
    far = 4_000_000_000.0
    clock = SystemClock(not_before_s=far)
    first = clock.now()
    assert first >= far
    await clock.sleep_until(first + 0.01)
    assert clock.now() >= first + 0.01
    assert clock.drift_s() < 0


def test_a_snapshot_of_an_unknown_schema_is_refused(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    book = disk.journal.book.snapshot()
    disk.snapshots.save(Snapshot(disk.spool.stream, 0, T0_S, 99, b"engine", book))
    disk.spool.close()
    with pytest.raises(StoreCorrupt, match="schema 99"):
        Disk(tmp_path)
