"""How a centre's plan ranks the calls that wait and who helps out, as far as a scenario says it."""

from __future__ import annotations

from collections.abc import Mapping

from acd.core.ids import QueueId
from acd.core.plan import Plan, QueuePlan, SkillNeed
from agents.skills import can_serve
from sim.calibrate.past import Rules

#: A group's name, and what each of its operators can do.
Members = Mapping[str, list[dict[str, int]]]


def rules_of(plan: Plan, groups: Mapping[str, tuple[str, tuple[str, ...]]]) -> tuple[Rules, ...]:
    """The rules of each queue, in the plan's order. ``groups``: the name of each operator's group
    and the queues that it takes from the first second on."""
    members: dict[str, list[dict[str, int]]] = {}
    for agent in plan.agents:
        if agent.id in groups:
            levels = {each.skill: each.level for each in agent.skills}
            members.setdefault(groups[agent.id][0], []).append(levels)
    takes = dict(groups.values())
    needs = {queue.id: queue.needs for queue in plan.queues}
    return tuple(
        Rules(
            queue.priority,
            _helps(queue, needs, members, {name for name in takes if queue.id in takes[name]}),
        )
        for queue in plan.queues
    )


def _helps(
    queue: QueuePlan,
    needs: Mapping[QueueId, tuple[SkillNeed, ...]],
    members: Members,
    served: set[str],
) -> tuple[tuple[float, str], ...]:
    """Which groups take the queue's calls after how many seconds: those of whom most can."""
    own = {need.skill: need.level for need in queue.needs}
    added: list[tuple[SkillNeed, ...]] = []
    found: list[tuple[float, str]] = []
    for step in queue.ladder:
        for low in step.lower:
            if low.skill in own:
                own[low.skill] = min(own[low.skill], low.level)
        if step.add_queue is not None and step.add_queue in needs:
            added.append(needs[step.add_queue])
        ways = [tuple(SkillNeed(skill, level) for skill, level in own.items()), *added]
        for name, people in members.items():
            able = sum(any(can_serve(levels, way) for way in ways) for levels in people)
            if name not in served and 2 * able > len(people):
                served.add(name)
                found.append((step.after_s, name))
    return tuple(found)


def unsaid(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What of the plan no scenario can say, in Japanese and English: empty, or one sentence."""
    names = ", ".join(queue.id for queue in plan.queues if _says_more(queue))
    if not names:
        return ()
    return (
        (
            f"{names}: 優先する技能や前回の担当者、待つうちに上がる優先度、"
            "ほかの窓口などへのあふれは、シナリオに入っていません。",
            f"{names}: preferred skills and last operators, priorities that rise while calls wait "
            "and overflow elsewhere are not in the scenario.",
        ),
    )


def _says_more(queue: QueuePlan) -> bool:
    rises = any(step.raise_priority for step in queue.ladder)
    return bool(rises or queue.prefers or queue.prefer_last_agent_s or queue.overflow)
