"""From the tables of ``plan.toml`` to the engine's :class:`acd.core.plan.Plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd.config.faults import Faults, quoted
from acd.config.kinds import id_fault
from acd.config.plan_checks import FILE, PlanTables
from acd.config.plan_file import (
    AgentTable,
    DirectoryTable,
    LadderRow,
    NumberTable,
    OverflowRow,
    PlanHead,
    QueueTable,
    parse_target,
)
from acd.config.reading import validate, validate_each
from acd.core.ids import AgentId, QueueId, SwitchId
from acd.core.plan import (
    AgentPlan,
    CalendarPlan,
    CooldownPlan,
    DirectoryEntry,
    LadderStep,
    NumberPlan,
    OverflowRule,
    Plan,
    QueuePlan,
    SeatPlan,
    SkillName,
    SkillNeed,
)

#: How many of each a plan may have: far beyond any centre, small enough for every screen.
LIMITS = {"queues": 500, "agents": 5_000, "numbers": 2_000, "directory": 5_000, "skills": 500}


def read_tables(table: dict[str, Any], faults: Faults) -> PlanTables | None:
    """The file's tables of the right shape; ``None`` when its head is wrong."""
    for key, limit in LIMITS.items():
        if isinstance(table.get(key), dict | list) and len(table[key]) > limit:
            faults.add(f"{FILE}:{key}", f"has more than {limit} entries")
            return None
    head = validate(PlanHead, table, f"{FILE}:", faults)
    parts = {
        "queues": validate_each(
            QueueTable, table.get("queues", {}), f"{FILE}:queues", faults, id_fault
        ),
        "agents": validate_each(
            AgentTable, table.get("agents", {}), f"{FILE}:agents", faults, id_fault
        ),
        "directory": validate_each(
            DirectoryTable, table.get("directory", {}), f"{FILE}:directory", faults, id_fault
        ),
    }
    numbers = _numbers(table.get("numbers", []), faults)
    if head is None:
        return None
    return PlanTables(head=head, numbers=numbers, **parts)  # type: ignore[arg-type]


def _numbers(rows: object, faults: Faults) -> dict[int, NumberTable]:
    if not isinstance(rows, list):
        faults.add(f"{FILE}:numbers", f"must be [[numbers]] tables, not {quoted(rows)}")
        return {}
    good = {}
    for index, row in enumerate(rows):
        number = validate(NumberTable, row, f"{FILE}:numbers[{index}]", faults)
        if number is not None:
            good[index] = number
    return good


def make_plan(
    tables: PlanTables, calendars: tuple[CalendarPlan, ...], digest: str, switch: str
) -> Plan:
    """The plan; ``digest`` makes its version unique to what the files say."""
    head = tables.head
    return Plan(
        version=f"{head.version}+{digest}" if head.version else digest,
        queues=tuple(_queue(key, each) for key, each in tables.queues.items()),
        agents=tuple(_agent(key, each, switch) for key, each in tables.agents.items()),
        numbers=tuple(_number(each) for each in tables.numbers.values()),
        directory=tuple(_entry(key, each) for key, each in tables.directory.items()),
        calendars=calendars,
        default_queue=QueueId(head.default_queue),
        default_flow=head.default_flow,
        timezone=head.timezone,
        priority_step_s=head.priority_step_s,
        last_agent_memory_s=head.last_agent_memory_s,
        offer_lease_s=head.offer_lease_s,
        max_calls=head.max_calls,
        cooldown=CooldownPlan(**head.cooldown.model_dump()),
        seed=head.seed,
        talk=head.talk.plan(),
        skills=tuple(SkillName(key, each.ja, each.en) for key, each in head.skills.items()),
    )


def _needs(levels: Mapping[str, int]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(skill, level) for skill, level in sorted(levels.items()))


def _queue(key: str, table: QueueTable) -> QueuePlan:
    return QueuePlan(
        id=QueueId(key),
        name_ja=table.name.ja,
        name_en=table.name.en,
        call_type=table.call_type,
        needs=_needs(table.needs),
        prefers=_needs(table.prefers),
        priority=table.priority,
        strategy=table.strategy,
        ring_timeout_s=table.ring_timeout_s,
        wrap_up_s=table.wrap_up_s,
        max_length=table.max_length,
        max_wait_s=table.max_wait_s,
        max_offers=table.max_offers,
        prefer_last_agent_s=table.prefer_last_agent_s,
        hours=table.hours or "",
        sl_threshold_s=table.sl_threshold_s,
        announce_every_s=table.announce_every_s,
        name_prompt=table.name_prompt or "",
        ladder=tuple(_step(row) for row in table.ladder),
        overflow=tuple(_rule(row) for row in table.overflow),
        recorded=table.recorded,
        reading=table.reading or "",
    )


def _step(row: LadderRow) -> LadderStep:
    return LadderStep(
        after_s=row.after_s,
        lower=_needs(row.lower),
        drop_preferences=row.drop_preferences,
        add_queue=QueueId(row.add_queue) if row.add_queue else None,
        raise_priority=row.raise_priority,
    )


def _rule(row: OverflowRow) -> OverflowRule:
    return OverflowRule(kind=row.when, target=parse_target(row.to), threshold=row.at or 0.0)


def _agent(key: str, table: AgentTable, switch: str) -> AgentPlan:
    return AgentPlan(
        id=AgentId(key),
        name=table.name,
        device=table.device,
        skills=_needs(table.skills),
        switch=SwitchId(table.switch or switch),
        outside=f"PJSIP/{table.outside.number}@{table.outside.trunk}" if table.outside else "",
        team=table.team or "",
        seat=SeatPlan(table.seat.row, table.seat.column) if table.seat else None,
        reading=table.reading or "",
    )


def _number(table: NumberTable) -> NumberPlan:
    return NumberPlan(
        number=table.number,
        flow=table.flow,
        name_ja=table.name.ja,
        name_en=table.name.en,
        recorded=table.recorded,
        keep_days=table.keep_days or 0,
    )


def _entry(key: str, table: DirectoryTable) -> DirectoryEntry:
    return DirectoryEntry(
        id=key,
        name_ja=table.name.ja,
        name_en=table.name.en,
        dial=table.dial.dial_string(),
        hours=table.hours or "",
        reading=table.reading or "",
    )
