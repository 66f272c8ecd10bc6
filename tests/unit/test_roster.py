"""The planned roster: every fault of a file by its line, and how far the plan was kept."""

from __future__ import annotations

from datetime import date

import pytest

from acd.core.cdr_types import AgentSpan
from acd.core.ids import AgentId
from acd.errors import ConfigError
from agents.state import AgentState, NotReadyReason
from metrics.cells import Cells
from metrics.dimensions import Dim
from metrics.intervals import Grain, span_of
from metrics.measures import figure
from metrics.roster import Shift, ShiftKind, fold_roster, parse_roster
from tests.ledger_rows import JST, SHAPE, ms

D = "2026-11-24T"
SATO, MORI = AgentId("sato"), AgentId("mori")
DAY = span_of(date(2026, 11, 24), Grain.DAY, JST)
FILE = """\ufeff日付,オペレーター,開始,終了,種類
2026-11-24,sato,08:30,10:00,勤務
2026-11-24,sato,10:00,10:15,休憩

2026/11/24,"mori",23:00,24:00,work
"""


def test_a_file_in_either_language() -> None:
    assert parse_roster(FILE, ["sato", "mori"], JST) == [
        Shift(MORI, ms(f"{D}23:00"), ms("2026-11-25T00:00"), ShiftKind.WORK),
        Shift(SATO, ms(f"{D}08:30"), ms(f"{D}10:00"), ShiftKind.WORK),
        Shift(SATO, ms(f"{D}10:00"), ms(f"{D}10:15"), ShiftKind.BREAK),
    ]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("2026-11-31,sato,08:30,10:00,work", "roster:2:date"),
        ("24.11.2026,sato,08:30,10:00,work", "roster:2:date"),
        ("2026-11-24,nobody,08:30,10:00,work", "roster:2:operator"),
        ("2026-11-24,sato,8.30,10:00,work", "roster:2:from"),
        ("2026-11-24,sato,08:30,24:01,work", "roster:2:to"),
        ("2026-11-24,sato,08:30,10:00,nap", "roster:2:kind"),
        ("2026-11-24,sato,10:00,10:00,work", "roster:2"),
        ("2026-11-24,sato,22:00,06:00,work", "roster:2"),
        ("2026-11-24,sato,08:30", "roster:2"),
        ('2026-11-24,"sato,08:30,10:00,work', "roster:2"),
        ("2026-11-24,sato,08:59,09:01,break", "roster:2"),
    ],
)
def test_each_fault_is_named_by_its_line(line: str, place: str) -> None:
    text = f"2026-11-24,sato,08:00,09:00,work\n{line}\n"
    with pytest.raises(ConfigError) as caught:
        parse_roster(text, ["sato"], JST)
    assert [fault.path for fault in caught.value.faults] == [place]


def test_every_fault_is_named_at_once_and_hostile_files_end() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_roster("x,y\n" + "2026-11-24,nobody,x,y,z\n" * 100, [], JST)
    assert len(caught.value.faults) == 201
    for text in ("", "\n\n", "\0" * 50, "date,operator,from,to,kind\n", "a\n" * 200_001):
        with pytest.raises(ConfigError):
            parse_roster(text, ["sato"], JST)


# Planned 08:30-10:00 work, 10:00-10:15 break, 12:00-13:00 lunch (unpaid), 14:00-15:00 training.
# Done: ready 08:40-09:50, talking 09:50-10:05, break 10:05-10:20, training 14:00-14:30.
# Paid: 90 + 15 + 60 = 165 min. Kept: work 80 (08:40-10:00), break 10 (10:05-10:15), training 30.
# Available within the plan: 80 + 5 (10:00-10:05 in a talk) = 85.
def test_adherence_and_shrinkage_by_hand() -> None:
    shifts = [
        Shift(SATO, ms(f"{D}08:30"), ms(f"{D}10:00")),
        Shift(SATO, ms(f"{D}10:00"), ms(f"{D}10:15"), ShiftKind.BREAK),
        Shift(SATO, ms(f"{D}12:00"), ms(f"{D}13:00"), ShiftKind.LUNCH),
        Shift(SATO, ms(f"{D}14:00"), ms(f"{D}15:00"), ShiftKind.TRAINING),
    ]
    spans = [
        AgentSpan(SATO, ms(f"{D}08:40"), ms(f"{D}09:50"), AgentState.READY),
        AgentSpan(SATO, ms(f"{D}09:50"), ms(f"{D}10:05"), AgentState.TALKING),
        AgentSpan(
            SATO, ms(f"{D}10:05"), ms(f"{D}10:20"), AgentState.NOT_READY, NotReadyReason.BREAK
        ),
        AgentSpan(
            SATO, ms(f"{D}14:00"), ms(f"{D}14:30"), AgentState.NOT_READY, NotReadyReason.TRAINING
        ),
        AgentSpan(MORI, ms(f"{D}08:30"), ms(f"{D}10:00"), AgentState.READY),
    ]
    cells = Cells(SHAPE)
    cells.fold(spans)
    fold_roster(cells, shifts, spans, DAY.to_ms)
    minute = 60_000
    for dim, value in ((Dim.OPERATOR, "sato"), (Dim.TEAM, "early"), (Dim.ALL, "")):
        sums = cells.sums(DAY, dim, value)
        found = {key: figure(key, sums) for key in ("adherence", "shrinkage", "occupancy_of_paid")}
        assert (found["adherence"].part, found["adherence"].whole) == (120 * minute, 165 * minute)
        assert found["shrinkage"].part == (165 - 85) * minute
        assert found["occupancy_of_paid"].part == 15 * minute
    assert figure("adherence", cells.sums(DAY, Dim.OPERATOR, "mori")).value is None


def test_what_is_planned_for_later_does_not_count_yet() -> None:
    cells = Cells(SHAPE)
    shifts = [Shift(SATO, ms(f"{D}08:30"), ms(f"{D}17:15"))]
    fold_roster(cells, shifts, [], ms(f"{D}09:10"))
    assert cells.sums(DAY).time.planned_ms == 40 * 60_000
