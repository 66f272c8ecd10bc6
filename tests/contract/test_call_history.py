"""Earlier calls of a number, from a ledger with calls of other numbers in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection

from acd.adapters.sql.database import sqlite_url
from acd.adapters.sql.history import SqlCallHistory
from acd.core.cdr_types import CallRecord, DispositionRecord, LegRecord, Source, VisitRecord
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from acd.core.plan import CallType
from acd.errors import StoreUnavailable
from tests.contract.ledger_rows import put

NUMBER = "0466123456"


def a_call(number: int, at_ms: int, caller: str = NUMBER) -> CallRecord:
    return CallRecord(
        CallId(f"17.{number}"), SwitchId("a"), "carrier", "0466001111", CallerKind.NUMBER, caller,
        True, False, Source.CONTROLLER, at_ms, at_ms + 60_000, CallOutcome.ANSWERED, 16,
        disposition="guided",
    )  # fmt: skip


def a_leg(number: int, offer: int, agent: str, at_ms: int, *, answered: bool = True) -> LegRecord:
    return LegRecord(
        CallId(f"17.{number}"), OfferId(f"o{offer:012}"), VisitId("v1"), QueueId("tax"),
        AgentId(agent), at_ms, 3_000, answered_ms=at_ms + 3_000 if answered else None,
        talk_ms=42_000,
    )  # fmt: skip


def a_visit(number: int, at_ms: int) -> VisitRecord:
    return VisitRecord(
        CallId(f"17.{number}"), VisitId("v1"), 1, QueueId("general"), CallType.ENQUIRY, "ja", None,
        at_ms, at_ms + 1, VisitOutcome.ABANDONED, 1, 1,
    )  # fmt: skip


async def test_the_newest_first_with_who_spoke_and_what_was_noted(
    ledger: Connection, ledger_url: str
) -> None:
    put(ledger, a_call(1, 1_000), a_call(2, 9_000), a_call(3, 5_000, "0466999999"))
    put(ledger, a_leg(1, 1, "op01", 1_000, answered=False), a_leg(1, 2, "op02", 2_000))
    put(ledger, a_leg(1, 3, "op03", 3_000), a_visit(2, 9_000))
    put(ledger, DispositionRecord(CallId("17.1"), AgentId("op02"), 4_000, "x", note="前"))
    put(ledger, DispositionRecord(CallId("17.1"), AgentId("op03"), 5_000, "guided", note="後"))
    found = await SqlCallHistory(ledger_url).of_number(NUMBER, CallId("17.9"), 8)
    assert [each.call for each in found] == ["17.2", "17.1"]
    nobody, spoke = found
    assert (nobody.agent, nobody.queue, nobody.talk_ms) == ("", "general", 0)
    assert (spoke.agent, spoke.queue, spoke.talk_ms, spoke.note) == ("op03", "tax", 42_000, "後")


async def test_neither_the_present_call_nor_more_than_asked(
    ledger: Connection, ledger_url: str
) -> None:
    put(ledger, *(a_call(number, number * 1_000) for number in range(1, 6)))
    found = await SqlCallHistory(ledger_url).of_number(NUMBER, CallId("17.5"), 2)
    assert [each.call for each in found] == ["17.4", "17.3"]


@pytest.mark.requirement("M7")
async def test_who_withheld_the_number_has_no_history(ledger: Connection, ledger_url: str) -> None:
    put(ledger, a_call(1, 1_000, ""))
    assert await SqlCallHistory(ledger_url).of_number("", CallId("17.9"), 8) == []


@pytest.mark.requirement("M25")
async def test_a_hostile_number_is_a_number(ledger: Connection, ledger_url: str) -> None:
    hostile = "1' OR '1'='1"
    put(ledger, a_call(1, 1_000), a_call(2, 1_000, hostile))
    found = await SqlCallHistory(ledger_url).of_number(hostile, CallId("17.9"), 8)
    assert [each.call for each in found] == ["17.2"]


async def test_a_ledger_that_is_away_is_said(tmp_path: Path) -> None:
    away = SqlCallHistory(sqlite_url(tmp_path / "not" / "there.sqlite"))
    with pytest.raises(StoreUnavailable):
        await away.of_number(NUMBER, CallId("17.9"), 8)


def test_the_question_uses_the_index(ledger: Connection) -> None:
    if ledger.dialect.name == "postgresql":
        # A planner of costs reads a small table whole, unless that is made dear.
        ledger.exec_driver_sql("SET enable_seqscan = off")
    explain = "EXPLAIN QUERY PLAN" if ledger.dialect.name == "sqlite" else "EXPLAIN"
    question = (
        "SELECT call FROM calls WHERE caller_number = 'x' AND call != 'y' "
        "ORDER BY offered_ms DESC LIMIT 8"
    )
    plan = ledger.exec_driver_sql(f"{explain} {question}").fetchall()
    assert any("calls_of_number" in str(row) for row in plan)
