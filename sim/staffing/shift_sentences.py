"""What ``plan shifts`` says, in the language asked for: how many, why so many, what absences do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sim.staffing.absences import Day, rostered
from sim.staffing.cover import Cover
from sim.staffing.people import Assigned
from sim.staffing.roster import RosterPlan
from sim.staffing.sentences import percent


def sentences(
    plan: RosterPlan,
    found: Cover,
    assigned: Sequence[Assigned],
    days: Sequence[Day],
    threshold_s: float | None,
    japanese: bool,
) -> list[str]:
    """The whole answer."""
    lines = [_first(plan, found, japanese), _why(plan, japanese), _breaks(plan, japanese)]
    lines += _closed(plan, japanese) + _open(assigned, japanese)
    lines += [_day(each, threshold_s, japanese) for each in days]
    return lines


def _first(plan: RosterPlan, found: Cover, japanese: bool) -> str:
    shifts = Counter(duty.shift.name for duty in found.duties)
    texts = [f"{name} × {number}" for name, number in sorted(shifts.items())]
    people, cost = len(found.duties), f"{found.cost:,.2f}".rstrip("0").rstrip(".")
    gap = f"{100 * found.gap:.2f} %"
    sure_ja = (
        "これより安い勤務表はありません" if found.gap < 1e-9 else f"最も安いものとの差は最大{gap}"
    )
    sure = "no roster is cheaper" if found.gap < 1e-9 else f"at most {gap} above the cheapest"
    linear = f"{found.linear_bound:,.1f}"
    if japanese:
        return (
            f"1日に{people}人: {'、'.join(texts)}。費用は{cost}です({sure_ja}。"
            f"人を分けられるとした場合の下限は{linear})。"
        )
    return (
        f"{people} people a day: {', '.join(texts)}. They cost {cost} ({sure}; the linear bound, "
        f"with people in parts, is {linear})."
    )


def _why(plan: RosterPlan, japanese: bool) -> str:
    group, slot, number = max(
        ((group, slot, number) for group, numbers in plan.required.items()
         for slot, number in enumerate(numbers)),
        key=lambda each: each[2],
    )  # fmt: skip
    planned, at = rostered(number, plan.absence), plan.clock(slot)
    share = f"{100 * plan.absence:g} %"
    if japanese:
        return (
            f"最も多いのは{at}の{group}で、席は{number}。休む人が{share}いるので、"
            f"{number} ÷ (1 − {share}) = {planned}人を画面の前に置きます。"
        )
    return (
        f"Most are needed at {at}: {number} seats of {group}. With {share} absent, "
        f"{number} ÷ (1 − {share}) = {planned} are planned at the screen."
    )


def _breaks(plan: RosterPlan, japanese: bool) -> str:
    screen, rest = (int(each * plan.slot_s / 60) for each in (plan.rule.screen, plan.rule.rest))
    if japanese:
        return (
            f"どの人も画面作業は続けて{screen}分まで、その後{rest}分休みます。"
            "6時間を超えて働く日は45分以上、8時間を超える日は60分以上の昼休みがあります。"
        )
    return (
        f"Nobody is at the screen for more than {screen} minutes without a rest of {rest}. "
        "More than 6 hours of work have a meal of at least 45 minutes, more than 8 one of 60."
    )


def _closed(plan: RosterPlan, japanese: bool) -> list[str]:
    if not plan.closed:
        return []
    days = [day.isoformat() for day in plan.closed]
    if japanese:
        return [f"閉庁日のため、{'、'.join(days)}には勤務を置きません。"]
    return [f"Closed, and so without duties: {', '.join(days)}."]


def _open(assigned: Sequence[Assigned], japanese: bool) -> list[str]:
    missing = Counter(
        (each.day, each.duty.group, each.duty.shift.name) for each in assigned if not each.person
    )
    if not missing:
        return []
    texts = [
        f"{day.isoformat()} {group} {shift}: {number}"
        for (day, group, shift), number in sorted(missing.items())[:5]
    ]
    more, total = len(missing) - len(texts), sum(missing.values())
    listed = ", ".join(texts) + (f" (+{more})" if more > 0 else "")
    if japanese:
        return [
            f"担当する人のいない勤務が{total}あります: {listed}。人を増やすか、1人の日数を"
            "増やしてください。"
        ]
    return [f"{total} duties have nobody: {listed}. Add people, or days of those there are."]


def _changed(day: Day, japanese: bool) -> str:
    if day.change is None:
        return ""
    points = f"{100 * day.change.value:+.1f}"
    if day.change.half_width == day.change.half_width:
        points += f" ± {max(0.1, 100 * day.change.half_width):.1f}"
    return f"({points}ポイント)" if japanese else f" ({points} points)"


def _day(day: Day, threshold_s: float | None, japanese: bool) -> str:
    clock = f"{int(day.worst_s // 3600)}:{int(day.worst_s % 3600 // 60):02}"
    answered, quick = percent(day.answered) + _changed(day, japanese), percent(day.quick)
    worst, worst_quick = percent(day.worst_answered), percent(day.worst_quick)
    if japanese:
        who = {0: "全員そろうと", None: "休む人が日ごとに出ると"}.get(
            day.absent, f"{day.absent}人欠けると"
        )
        within = f"{threshold_s:g}秒以内" if threshold_s is not None else "基準時間内"
        return (
            f"{who}: 応答率 {answered}、{within} {quick}。最も悪いのは{clock}からで、"
            f"{worst}、{within} {worst_quick}です。"
        )
    who = {0: "Nobody absent", None: "With absences as they fall", 1: "With one absent"}.get(
        day.absent, f"With {day.absent} absent"
    )
    within = f"within {threshold_s:g} s" if threshold_s is not None else "within the threshold"
    return (
        f"{who}: answer rate {answered}, {within} {quick}; worst from {clock} with {worst}, "
        f"{within} {worst_quick}."
    )
