"""Steps of the journal in a file: blocks of ``length 4 | msgpack``."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from acd.errors import StoreCorrupt
from acd.ports import Frame

NAME = "frames.bin"
#: Frames in one block.
_BLOCK = 4_096
_LENGTH = struct.Struct("<I")


class _Kept(Struct, array_like=True, gc=False):
    """A frame as it lies in the file."""

    seq: int
    schema: int
    rows: bytes
    detail: bytes


_DECODER = msgspec.msgpack.Decoder(list[_Kept])


class Written(Struct, frozen=True):
    """The first and last number that were written, and how many frames."""

    first_seq: int = 0
    last_seq: int = 0
    frames: int = 0


def write_frames(path: Path, frames: Iterable[Frame]) -> Written:
    """Write frames in order."""
    first, last, count = 0, 0, 0
    ordered = iter(frames)
    with path.open("wb") as file:
        while block := list(islice(ordered, _BLOCK)):
            rows = [_Kept(each.seq, each.schema, each.rows, each.detail) for each in block]
            data = msgspec.msgpack.encode(rows)
            file.write(_LENGTH.pack(len(data)) + data)
            first, last, count = first or block[0].seq, block[-1].seq, count + len(block)
    return Written(first, last, count)


def read_frames(path: Path) -> Iterator[list[Frame]]:
    """The frames block by block; raises StoreCorrupt."""
    try:
        with path.open("rb") as file:
            while head := file.read(_LENGTH.size):
                (length,) = _LENGTH.unpack(head)
                data = file.read(length)
                yield [
                    Frame(each.seq, each.schema, each.rows, each.detail)
                    for each in _DECODER.decode(data)
                ]
    except (struct.error, msgspec.DecodeError) as error:
        raise StoreCorrupt(
            f"the steps in {path} cannot be read",
            ja=f"{path} の記録を読めません。",
        ) from error
