"""heapq for compiled code: rows ``(time, number)`` of an array, the smallest first.

The last row's number says how many rows are in use. The same order as of heapq with tuples: by
time, then by number; no two are equal. Places are unsigned, so that none is taken for one counted
from the end, which costs a comparison each time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: A row of a heap.
ROW = np.dtype([("time", np.float64), ("number", np.int64)])
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)


def heappush(heap: Any, item: tuple[float, int]) -> None:
    """One more row."""
    time, number = item
    size = heap[len(heap) - 1]
    at = np.uint64(size.number)
    size.number += 1
    while at > ZERO:
        above = (at - ONE) // TWO
        row = heap[above]
        if row.time < time or (row.time == time and row.number < number):
            break
        heap[at].time, heap[at].number = row.time, row.number
        at = above
    heap[at].time, heap[at].number = time, number


def heapreplace(heap: Any, item: tuple[float, int]) -> None:
    """Another row in place of the smallest."""
    time, number = item
    size = np.uint64(heap[len(heap) - 1].number)
    at = ZERO
    while True:
        below = TWO * at + ONE
        if below >= size:
            break
        row = heap[below]
        right = below + ONE
        if right < size:
            beside = heap[right]
            if beside.time < row.time or (beside.time == row.time and beside.number < row.number):
                below, row = right, beside
        if time < row.time or (time == row.time and number < row.number):
            break
        heap[at].time, heap[at].number = row.time, row.number
        at = below
    heap[at].time, heap[at].number = time, number


def heappop(heap: Any) -> tuple[float, int]:
    """The smallest row, which is taken out."""
    size = heap[len(heap) - 1]
    size.number -= 1
    first = heap[0]
    time, number = first.time, first.number
    if size.number > 0:
        last = heap[size.number]
        heapreplace(heap, (last.time, last.number))
    return time, number
