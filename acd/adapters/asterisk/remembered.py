"""What is over, remembered for a while: news of it may come late, or twice."""

from __future__ import annotations


class Remembered:
    """A bounded set that forgets its oldest member first."""

    __slots__ = ("_items", "_limit")

    def __init__(self, limit: int) -> None:
        self._items: dict[str, None] = {}
        self._limit = limit

    def __contains__(self, item: str) -> bool:
        return item in self._items

    def add(self, item: str) -> None:
        self._items[item] = None
        if len(self._items) > self._limit:
            del self._items[next(iter(self._items))]
