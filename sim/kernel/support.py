"""What the kernel takes: everything wrong or not supported in a scenario, named at once."""

from __future__ import annotations

import math

from acd.errors import Refused
from sim.inputs.scenario import Scenario

#: More operators than this in all, and more of them at more borders, are refused.
MOST_OPERATORS = 10_000_000

Faults = list[tuple[str, str]]


def refuse(scenario: Scenario) -> None:
    """Raises Refused with all that is wrong, in one sentence each."""
    found = faults(scenario)
    if scenario.habits is not None:
        found.append(
            (
                "menus, ringing and breaks one by one are played by the product's own engine "
                "alone (--engine twin)",
                "案内・呼び出し・1人ずつの休憩は、製品のエンジンだけが再現します(--engine twin)",
            )
        )
    if found:
        raise Refused(
            f'"{scenario.name}" cannot be simulated: ' + "; ".join(en for en, _ in found),
            code="kernel_unsupported",
            ja=f"「{scenario.name}」は計算できません。" + "、".join(ja for _, ja in found),
        )


def faults(scenario: Scenario) -> Faults:
    """All that is wrong, each in English and Japanese."""
    if not scenario.classes or not scenario.groups or not scenario.periods:
        return [
            (
                "there must be a kind of call, a group and a period at least",
                "電話の種類・グループ・時間帯が少なくとも一つずつ必要です",
            )
        ]
    return [*_of_classes(scenario), *_of_groups(scenario), *_of_limits(scenario)]


def _of_classes(scenario: Scenario) -> Faults:
    found: Faults = []
    groups = {group.name for group in scenario.groups}
    for of in scenario.classes:
        if not len(of.arrivals_per_s) == len(of.patience) == scenario.periods:
            found.append(
                (
                    f'"{of.name}": rates and patience for {scenario.periods} periods each',
                    f"「{of.name}」の件数とがまん時間は{scenario.periods}個ずつ必要です",
                )
            )
        if not all(rate >= 0 and math.isfinite(rate) for rate in of.arrivals_per_s):
            found.append(
                (
                    f'"{of.name}": a rate is negative or no number',
                    f"「{of.name}」の件数が負か、数ではありません",
                )
            )
        named = {name for tier in of.prefers for name in tier} | {n for _, n in of.overflow}
        for name in sorted(named - groups):
            found.append(
                (
                    f'"{of.name}" names the group "{name}", which is not there',
                    f"「{of.name}」にあるグループ「{name}」がありません",
                )
            )
        if any(not after_s >= 0 for after_s, _ in of.overflow):
            found.append(
                (f'"{of.name}": a negative overflow', f"「{of.name}」のあふれの時間が負です")
            )
    return found


def _of_groups(scenario: Scenario) -> Faults:
    found: Faults = []
    for group in scenario.groups:
        if len(group.agents) != scenario.periods:
            found.append(
                (
                    f'"{group.name}": operators for {scenario.periods} periods',
                    f"「{group.name}」の人数は{scenario.periods}個必要です",
                )
            )
        if any(number < 0 for number in group.agents):
            found.append(
                (
                    f'"{group.name}": a negative number of operators',
                    f"「{group.name}」の人数が負です",
                )
            )
    if sum(max(group.agents, default=0) for group in scenario.groups) > MOST_OPERATORS:
        found.append(
            (
                f"more than {MOST_OPERATORS:,} operators",
                f"オペレーターが{MOST_OPERATORS:,}人を超えています",
            )
        )
    return found


def _of_limits(scenario: Scenario) -> Faults:
    found: Faults = []
    unknown = sorted(set(scenario.order) - {of.name for of in scenario.classes})
    if unknown:
        names = ", ".join(unknown)
        found.append(
            (
                f'"order" names {names}, which no kind of call is called',
                f"「order」の{names}という電話の種類はありません",
            )
        )
    if not 0 <= scenario.redial <= 1:
        found.append(
            ("the share of redials is not between 0 and 1", "かけ直しの割合が0〜1の外です")
        )
    for value, en, ja in (
        (scenario.lines, "lines", "回線数"),
        (scenario.waiting_places, "waiting places", "待ち席数"),
    ):
        if value is not None and value < 0:
            found.append((f"a negative number of {en}", f"{ja}が負です"))
    if not (scenario.period_s > 0 and math.isfinite(scenario.day_s)):
        found.append(("a period must last some time", "時間帯の長さが正しくありません"))
    return found
