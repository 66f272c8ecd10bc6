"""Days of calls as rows of the ledger, made at random from a seed or by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from acd.adapters.sql.records import SqlRecords
from acd.app.frames import encode
from acd.core.cdr_types import (
    AgentSpan,
    CallRecord,
    DetailRow,
    LegRecord,
    OutcomeRow,
    Record,
    Source,
    VisitRecord,
)
from acd.core.events import CallOutcome, VisitOutcome
from acd.core.ids import AgentId, CallId, OfferId, QueueId, SwitchId, TimerToken, VisitId
from acd.core.inputs import CallerKind, TimerFired
from acd.core.plan import (
    AgentPlan,
    CallType,
    DirectoryEntry,
    NumberPlan,
    Plan,
    QueuePlan,
    TargetKind,
)
from acd.ports import Step
from agents.state import AgentState

TOKYO = ZoneInfo("Asia/Tokyo")
NUMBER = "0466251111"
CALLER = "09011112222"
PLAN = Plan(
    "test",
    (
        QueuePlan(QueueId("tax"), "税", "Taxes"),
        QueuePlan(QueueId("general"), "総合案内・ごみ", "General enquiries and waste"),
        QueuePlan(
            QueueId("switchboard"), "代表", "Switchboard", CallType.SWITCHBOARD, sl_threshold_s=10
        ),
    ),
    (AgentPlan(AgentId("op01"), "佐藤", "p1"), AgentPlan(AgentId("op02"), "鈴木", "p2")),
    (NumberPlan(NUMBER, "main", "市の代表番号", "The city"),),
    (DirectoryEntry("waste-dept", "環境課", "Waste department", "601"),),
)


def at_ms(day: dt.date, hour: float, tz: ZoneInfo = TOKYO) -> int:
    """A moment of a local day."""
    midnight = dt.datetime.combine(day, dt.time(), tz).timestamp()
    return round((midnight + hour * 3600) * 1000)


def call(
    name: str,
    offered_ms: int,
    outcome: CallOutcome = CallOutcome.ANSWERED,
    *,
    queue: str = "tax",
    wait_s: float = 5.0,
    talk_s: float = 120.0,
    to: tuple[TargetKind, str] | None = None,
    disposition: str = "",
    agent: str = "op01",
    language: str = "ja",
    dialled: str = NUMBER,
    source: Source = Source.CONTROLLER,
) -> list[Record]:
    """One call with its visit and leg, as the ledger would hold it. Four seconds in the menu."""
    answered = outcome is CallOutcome.ANSWERED
    queued = outcome in (CallOutcome.ANSWERED, CallOutcome.ABANDONED)
    kind = CallType.SWITCHBOARD if queue == "switchboard" else CallType.ENQUIRY
    menu_ms, wait_ms = 4_000, round(wait_s * 1000) if queued else 0
    talk_ms = round(talk_s * 1000) if answered else 0
    common: dict[str, Any] = {
        "call": CallId(name),
        "dialled": dialled,
        "trunk": "carrier",
        "language": language,
    }
    of_queue: dict[str, Any] = {**common, "queue": QueueId(queue), "call_type": kind}
    begun = offered_ms + menu_ms
    rows: list[Record] = [
        CallRecord(
            **(of_queue if queued else common),
            switch=SwitchId("a"),
            caller_kind=CallerKind.NUMBER,
            caller_number=CALLER,
            listed=True,
            adopted=False,
            source=source,
            offered_ms=offered_ms,
            closed_ms=begun + wait_ms + talk_ms,
            outcome=outcome,
            cause=16,
            answered_ms=begun + wait_ms if answered else None,
            menu_ms=menu_ms,
            wait_ms=wait_ms,
            talk_ms=talk_ms,
            visits=int(queued),
            legs=int(answered),
            transfers=int(to is not None),
            forwarded=int(to is not None and to[0] is TargetKind.NUMBER),
            disposition=disposition,
            resolved=to is None if disposition else None,
            agent=AgentId(agent) if answered else AgentId(""),
        )
    ]
    if queued:
        by = agent if answered else ""
        rows.append(_visit(of_queue, name, by, offered_ms, begun, wait_ms, outcome))
    if answered:
        rows.append(_leg(of_queue, name, agent, offered_ms, begun, wait_ms, talk_ms, to))
    return rows


def _visit(
    of_queue: dict[str, Any],
    name: str,
    agent: str,
    came_ms: int,
    begun: int,
    wait_ms: int,
    outcome: CallOutcome,
) -> VisitRecord:
    return VisitRecord(
        **of_queue,
        visit=VisitId(f"v-{name}"),
        number=1,
        priority=None,
        entered_ms=begun,
        ended_ms=begun + wait_ms,
        outcome=VisitOutcome(outcome.value),
        wait_ms=wait_ms,
        caller_ms=begun + wait_ms - came_ms,
        offers=int(bool(agent)),
        agent=AgentId(agent) if agent else None,
        came_ms=came_ms,
    )


def _leg(
    of_queue: dict[str, Any],
    name: str,
    agent: str,
    came_ms: int,
    begun: int,
    wait_ms: int,
    talk_ms: int,
    to: tuple[TargetKind, str] | None,
) -> LegRecord:
    return LegRecord(
        **of_queue,
        offer=OfferId(f"o-{name}"),
        visit=VisitId(f"v-{name}"),
        agent=AgentId(agent),
        offered_ms=begun,
        ring_ms=min(wait_ms, 3_000),
        answered_ms=begun + wait_ms,
        ended_ms=begun + wait_ms + talk_ms,
        talk_ms=talk_ms,
        wrap_up_ms=10_000,
        target_kind=to[0] if to else None,
        target=to[1] if to else "",
        came_ms=came_ms,
    )


def at_work(agent: str, from_ms: int, to_ms: int, state: AgentState) -> AgentSpan:
    """A stretch of an operator's time."""
    return AgentSpan(AgentId(agent), from_ms, to_ms, state)


