"""The ledger's rows told by hand, or drawn by chance: calls, visits, legs, operators' time."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy
from msgspec import Struct

from acd.adapters.sql.database import sqlite_url, upgrade
from acd.adapters.sql.records import ROW_TABLES, as_row
from acd.core.cdr_types import (
    AgentSpan,
    CallRecord,
    LegRecord,
    Source,
    VisitRecord,
)
from acd.core.events import CallOutcome, OfferResult, VisitOutcome
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, VisitId
from acd.core.inputs import CallerKind
from acd.core.plan import CallType, TargetKind
from agents.state import CHOSEN_REASONS, AgentState
from metrics.dimensions import Row, Shape

JST = ZoneInfo("Asia/Tokyo")
ENQUIRY, SWITCHBOARD = CallType.ENQUIRY, CallType.SWITCHBOARD
SHAPE = Shape(
    {"tax": ("tax",), "general": ("general",), "board": ("switchboard", "general")},
    {"sato": "early", "mori": "early", "abe": "late"},
)


def ms(text: str, zone: ZoneInfo = JST) -> int:
    """``2026-11-20T09:00:05.5`` of local time in Unix milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


class Visit(NamedTuple):
    """One visit, in seconds: how long it lasted, who took it, and what came of it there."""

    queue: str
    wait_s: float
    outcome: VisitOutcome = VisitOutcome.ANSWERED
    agent: str = ""
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    missed: Sequence[str] = ()
    sent_on: TargetKind | None = None
    skills: str = ""


