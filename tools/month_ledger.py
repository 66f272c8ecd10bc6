"""A month of a very large centre, and how long its figures take: ``python -m tools.month_ledger``.

Writes a ledger of 1,000,000 calls (``--calls``) offered in one month into the real tables, seeded:
weekdays from 8:30 to 17:15, two peaks a day, callers of limited patience, an operator for each
answered call, and all of the operator's time. Then measures, each in a process of its own:

* ``fold``: computing the sums of every quarter of an hour from the rows, once (kept in the ledger),
* ``month``: the month's report from what is kept, as ``madoguchi report monthly`` makes it,
* ``day``: a day's.

Exits with 1 when the month takes more than 5 s or the day more than 300 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from acd.adapters.report_folder import ReportFolder
from acd.adapters.report_writer import FileWriter
from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.records import ROW_TABLES, as_row
from acd.adapters.sql.tallies import Tallies
from acd.app.reports import Reports, Rules
from acd.bootstrap.reports import LedgerRows
from acd.core.cdr_types import AgentSpan, CallRecord, LegRecord, Source, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from acd.core.plan import AgentPlan, CallType, Plan, QueuePlan, SkillNeed
from agents.state import AgentState
from metrics.contract import Contract
from metrics.dimensions import shape_of
from metrics.intervals import Grain, intervals, midnight_ms, span_of
from metrics.report_make import Asked
from metrics.report_model import Kind
from metrics.report_names import names_of

ZONE = ZoneInfo("Asia/Tokyo")
MONTH, DAY = date(2026, 11, 1), date(2026, 11, 20)
OPEN_MS, CLOSE_MS = 30_600_000, 62_100_000
#: The figure to reach, in seconds.
TO_REACH = {"month": 5.0, "day": 0.3}
#: Queue, its share of the calls, its call type.
QUEUES = (("tax", 4, CallType.ENQUIRY), ("residents", 3, CallType.ENQUIRY),
          ("general", 2, CallType.ENQUIRY), ("switchboard", 3, CallType.SWITCHBOARD))  # fmt: skip
PLAN = Plan(
    "month",
    tuple(
        QueuePlan(QueueId(name), name, name, kind, needs=(SkillNeed(name),))
        for name, _, kind in QUEUES
    ),
    tuple(
        AgentPlan(AgentId(f"op{number}"), f"op{number}", f"p{number}", team=f"team{number % 8}")
        for number in range(1_000)
    ),
)
SHAPE = shape_of(PLAN)
_BATCH = 20_000


class Day:
    """One day's calls. As many operators are there as the day's calls need, and a few less."""

    def __init__(
        self, chance: random.Random, day: date, calls: int, numbers: Iterator[int]
    ) -> None:
        self.chance, self.numbers = chance, numbers
        self.midnight_ms = midnight_ms(day, ZONE)
        peaks = [chance.triangular(0, 1, 0.2) if chance.random() < 0.6 else
                 chance.triangular(0, 1, 0.65) for _ in range(calls)]  # fmt: skip
        self.arrivals = sorted(OPEN_MS + int(each * (CLOSE_MS - OPEN_MS)) for each in peaks)
        people = max(2, round(calls * 190_000 / (CLOSE_MS - OPEN_MS) * 1.25))
        open_ms = self.midnight_ms + OPEN_MS
        self.free = [(open_ms, f"op{number}") for number in range(people)]

    def rows(self) -> Iterator[Struct]:
        """Everything that the ledger holds of the day."""
        for arrival in self.arrivals:
            yield from self._call(self.midnight_ms + arrival)

    def _call(self, came_ms: int) -> Iterator[Struct]:
        chance, number = self.chance, next(self.numbers)
        call = CallId(f"{came_ms // 1000}.{number}")
        dialled = "0466001111" if chance.random() < 0.8 else "0466002222"
        menu_ms = int(chance.gammavariate(4, 2_000))
        if chance.random() < 0.05:
            yield _call_row(call, came_ms, dialled, CallOutcome.LEFT_IN_MENU, menu_ms=menu_ms)
            return
        queue, _, kind = chance.choices(QUEUES, [share for _, share, _ in QUEUES])[0]
        language = "en" if chance.random() < 0.03 else "ja"
        entered_ms = came_ms + menu_ms
        patience_ms = int(chance.expovariate(1 / 120_000))
        ring_ms = int(chance.uniform(1_500, 6_000))
        ready_ms, agent = self.free[0]
        wait_ms = max(0, ready_ms - entered_ms) + ring_ms
        answered = wait_ms <= patience_ms
        wait_ms = min(wait_ms, patience_ms)
        about = (call, VisitId(f"v{number}"), QueueId(queue), kind, language, came_ms, dialled)
        ended_ms = entered_ms + wait_ms
        yield VisitRecord(
            about[0], about[1], 1, about[2], kind, language, None, entered_ms, ended_ms,
            VisitOutcome.ANSWERED if answered else VisitOutcome.ABANDONED, wait_ms,
            ended_ms - came_ms, int(answered), AgentId(agent) if answered else None,
            came_ms=came_ms, dialled=dialled, trunk="carrier",
        )  # fmt: skip
        talk_ms = int(chance.gammavariate(2, 80_000)) if answered else 0
        if answered:
            heapq.heappop(self.free)
            wrap_up_ms = int(chance.uniform(5_000, 25_000))
            yield from self._talk(about, agent, ready_ms, ended_ms, ring_ms, talk_ms, wrap_up_ms)
        outcome = CallOutcome.ANSWERED if answered else CallOutcome.ABANDONED
        yield _call_row(
            call, came_ms, dialled, outcome, kind, language, menu_ms, wait_ms, talk_ms, queue,
            agent if answered else "", int(answered and chance.random() < 0.12),
        )  # fmt: skip

    def _talk(
        self, about: tuple[Any, ...], agent: str, ready_ms: int, at_ms: int, ring_ms: int,
        talk_ms: int, wrap_up_ms: int,
    ) -> Iterator[Struct]:  # fmt: skip
        call, visit, queue, kind, language, came_ms, dialled = about
        who, over_ms = AgentId(agent), at_ms + talk_ms
        yield LegRecord(
            call, OfferId(f"o{visit[1:]}"), visit, queue, who, at_ms - ring_ms, ring_ms, None,
            at_ms, over_ms, talk_ms, wrap_up_ms=wrap_up_ms, came_ms=came_ms, dialled=dialled,
            trunk="carrier", call_type=kind, language=language,
        )  # fmt: skip
        moments = (ready_ms, at_ms - ring_ms, at_ms, over_ms, over_ms + wrap_up_ms)
        states = (AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)
        for state, start, end in zip(states, moments, moments[1:], strict=False):
            if start < end:
                yield AgentSpan(who, start, end, state)
        heapq.heappush(self.free, (moments[-1], agent))


def _call_row(
    call: CallId, came_ms: int, dialled: str, outcome: CallOutcome, kind: CallType | None = None,
    language: str = "", menu_ms: int = 0, wait_ms: int = 0, talk_ms: int = 0, queue: str = "",
    agent: str = "", forwarded: int = 0,
) -> CallRecord:  # fmt: skip
    return CallRecord(
        call, SwitchId("a"), "carrier", dialled, CallerKind.WITHHELD, "", True, False,
        Source.CONTROLLER, came_ms, came_ms + menu_ms + wait_ms + talk_ms, outcome, 16, kind,
        language, menu_ms=menu_ms, wait_ms=wait_ms, talk_ms=talk_ms, visits=int(bool(queue)),
        legs=int(bool(agent)), forwarded=forwarded, queue=QueueId(queue), agent=AgentId(agent),
    )  # fmt: skip


def month_rows(calls: int, seed: int = 1) -> Iterator[Struct]:
    """The rows of a month with about so many calls, day by day; the same for the same seed."""
    chance = random.Random(seed)
    span = span_of(MONTH, Grain.MONTH, ZONE)
    length = len(intervals(span, Grain.DAY, ZONE))
    days = [MONTH + timedelta(days=each) for each in range(length)]
    working = [day for day in days if day.weekday() < 5]
    weights = [chance.uniform(0.8, 1.2) * (1.3 if day.weekday() == 0 else 1) for day in working]
    numbers = count(1)
    left = calls
    for place, day in enumerate(working):
        share = weights[place] / sum(weights[place:])
        today = left if place == len(working) - 1 else round(left * share)
        left -= today
        yield from Day(chance, day, today, numbers).rows()


def write(path: Path, rows: Iterable[Struct]) -> int:
    """Make the ledger; returns how many rows it has."""
    upgrade(sqlite_url(path))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    waiting: dict[str, list[tuple[Any, ...]]] = {}
    statements = {
        table.name: f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608
        for table in ROW_TABLES.values()
    }
    columns = {
        table.name: ", ".join(f'"{column.name}"' for column in table.columns)
        for table in ROW_TABLES.values()
    }
    total = 0

    def flush(name: str) -> None:
        statement = statements[name].replace(" VALUES", f" ({columns[name]}) VALUES", 1)
        connection.execute("BEGIN")
        connection.executemany(statement, waiting.pop(name, []))
        connection.execute("COMMIT")

    for row in rows:
        name = ROW_TABLES[type(row)].name
        batch = waiting.setdefault(name, [])
        batch.append(as_row(row))
        total += 1
        if len(batch) >= _BATCH:
            flush(name)
    for name in list(waiting):
        flush(name)
    connection.close()
    return total


# -- what is measured --------------------------------------------------------------------------


def _reports(path: Path) -> Reports:
    """The product's own reports over the ledger; their folder is empty."""
    rules = Rules(PLAN, names_of(PLAN, {}, {}), Contract())
    url = sqlite_url(path)
    after_s = span_of(MONTH, Grain.MONTH, ZONE).to_ms / 1000
    folder = ReportFolder(path.parent / "month-reports")
    return Reports(LedgerRows(url), folder, FileWriter(), lambda: rules, lambda: after_s)


