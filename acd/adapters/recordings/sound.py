"""Sound as the switch writes it: gaps silenced and marked, loudness measured, compressed.

Raw sound is two channels of signed 16-bit samples in this machine's order, 8,000 a second: first
the operator, then the caller. FLAC loses nothing of it, browsers play it, and it costs a fiftieth
of the processor that Opus does (docs/adr/0010).
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from acd.errors import StoreUnavailable

RATE_HZ, FRAME = 8_000, 4
#: Points of a waveform; the points of a short recording are at least this far apart.
POINTS, POINT_FRAMES_MIN = 800, 80
#: What is heard where something was left out: two short tones at its beginning.
MARK_HZ, MARK_LEVEL, MARK_S = 1_000, 0.05, 0.12
_READ_FRAMES = RATE_HZ
_PROGRAM = "flac"


def frames_of(size_bytes: int) -> int:
    """How many whole samples (of both sides) are in so many bytes."""
    return size_bytes // FRAME


def milliseconds(frames: int) -> int:
    """How long so many samples are."""
    return frames * 1_000 // RATE_HZ


def _mark() -> array[int]:
    """Tone, pause, tone; both sides."""
    length = int(MARK_S * RATE_HZ)
    loud = [
        round(32_767 * MARK_LEVEL * math.sin(2 * math.pi * MARK_HZ * n / RATE_HZ))
        for n in range(length)
    ]
    single = [*loud, *([0] * length), *loud]
    return array("h", [sample for each in single for sample in (each, each)])


def prepared(file: IO[bytes], silences: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """The sound in parts of a second, with the stretches (milliseconds) silenced and marked."""
    mark, place = _mark(), 0
    spans = [(a * RATE_HZ // 1_000, b * RATE_HZ // 1_000) for a, b in silences]
    while data := file.read(_READ_FRAMES * FRAME):
        part = bytearray(data[: len(data) - len(data) % FRAME])
        here = place, place + len(part) // FRAME
        for first, last in spans:
            begin, end = max(first, here[0]), min(last, here[1])
            if begin < end:
                part[(begin - place) * FRAME : (end - place) * FRAME] = _silence(
                    mark, begin - first, end - begin
                )
        place = here[1]
        yield bytes(part)


def _silence(mark: array[int], offset: int, frames: int) -> bytes:
    """Samples of a gap from ``offset`` on: its mark, then nothing."""
    marked = mark[offset * 2 : (offset + frames) * 2].tobytes()
    return marked.ljust(frames * FRAME, b"\0")


class Loudness:
    """Measures the peaks of both sides while the sound passes by; one byte each, 255 the most."""

    def __init__(self, frames: int) -> None:
        self._each = max(POINT_FRAMES_MIN, math.ceil(frames / POINTS))
        self._waiting = bytearray()
        self.points = bytearray()

    def hear(self, part: bytes) -> None:
        """Take the next part of the sound."""
        self._waiting += part
        size = self._each * FRAME
        while len(self._waiting) >= size:
            self._measure(self._waiting[:size])
            del self._waiting[:size]

    def finish(self) -> bytes:
        """All points."""
        if self._waiting:
            self._measure(self._waiting)
        return bytes(self.points)

    def _measure(self, part: bytearray) -> None:
        samples = array("h")
        samples.frombytes(bytes(part))
        for side in (samples[0::2], samples[1::2]):
            highest, lowest = max(side), min(side)
            self.points.append(min(255, max(highest, -lowest) >> 7))


def compressed(parts: Iterator[bytes], frames: int, loudness: Loudness) -> Iterator[bytes]:
    """The sound as FLAC, part by part; nothing is written to a disk. Raises StoreUnavailable.

    The encoder is told how much will come: a player knows the length then, and can seek.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise StoreUnavailable(
            "recordings cannot be stored: the program flac is missing (run make setup)",
            code="flac_missing",
        )
    command = [
        program, "--silent", "--stdout", "-5", "--force-raw-format", "--sign=signed",
        f"--endian={sys.byteorder}", "--channels=2", "--bps=16", f"--sample-rate={RATE_HZ}",
        f"--input-size={frames * FRAME}", "-",
    ]  # fmt: skip
    # It warns that it cannot go back to write a sum of its own: ours is better.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        faults: list[BaseException] = []
        feeder = threading.Thread(
            target=_feed, args=(process.stdin, parts, loudness, faults), daemon=True
        )
        feeder.start()
        try:
            while packed := process.stdout.read(65_536):
                yield packed
        finally:
            process.stdout.close()
            feeder.join()
    if faults or process.returncode != 0:
        raise StoreUnavailable("a recording could not be compressed", code="not_compressed")


def _feed(
    to: IO[bytes], parts: Iterator[bytes], loudness: Loudness, faults: list[BaseException]
) -> None:
    try:
        with to:
            for part in parts:
                loudness.hear(part)
                to.write(part)
    except Exception as error:
        faults.append(error)


def size_of(path: Path) -> int:
    """Bytes of a file; 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
