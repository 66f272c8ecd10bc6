"""The ledger as the planner reads it: calls without numbers, operators as groups, the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np

from acd.adapters.sql.reader import LedgerReader
from acd.adapters.sql.tallies import Tallies
from acd.bootstrap.ledger import settle
from acd.bootstrap.past_rules import rules_of, unsaid
from acd.config import Centre
from acd.core.cdr_types import AgentSpan, CallRecord, LegRecord, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import QueueId, VisitId
from acd.core.plan import AgentPlan, CalendarPlan, Plan, QueuePlan
from metrics.dimensions import shape_of
from metrics.intervals import QUARTER_MS, between, date_of, midnight_ms
from metrics.roster import AVAILABLE
from sim.calibrate.days import DayKind, KindOf, weekday_kind
from sim.calibrate.past import DAYS_MAX, UNKNOWN, Ended, Floats, Past, Present

_QUARTERS = 96
_ENDED = {VisitOutcome.ANSWERED: Ended.ANSWERED, VisitOutcome.ABANDONED: Ended.ABANDONED}
#: Hears how many days of how many have been read.
Told = Callable[[int, int], None]


@dataclass(slots=True)
class _Items:
    """One row for each time somebody asked for an operator."""

    rows: list[tuple[float, int, int, float, float, float, int, int]] = field(default_factory=list)
    callers: dict[str, int] = field(default_factory=dict)
    operators: dict[str, int] = field(default_factory=dict)
    ring_ms: int = 0
    talks: int = 0


async def past_of(
    centre: Centre,
    first: dt.date | None,
    last: dt.date | None,
    now_s: float,
    told: Told = lambda done, whole: None,
) -> Past:
    """The calls of these days (None: all that are over, today's not), day by day; none from before
    the ledger's first.

    A call asks for an operator once for each queue that it enters anew; an overflow goes on with
    the wait. Drills, calls out of hours and those that ended in the menu ask for none.
    """
    await settle(centre.settings)
    zone = ZoneInfo(centre.plan.timezone)
    first, last = await _days(centre, first, last, now_s, zone)
    queues = {queue.id: n for n, queue in enumerate(centre.plan.queues)}
    items, days = _Items(), (last - first).days + 1
    groups = _groups(centre.plan)
    there = np.zeros((max(1, len(groups)), days, _QUARTERS))
    reader = LedgerReader(centre.settings.database_url)
    try:
        for n in range(days):
            day = first + dt.timedelta(days=n)
            span = between(day, day, zone)
            rows = await reader.figure_rows(span.from_ms, span.to_ms)
            _take_day(rows, queues, items)
            _take_spans(rows, groups, there[:, n], span.from_ms)
            told(n + 1, days)
    finally:
        await reader.close()
    present = tuple(
        Present(_group_name(n, group, centre.plan), tuple(group), there[n])
        for n, group in enumerate(groups)
    )
    thresholds = tuple(queue.sl_threshold_s for queue in centre.plan.queues)
    plan = centre.plan
    return replace(
        _past(items, zone, first, last, tuple(queues), present, thresholds),
        notes=unsaid(plan),
        rules=rules_of(plan, groups_by_operator(plan)),
        priority_step_s=plan.priority_step_s,
    )


async def _days(
    centre: Centre, first: dt.date | None, last: dt.date | None, now_s: float, zone: ZoneInfo
) -> tuple[dt.date, dt.date]:
    today = dt.datetime.fromtimestamp(now_s, zone).date()
    last = last or today - dt.timedelta(days=1)
    tallies = Tallies(centre.settings.database_url, shape_of(centre.plan))
    try:
        oldest = await tallies.first_ms()
    finally:
        await tallies.close()
    # Days from before the ledger began are not days without calls.
    known = last if oldest is None else date_of(oldest, zone)
    first = known if first is None else max(first, known)
    first = max(first, last - dt.timedelta(days=DAYS_MAX - 1))
    return min(first, last), last


# -- calls -----------------------------------------------------------------------------------


def _take_day(rows: Sequence[object], queues: dict[QueueId, int], items: _Items) -> None:
    calls = {row.call: row for row in rows if isinstance(row, CallRecord) and not row.drill}
    legs = {
        row.visit: row
        for row in rows
        if isinstance(row, LegRecord) and row.answered_ms is not None and not row.drill
    }
    visits = sorted(
        (row for row in rows if isinstance(row, VisitRecord) and row.call in calls),
        key=lambda row: (row.call, row.number),
    )
    for call, own in groupby(visits, key=lambda row: row.call):
        for stay in _stays(list(own)):
            _add(stay, calls[call], legs, queues, items)
    for row in calls.values():
        if row.outcome is CallOutcome.BLOCKED and not row.visits and row.queue in queues:
            _append(items, row, queues[row.queue], Ended.BLOCKED, row.offered_ms, 0.0, None)


def _stays(visits: list[VisitRecord]) -> Iterable[list[VisitRecord]]:
    """Visits that belong to one wait: an overflow goes on in the next queue."""
    stay: list[VisitRecord] = []
    for visit in visits:
        stay.append(visit)
        if visit.outcome is not VisitOutcome.OVERFLOWED:
            yield stay
            stay = []
    if stay:
        yield stay


def _add(
    stay: list[VisitRecord],
    call: CallRecord,
    legs: dict[VisitId, LegRecord],
    queues: dict[QueueId, int],
    items: _Items,
) -> None:
    first, last = stay[0], stay[-1]
    if first.queue not in queues:
        return
    ended = _ENDED.get(last.outcome, Ended.LEFT)
    leg = legs.get(last.visit) if ended is Ended.ANSWERED else None
    wait_s = sum(visit.wait_ms for visit in stay) / 1000
    _append(items, call, queues[first.queue], ended, first.entered_ms, wait_s, leg)


def _append(
    items: _Items, call: CallRecord, queue: int, ended: Ended, at_ms: int, wait_s: float,
    leg: LegRecord | None,
) -> None:  # fmt: skip
    caller = UNKNOWN
    if call.caller_number:
        caller = items.callers.setdefault(call.caller_number, len(items.callers))
    talk_s = wrap_s = float("nan")
    operator = UNKNOWN
    if leg is not None:
        talk_s, wrap_s = (leg.talk_ms + leg.hold_ms) / 1000, leg.wrap_up_ms / 1000
        operator = items.operators.setdefault(leg.agent, len(items.operators))
        items.ring_ms, items.talks = items.ring_ms + leg.ring_ms, items.talks + 1
    items.rows.append((at_ms / 1000, queue, ended, wait_s, talk_s, wrap_s, caller, operator))


def _past(
    items: _Items, zone: ZoneInfo, first: dt.date, last: dt.date, queues: tuple[str, ...],
    present: tuple[Present, ...], thresholds: tuple[float, ...],
) -> Past:  # fmt: skip
    rows = sorted(items.rows)
    # A wait that begins after midnight belongs to a call of the day before: it stays with it.
    end_s = midnight_ms(last + dt.timedelta(days=1), zone) / 1000
    rows = [row for row in rows if row[0] < end_s]
    columns = np.array(rows, float).reshape(len(rows), 8).T
    whole = [columns[n].astype(np.int64) for n in (1, 6, 7)]
    seen = any(each.there.any() for each in present)
    return Past(
        zone, first, last, queues, columns[0], whole[0], columns[2].astype(np.int8), columns[3],
        columns[4], columns[5], whole[1], whole[2], np.ones(len(rows), np.int64),
        present if seen else (), items.ring_ms / items.talks / 1000 if items.talks else None,
        thresholds,
    )  # fmt: skip


# -- operators -------------------------------------------------------------------------------


def _groups(plan: Plan) -> dict[tuple[str, ...], frozenset[str]]:
    """Operators by the queues that they can take."""
    found: dict[tuple[str, ...], set[str]] = {}
    for agent in plan.agents:
        able = tuple(queue.id for queue in plan.queues if _can_take(agent, queue))
        if able:
            found.setdefault(able, set()).add(agent.id)
    return {queues: frozenset(agents) for queues, agents in found.items()}


def groups_by_operator(plan: Plan) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The name of each operator's group, and the queues that it takes, as in the records."""
    return {
        agent: (_group_name(n, queues, plan), tuple(map(str, queues)))
        for n, (queues, agents) in enumerate(_groups(plan).items())
        for agent in agents
    }


def _can_take(agent: AgentPlan, queue: QueuePlan) -> bool:
    levels = {each.skill: each.level for each in agent.skills}
    return all(levels.get(need.skill, 0) >= need.level for need in queue.needs)


def _group_name(number: int, queues: tuple[str, ...], plan: Plan) -> str:
    if len(queues) == len(plan.queues):
        return "everything"
    return queues[0] if len(queues) == 1 else f"group-{number + 1}"


def _take_spans(
    rows: Sequence[object], groups: dict[tuple[str, ...], frozenset[str]], there: Floats,
    from_ms: int,
) -> None:  # fmt: skip
    """Add the time in which operators could take calls to the day's quarters (as a mean number)."""
    of = {agent: n for n, agents in enumerate(groups.values()) for agent in agents}
    for row in rows:
        if not isinstance(row, AgentSpan) or row.state not in AVAILABLE or row.agent not in of:
            continue
        begin, end = max(0, row.start_ms - from_ms), row.end_ms - from_ms
        end = min(end, _QUARTERS * QUARTER_MS)
        for quarter in range(begin // QUARTER_MS, -(-end // QUARTER_MS)):
            at = quarter * QUARTER_MS
            part = min(end, at + QUARTER_MS) - max(begin, at)
            there[of[row.agent], quarter] += part / QUARTER_MS


# -- calendar --------------------------------------------------------------------------------


def kinds_of(plan: Plan) -> KindOf | None:
    """What kind of day a date is by the centre's calendars: a day that all of the queues' calendars
    close is closed, one with special hours, or closed for some of them, is a holiday. None where
    the plan has no calendar that would tell."""
    used = {queue.hours for queue in plan.queues if queue.hours}
    calendars = [each for each in plan.calendars if each.id in used] or list(plan.calendars)
    # A line that is open day and night says nothing of what a day is like.
    telling = [each for each in calendars if each.closed or each.special]
    if not telling:
        return None

    def kind(day: dt.date) -> DayKind:
        closed = [_closed(each, day) for each in telling]
        if all(closed):
            return DayKind.CLOSED
        key = day.isoformat()
        unusual = any(key in each.closed or key in each.special for each in telling)
        return DayKind.HOLIDAY if unusual else weekday_kind(day)

    return kind


def _closed(of: CalendarPlan, day: dt.date) -> bool:
    key = day.isoformat()
    if key in of.special:
        return not of.special[key]
    return key in of.closed or not of.week[day.weekday()]