async def fold(path: Path) -> int:
    """Keep the sums of every quarter of the month; how many had to be computed."""
    tallies = Tallies(sqlite_url(path), shape_of(PLAN))
    span, done = span_of(MONTH, Grain.MONTH, ZONE), 0
    try:
        while count := await tallies.refresh(span, now_ms=span.to_ms):
            done += count
    finally:
        await tallies.close()
    return done


def measure(path: Path, what: str) -> dict[str, float]:
    """Do one of the three in this process."""
    began = time.perf_counter()
    if what == "fold":
        done = asyncio.run(fold(path))
    else:
        kind, first = (Kind.MONTHLY, MONTH) if what == "month" else (Kind.DAILY, DAY)
        report = asyncio.run(_reports(path).make(Asked(kind, first)))
        done = sum(len(line.cells) for table in report.tables for line in table.lines)
    return {
        "seconds": round(time.perf_counter() - began, 3),
        "computed" if what == "fold" else "figures": done,
        "cpu_seconds": round(time.process_time(), 3),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main() -> int:
    """Write the ledger if it is not there, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--path", type=Path, default=Path("build/month.sqlite"))
    parser.add_argument("--only", choices=("fold", "month", "day"))
    given = parser.parse_args()
    if given.only:
        print(json.dumps(measure(given.path, given.only)))
        return 0
    given.path.parent.mkdir(parents=True, exist_ok=True)
    if not given.path.exists():
        began = time.perf_counter()
        rows = write(given.path, month_rows(given.calls))
        took = time.perf_counter() - began
        print(f"{given.path}: {given.calls:,} calls, {rows:,} rows, written in {took:.0f} s")
    missed = False
    for what in ("fold", "month", "day"):
        command = [sys.executable, "-m", "tools.month_ledger", "--path", str(given.path),
                   "--only", what]  # fmt: skip
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        limit = TO_REACH.get(what)
        late = limit is not None and found["seconds"] > limit
        missed = missed or late
        print(f"{what}: {found}" + (f" to reach {limit} s" + (" MISSED" if late else "")
                                    if limit else ""))  # fmt: skip
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
