"""A recorded day as a world: what callers, operators and telephones did, and to what it answered.

What happens by itself (arrivals, log-ins, breaks) keeps its time. What answers to something is kept
with its distance from that: a telephone's answer from the ring, the end of a talk from its
beginning, an operator's "ready" from the end of the talk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from acd.core.cdr import Book
from acd.core.cdr_types import CallRecord, LegRecord, VisitRecord
from acd.core.events import Event
from acd.core.ids import AgentId, CallId
from acd.core.inputs import Input
from acd.core.timers import TimerKind
from agents.state import AgentState

Row = CallRecord | VisitRecord | LegRecord
#: What an operator was doing, and since when idle.
Doing = tuple[AgentState, float]
#: A timer: its kind, whom it is for, when it is due.
TimerKey = tuple[TimerKind, str, float]


@dataclass(frozen=True, slots=True)
class Noted:
    """One recorded input: its place in the record, its time, and what it was."""

    seq: int
    at_s: float
    happened: Input


@dataclass(slots=True)
class Ring:
    """A call offered to an operator. ``heard``: what came of it until the talk; ``rest``: how the
    operator came back after a ring that failed; ``doing``: all operators at that moment."""

    call: CallId
    agent: AgentId
    at_s: float
    doing: dict[str, Doing]
    heard: list[Noted] = field(default_factory=list)
    connected_s: float | None = None
    failed_s: float | None = None
    rest: list[Noted] = field(default_factory=list)


@dataclass(slots=True)
class Talk:
    """A talk: what happened from its beginning on (its end and the hang-up, too), and what the
    operator did from its end on."""

    began_s: float
    then: list[Noted] = field(default_factory=list)
    ended_s: float | None = None
    wrote_up: list[Noted] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long a caller waited from the queue on, and whether it ended by giving up."""

    queue: str
    wait_s: float
    gave_up: bool


@dataclass(slots=True)
class Day:
    """All of a recorded day. ``engine`` and ``book`` are their snapshots at ``from_s``.

    ``script``: what happens by itself, in order. ``rings`` and ``talks``: of each call, in order.
    ``rows``: the day's outcome rows as they were recorded. ``late``: when a timer rang that was due
    at a time, with its place in the record. ``plain``: inputs inside of talks that are not played
    (colleagues asked, conferences), counted by kind: the talk keeps its length.
    """

    engine: bytes
    book: bytes
    tz: tzinfo
    from_s: float
    to_s: float = 0.0
    script: list[Noted] = field(default_factory=list)
    rings: dict[CallId, list[Ring]] = field(default_factory=dict)
    talks: dict[CallId, list[Talk]] = field(default_factory=dict)
    waits: dict[CallId, Waited] = field(default_factory=dict)
    late: dict[TimerKey, tuple[float, int]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    plain: dict[str, int] = field(default_factory=dict)
    steps: int = 0

    def all_rings(self) -> list[Ring]:
        """Every ring of the day, in order."""
        return sorted((ring for rings in self.rings.values() for ring in rings), key=_when)


def _when(ring: Ring) -> float:
    return ring.at_s


def finished(book: Book, at_s: float, events: Sequence[Event]) -> list[Row]:
    """The outcome rows that some events finish."""
    rows: list[Row] = []
    for event in events:
        for row in book.fold(at_s, event):
            if isinstance(row, CallRecord | VisitRecord | LegRecord):
                rows.append(row)
    return rows
