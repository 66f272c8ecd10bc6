"""The planned roster: who should do what when, and how far it was kept.

A CSV file, one stretch a line, in local time: ``date,operator,from,to,kind``. Every fault of a file
is named with its line; a file with any is refused as a whole. Lunch is unpaid and left out of all
sums; every other kind is paid time.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from msgspec import Struct

from acd.core.cdr_types import AgentSpan
from acd.core.ids import AgentId
from acd.errors import ConfigError, Fault
from agents.state import AgentState, NotReadyReason
from metrics.cells import Cells
from metrics.intervals import QUARTER_MS, Span, quarter_of

#: A month of a large centre, with every break of everybody.
MAX_LINES = 200_000
MAX_FAULTS = 200
HEADER = ("date", "operator", "from", "to", "kind")
_TIME = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


class ShiftKind(StrEnum):
    """What a planned stretch is for."""

    WORK = "work"
    BREAK = "break"
    LUNCH = "lunch"
    TRAINING = "training"
    MEETING = "meeting"
    OTHER_WORK = "other_work"


#: The words of a file, in both languages.
_KINDS = {kind.value: kind for kind in ShiftKind} | {
    "勤務": ShiftKind.WORK,
    "休憩": ShiftKind.BREAK,
    "昼休み": ShiftKind.LUNCH,
    "研修": ShiftKind.TRAINING,
    "会議": ShiftKind.MEETING,
    "他業務": ShiftKind.OTHER_WORK,
}
_REASONS = {
    ShiftKind.BREAK: NotReadyReason.BREAK,
    ShiftKind.TRAINING: NotReadyReason.TRAINING,
    ShiftKind.MEETING: NotReadyReason.MEETING,
    ShiftKind.OTHER_WORK: NotReadyReason.OTHER_WORK,
}
#: In these an operator takes calls, or is at one.
AVAILABLE = (
    AgentState.READY,
    AgentState.RINGING,
    AgentState.TALKING,
    AgentState.HOLD,
    AgentState.WRAP_UP,
)


class Shift(Struct, frozen=True, order=True):
    """One planned stretch, [from_ms, to_ms); those of one operator do not overlap."""

    agent: AgentId
    from_ms: int
    to_ms: int
    kind: ShiftKind = ShiftKind.WORK


def parse_roster(text: str, operators: Collection[str] | None, tz: tzinfo) -> list[Shift]:
    """The stretches of a file, by operator and time; raises ConfigError with every fault.

    ``operators``: who is known (None: anybody may be named). ``24:00`` ends a day; a stretch over
    midnight is two lines. The first line may be a header.
    """
    faults: list[Fault] = []
    shifts: list[tuple[int, Shift]] = []
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MAX_LINES:
        raise ConfigError([Fault("roster", f"has more than {MAX_LINES} lines")])
    for number, row in _rows(lines, faults):
        shift = _shift(number, row, operators, tz, faults)
        if shift is not None:
            shifts.append((number, shift))
    _overlaps(shifts, faults)
    if not shifts and not faults:
        faults.append(Fault("roster", "plans nothing: there is no line in it"))
    if faults:
        left = len(faults) - MAX_FAULTS
        more = [Fault("roster", f"has {left} more faults")] if left > 0 else []
        raise ConfigError([*faults[:MAX_FAULTS], *more])
    return sorted(shift for _, shift in shifts)


def _rows(lines: Sequence[str], faults: list[Fault]) -> Iterable[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = [cell.strip() for cell in next(csv.reader([line], strict=True))]
        except csv.Error as error:
            faults.append(Fault(f"roster:{number}", f"is no line of CSV: {error}"))
            continue
        if number == 1 and row[0].lower() in ("date", "日付", "日"):
            continue
        yield number, row


def _shift(
    number: int, row: list[str], operators: Collection[str] | None, tz: tzinfo, faults: list[Fault]
) -> Shift | None:
    where = f"roster:{number}"
    if len(row) != len(HEADER):
        faults.append(Fault(where, f"has {len(row)} cells, and not the {len(HEADER)} of "
                                   f"{','.join(HEADER)}"))  # fmt: skip
        return None
    before = len(faults)
    day = _day(row[0])
    if day is None:
        faults.append(Fault(f"{where}:date", f"is no date such as 2026-11-24: {row[0][:20]!r}"))
    if operators is not None and row[1] not in operators:
        faults.append(Fault(f"{where}:operator", f"there is no operator {row[1][:40]!r}"))
    minutes = [_minutes(cell) for cell in row[2:4]]
    for name, cell, found in zip(("from", "to"), row[2:4], minutes, strict=True):
        if found is None:
            faults.append(Fault(f"{where}:{name}", f"is no time such as 08:30: {cell[:20]!r}"))
    kind = _KINDS.get(row[4].lower())
    if kind is None:
        known = " ".join(each.value for each in ShiftKind)
        faults.append(Fault(f"{where}:kind", f"is none of {known}: {row[4][:20]!r}"))
    if day is None or kind is None or None in minutes or len(faults) > before:
        return None
    from_ms, to_ms = (_moment(day, each or 0, tz) for each in minutes)
    if from_ms >= to_ms:
        faults.append(Fault(where, "ends before it begins: a stretch over midnight is two lines"))
        return None
    return Shift(AgentId(row[1]), from_ms, to_ms, kind)


def _day(text: str) -> date | None:
    try:
        day = datetime.strptime(text.replace("/", "-"), "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None


def _minutes(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else None
    return minutes if minutes is not None and minutes <= 24 * 60 else None


def _moment(day: date, minutes: int, tz: tzinfo) -> int:
    day += timedelta(days=minutes // 1440)
    at = datetime(day.year, day.month, day.day, minutes % 1440 // 60, minutes % 60, tzinfo=tz)
    return round(at.timestamp() * 1000)


def _overlaps(shifts: Sequence[tuple[int, Shift]], faults: list[Fault]) -> None:
    last: dict[AgentId, tuple[int, Shift]] = {}
    for number, shift in sorted(shifts, key=lambda each: each[1]):
        before = last.get(shift.agent)
        if before is not None and before[1].to_ms > shift.from_ms:
            faults.append(
                Fault(f"roster:{number}", f"overlaps with line {before[0]} of the same operator")
            )
        last[shift.agent] = (number, shift)


def keeps(shift: Shift, span: AgentSpan) -> bool:
    """Whether what the operator did is what the plan says: at work any state in which calls are
    taken; in a break, training, meeting or other work that reason."""
    if shift.kind is ShiftKind.WORK:
        return span.state in AVAILABLE
    return span.state is AgentState.NOT_READY and span.reason is _REASONS.get(shift.kind)


def fold_roster(
    cells: Cells, shifts: Iterable[Shift], spans: Iterable[AgentSpan], until_ms: int
) -> None:
    """Count planned time, and how far it was kept, into the cells; each once.

    ``spans`` are the ones that touch the shifts. What is planned after ``until_ms`` (now) is not
    counted yet.
    """
    by_agent: dict[AgentId, list[AgentSpan]] = {}
    for span in sorted(spans, key=lambda each: each.start_ms):
        by_agent.setdefault(span.agent, []).append(span)
    starts = {agent: [span.start_ms for span in own] for agent, own in by_agent.items()}
    for shift in shifts:
        if shift.kind is ShiftKind.LUNCH:
            continue
        own, begun = by_agent.get(shift.agent, []), starts.get(shift.agent, [])
        end_ms = min(shift.to_ms, until_ms)
        for from_ms in range(quarter_of(shift.from_ms), end_ms, QUARTER_MS):
            piece = Span(max(from_ms, shift.from_ms), min(from_ms + QUARTER_MS, end_ms))
            first = max(0, bisect_right(begun, piece.from_ms) - 1)
            there = own[first : bisect_left(begun, piece.to_ms)]
            kept = sum(_common(piece, span) for span in there if keeps(shift, span))
            available = sum(_common(piece, span) for span in there if span.state in AVAILABLE)
            planned = piece.to_ms - piece.from_ms
            cells.put_planned(from_ms, shift.agent, planned, kept, available)


def _common(piece: Span, span: AgentSpan) -> int:
    return max(0, min(span.end_ms, piece.to_ms) - max(span.start_ms, piece.from_ms))
