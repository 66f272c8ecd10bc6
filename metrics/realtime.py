"""Live figures: the same folding as for reports, over rows as they are finished.

:class:`Live` takes what a journal's ``on_records`` hands out, or rows read from the database: what
it holds is then what a recomputation from the ledger gives, to the last digit. :func:`now_of` adds
what no row says yet: who waits, and what operators are doing, by the engine's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from acd.core.call import CallState
from acd.core.cdr_types import (
    AgentSpan,
    CallRecord,
    DispositionRecord,
    LegRecord,
    Record,
    VisitRecord,
)
from acd.core.drill import is_drill_queue
from acd.core.ids import CallId
from acd.core.state import State
from acd.errors import StoreCorrupt
from agents.state import AgentState
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape, came_ms
from metrics.intervals import quarter_of
from metrics.tally import Sums

#: Version of the snapshot's layout.
SNAPSHOT = 1
#: Closed calls that are remembered, for classifications that come after the call: a busy centre's
#: day. A classification of an older call changes the ledger, and here nothing.
CALLS_KEPT = 50_000

#: Kept calls are bytes: some 160 of them, where a row takes 1,900.
_CALL = msgspec.msgpack.Decoder(CallRecord)

_WAITING = (CallState.QUEUED, CallState.OFFERED)


class _Cell(Struct, array_like=True):
    from_ms: int
    dim: Dim
    value: str
    sums: Sums


class _Snapshot(Struct):
    version: int
    cells: list[_Cell]
    calls: list[CallRecord]
    from_ms: int


class Live:
    """Sums of today (and what is left of yesterday) by every dimension, in ``cells``."""

    def __init__(self, shape: Shape | None = None, dims: Sequence[Dim] = tuple(Dim)) -> None:
        self.cells = Cells(shape, dims)
        self._calls: dict[CallId, bytes] = {}
        self._from_ms = 0

    def take(self, rows: Iterable[Record]) -> set[int]:
        """Count rows that were finished, in the order of the journal; returns the beginnings of the
        quarters whose calls are now other ones. Each row comes once, but for a call that was given
        up as lost and then found on its switch: its last row counts."""
        changed: set[int] = set()
        for row in rows:
            if isinstance(row, DispositionRecord):
                changed |= self._classify(row)
                continue
            if isinstance(row, CallRecord | VisitRecord | LegRecord):
                changed.add(quarter_of(came_ms(row)))
            if isinstance(row, CallRecord):
                changed |= self._take_back(row.call)
                self._keep(row)
            elif isinstance(row, AgentSpan) and row.start_ms < self._from_ms:
                if row.end_ms <= self._from_ms:
                    continue
                row = replace(row, start_ms=self._from_ms)  # noqa: PLW2901
            self.cells.fold((row,))
        if self._from_ms:
            self.cells.forget_before(self._from_ms)
        return changed

    def _known(self, call: CallId) -> CallRecord | None:
        kept = self._calls.get(call)
        return None if kept is None else _CALL.decode(kept)

    def _keep(self, row: CallRecord) -> None:
        self._calls[row.call] = msgspec.msgpack.encode(row)
        if len(self._calls) > CALLS_KEPT:
            del self._calls[next(iter(self._calls))]

    def _take_back(self, call: CallId) -> set[int]:
        """Uncount a call that was counted; the quarter that it came in."""
        before = self._known(call)
        if before is None:
            return set()
        self.cells.fold((before,), -1)
        return {quarter_of(came_ms(before))}

    def _classify(self, mark: DispositionRecord) -> set[int]:
        """A call that is over gets its classification: it is counted anew."""
        before = self._known(mark.call)
        if before is None:
            return set()
        changed = self._take_back(mark.call)
        after = classified(before, mark)
        self._keep(after)
        self.cells.fold((after,))
        return changed

    def begin(self, from_ms: int) -> None:
        """Forget what was before a moment (a local midnight): it is the reports' from now on."""
        self._from_ms = quarter_of(from_ms)
        self.cells.forget_before(self._from_ms)
        for row in map(_CALL.decode, list(self._calls.values())):
            if row.offered_ms < self._from_ms:
                del self._calls[row.call]

    def snapshot(self) -> bytes:
        """All that was counted, as bytes."""
        cells = [
            _Cell(from_ms, dim, value, sums)
            for from_ms, by_key in self.cells.quarters.items()
            for (dim, value), sums in by_key.items()
        ]
        calls = [_CALL.decode(each) for each in self._calls.values()]
        return msgspec.msgpack.encode(_Snapshot(SNAPSHOT, cells, calls, self._from_ms))

    @classmethod
    def restore(
        cls, data: bytes, shape: Shape | None = None, dims: Sequence[Dim] = tuple(Dim)
    ) -> Live:
        """As it was; raises StoreCorrupt for what this version did not write."""
        try:
            found = msgspec.msgpack.decode(data, type=_Snapshot)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise StoreCorrupt(f"the live figures cannot be read: {error}") from error
        if found.version != SNAPSHOT:
            raise StoreCorrupt(
                "the live figures are another version's", code="store_schema_unknown"
            )
        live = cls(shape, dims)
        live._from_ms = found.from_ms
        for call in found.calls:
            live._keep(call)
        for cell in found.cells:
            live.cells.put(cell.from_ms, (cell.dim, cell.value), cell.sums)
        return live


def classified(call: CallRecord, mark: DispositionRecord) -> CallRecord:
    """The row of a call after a later classification: what the ledger's own row becomes."""
    return replace(
        call,
        disposition=mark.code,
        resolved=mark.resolved,
        call_type=mark.call_type or call.call_type,
    )


# -- what no row says yet --------------------------------------------------------------------


class Waiting(Struct, frozen=True):
    """Callers of one queue who wait now, and for how long the longest of them has."""

    waiting: int
    longest_ms: int


class Now(Struct, frozen=True):
    """The centre at a moment. ``queues`` names every queue of the plan; ``operators`` counts those
    logged in by state (``not_ready`` with its reason: ``not_ready.lunch``); ``lines`` counts calls
    in progress by trunk, ``in_progress`` all of them. Calls of a drill and its queues are nobody's
    figure: they hold lines, and stand nowhere else."""

    at_ms: int
    queues: dict[str, Waiting]
    operators: dict[str, int]
    lines: dict[str, int]
    in_progress: int


def now_of(state: State, at_s: float) -> Now:
    """The centre as the engine sees it at this moment (engine seconds)."""
    since: dict[str, list[float]] = {
        queue: [] for queue in state.queues if not is_drill_queue(queue)
    }
    lines: dict[str, int] = {}
    in_progress = 0
    for call in state.calls.values():
        lines[call.trunk] = lines.get(call.trunk, 0) + 1
        if call.drill:
            continue
        in_progress += 1
        if call.state in _WAITING:
            since.setdefault(call.queue, []).append(call.visit_from_s)
    operators: dict[str, int] = {}
    for agent in state.agents.values():
        if agent.state is not AgentState.LOGGED_OUT:
            key = f"{agent.state}.{agent.reason}" if agent.reason else agent.state.value
            operators[key] = operators.get(key, 0) + 1
    queues = {
        queue: Waiting(len(froms), round((at_s - min(froms)) * 1000) if froms else 0)
        for queue, froms in since.items()
    }
    return Now(round(at_s * 1000), queues, operators, lines, in_progress)
