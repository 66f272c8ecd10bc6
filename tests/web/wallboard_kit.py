"""A day on the wallboard: figures over a ledger that is made by hand, and a centre at work."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from acd.app.figures import LiveFigures
from acd.core.cdr_types import CallRecord, Record, Source, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, CallId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from acd.core.plan import CallType
from acd.ports_figures import TakeRows
from metrics.availability import Recorded
from metrics.contract import Contract
from metrics.intervals import Grain, Span, date_of, span_of
from tests.fakes.centre import Centre

HALF_MS = 1_800_000
TZ = ZoneInfo("Asia/Tokyo")
#: Of each half hour from nine on: calls offered, and of these answered within and after 20 s.
MORNING = ((18, 15, 3), (24, 19, 4), (31, 17, 6), (28, 22, 4), (22, 19, 3), (16, 14, 2))
QUEUES = ("tax", "residents", "general", "switchboard")


class KnownPast:
    """A PastFigures in memory. ``weeks``: calls of each half hour from nine on, of earlier days."""

    def __init__(self, rows: Sequence[Record] = (), weeks: Sequence[Sequence[int]] = ()) -> None:
        self.kept, self.weeks = list(rows), list(weeks)
        self.stored, self.last = 0, 0
        self.recorded = Recorded()

    def stored_seq(self) -> int:
        return self.stored

    def last_seq(self) -> int:
        return self.last

    async def read(self, from_ms: int, to_ms: int, take: TakeRows) -> None:
        take(list(self.kept))

    async def offered(self, from_ms: int, to_ms: int) -> dict[int, int]:
        day = self.weeks.pop(0) if self.weeks else ()
        return {from_ms + 9 * 2 * HALF_MS + n * HALF_MS: calls for n, calls in enumerate(day)}

    async def service(self, from_ms: int, to_ms: int) -> Recorded:
        return self.recorded


def finished(
    number: int, at_ms: int, wait_ms: int, *, answered: bool, queue: str = "tax"
) -> list[Record]:
    """The rows of one call that waited so long in one queue."""
    call = CallId(f"18000000.{number:06d}")
    kind = CallType.ENQUIRY if queue != "switchboard" else CallType.SWITCHBOARD
    talk_ms = 60_000 if answered else 0
    row = CallRecord(
        call, SwitchId("a"), "carrier", "0466001111", CallerKind.WITHHELD, "", True,
        False, Source.CONTROLLER, at_ms, at_ms + wait_ms + talk_ms,
        CallOutcome.ANSWERED if answered else CallOutcome.ABANDONED, 16, kind,
        answered_ms=at_ms + wait_ms if answered else None, wait_ms=wait_ms, talk_ms=talk_ms,
        visits=1, queue=QueueId(queue), agent=AgentId("op01" if answered else ""),
    )  # fmt: skip
    visit = VisitRecord(
        call, VisitId("v1"), 1, QueueId(queue), kind, "ja", None, at_ms, at_ms + wait_ms,
        VisitOutcome.ANSWERED if answered else VisitOutcome.ABANDONED, wait_ms, wait_ms,
        came_ms=at_ms, dialled="0466001111", trunk="carrier",
    )  # fmt: skip
    return [visit, row]


def morning(day: Span) -> list[Record]:
    """A morning whose figures are easily counted: 139 calls, 128 answered, 106 of them in 20 s."""
    rows: list[Record] = []
    number = 0
    for half, (offered, soon, late) in enumerate(MORNING):
        for place in range(offered):
            number += 1
            at_ms = day.from_ms + 9 * 2 * HALF_MS + half * HALF_MS + place * 40_000
            wait_ms = 8_000 if place < soon else 45_000
            answered = place < soon + late
            rows += finished(number, at_ms, wait_ms, answered=answered, queue=QUEUES[number % 4])
    return rows


def today_of(centre: Centre) -> Span:
    """The local day in which the centre's clock stands."""
    return span_of(date_of(round(centre.now * 1000), TZ), Grain.DAY, TZ)


def figures_of(centre: Centre, past: KnownPast) -> LiveFigures:
    """Live figures of a centre without a switch."""
    return LiveFigures(past, lambda: centre.engine.planned, Contract(), lambda: centre.now)
