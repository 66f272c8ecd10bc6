"""A scenario as the plan of a centre: what the engine needs to know to route its calls.

Callers of one class need one skill, and the groups that serve them hold it. Preferred groups hold a
higher level, which the calls prefer: the engine asks those first who meet most preferences. Groups
that serve a class after a while hold a skill of their own, which a step of the ladder adds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from msgspec.structs import replace

from acd.core.ids import AgentId, QueueId
from acd.core.plan import (
    AgentPlan,
    CooldownPlan,
    LadderStep,
    Plan,
    QueuePlan,
    SkillNeed,
)
from acd.errors import Refused
from sim.inputs.scenario import CallClass, Group, Habits, Rule, Scenario
from sim.kernel.support import faults

#: Levels that a skill can have: so many tiers of preference can be told apart.
LEVELS = 9
#: Nobody leaves because a limit of the plan was reached: the scenario says who gives up when.
NEVER_S = math.inf
#: More calls than any line holds.
NO_LIMIT = 1 << 60
#: The one queue of a scenario whose classes share their waiting places.
SHARED = QueueId("all")

Seat = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The plan, and how scenario and plan name the same things.

    ``seats``: group and number of each operator; ``people``: the operators of each group, by
    number. ``queues``, ``needs``, ``prefers`` and ``priorities``: what a call of each class asks.
    """

    plan: Plan
    seats: dict[AgentId, Seat]
    people: tuple[tuple[AgentId, ...], ...]
    queues: tuple[QueueId, ...]
    needs: tuple[tuple[SkillNeed, ...], ...]
    prefers: tuple[tuple[SkillNeed, ...], ...]
    priorities: tuple[int | None, ...]


def plan_of(scenario: Scenario) -> Mapped:
    """The plan of a scenario; raises Refused with everything that the engine cannot express."""
    wrong = refusals(scenario)
    if wrong:
        raise Refused(
            f'"{scenario.name}" cannot be played by the product\'s own engine: '
            + "; ".join(en for en, _ in wrong),
            code="twin_unsupported",
            ja=f"「{scenario.name}」は製品のエンジンでは再現できません。"
            + "、".join(ja for _, ja in wrong),
        )
    people = tuple(_people(number, group) for number, group in enumerate(scenario.groups))
    seats = {
        person: (group, number)
        for group, persons in enumerate(people)
        for number, person in enumerate(persons)
    }
    own = [_own_queue(scenario, number) for number in range(len(scenario.classes))]
    shared = scenario.waiting_places is not None and len(own) > 1
    queues = tuple(SHARED if shared else queue.id for queue in own)
    if shared:
        wrap_up_s = max(queue.wrap_up_s for queue in own)
        planned = [_queue(SHARED, scenario.waiting_places, wrap_up_s=wrap_up_s)]
    else:
        planned = [*own, *_added_queues(scenario)]
    agents = tuple(
        AgentPlan(person, "", person, _skills(scenario, seats[person][0]))
        for persons in people
        for person in persons
    )
    lines = scenario.lines
    plan = Plan(
        scenario.name,
        tuple(planned),
        agents,
        default_queue=planned[0].id,
        priority_step_s=scenario.priority_step_s,
        max_calls=NO_LIMIT if lines is None else lines,
    )
    return Mapped(
        plan if scenario.habits is None else _rung(plan, scenario.habits),
        seats,
        people,
        queues,
        tuple(queue.needs if shared else () for queue in own),
        tuple(queue.prefers if shared else () for queue in own),
        tuple(queue.priority if shared else None for queue in own),
    )


def _rung(plan: Plan, habits: Habits) -> Plan:
    """The plan where telephones ring, and some rings are not answered."""
    queues = [
        replace(each, ring_timeout_s=habits.ring_timeout_s, max_offers=NO_LIMIT)
        for each in plan.queues
    ]
    cooldown = CooldownPlan(no_answer_s=habits.away_s)
    return replace(plan, queues=tuple(queues), cooldown=cooldown)


