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
from acd.core.cdr_types import AgentSpan, CallRecord, DispositionRecord, Record
from acd.core.ids import CallId
from acd.core.state import State
from acd.errors import StoreCorrupt
from agents.state import AgentState
from metrics.cells import Cells
from metrics.dimensions import Dim, Shape
from metrics.intervals import quarter_of
from metrics.tally import Sums

#: Version of the snapshot's layout.
SNAPSHOT = 1
#: Closed calls that are remembered, for classifications that come after the call: a busy centre's
#: day. A classification of an older call changes the ledger, and here nothing.
CALLS_KEPT = 50_000

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
        self._calls: dict[CallId, CallRecord] = {}
        self._from_ms = 0

    def take(self, rows: Iterable[Record]) -> None:
        """Count rows that were finished; each must come once, in the order of the journal."""
        for row in rows:
            if isinstance(row, DispositionRecord):
                self._classify(row)
                continue
            if isinstance(row, CallRecord):
                self._calls[row.call] = row
                if len(self._calls) > CALLS_KEPT:
                    del self._calls[next(iter(self._calls))]
            elif isinstance(row, AgentSpan) and row.start_ms < self._from_ms:
                if row.end_ms <= self._from_ms:
                    continue
                row = replace(row, start_ms=self._from_ms)  # noqa: PLW2901
            self.cells.fold((row,))
        if self._from_ms:
            self.cells.forget_before(self._from_ms)

    def _classify(self, mark: DispositionRecord) -> None:
        """A call that is over gets its classification: it is counted anew."""
        call = self._calls.get(mark.call)
        if call is None:
            return
        self.cells.fold((call,), -1)
        self._calls[mark.call] = call = classified(call, mark)
        self.cells.fold((call,))

    def begin(self, from_ms: int) -> None:
        """Forget what was before a moment (a local midnight): it is the reports' from now on."""
        self._from_ms = quarter_of(from_ms)
        self.cells.forget_before(self._from_ms)
        gone = [call.call for call in self._calls.values() if call.offered_ms < self._from_ms]
        for call_id in gone:
            del self._calls[call_id]

    def snapshot(self) -> bytes:
        """All that was counted, as bytes."""
        cells = [
            _Cell(from_ms, dim, value, sums)
            for from_ms, by_key in self.cells.quarters.items()
            for (dim, value), sums in by_key.items()
        ]
        return msgspec.msgpack.encode(
            _Snapshot(SNAPSHOT, cells, list(self._calls.values()), self._from_ms)
        )

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
        live._calls = {call.call: call for call in found.calls}
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
    in progress by trunk, ``in_progress`` all of them. Calls of a drill are among them."""

    at_ms: int
    queues: dict[str, Waiting]
    operators: dict[str, int]
    lines: dict[str, int]
    in_progress: int


def now_of(state: State, at_s: float) -> Now:
    """The centre as the engine sees it at this moment (engine seconds)."""
    since: dict[str, list[float]] = {queue: [] for queue in state.queues}
    lines: dict[str, int] = {}
    for call in state.calls.values():
        lines[call.trunk] = lines.get(call.trunk, 0) + 1
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
    return Now(round(at_s * 1000), queues, operators, lines, len(state.calls))
