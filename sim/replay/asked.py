"""What a planner asks of a recorded day, as the change that it means."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from acd.core.cdr_types import CallRecord
from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.core.inputs import PlanChanged
from acd.core.plan import Plan
from acd.errors import NotFound, Refused
from sim.replay.change import Change
from sim.replay.day import Day


@dataclass(frozen=True, slots=True)
class Asked:
    """As it was written: ``absent`` is a number or names, ``lines`` a number or a step (-1)."""

    plus: int = 0
    like: str | None = None
    absent: str | None = None
    lines: str | None = None
    plan: Plan | None = None
    seed: int = 1


def change_of(day: Day, asked: Asked) -> Change:
    """The change that is meant.

    Raises:
        NotFound: an operator who was not there that day.
        Refused: a number that cannot be read.
    """
    plus: tuple[AgentId, ...] = ()
    if asked.plus:
        like = _known(day, asked.like) if asked.like else _busiest(day)
        plus = (like,) * asked.plus
    return Change(
        plus,
        _absent(day, asked) if asked.absent else (),
        _lines(day, asked.lines) if asked.lines else None,
        asked.plan,
    )


def plan_of_day(day: Day) -> Plan:
    """The plan in force when the day ended."""
    plan = Engine.restore(day.engine, day.tz).planned
    for noted in day.script:
        if isinstance(noted.happened, PlanChanged):
            plan = noted.happened.plan
    return plan


def most_at_once(day: Day) -> int:
    """How many calls there were at the same time at most."""
    moments: list[tuple[int, int]] = []
    for row in day.rows:
        if isinstance(row, CallRecord):
            moments += [(row.offered_ms, 1), (max(row.closed_ms, row.offered_ms + 1), -1)]
    now = most = 0
    for _, step in sorted(moments):
        now += step
        most = max(most, now)
    return most


def _workers(day: Day) -> Counter[AgentId]:
    """Operators with how many rings each answered."""
    rings = day.all_rings()
    return Counter(ring.agent for ring in rings if ring.connected_s is not None)


def _busiest(day: Day) -> AgentId:
    workers = _workers(day)
    if not workers:
        raise NotFound(
            "nobody answered a call on that day: say whom they work like (--like)",
            ja="その日は応答した人がいません。--like で指定してください。",
        )
    return min(workers, key=lambda agent: (-workers[agent], agent))


def _known(day: Day, name: str) -> AgentId:
    if not any(agent.id == name for agent in plan_of_day(day).agents):
        raise NotFound(
            f'there is no operator "{name[:60]}" in the plan of that day',
            code="unknown_agent",
            ja=f"その日の計画にオペレーター「{name[:60]}」がいません。",
        )
    return AgentId(name)


def _absent(day: Day, asked: Asked) -> tuple[AgentId, ...]:
    written = (asked.absent or "").strip()
    if not written.isdecimal():
        names = [name.strip() for name in written.split(",") if name.strip()]
        return tuple(_known(day, name) for name in dict.fromkeys(names))
    workers = sorted(_workers(day))
    number = int(written)
    if number > len(workers):
        raise Refused(
            f"{number} cannot be absent: {len(workers)} answered calls on that day",
            ja=f"その日に応答したのは{len(workers)}人です。{number}人は休めません。",
        )
    return tuple(sorted(random.Random(f"{asked.seed}:absent").sample(workers, number)))


def _lines(day: Day, written: str) -> int:
    """A step counts from the lines of the plan, or, where those are more than were ever used, from
    the most that were used at once."""
    try:
        number = int(written)
    except ValueError as error:
        raise Refused(
            f'"{written[:40]}" is no number of lines: write 30, or -1 for one less',
            ja=f"「{written[:40]}」は回線数ではありません。30、または1本減の -1 と書いてください。",
        ) from error
    if written.strip()[0] in "+-":
        number += min(plan_of_day(day).max_calls, most_at_once(day))
    return number