def refusals(scenario: Scenario) -> list[tuple[str, str]]:
    """What the engine cannot express, each in English and Japanese."""
    found = faults(scenario)
    if found:
        return found
    if scenario.rule is not Rule.LONGEST_WAIT:
        found.append(
            (
                f'rule "{scenario.rule.value}": the engine serves the longest wait first, '
                "with priorities",
                f"規則「{scenario.rule.value}」(製品は待ち時間の長い順と優先度だけです)",
            )
        )
    for of in scenario.classes:
        if len(of.prefers) > LEVELS:
            found.append(
                (
                    f'"{of.name}" prefers {len(of.prefers)} tiers of groups: {LEVELS} at most',
                    f"「{of.name}」の優先の段階が{len(of.prefers)}段(最大{LEVELS}段)",
                )
            )
        if any(after_s <= 0 for after_s, _ in of.overflow):
            found.append(
                (
                    f'"{of.name}" overflows after 0 s: name the group in "prefers"',
                    f"「{of.name}」の0秒後のあふれ(「prefers」に書いてください)",
                )
            )
    if (
        scenario.waiting_places is not None
        and len(scenario.classes) > 1
        and any(of.overflow for of in scenario.classes)
    ):
        found.append(
            (
                "waiting places shared by several classes, together with overflow",
                "複数の種類で共有する待ち席とあふれの組み合わせ",
            )
        )
    return found


def serves(of: CallClass, group: Group) -> bool:
    """Whether a group serves a class from its arrival on."""
    named = not of.prefers or any(group.name in tier for tier in of.prefers)
    return named and of.name in group.skills


def _people(number: int, group: Group) -> tuple[AgentId, ...]:
    return tuple(AgentId(f"{number}.{seat}") for seat in range(max(group.agents, default=0)))


def _skill(number: int) -> str:
    return f"class-{number}"


def _added(number: int, group: str) -> str:
    return f"class-{number}+{group}"


def _skills(scenario: Scenario, number: int) -> tuple[SkillNeed, ...]:
    """What the operators of a group hold: a class each, the higher the more they are preferred."""
    group = scenario.groups[number]
    held = []
    for which, of in enumerate(scenario.classes):
        if serves(of, group):
            tiers = [group.name in tier for tier in of.prefers]
            level = len(tiers) - tiers.index(True) if tiers else 1
            held.append(SkillNeed(_skill(which), level))
        elif any(group.name == added for _, added in of.overflow):
            held.append(SkillNeed(_added(which, group.name)))
    return tuple(held)


def _own_queue(scenario: Scenario, number: int) -> QueuePlan:
    """The queue of a class."""
    of = scenario.classes[number]
    needs = (SkillNeed(_skill(number)),)
    prefers = tuple(SkillNeed(_skill(number), level) for level in range(2, len(of.prefers) + 1))
    ladder = tuple(
        LadderStep(after_s, add_queue=QueueId(_added(number, group)))
        for after_s, group in sorted(of.overflow, key=lambda step: step[0])
    )
    return _queue(
        QueueId(_skill(number)),
        scenario.waiting_places,
        needs=needs,
        prefers=prefers,
        ladder=ladder,
        priority=of.priority,
        wrap_up_s=0.0 if of.wrap_up is None else NEVER_S,
        sl_threshold_s=of.threshold_s,
    )


def _added_queues(scenario: Scenario) -> list[QueuePlan]:
    """A queue for each group that helps a class out: no call enters it, a ladder adds it."""
    names = dict.fromkeys(
        _added(number, group)
        for number, of in enumerate(scenario.classes)
        for _, group in of.overflow
    )
    return [_queue(QueueId(name), None, needs=(SkillNeed(name),)) for name in names]


def _queue(
    queue: QueueId,
    waiting_places: int | None,
    *,
    needs: tuple[SkillNeed, ...] = (),
    prefers: tuple[SkillNeed, ...] = (),
    ladder: tuple[LadderStep, ...] = (),
    priority: int = 0,
    wrap_up_s: float = 0.0,
    sl_threshold_s: float = 20.0,
) -> QueuePlan:
    """A queue that nobody leaves but by giving up. A wrap-up lasts until the operator ends it."""
    return QueuePlan(
        queue,
        "",
        "",
        needs=needs,
        prefers=prefers,
        ladder=ladder,
        priority=priority,
        wrap_up_s=wrap_up_s,
        sl_threshold_s=sl_threshold_s,
        ring_timeout_s=NEVER_S,
        max_length=NO_LIMIT if waiting_places is None else waiting_places,
        max_wait_s=NEVER_S,
    )