def a_call(
    number: int, came_ms: int, outcome: CallOutcome, *visits: Visit, menu_s: float = 4.0,
    dialled: str = "0466001111", trunk: str = "carrier", call_type: CallType | None = None,
    language: str = "ja", **fields: object,
) -> list[Row]:  # fmt: skip
    """A call with its visits and legs; further ``fields`` are the call's own."""
    rows: list[Row] = []
    kind = call_type or ENQUIRY
    at = came_ms + round(menu_s * 1000)
    about = {
        "came_ms": came_ms, "dialled": dialled, "trunk": trunk, "drill": bool(fields.get("drill")),
    }  # fmt: skip
    for place, one in enumerate(visits, 1):
        rows += _visit(number, place, one, at, kind, language, about)
        at += round(one.wait_s * 1000) + round(one.talk_s * 1000) + round(one.hold_s * 1000)
    last = visits[-1] if visits else None
    rows.append(
        CallRecord(
            CallId(f"c{number}"), SwitchId("a"), trunk, dialled, CallerKind.NUMBER, "0312345678",
            True, False, Source.CONTROLLER, came_ms, at, outcome, 16,
            kind if last else call_type, language if last else "", menu_ms=round(menu_s * 1000),
            wait_ms=sum(round(one.wait_s * 1000) for one in visits),
            talk_ms=sum(round(one.talk_s * 1000) for one in visits),
            hold_ms=sum(round(one.hold_s * 1000) for one in visits), visits=len(visits),
            legs=sum(one.outcome is VisitOutcome.ANSWERED for one in visits),
            queue=QueueId(last.queue if last else ""),
            agent=AgentId(next((one.agent for one in reversed(visits) if one.agent), "")),
            skills=last.skills if last else "", **fields,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    return rows


def _visit(
    number: int, place: int, one: Visit, at: int, kind: CallType, language: str,
    about: dict[str, object],
) -> list[Row]:  # fmt: skip
    call, visit, queue = CallId(f"c{number}"), VisitId(f"v{number}-{place}"), QueueId(one.queue)
    wait, answered = round(one.wait_s * 1000), one.outcome is VisitOutcome.ANSWERED
    own = about | {"skills": one.skills}
    came_ms = int(str(about["came_ms"]))
    rows: list[Row] = [
        VisitRecord(
            call, visit, place, queue, kind, language, None, at, at + wait, one.outcome, wait,
            at + wait - came_ms, len(one.missed) + answered,
            AgentId(one.agent) if one.agent else None, **own,  # type: ignore[arg-type]
        )
    ]  # fmt: skip
    own |= {"call_type": kind, "language": language}
    for turn, missed in enumerate(one.missed):
        rows.append(
            LegRecord(
                call, OfferId(f"m{number}-{place}-{turn}"), visit, queue, AgentId(missed), at,
                3_000, OfferResult.NO_ANSWER, **own,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    if answered:
        at += wait
        talk, hold = round(one.talk_s * 1000), round(one.hold_s * 1000)
        rows.append(
            LegRecord(
                call, OfferId(f"o{number}-{place}"), visit, queue, AgentId(one.agent),
                at - min(wait, 2_000), min(wait, 2_000), None, at, at + talk + hold, talk, hold,
                int(hold > 0), round(one.wrap_up_s * 1000), None, one.sent_on,
                **own,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return rows


def drawn_day(seed: int, calls: int, first_ms: int, last_ms: int) -> list[Row]:
    """A day of anything: every outcome, overflow, transfers, drills, operators' time."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for number in range(calls):
        rows += _drawn_call(chance, number, chance.randrange(first_ms, last_ms))
    for agent in ("sato", "mori", "abe"):
        at = first_ms - chance.randrange(0, 7_200_000)
        while at < last_ms:
            until = at + chance.randrange(1, 3_600_000)
            state = chance.choice(
                [each for each in AgentState if each is not AgentState.LOGGED_OUT]
            )
            reason = chance.choice(CHOSEN_REASONS) if state is AgentState.NOT_READY else None
            rows.append(AgentSpan(AgentId(agent), at, until, state, reason))
            at = until + chance.choice([0, 0, 0, 600_000])
    chance.shuffle(rows)
    return rows


def _drawn_call(chance: random.Random, number: int, came_ms: int) -> list[Row]:
    outcome = chance.choice([CallOutcome.ANSWERED] * 8 + list(CallOutcome))
    queue = chance.choice(["tax", "general", "board"])
    wait_s = chance.choice([0.0, 4.999, 5.0, 19.999, 20.0, 20.001, chance.uniform(0, 90)])
    skills = chance.choice(["", "", "english", "general,english"])
    visits: list[Visit] = []
    if chance.random() < 0.2 and outcome is not CallOutcome.CLOSED:
        visits.append(Visit("tax", chance.uniform(0, 60), VisitOutcome.OVERFLOWED, skills=skills))
    fields: dict[str, object] = {"drill": chance.random() < 0.05}
    agent = chance.choice(["sato", "mori", "abe"])
    if outcome is CallOutcome.ANSWERED:
        sent = chance.choice([None, None, None, TargetKind.NUMBER, TargetKind.QUEUE])
        visits.append(
            Visit(queue, wait_s, VisitOutcome.ANSWERED, agent, chance.uniform(1, 600),
                  chance.choice([0, 12.5]), chance.uniform(0, 30),
                  ["mori"] * chance.randrange(2), sent, skills)
        )  # fmt: skip
        forwarded = int(sent is TargetKind.NUMBER) * chance.randint(1, 2)
        fields |= {
            "forwarded": forwarded, "returned": chance.choice([0, 0, 0, 1]),
            "survey_asked": chance.random() < 0.5, "transfers": int(sent is not None),
        }  # fmt: skip
        if fields["survey_asked"] and chance.random() < 0.5:
            fields["survey"] = chance.randint(1, 5)
    elif outcome is CallOutcome.ABANDONED:
        visits.append(Visit(queue, wait_s, VisitOutcome.ABANDONED, skills=skills))
    return a_call(
        number, came_ms, outcome, *visits, menu_s=chance.choice([0.0, 3.0, 21.5]),
        dialled=chance.choice(["0466001111", "0466002222"]),
        trunk=chance.choice(["carrier", "second"]),
        call_type=chance.choice([ENQUIRY, SWITCHBOARD]),
        language=chance.choice(["ja", "en"]), **fields,
    )  # fmt: skip


def stored(rows: Sequence[Struct], where: Path | str) -> sqlalchemy.Engine:
    """The rows in the real tables of a ledger: a SQLite file, or the database of a URL."""
    url = where if isinstance(where, str) else sqlite_url(where)
    upgrade(url)
    engine = sqlalchemy.create_engine(url.replace("+aiosqlite", ""))
    by_table: dict[sqlalchemy.Table, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        table = ROW_TABLES[type(row)]
        by_table[table].append(dict(zip(table.columns.keys(), as_row(row), strict=True)))
    with engine.begin() as connection:
        for table, values in by_table.items():
            connection.execute(table.insert(), values)
    return engine