_CLASSES = ("answered", "guided", "put-through", "opinion", "")
_ENDS = (
    *[CallOutcome.ANSWERED] * 16,
    *[CallOutcome.ABANDONED] * 2,
    CallOutcome.LEFT_IN_MENU,
    CallOutcome.CLOSED,
)


def random_day(day: dt.date, seed: int, calls: int, tz: ZoneInfo = TOKYO) -> Iterator[Record]:
    """A day with so many calls, most of them in the morning; each of the rows once."""
    chance = random.Random(f"{day} {seed}")
    for number in range(calls):
        hour = min(23.9, max(7.0, chance.gauss(chance.choice((10.0, 14.0)), 1.6)))
        queue = chance.choice(("tax", "tax", "general", "switchboard"))
        to = chance.choice(((TargetKind.NUMBER, "waste-dept"), (TargetKind.QUEUE, "general")))
        yield from call(
            f"{day:%m%d}.{number}",
            at_ms(day, hour, tz) + chance.randrange(1000),
            chance.choice(_ENDS),
            queue=queue,
            wait_s=round(chance.expovariate(1 / 14), 3),
            talk_s=round(chance.expovariate(1 / 150) + 5, 3),
            to=to if chance.random() < 0.15 else None,
            disposition=chance.choice(_CLASSES),
            agent=chance.choice(("op01", "op02")),
            language=chance.choice(("ja", "ja", "ja", "en")),
        )
    for agent in ("op01", "op02"):
        yield at_work(agent, at_ms(day, 8.5, tz), at_ms(day, 12, tz), AgentState.READY)
        yield at_work(agent, at_ms(day, 13, tz), at_ms(day, 17.25, tz), AgentState.TALKING)


async def store(url: str, rows: Iterator[Record] | list[Record], seq: int = 1) -> None:
    """Put rows into a ledger, as a journal's frame would bring them."""
    outcomes: list[OutcomeRow] = []
    details: list[DetailRow] = []
    for row in rows:
        if isinstance(row, CallRecord | VisitRecord):
            outcomes.append(row)
        else:
            assert isinstance(row, LegRecord | AgentSpan)
            details.append(row)
    step = Step(1.0, TimerFired(TimerToken(1)), [])
    records = SqlRecords(url)
    try:
        await records.store("test", [encode(seq, step, outcomes, details)])
    finally:
        await records.close()
