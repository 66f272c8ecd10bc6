"""The tables of a roster: who is at the screen when, and who works which shift."""

from __future__ import annotations

from collections.abc import Sequence

from sim.report.paper import Sheet
from sim.staffing.cover import Cover
from sim.staffing.people import Assigned
from sim.staffing.roster import Duty, Kind, RosterPlan


def at_the_screen(plan: RosterPlan, found: Cover) -> dict[str, list[int]]:
    """People of each group at the screen, slot by slot."""
    there = {group: [0] * plan.slots for group in plan.required}
    for duty in found.duties:
        for slot in duty.at_screen():
            there[duty.group][slot] += 1
    return there


def cover_sheet(plan: RosterPlan, found: Cover, lang: str) -> Sheet:
    """Seats asked for and people at the screen, where either changes."""
    ja = lang == "ja"
    head = ["時刻" if ja else "from"]
    for group in plan.required:
        head += (
            [f"{group} 必要", f"{group} 画面の前"]
            if ja
            else [f"{group} required", f"{group} at the screen"]
        )
    there = at_the_screen(plan, found)
    rows: list[tuple[str, ...]] = []
    for slot in range(plan.slots):
        cells = tuple(
            str(numbers[slot]) for group in plan.required
            for numbers in (plan.required[group], there[group])
        )  # fmt: skip
        if not rows or cells != rows[-1][1:]:
            rows.append((plan.clock(slot), *cells))
    return Sheet("画面の前の人数" if ja else "People at the screen", tuple(head), tuple(rows))


def people_sheet(plan: RosterPlan, assigned: Sequence[Assigned], lang: str) -> Sheet:
    """Everybody's week, a person a line; of a roster without names one day's duties."""
    return _week(plan, assigned, lang) if plan.people else _duties(plan, assigned, lang)


def _duties(plan: RosterPlan, assigned: Sequence[Assigned], lang: str) -> Sheet:
    """One day, a person a line; every planned day is alike."""
    rows = []
    for each in assigned:
        if each.day == plan.days[0]:
            meals, rests = (_times(plan, each.duty, kind) for kind in (Kind.MEAL, Kind.REST))
            rows.append((each.person, _span(plan, each.duty), ", ".join(meals), ", ".join(rests)))
    ja = lang == "ja"
    head = ("勤務", "時間", "昼休み", "休憩") if ja else ("duty", "from–to", "meal", "rests")
    return Sheet("1日の勤務" if ja else "A day's duties", head, tuple(rows))


def _week(plan: RosterPlan, assigned: Sequence[Assigned], lang: str) -> Sheet:
    ja = lang == "ja"
    head = ["氏名" if ja else "person"]
    head += [
        f"{'月火水木金土日'[day.weekday()]} {day:%m/%d}" if ja else f"{day:%a %m/%d}"
        for day in plan.days
    ]
    at = {(each.person, each.day): each.duty for each in assigned}
    rows = []
    for person in plan.people:
        duties = [at.get((person.name, day)) for day in plan.days]
        spans = (_span(plan, duty) if duty else "–" for duty in duties)
        rows.append((person.name, *spans))
    return Sheet("1週間の勤務" if ja else "The week", tuple(head), tuple(rows))


def _span(plan: RosterPlan, duty: Duty) -> str:
    return f"{plan.clock(duty.shift.start)}–{plan.clock(duty.shift.end)}"


def _times(plan: RosterPlan, duty: Duty, kind: Kind) -> list[str]:
    spans = [each for each in duty.stretches if each.kind is kind]
    if kind is Kind.MEAL:
        return [f"{plan.clock(each.begin)}–{plan.clock(each.end)}" for each in spans]
    return [plan.clock(each.begin) for each in spans]
