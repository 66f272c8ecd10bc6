"""The spool: order, limits, the reserve, restarts, damage, and what an operator is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from acd.adapters.segment import HEADER_BYTES, frame_size
from acd.adapters.spool import Spool, SpoolSize
from acd.adapters.spool_view import SpoolView
from acd.app.frames import decode_rows, encode_rows
from acd.core.cdr_types import DetailDropped, DispositionRecord
from acd.core.events import SCHEMA
from acd.core.ids import AgentId, CallId
from acd.errors import ConfigError, StoreError, StoreUnavailable
from acd.ports import Frame

KIB = 1024
SMALL = SpoolSize(total_bytes=64 * KIB, reserve_bytes=32 * KIB, segment_bytes=4 * KIB)


def frame(seq: int, size: int = 200, rows: bytes = b"") -> Frame:
    return Frame(seq, SCHEMA, rows, f"{seq:08d}".encode() + b"d" * size)


def outcome(seq: int) -> bytes:
    return encode_rows([DispositionRecord(CallId(f"c{seq}"), AgentId("sato"), seq, "tax-1")])


def read_all(spool: Spool, after: int = 0, step: int = 7) -> list[Frame]:
    frames: list[Frame] = []
    while more := spool.read(after, step):
        frames += more
        after = more[-1].seq
    return frames


def fill(spool: Spool, first: int, count: int) -> None:
    for seq in range(first, first + count):
        spool.append([frame(seq)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def test_frames_come_back_in_order_across_segments_and_restarts(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    written = [frame(seq, rows=outcome(seq) if seq % 3 == 0 else b"") for seq in range(1, 61)]
    for start in range(0, 60, 4):
        spool.append(written[start : start + 4])
    assert read_all(spool) == written
    stream = spool.stream
    spool.close()
    again = Spool(folder, SMALL)
    assert again.stream == stream
    assert again.last_seq == 60
    assert read_all(again) == written
    assert read_all(again, after=41) == written[41:]
    again.append([frame(61)])
    assert [one.seq for one in again.read(60)] == [61]
    again.close()


def test_all_of_its_room_is_reserved_on_disk_when_it_is_made(folder: Path) -> None:
    Spool(folder, SMALL).close()
    files = list(folder.glob("*.seg"))
    assert sum(file.stat().st_size for file in files) == SMALL.total_bytes
    assert all(file.stat().st_blocks * 512 >= file.stat().st_size for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_only_one_controller_at_a_time(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    with pytest.raises(StoreUnavailable) as caught:
        Spool(folder, SMALL)
    assert caught.value.code == "spool_in_use"
    spool.close()
    Spool(folder, SMALL).close()


def test_too_small_a_spool_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError):
        Spool(folder, SpoolSize(total_bytes=40 * KIB, reserve_bytes=32 * KIB, segment_bytes=4096))


def test_segments_are_used_again_when_stored_and_behind_a_snapshot(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    for seq in range(1, 1001):
        spool.append([frame(seq)])
        spool.mark_stored(seq)
        spool.mark_restorable(seq)
    state = spool.state()
    assert (state.full, state.dropped_steps, state.lost_outcomes) == (False, 0, 0)
    assert read_all(spool)[-1].seq == 1000
    assert sum(file.stat().st_size for file in folder.glob("*.seg")) == SMALL.total_bytes
    spool.close()


def test_at_the_limit_outcome_rows_stay_and_detail_is_dropped_and_counted(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    total = 400
    for seq in range(1, total + 1):
        spool.append([frame(seq, rows=outcome(seq) if seq % 5 == 0 else b"")])
    assert spool.state().full
    kept = read_all(spool)
    assert [one.seq for one in kept] == sorted({one.seq for one in kept})
    rows = [row for one in kept for row in decode_rows(one)]
    codes = [row.at_ms for row in rows if isinstance(row, DispositionRecord)]
    assert codes == list(range(5, total + 1, 5)), "every outcome row, once, in order"
    dropped = [row for row in rows if isinstance(row, DetailDropped)]
    with_detail = [one.seq for one in kept if one.detail]
    assert sum(row.steps for row in dropped) == spool.state().dropped_steps
    assert spool.state().dropped_steps + len(with_detail) == total
    assert dropped[0].first_seq == 1
    assert dropped[-1].last_seq + 1 == with_detail[0]
    spool.close()


def test_what_was_reserved_survives_a_restart(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    for seq in range(1, 301):
        spool.append([frame(seq, rows=outcome(seq) if seq % 5 == 0 else b"")])
    before = read_all(spool)
    spool.close()
    again = Spool(folder, SMALL)
    assert read_all(again) == before
    again.close()


def test_what_the_database_has_is_known_after_a_restart_without_it(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    fill(spool, 1, 100)
    spool.mark_stored(100)
    spool.close()
    again = Spool(folder, SMALL)
    assert again.state().stored_seq == 100
    fill(again, 101, 60)
    assert again.state().dropped_steps == 0
    again.close()
    (folder / "lock").write_bytes(b"garbage that is long enough to be read as a mark")
    last = Spool(folder, SMALL)
    assert last.state().stored_seq == 0, "rather keep too much than too little"
    last.close()


def test_full_ends_when_the_database_is_back(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    fill(spool, 1, 300)
    assert spool.state().full
    spool.mark_stored(300)
    fill(spool, 301, 100)
    spool.mark_stored(400)
    assert not spool.state().full
    spool.close()


def test_a_full_reserve_loses_outcome_rows_and_counts_them(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    for seq in range(1, 3001):
        spool.append([frame(seq, rows=outcome(seq))])
    lost = spool.state().lost_outcomes
    assert lost > 0
    rows = [row for one in read_all(spool) for row in decode_rows(one)]
    codes = [row.at_ms for row in rows if isinstance(row, DispositionRecord)]
    assert len(codes) + lost == 3000
    assert sum(row.outcomes_lost for row in rows if isinstance(row, DetailDropped)) == lost
    spool.close()


def test_a_step_larger_than_a_segment_is_refused_and_the_next_one_is_not(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    spool.append([frame(1)])
    with pytest.raises(StoreError):
        spool.append([frame(2, size=5000)])
    spool.append([frame(3)])
    assert [one.seq for one in read_all(spool)] == [1, 3]
    spool.close()


def test_damage_in_an_older_segment_costs_only_its_own_frames(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    fill(spool, 1, 60)
    spool.close()
    per_segment = (4 * KIB - HEADER_BYTES) // frame_size(frame(1))
    second = sorted(folder.glob("ring-*.seg"), key=_first_seq_of)[-3]
    with second.open("r+b") as file:
        file.seek(HEADER_BYTES + 3 * frame_size(frame(1)) + 40)
        file.write(b"garbage")
    again = Spool(folder, SMALL)
    seqs = [one.seq for one in read_all(again)]
    missing = sorted(set(range(1, 61)) - set(seqs))
    assert seqs == sorted(seqs)
    assert 0 < len(missing) <= per_segment
    assert again.last_seq == 60
    again.close()


def _first_seq_of(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[20:28], "little")


def test_frames_behind_a_torn_one_do_not_come_back_when_it_is_written_over(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    spool.append([frame(1), frame(2), frame(3)])
    spool.close()
    used = next(path for path in folder.glob("ring-*.seg") if path.read_bytes()[:4] == b"MDGS")
    with used.open("r+b") as file:
        file.seek(HEADER_BYTES + 50)
        file.write(b"torn")
    spool = Spool(folder, SMALL)
    assert spool.last_seq == 0
    other = Frame(1, SCHEMA, b"", frame(1).detail[::-1])
    assert frame_size(other) == frame_size(frame(1))
    spool.append([other])
    spool.close()
    again = Spool(folder, SMALL)
    assert read_all(again) == [other], "2 and 3 of the first life are whole on disk, and stay gone"
    again.close()


def test_a_smaller_spool_after_a_larger_one_still_holds_every_frame(folder: Path) -> None:
    spool = Spool(folder, SpoolSize(128 * KIB, 32 * KIB, 8 * KIB))
    fill(spool, 1, 200)
    spool.close()
    again = Spool(folder, SMALL)
    assert [one.seq for one in read_all(again)] == list(range(1, 201))
    fill(again, 201, 20)
    assert again.last_seq == 220
    again.close()


def test_a_disk_that_fails_says_so_and_takes_the_frames_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(folder, SMALL)
    spool.append([frame(1)])
    real = os.pwrite

    def failing(fd: int, data: bytes, offset: int) -> int:
        if len(data) > 10:
            real(fd, data[: len(data) // 2], offset)
            raise OSError(5, "Input/output error")
        return real(fd, data, offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", failing)
        with pytest.raises(StoreError) as caught:
            spool.append([frame(2)])
    assert caught.value.code == "spool_disk_failed"
    assert spool.last_seq == 1
    spool.append([frame(2)])
    assert read_all(spool) == [frame(1), frame(2)]
    spool.close()


def test_others_may_look_while_it_is_written(folder: Path) -> None:
    spool = Spool(folder, SMALL)
    fill(spool, 1, 30)
    view = SpoolView(folder)
    assert [one.seq for one in view.frames()] == list(range(1, 31))
    assert view.stream == spool.stream
    fill(spool, 31, 500)
    assert [one.seq for one in view.frames(after_seq=20)] == [
        one.seq for one in view.frames() if one.seq > 20
    ]
    view.close()
    spool.close()


def test_no_spool_to_look_at(folder: Path) -> None:
    with pytest.raises(StoreUnavailable):
        SpoolView(folder)
