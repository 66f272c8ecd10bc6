"""Sound put away and taken out again: nothing is lost, nothing is left in clear."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import subprocess
import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.adapters.recordings import sealed
from acd.adapters.recordings.keys import MasterKeys
from acd.adapters.recordings.vault import RecordingVault
from acd.adapters.secrets import Secrets
from acd.core.ids import OfferId
from acd.errors import NotFound, StoreCorrupt, StoreError
from acd.ports_recording import Note, Sealed

ID, OTHER = "ab" * 16, "cd" * 16
RATE = 8_000


def tone(hz: int, seconds: float) -> list[int]:
    return [
        round(8_000 * math.sin(2 * math.pi * hz * n / RATE)) for n in range(int(seconds * RATE))
    ]


def stereo(left: list[int], right: list[int]) -> bytes:
    both = array("h", bytes(4 * len(left)))
    both[0::2], both[1::2] = array("h", left), array("h", right)
    return both.tobytes()


def sides(clear: bytes, folder: Path) -> tuple[array[int], array[int]]:
    """Left and right, decoded by the reference decoder."""
    (folder / "x.flac").write_bytes(clear)
    command = ["flac", "-d", "--silent", "--stdout", "--force-raw-format", "--endian=little"]
    raw = subprocess.run(
        [*command, "--sign=signed", str(folder / "x.flac")], capture_output=True, check=True
    ).stdout
    both = array("h")
    both.frombytes(raw)
    return both[0::2], both[1::2]


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[RecordingVault]:
    (tmp_path / "incoming").mkdir()
    keys = MasterKeys(Secrets(tmp_path / "state"))
    made = RecordingVault(tmp_path / "home", tmp_path / "incoming", keys)
    made.prepare()
    yield made
    await made.close()


async def put(vault: RecordingVault, tmp_path: Path, recording: str = ID) -> tuple[bytes, Sealed]:
    raw = stereo(tone(440, 3), tone(1_000, 3))
    (tmp_path / "incoming" / f"{recording}.raw").write_bytes(raw)
    return raw, await vault.seal(recording, [])


def whole(vault: RecordingVault, recording: str = ID) -> bytes:
    opened = vault.open(recording)
    try:
        return opened.read(0, opened.size)
    finally:
        opened.close()


@pytest.mark.parametrize("clock_s", [-300.0, 300.0])
async def test_the_clock_of_the_machine_that_writes_may_differ(
    vault: RecordingVault, tmp_path: Path, clock_s: float
) -> None:
    path = tmp_path / "incoming" / f"{ID}.raw"

    def write(size: int) -> None:
        path.write_bytes(bytes(size))
        there_s = time.time() + clock_s
        os.utime(path, (there_s, there_s))

    write(640)
    vault.incoming()
    write(1_280)
    (seen,) = vault.incoming()
    assert seen.quiet_s < 0.5, "it has just grown"
    await asyncio.sleep(0.2)
    (seen,) = vault.incoming()
    assert 0.2 <= seen.quiet_s < 5.0, "and grows no more"


@pytest.mark.requirement("M16")
async def test_sound_comes_out_as_it_went_in(vault: RecordingVault, tmp_path: Path) -> None:
    raw, done = await put(vault, tmp_path)
    assert done.duration_ms == 3_000
    left, right = sides(whole(vault), tmp_path)
    assert stereo(list(left), list(right)) == raw
    assert vault.digest(ID) == done.sha256
    assert 62 in done.waveform
    assert len(done.waveform) <= 2 * 800


@pytest.mark.requirement("M16")
async def test_nothing_on_the_disk_is_in_clear(vault: RecordingVault, tmp_path: Path) -> None:
    await put(vault, tmp_path)
    vault.discard(ID)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"fLaC" not in data
            assert stereo(tone(440, 0.1), tone(1_000, 0.1))[:64] not in data
            assert path.stat().st_mode & 0o077 == 0


async def test_any_part_can_be_read_alone(vault: RecordingVault, tmp_path: Path) -> None:
    noise = os.urandom(4 * RATE * 20)
    (tmp_path / "incoming" / f"{ID}.raw").write_bytes(noise)
    await vault.seal(ID, [])
    clear, opened = whole(vault), vault.open(ID)
    assert opened.size > 5 * sealed.CHUNK
    for offset, length in (
        (0, 1),
        (sealed.CHUNK - 1, 2),
        (sealed.CHUNK * 3, 100),
        (opened.size, 9),
    ):
        assert opened.read(offset, length) == clear[offset : offset + length]
    assert opened.read(opened.size - 3, 99) == clear[-3:]
    opened.close()


@pytest.mark.requirement("M16")
async def test_a_gap_is_silent_on_both_sides_and_marked(
    vault: RecordingVault, tmp_path: Path
) -> None:
    raw = stereo(tone(440, 3), tone(1_000, 3))
    (tmp_path / "incoming" / f"{ID}.raw").write_bytes(raw)
    await vault.seal(ID, [(900, 2_100)])
    for side, original in zip(sides(whole(vault), tmp_path), (raw[0::4], raw), strict=True):
        assert len(side) == 3 * RATE
        # Two soft tones say that something was left out, then there is nothing.
        assert 1_000 < max(side[900 * 8 : 1_020 * 8]) < 2_000
        assert set(side[1_270 * 8 : 2_100 * 8]) == {0}
        assert max(side[: 900 * 8]) > 7_900
        assert max(side[2_100 * 8 :]) > 7_900
        assert original


@pytest.mark.parametrize("place", [8, 30, 60, 200, -1])
async def test_what_was_changed_is_refused(
    vault: RecordingVault, tmp_path: Path, place: int
) -> None:
    await put(vault, tmp_path)
    path = next((tmp_path / "home").glob("??/*.rec"))
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreCorrupt):
        whole(vault)


async def test_a_file_cut_short_or_put_elsewhere_is_refused(
    vault: RecordingVault, tmp_path: Path
) -> None:
    (tmp_path / "incoming" / f"{ID}.raw").write_bytes(os.urandom(4 * RATE * 10))
    await vault.seal(ID, [])
    path = next((tmp_path / "home").glob("??/*.rec"))
    elsewhere = tmp_path / "home" / "cd" / f"{OTHER}.rec"
    elsewhere.parent.mkdir()
    shutil.copy(path, elsewhere)
    with pytest.raises(StoreCorrupt):
        whole(vault, OTHER)
    data = path.read_bytes()
    path.write_bytes(data[: sealed.HEADER + 2 * (sealed.CHUNK + sealed.TAG)])
    with pytest.raises(StoreCorrupt):
        whole(vault)


@pytest.mark.requirement("M16")
async def test_a_new_key_takes_over_and_the_sound_stays(
    vault: RecordingVault, tmp_path: Path
) -> None:
    _, done = await put(vault, tmp_path)
    before = whole(vault)
    path = next((tmp_path / "home").glob("??/*.rec"))
    header = path.read_bytes()[: sealed.HEADER]
    assert vault.rekey() == 1
    assert path.read_bytes()[: sealed.HEADER] != header
    assert whole(vault) == before
    assert vault.digest(ID) == done.sha256
    assert sorted(Secrets(tmp_path / "state").names()) == ["recording.1", "recording.2"]


@pytest.mark.requirement("M16")
async def test_destroying_takes_the_key_before_the_name(
    vault: RecordingVault, tmp_path: Path
) -> None:
    await put(vault, tmp_path)
    path = next((tmp_path / "home").glob("??/*.rec"))
    still_there = tmp_path / "a second name of the same file"
    os.link(path, still_there)
    vault.destroy(ID)
    assert not path.exists()
    assert still_there.read_bytes()[: sealed.HEADER] == bytes(sealed.HEADER)
    vault.destroy(ID)
    with pytest.raises(NotFound):
        vault.open(ID)


async def test_a_leg_that_never_talked_leaves_nothing(
    vault: RecordingVault, tmp_path: Path
) -> None:
    (tmp_path / "incoming" / f"{ID}.raw").write_bytes(bytes(400))
    assert (await vault.seal(ID, [])).duration_ms == 0
    assert vault.stored() == []


async def test_a_worker_that_dies_is_replaced(vault: RecordingVault, tmp_path: Path) -> None:
    raw, _ = await put(vault, tmp_path)
    worker = vault._worker
    assert worker is not None
    worker.kill()
    await worker.wait()
    assert (await vault.seal(ID, [])).duration_ms == len(raw) // 32


async def test_without_its_sound_a_recording_is_refused_in_a_sentence(
    vault: RecordingVault, tmp_path: Path
) -> None:
    assert (await vault.seal(ID, [])).duration_ms == 0
    shutil.rmtree(tmp_path / "home")
    (tmp_path / "home").write_text("no folder")
    (tmp_path / "incoming" / f"{ID}.raw").write_bytes(stereo(tone(440, 1), tone(440, 1)))
    with pytest.raises(StoreError):
        await vault.seal(ID, [])


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 16, "0466123456", ID + "/x"])
def test_only_ids_of_ours_name_files(vault: RecordingVault, name: str) -> None:
    for use in (vault.open, vault.digest, vault.destroy, vault.discard, vault.remove_note):
        with pytest.raises(NotFound):
            use(name)


def test_notes_outlive_the_process(vault: RecordingVault, tmp_path: Path) -> None:
    note = Note(ID, "1.1", OfferId("o000000000001"), "op1", "tax", "0466001111", 90, 1_000)
    vault.write_note(note)
    (tmp_path / "home" / "notes" / f"{OTHER}.note").write_text("{half")
    assert vault.notes() == [note]
    assert vault.notes() == [note]
    vault.remove_note(ID)
    assert vault.notes() == []
