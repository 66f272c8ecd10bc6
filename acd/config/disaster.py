"""``disaster.toml``: what the disaster switch changes, checked as whole as everything else.

The file is optional. A ``[queues.ID]`` in it holds only the keys that differ from the plan's; what
comes of both must be right as a whole, references and overflow included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from msgspec import structs
from pydantic import Field

from acd.config.faults import Faults, nearest
from acd.config.kinds import Count, FileTable, Id, Name, Number, id_fault
from acd.config.plan_checks import FILE as PLAN_FILE
from acd.config.plan_checks import Names, PlanTables, check_plan
from acd.config.plan_file import QueueTable
from acd.config.plan_make import make_plan
from acd.config.reading import Table, validate
from acd.core.plan import CalendarPlan, DisasterPlan, Plan

FILE = "disaster.toml"


class DrillTable(FileTable):
    """Calls to these numbers of ours, and calls from these telephones."""

    numbers: Annotated[tuple[Number, ...], Field(max_length=50)] = ()
    callers: Annotated[tuple[Number, ...], Field(max_length=50)] = ()


class DisasterTable(FileTable):
    """The file: the banner, and what differs (what is left out stays as in the plan).

    ``flow`` answers every number, unlisted ones too: greeting and menu. ``hours`` is the calendar
    that holds in place of every other. ``max_calls`` caps the calls at once. ``drill``: which calls
    a drill is played with; all others are served as ever meanwhile.
    """

    banner: Name
    flow: Id | None = None
    hours: Id | None = None
    max_calls: Count | None = None
    drill: DrillTable = DrillTable()
    queues: Any = Field(default_factory=dict)


@dataclass(frozen=True)
class Disaster:
    """The file when it has the right shape, and the plan's tables with its changes in them."""

    head: DisasterTable
    tables: PlanTables


def read_disaster(
    table: Table, plan: Table, tables: PlanTables, names: Names, faults: Faults
) -> Disaster | None:
    """The file's contents, checked; ``None`` with the faults noted when its head is wrong.

    ``plan`` is ``plan.toml`` as written, ``tables`` its tables of the right shape.
    """
    head = validate(DisasterTable, table, f"{FILE}:", faults)
    if head is None:
        return None
    _known(f"{FILE}:flow", "flow", head.flow, names.flows, faults)
    _known(f"{FILE}:hours", "calendar", head.hours, names.calendars, faults)
    changed = replace(tables, queues={**tables.queues, **_queues(head, plan, tables, faults)})
    found = Faults()
    check_plan(changed, names, found)
    _add_new(found, faults)
    return Disaster(head, changed)


def _add_new(found: Faults, faults: Faults) -> None:
    """What is wrong with the plan itself is told once, under its own file."""
    for fault in found.found:
        if fault not in faults.found:
            faults.add(fault.path.replace(f"{PLAN_FILE}:", f"{FILE}:", 1), fault.message)


def _queues(
    head: DisasterTable, plan: Table, tables: PlanTables, faults: Faults
) -> dict[str, QueueTable]:
    if not isinstance(head.queues, dict):
        faults.add(f"{FILE}:queues", "must be a table of tables")
        return {}
    made: dict[str, QueueTable] = {}
    for key, differences in head.queues.items():
        path = f"{FILE}:queues.{key}"
        if id_fault(key) or key not in plan.get("queues", {}):
            faults.add(path, f"there is no queue {key[:40]!r}" + nearest(key, tables.queues))
        elif not isinstance(differences, dict):
            faults.add(path, "must be a table")
        elif key in tables.queues:
            found = Faults()
            merged = {**plan["queues"][key], **differences}
            whole = validate(QueueTable, merged, f"{PLAN_FILE}:queues.{key}", found)
            _add_new(found, faults)
            if whole is not None:
                made[key] = whole
    return made


def _known(path: str, kind: str, name: str | None, known: Any, faults: Faults) -> None:
    if name is not None and name not in known:
        faults.add(path, f"there is no {kind} {name!r}" + nearest(name, known))


def with_disaster(plan: Plan, disaster: Disaster, switch: str) -> Plan:
    """The plan with what the disaster switch changes in it."""
    head = disaster.head
    changed = make_plan(disaster.tables, plan.calendars, "", switch)
    numbers = plan.numbers
    if head.flow is not None:
        numbers = tuple(structs.replace(each, flow=head.flow) for each in numbers)
    return structs.replace(
        plan,
        disaster=DisasterPlan(
            queues=changed.queues,
            numbers=numbers,
            calendars=_calendars(plan.calendars, head.hours),
            default_flow=head.flow or plan.default_flow,
            max_calls=head.max_calls or plan.max_calls,
            banner_ja=head.banner.ja,
            banner_en=head.banner.en,
            drill_numbers=head.drill.numbers,
            drill_callers=head.drill.callers,
        ),
    )


def _calendars(calendars: tuple[CalendarPlan, ...], hours: str | None) -> tuple[CalendarPlan, ...]:
    """Every calendar under its own name, with the hours of the one that holds for all."""
    by_id: Mapping[str, CalendarPlan] = {calendar.id: calendar for calendar in calendars}
    if hours is None or hours not in by_id:
        return calendars
    return tuple(structs.replace(by_id[hours], id=calendar.id) for calendar in calendars)
