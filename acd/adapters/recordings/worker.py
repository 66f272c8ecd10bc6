"""Puts sound away in a process of its own, at the lowest priority: ``python -m`` this module.

A job is a line of JSON on standard input, its answer one on standard output, one after another.
The key comes the same way: arguments and environment can be read by others. When the controller is
gone the input ends, and so does this.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.adapters.recordings import sealed, sound
from acd.errors import MadoguchiError
from acd.ports_recording import Sealed

#: Less sound than this is a leg that never came to a talk.
SHORTEST_MS = 200


class Job(Struct, frozen=True):
    """One recording: where its sound lies, what to silence, where to put it, under which key."""

    recording: str
    raw: str
    silences: tuple[tuple[int, int], ...]
    path: str
    key_number: int
    key: bytes


class Done(Struct, frozen=True):
    """The answer: what became of it, or the code and sentence of what went wrong."""

    sealed: Sealed | None = None
    code: str = ""
    message: str = ""


def work(job: Job) -> Sealed:
    """Silence, compress, encrypt, store. Raises a StoreError or OSError."""
    raw = Path(job.raw)
    frames = sound.frames_of(sound.size_of(raw))
    duration_ms = sound.milliseconds(frames)
    if duration_ms < SHORTEST_MS:
        return Sealed(0, 0, "", b"")
    loudness = sound.Loudness(frames)
    with raw.open("rb") as file:
        packed = sound.compressed(sound.prepared(file, job.silences), frames, loudness)
        size, digest = sealed.seal(packed, Path(job.path), job.recording, job.key_number, job.key)
    return Sealed(duration_ms, size, digest, loudness.finish())


def answer(line: bytes) -> Done:
    """Do one job; what goes wrong becomes a sentence."""
    job = msgspec.json.decode(line, type=Job)
    try:
        return Done(work(job))
    except MadoguchiError as error:
        return Done(code=error.code, message=error.message)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        return Done(code="store_unavailable", message=f"a recording cannot be stored: {why}")


def main() -> None:
    """Work until the input ends."""
    os.nice(19)
    os.umask(0o077)
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(answer(line)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
