"""By what figures are told apart: queue, number dialled, skill, call type, language, operator,
team, trunk.

A row has one value of each but skills: a call that needs two counts under both, so skills do not
sum to the whole; all others do. An empty value means *none*: a call that never came to a queue.
Calls stand under their last queue and the operator who talked last with the caller, visits under
the operator who answered, offers and talks under the operator they were of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from acd.core.cdr_types import AgentSpan, CallRecord, LegRecord, VisitRecord
from acd.core.plan import Plan
from metrics.measure import Params

#: A row that figures are made of.
Row = CallRecord | VisitRecord | LegRecord | AgentSpan


class Dim(StrEnum):
    """A dimension; ``ALL`` is the whole centre, whose one value is empty."""

    ALL = "all"
    QUEUE = "queue"
    NUMBER = "number"
    SKILL = "skill"
    CALL_TYPE = "call_type"
    LANGUAGE = "language"
    OPERATOR = "operator"
    TEAM = "team"
    TRUNK = "trunk"

    __hash__ = str.__hash__


#: Where every visit counts as one (:class:`metrics.measure.Params`).
VISIT_DIMS = (Dim.QUEUE, Dim.SKILL)
#: Operators' time has these alone.
PEOPLE_DIMS = (Dim.ALL, Dim.OPERATOR, Dim.TEAM)


class Shape(Struct, frozen=True):
    """What rows do not say themselves: the skills of a queue, the team of an operator. It is the
    plan's of today, so a team that is made counts for the past as well."""

    queue_skills: dict[str, tuple[str, ...]] = {}
    teams: dict[str, str] = {}


def shape_of(plan: Plan) -> Shape:
    """The shape of a plan."""
    return Shape(
        {queue.id: tuple(need.skill for need in queue.needs) for queue in plan.queues},
        {agent.id: agent.team for agent in plan.agents if agent.team},
    )


def values_of(row: Row, dim: Dim, shape: Shape) -> tuple[str, ...]:
    """The values under which a row counts."""
    if isinstance(row, AgentSpan):
        return _OF_PEOPLE[dim](row, shape) if dim in _OF_PEOPLE else ()
    return _OF_CALLS[dim](row, shape)


def _skills(row: CallRecord | VisitRecord | LegRecord, shape: Shape) -> tuple[str, ...]:
    queue = shape.queue_skills.get(row.queue, ())
    if not row.skills:
        return queue or ("",)
    return tuple(dict.fromkeys([*queue, *row.skills.split(",")]))


#: How a row's values are had: by table, since every row is asked for every dimension.
_OF_PEOPLE: dict[Dim, Callable[[Row, Shape], tuple[str, ...]]] = {
    Dim.ALL: lambda row, shape: ("",),
    Dim.OPERATOR: lambda row, shape: (row.agent or "",),
    Dim.TEAM: lambda row, shape: (shape.teams.get(row.agent or "", ""),),
}
_OF_CALLS: dict[Dim, Callable[[Any, Shape], tuple[str, ...]]] = {
    **_OF_PEOPLE,
    Dim.QUEUE: lambda row, shape: (row.queue,),
    Dim.SKILL: _skills,
    Dim.NUMBER: lambda row, shape: (row.dialled,),
    Dim.LANGUAGE: lambda row, shape: (row.language,),
    Dim.TRUNK: lambda row, shape: (row.trunk,),
    Dim.CALL_TYPE: lambda row, shape: (row.call_type.value if row.call_type else "",),
}


def counts_under(row: Row, wanted: Mapping[Dim, str], shape: Shape) -> bool:
    """Whether a row has all these values; any combination may be asked for."""
    return all(value in values_of(row, dim, shape) for dim, value in wanted.items())


def came_ms(row: CallRecord | VisitRecord | LegRecord) -> int:
    """When the row's call was offered: what is of a call belongs where the call does."""
    return row.offered_ms if isinstance(row, CallRecord) else row.came_ms


def params_for(dim: Dim, params: Params) -> Params:
    """The parameters for figures by this dimension: of queues and skills, visits count."""
    return Params(params.threshold_ms, params.short_ms, params.from_answer, dim in VISIT_DIMS)
