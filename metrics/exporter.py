"""For Prometheus: what has ended since the start, as counters and histograms.

Rows are put aside as the journal finishes them, which costs a call next to nothing, and folded by
the one folding code when somebody scrapes (or when many have come). Labels are queues, call types
and outcomes: ids of the plan and members of enumerations, never anything of a caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from acd.core.cdr_types import AgentSpan, LegRecord, Record
from acd.core.events import CallOutcome
from acd.core.plan import CallType
from metrics.buckets import Buckets
from metrics.cells import Cells
from metrics.dimensions import Dim
from metrics.tally import Sums, Waits

#: Waits as contracts ask for them: 10, 20, 30 s are bounds.
WAIT_BOUNDS_S = (
    1.0,
    3.0,
    5.0,
    10.0,
    15.0,
    20.0,
    30.0,
    45.0,
    60.0,
    90.0,
    120.0,
    180.0,
    300.0,
    600.0,
)
TALK_BOUNDS_S = (10.0, 30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1800.0)
#: Rows that wait for a scrape at most; then they are folded, few enough to hold up nobody (2 ms).
ROWS_KEPT = 256
#: Different queues that are told apart: plans come and go while a process lives.
QUEUES_KEPT = 200
OTHER, NONE = "other", "none"


class Counted:
    """Counts of one controller since its start; drills are in none of them.

    What may happen is there at nothing before it does: Prometheus sees no rise from what was not
    there, and so would miss the first of everything.
    """

    def __init__(self) -> None:
        self._rows: list[Record] = []
        types = (*(each.value for each in CallType), NONE)
        self._ended = {(each, outcome.value): 0 for each in types for outcome in CallOutcome}
        self._waits: dict[tuple[str, str], Buckets] = {}
        self._talks: dict[str, Buckets] = {}
        self._handled: dict[str, Buckets] = {}
        self._queues: set[str] = set()

    def take(self, rows: Sequence[Record]) -> None:
        """Rows that were finished; each comes once."""
        self._rows += [row for row in rows if not isinstance(row, AgentSpan)]
        if len(self._rows) >= ROWS_KEPT:
            self._fold()

    def know(self, queues: Iterable[str]) -> None:
        """These queues there are."""
        for queue in map(self._queue, queues):
            for outcome in ("answered", "abandoned"):
                self._waits.setdefault((queue, outcome), Buckets(WAIT_BOUNDS_S))
            self._talks.setdefault(queue, Buckets(TALK_BOUNDS_S))
            self._handled.setdefault(queue, Buckets(TALK_BOUNDS_S))

    def collect(self) -> Iterable[Metric]:
        """All families, everything counted."""
        self._fold()
        ended = CounterMetricFamily(
            "madoguchi_calls_ended", "Calls that are over.", labels=["call_type", "outcome"]
        )
        for (call_type, outcome), number in sorted(self._ended.items()):
            ended.add_metric([call_type, outcome], number)
        yield ended
        waits = HistogramMetricFamily(
            "madoguchi_wait_seconds",
            "Waits in a queue, from entering it to its end.",
            labels=["queue", "outcome"],
        )
        for (queue, outcome), held in sorted(self._waits.items()):
            waits.add_metric([queue, outcome], held.cumulative(), held.total)
        yield waits
        for name, text, by_queue in (
            ("talk", "Talks without hold.", self._talks),
            ("handling", "Talk, hold and wrap-up together.", self._handled),
        ):
            family = HistogramMetricFamily(f"madoguchi_{name}_seconds", text, labels=["queue"])
            for queue, held in sorted(by_queue.items()):
                family.add_metric([queue], held.cumulative(), held.total)
            yield family

    def _fold(self) -> None:
        rows, self._rows = self._rows, []
        cells = Cells(dims=(Dim.CALL_TYPE, Dim.QUEUE))
        cells.fold(rows)
        for by_key in cells.quarters.values():
            for (dim, value), sums in by_key.items():
                if dim is Dim.CALL_TYPE:
                    self._count_calls(value or NONE, sums)
                else:
                    self._count_waits(self._queue(value), sums)
        for row in rows:
            if isinstance(row, LegRecord) and row.result is None and not row.drill:
                self._count_talk(self._queue(row.queue), row)

    def _count_calls(self, call_type: str, sums: Sums) -> None:
        for outcome, number in sums.calls.outcomes.items():
            key = (call_type, outcome.value)
            self._ended[key] = self._ended.get(key, 0) + number

    def _count_waits(self, queue: str, sums: Sums) -> None:
        self._add(queue, "answered", sums.visits.answered_waits)
        self._add(queue, "abandoned", sums.visits.abandoned_waits)

    def _add(self, queue: str, outcome: str, waits: Waits) -> None:
        for wait_ms, number in waits.items():
            held = self._waits.setdefault((queue, outcome), Buckets(WAIT_BOUNDS_S))
            held.add(wait_ms / 1000, number)

    def _count_talk(self, queue: str, leg: LegRecord) -> None:
        handled_ms = leg.talk_ms + leg.hold_ms + leg.wrap_up_ms
        self._talks.setdefault(queue, Buckets(TALK_BOUNDS_S)).add(leg.talk_ms / 1000)
        self._handled.setdefault(queue, Buckets(TALK_BOUNDS_S)).add(handled_ms / 1000)

    def _queue(self, queue: str) -> str:
        if queue in self._queues or len(self._queues) < QUEUES_KEPT:
            self._queues.add(queue)
            return queue or NONE
        return OTHER
