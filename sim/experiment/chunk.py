"""What is kept of some days: integers, a row a day, from which every figure can be made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Days of one scenario; the first axis of the first seven is the day.

    ``top``, ``bottom``: [day, hour, class, figure], both numbers of every figure. ``handled``,
    ``present``: [day, hour, group], operators' time in ms. ``staffed``: [day, hour], planned time
    of all groups. ``busiest``, ``over_day``: [day, k], milliseconds with k channels in use.
    ``below``: [day, class, mark], the answered who waited at most as long as the mark. ``waits``:
    [3, n], class, wait in ms and how many, over all the days.
    """

    top: Ints
    bottom: Ints
    handled: Ints
    present: Ints
    staffed: Ints
    busiest: Ints
    over_day: Ints
    below: Ints
    waits: Ints

    @property
    def days(self) -> int:
        """How many days."""
        return len(self.top)

    def to_bytes(self) -> bytes:
        """As a file."""
        out = io.BytesIO()
        np.savez(out, **{each.name: getattr(self, each.name) for each in fields(self)})
        return out.getvalue()


def from_bytes(data: bytes) -> Chunk | None:
    """What :meth:`Chunk.to_bytes` wrote; None when it is damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Chunk(**{each.name: arrays[each.name] for each in fields(Chunk)})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """Several chunks as one, in this order."""
    plain = {
        name: np.concatenate([getattr(each, name) for each in chunks])
        for name in ("top", "bottom", "handled", "present", "staffed", "below")
    }
    return Chunk(
        **plain,
        busiest=_padded([each.busiest for each in chunks]),
        over_day=_padded([each.over_day for each in chunks]),
        waits=_merged([each.waits for each in chunks]),
    )


def _padded(parts: Sequence[Ints]) -> Ints:
    width = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts])


def _merged(parts: Sequence[Ints]) -> Ints:
    """The same class and wait of several parts counted together."""
    whole = np.concatenate(parts, axis=1)
    if not whole.shape[1]:
        return whole
    width = int(whole[1].max()) + 1
    keys, where = np.unique(whole[0] * width + whole[1], return_inverse=True)
    counts = np.zeros(len(keys), np.int64)
    np.add.at(counts, where, whole[2])
    return np.stack([keys // width, keys % width, counts])
