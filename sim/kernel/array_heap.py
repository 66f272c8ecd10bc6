"""heapq for compiled code: rows ``(time, number)`` of an array, the smallest first.

The last row's first item says how many rows are in use. The same order as of heapq with tuples:
by time, then by number; no two are equal.
"""

from __future__ import annotations

from typing import Any


def heappush(heap: Any, item: tuple[float, int]) -> None:
    """One more row."""
    time, number = item
    end = len(heap) - 1
    at = int(heap[end, 0])
    heap[end, 0] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        if heap[above, 0] < time or (heap[above, 0] == time and heap[above, 1] < number):
            break
        heap[at, 0], heap[at, 1] = heap[above, 0], heap[above, 1]
        at = above
    heap[at, 0], heap[at, 1] = time, number


def heapreplace(heap: Any, item: tuple[float, int]) -> None:
    """Another row in place of the smallest."""
    time, number = item
    size = int(heap[len(heap) - 1, 0])
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        right = below + 1
        if right < size and (
            heap[right, 0] < heap[below, 0]
            or (heap[right, 0] == heap[below, 0] and heap[right, 1] < heap[below, 1])
        ):
            below = right
        if time < heap[below, 0] or (time == heap[below, 0] and number < heap[below, 1]):
            break
        heap[at, 0], heap[at, 1] = heap[below, 0], heap[below, 1]
        at = below
    heap[at, 0], heap[at, 1] = time, number


def heappop(heap: Any) -> tuple[float, float]:
    """The smallest row, which is taken out."""
    end = len(heap) - 1
    size = int(heap[end, 0]) - 1
    heap[end, 0] = size
    time, number = heap[0, 0], heap[0, 1]
    if size > 0:
        heapreplace(heap, (heap[size, 0], heap[size, 1]))
    return time, number
