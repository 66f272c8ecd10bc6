"""A roster drawn: people at the screen against those needed, and each day with its breaks."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.report_model import Name
from sim.report import svg
from sim.report.chart import Bars, Chart, Line, draw
from sim.report.paper import Drawn, drawn
from sim.report.svg import Frame
from sim.report.values import Value
from sim.staffing.cover import Cover
from sim.staffing.roster import Duty, Kind, RosterPlan
from sim.staffing.roster_sheets import at_the_screen

#: More people than these are not drawn one by one: the table has them.
PEOPLE_MAX = 60
#: The height of a person's row, and the width of the names of the shifts.
_ROW, _NAME = 11.0, 74.0
_KINDS = {Kind.WORK: "answered", Kind.REST: "rest", Kind.MEAL: "meal"}
_WORDS = {
    "cover": Name("必要な席数と画面の前の人数", "Seats needed and people at the screen"),
    "cover_note": Name(
        "柱が線に届かない時間はありません。線より高い分は、休む人を見込んだ人数と、休憩の重なりです。",
        "No bar is below the line. What is above it is for those who will be absent, and where "
        "breaks do not fit exactly.",
    ),
    "there": Name("画面の前の人数", "people at the screen"),
    "needed": Name("必要な席数", "seats needed"),
    "people": Name("人", "people"),
    "time": Name("時刻", "time of day"),
    "at": Name("{at} 必要{needed} 画面の前{there}", "{at}: {needed} needed, {there} at the screen"),
    "days": Name("1日の勤務と休憩", "A day's duties and breaks"),
    "days_note": Name("1行が1人です。", "A row is a person."),
    "work": Name("画面の前", "at the screen"),
    "break": Name("休憩", "rest"),
    "lunch": Name("昼休み", "meal"),
}


def roster_plots(plan: RosterPlan, found: Cover, lang: str) -> tuple[Drawn, ...]:
    """A plot of each group, and one of the duties of a day unless there are very many."""
    plots = [_cover(plan, found, group, lang) for group in plan.required]
    if 0 < len(found.duties) <= PEOPLE_MAX:
        plots.append(
            drawn(
                _said("days", lang),
                lambda width: _days(plan, found.duties, lang, width),
                _said("days_note", lang),
            )
        )
    return tuple(plots)


def _said(key: str, lang: str) -> str:
    return _WORDS[key].of(lang)


def _cover(plan: RosterPlan, found: Cover, group: str, lang: str) -> Drawn:
    needed, there = plan.required[group], at_the_screen(plan, found)[group]
    title = _said("cover", lang) + (f": {group}" if len(plan.required) > 1 else "")
    hours = _hours(plan)
    told = "; ".join(
        _said("at", lang).format(at=plan.clock(at), needed=needed[at], there=there[at])
        for at in hours
    )
    chart = Chart(
        f"{title}: {told}",
        [plan.clock(at) if at in hours else "" for at in range(plan.slots)],
        _said("time", lang),
        bars=(Bars(_said("there", lang), "answered", there),),
        lines=(Line(_said("needed", lang), "c", [Value(each) for each in needed]),),
        unit=_said("people", lang),
    )
    return drawn(title, lambda width: draw(chart, lang, width), _said("cover_note", lang))


def _hours(plan: RosterPlan) -> range:
    """The slots at which an hour begins, counted from the first one."""
    return range(0, plan.slots, max(1, round(3600 / plan.slot_s)))


def _days(plan: RosterPlan, duties: Sequence[Duty], lang: str, width: float) -> str:
    """A row a person: at the screen, resting, at the meal."""
    ordered = sorted(duties, key=lambda duty: (duty.shift.start, duty.shift.end, duty.shift.name))
    entries = [(_KINDS[kind], "bar", _said(kind.value, lang)) for kind in Kind]
    base = Frame(1, 0.0, 1.0, width)
    more = len(ordered) * _ROW - (base.floor - base.top)
    frame = Frame(1, 0.0, 1.0, width, _NAME, 10.0, svg.lift(entries, width) + more)
    top = frame.floor - len(ordered) * _ROW

    def x(slot: int) -> float:
        return frame.left + slot / plan.slots * (frame.end - frame.left)

    step = 2 if width > frame.left * 5 else 4
    parts = []
    for at in (*_hours(plan)[::step], plan.slots):
        parts.append(svg.rule(x(at), top - 2, x(at), frame.floor, "grid"))
        if at < plan.slots:
            parts.append(svg.text(x(at), frame.floor + 16, plan.clock(at)))
    for row, duty in enumerate(ordered):
        y = top + row * _ROW
        if row == 0 or duty.shift.name != ordered[row - 1].shift.name:
            parts.append(svg.text(frame.left - 6, y + _ROW - 1, duty.shift.name, "end"))
        parts += [
            svg.box(x(each.begin), y + 1, x(each.end) - x(each.begin), _ROW - 2, _KINDS[each.kind])
            for each in duty.stretches
        ]
    parts.append(svg.text((frame.left + frame.end) / 2, frame.height - 6, _said("time", lang)))
    parts += svg.legend(frame, entries)
    told = "; ".join(
        f"{plan.clock(duty.shift.start)}–{plan.clock(duty.shift.end)}" for duty in ordered
    )
    return svg.drawing(frame, f"{_said('days', lang)}: {told}", parts)
