"""The list of callers whom a fault cut off: in the line's order, numbers only when asked for."""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from acd.adapters.sql.lost_calls import lost_calls
from acd.cli.ledger_lost import as_rows, sentence
from acd.core.cdr_types import CallRecord, LegRecord, Source, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind, EndedBy
from acd.core.plan import CallType
from acd.ports_reports import LostIn
from tests.contract.ledger_rows import put

DIED_MS = 1_000_000
NUMBER = "0466123456"


def call(number: int, outcome: CallOutcome, closed_ms: int = DIED_MS) -> CallRecord:
    return CallRecord(
        CallId(f"17.{number}"), SwitchId("b"), "carrier", "0466001111", CallerKind.NUMBER, NUMBER,
        True, False, Source.CONTROLLER, 10_000 * number, closed_ms, outcome, 0,
    )  # fmt: skip


def visit(number: int, outcome: VisitOutcome, ended_ms: int = DIED_MS) -> VisitRecord:
    entered_ms = 10_000 * number
    return VisitRecord(
        CallId(f"17.{number}"), VisitId("v1"), 1, QueueId("tax"), CallType.ENQUIRY, "ja", None,
        entered_ms, ended_ms, outcome, ended_ms - entered_ms, ended_ms - entered_ms,
    )  # fmt: skip


def leg(number: int, ended_by: EndedBy) -> LegRecord:
    return LegRecord(
        CallId(f"17.{number}"), OfferId(f"o{number:012}"), VisitId("v1"), QueueId("tax"),
        AgentId("op01"), 10_000 * number, 3_000, answered_ms=500_000, ended_ms=DIED_MS,
        ended_by=ended_by, talk_ms=1,
    )  # fmt: skip


def a_bad_day(ledger: Connection) -> None:
    # One had an operator, two waited, one was in the menu; two were served as always.
    put(ledger, call(1, CallOutcome.ANSWERED), visit(1, VisitOutcome.ANSWERED, 500_000))
    put(ledger, leg(1, EndedBy.SYSTEM))
    put(ledger, call(2, CallOutcome.LOST), visit(2, VisitOutcome.LOST))
    put(ledger, call(4, CallOutcome.LOST), visit(4, VisitOutcome.LOST))
    put(ledger, call(5, CallOutcome.LOST))
    put(ledger, call(3, CallOutcome.ANSWERED, 2_000_000), leg(3, EndedBy.CALLER))
    put(ledger, visit(3, VisitOutcome.ANSWERED, 1_500_000))
    put(ledger, call(6, CallOutcome.ABANDONED), visit(6, VisitOutcome.ABANDONED))


@pytest.mark.requirement("M18")
async def test_who_was_cut_off_is_listed_with_place_wait_and_what_they_did(
    ledger: Connection, ledger_url: str
) -> None:
    a_bad_day(ledger)
    found = await lost_calls(ledger_url, 0, None, numbers=False)
    assert {each.call: (each.doing, each.place) for each in found} == {
        "17.1": (LostIn.TALKING, 0),
        "17.2": (LostIn.WAITING, 1),
        "17.4": (LostIn.WAITING, 3),  # behind 2 and behind 3, who was answered later elsewhere
        "17.5": (LostIn.MENU, 0),
    }
    waits = [each.waited_ms for each in found if each.doing is LostIn.WAITING]
    assert waits == [DIED_MS - 20_000, DIED_MS - 40_000]
    assert {each.number for each in found} == {""}


async def test_only_the_span_and_numbers_when_asked_for(
    ledger: Connection, ledger_url: str
) -> None:
    a_bad_day(ledger)
    assert await lost_calls(ledger_url, DIED_MS + 1, None, numbers=True) == []
    assert await lost_calls(ledger_url, 0, DIED_MS, numbers=True) == []
    found = await lost_calls(ledger_url, DIED_MS, DIED_MS + 1, numbers=True)
    assert {each.number for each in found} == {NUMBER}
    rows = list(csv.DictReader(io.StringIO(as_rows(found, ZoneInfo("Asia/Tokyo")))))
    assert [row["number"] for row in rows] == [NUMBER] * 4
    assert sentence(found) != sentence([])
