"""A day's figures while it runs: each quarter's part of them is kept, so that news costs a quarter.

A rate's two numbers are sums over rows, so those of a day are the sums of its quarters', to the
last digit what the day's own sums give. Only quarters that rows were counted in are worked out
again, however long the day and however many callers there were before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from acd.core.plan import QueuePlan
from metrics.cells import Cells
from metrics.contract import Contract
from metrics.dimensions import Dim
from metrics.intervals import QUARTER_MS, Span
from metrics.measure import MEASURES, Better, Part
from metrics.measures import Figure, full_key
from metrics.targets import WORST_HOUR, Target

#: Counts that a board shows beside the contract's figures.
COUNTS = ("offered_in_hours", "answered", "abandoned", "blocked")

_Parts = dict[tuple[Dim, str, str], Part]


class Shown(Struct, frozen=True):
    """A figure of the day beside its targets, and its worst hour with that hour's own targets."""

    figure: Figure
    target: Target | None
    worst: Figure | None
    worst_span: Span | None
    worst_target: Target | None


class Today:
    """The figures of one day over ``cells``, by the contract, for the centre and each queue."""

    def __init__(self, cells: Cells, contract: Contract, queues: Sequence[QueuePlan]) -> None:
        self._cells, self._contract = cells, contract
        self._keys = tuple(key for key in contract.headline() if MEASURES[key].additive)
        self._params = {(Dim.ALL, ""): contract.params()}
        for queue in queues:
            self._params[Dim.QUEUE, queue.id] = contract.params(Dim.QUEUE, queue.id, queues)
        self._parts: dict[int, _Parts] = {}

    def changed(self, quarters: Iterable[int]) -> None:
        """Calls were counted: quarters that begin then are worked out again when asked for."""
        for from_ms in quarters:
            self._parts.pop(from_ms, None)

    @property
    def contract(self) -> Contract:
        """What the figures are worked out by."""
        return self._contract

    @property
    def keys(self) -> tuple[str, ...]:
        """The contract's figures, the most important first."""
        return self._keys

    @property
    def queues(self) -> list[str]:
        """The queues that have figures of their own."""
        return [value for dim, value in self._params if dim is Dim.QUEUE]

    def figure(self, key: str, span: Span, dim: Dim = Dim.ALL, value: str = "") -> Figure:
        """A figure of any aligned span of the day; ``key`` is one of :attr:`keys` or a count."""
        params = self._params[dim, value]
        top, bottom = 0, 0
        plain = False
        for from_ms in self._quarters(span):
            part = self._of(from_ms)[dim, value, key]
            plain = plain or part.bottom is None
            top, bottom = top + (part.top or 0), bottom + (part.bottom or 0)
        plain = plain or key in COUNTS
        whole = Part(top, None if plain else bottom)
        return Figure(full_key(key, params), whole.value, whole.top, whole.bottom)

    def full_key(self, key: str, dim: Dim = Dim.ALL, value: str = "") -> str:
        """What a figure is called with its T, which may be the queue's own."""
        return full_key(key, self._params[dim, value])

    def own_target(self, key: str, queue: str) -> Target | None:
        """The target of a queue for its own waiting time (T); None where T is the centre's, and
        where nothing was agreed for it."""
        own = self.full_key(key, Dim.QUEUE, queue)
        return None if own == self.full_key(key) else self._contract.targets.get(own)

    def shown(self, key: str, span: Span, hours: Sequence[Span]) -> Shown:
        """A figure of the whole centre, its targets, and the worst of the hours."""
        now = self.figure(key, span)
        targets = self._contract.targets
        place, worst = self._worst(key, hours)
        return Shown(
            now,
            targets.get(now.key),
            worst,
            hours[place] if worst is not None else None,
            targets.get(WORST_HOUR + now.key),
        )

    def _worst(self, key: str, hours: Sequence[Span]) -> tuple[int, Figure | None]:
        """Its place and figure: as :func:`metrics.measures.worst` finds it."""
        higher = MEASURES[key].better is Better.HIGHER
        found: tuple[float, int, Figure] | None = None
        for place, hour in enumerate(hours):
            now = self.figure(key, hour)
            if now.value is None or (now.whole or 0) < self._contract.worst_hour_calls:
                continue
            rank = now.value if higher else -now.value
            if found is None or rank < found[0]:
                found = rank, place, now
        return (found[1], found[2]) if found else (0, None)

    def _quarters(self, span: Span) -> list[int]:
        known = self._cells.quarters
        return [at for at in range(span.from_ms, span.to_ms, QUARTER_MS) if at in known]

    def _of(self, from_ms: int) -> _Parts:
        parts = self._parts.get(from_ms)
        if parts is None:
            parts = self._parts[from_ms] = self._worked_out(from_ms)
        return parts

    def _worked_out(self, from_ms: int) -> _Parts:
        quarter = Span(from_ms, from_ms + QUARTER_MS)
        found: _Parts = {}
        for (dim, value), params in self._params.items():
            sums = self._cells.sums(quarter, dim, value)
            for key in (*self._keys, *COUNTS):
                found[dim, value, key] = MEASURES[key].of(sums, params)
        return found
