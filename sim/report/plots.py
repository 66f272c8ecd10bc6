"""The plots of a study. Each is one drawing with its legend, its targets and its text in words.

The same drawing is on paper (:mod:`sim.report.page`) and on the planner's screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.report import svg
from sim.report.svg import Frame
from sim.report.values import Goals, Hour, LinesInUse, SeatsPoint, Sway, Value
from sim.report.words import percent, seconds, word

_PARTS = (0.99, 0.999)


def seats(points: Sequence[SeatsPoint], goals: Goals, lang: str, width: float = 480) -> str:
    """Seats against both service levels and the answer rate, with the targets."""
    said = "; ".join(
        word("seats_said", lang).format(
            seats=point.seats,
            sl=percent(point.sl_offered, lang),
            excl=percent(point.sl_excl_early_abandons, lang),
            rate=percent(point.answer_rate, lang),
        )
        for point in points
    )
    names = [str(point.seats) for point in points]
    title = word("seats", lang)
    return levels(points, names, title, f"{word('plot_seats', lang)}: {said}", goals, lang, width)


def levels(
    points: Sequence[SeatsPoint],
    names: Sequence[str],
    title: str,
    said: str,
    goals: Goals,
    lang: str,
    width: float = 480,
) -> str:
    """The same three figures for anything that was tried; ``names`` stand below the axis."""
    kinds = (
        ("a", "dot", [point.sl_offered for point in points]),
        ("b", "square", [point.sl_excl_early_abandons for point in points]),
        ("c", "triangle", [point.answer_rate for point in points]),
    )
    named = zip(kinds, _level_names(goals, lang), strict=True)
    entries = [(kind, mark, name) for (kind, mark, _), name in named]
    known = [each for _, _, values in kinds for each in values]
    frame = _shares(len(points), known, goals, width, svg.lift(entries, width))
    parts = [*_share_axis(frame), *_goals(frame, goals, lang)]
    at = next((place for place, point in enumerate(points) if point.chosen), None)
    if at is not None:
        parts.insert(0, _column(frame, at, "chosen"))
    for kind, mark, values in kinds:
        parts += svg.curve(frame, values, kind, mark)
    parts += svg.below(frame, names, title, at)
    parts += svg.legend(frame, entries)
    return svg.drawing(frame, said, parts)


def day(
    hours: Sequence[Hour], lang: str, width: float = 480, *, beside: Sequence[Hour] = ()
) -> str:
    """Calls by stretch of the day: offered as a line with the band of 90 % of the days, answered as
    bars, the seats on duty as steps. ``beside``: the hours of another plot with the same axis."""
    most = max((max(each.offered, each.offered_high or 0) for each in (*hours, *beside)), default=1)
    top = ceiling(most)
    known = all(hour.offered_low is not None for hour in hours)
    entries = [("c", "", word("offered", lang)), ("answered", "bar", word("answered", lang))]
    if known:
        entries.append(("band", "bar", word("band", lang)))
    calls = word("calls", lang)
    frame = Frame(len(hours), 0, top, width, lift=svg.lift(entries, width, calls))
    steps = steps_of(top)
    marks = [(top * part / steps, f"{top * part / steps:,.4g}") for part in range(steps + 1)]
    parts = svg.axis(frame, marks, calls)
    wide = frame.step * 0.62
    for place, hour in enumerate(hours):
        y = frame.y(hour.answered)
        parts.append(svg.box(frame.x(place) - wide / 2, y, wide, frame.floor - y, "answered"))
    if known:
        lows = [hour.offered_low or 0.0 for hour in hours]
        highs = [hour.offered_high or 0.0 for hour in hours]
        parts.append(svg.band(frame, lows, highs, "band"))
    parts += svg.curve(frame, [Value(hour.offered) for hour in hours], "c", "")
    parts += [
        svg.text(frame.x(place), frame.floor - 5, f"{hour.seats:g}", kind="inside")
        for place, hour in enumerate(hours)
    ]
    parts += svg.below(frame, [hour.name for hour in hours], word("hour", lang))
    parts += svg.legend(frame, entries)
    said = "; ".join(
        word("day_said", lang).format(
            hour=hour.name, offered=f"{hour.offered:.0f}", answered=f"{hour.answered:.0f}"
        )
        for hour in hours
    )
    return svg.drawing(frame, f"{word('plot_day', lang)}: {said}", parts)


def worst_hour(
    hours: Sequence[Hour],
    goals: Goals,
    lang: str,
    width: float = 480,
    *,
    beside: Sequence[Hour] = (),
) -> str:
    """Service level and answer rate by stretch of the day; the worst one is marked. ``beside``: the
    hours of another plot with the same axis."""
    levels, rates = [hour.sl_offered for hour in hours], [hour.answer_rate for hour in hours]
    worst = worst_of(hours)
    level, _, rate = _level_names(goals, lang)
    entries = [("a", "dot", level), ("c", "triangle", rate)]
    if worst is not None:
        entries.append(("worst", "bar", word("worst", lang)))
    on_axis = [rate for each in (*hours, *beside) for rate in (each.sl_offered, each.answer_rate)]
    frame = _shares(len(hours), on_axis, goals, width, svg.lift(entries, width))
    parts = [*_share_axis(frame), *_goals(frame, goals, lang)]
    if worst is not None:
        parts.insert(0, _column(frame, worst, "worst"))
    parts += svg.curve(frame, levels, "a", "dot")
    parts += svg.curve(frame, rates, "c", "triangle")
    parts += svg.below(frame, [hour.name for hour in hours], word("hour", lang), worst)
    parts += svg.legend(frame, entries)
    said = "; ".join(
        word("hour_said", lang).format(
            hour=hour.name,
            sl=percent(hour.sl_offered, lang),
            rate=percent(hour.answer_rate, lang),
        )
        for hour in hours
    )
    return svg.drawing(frame, f"{word('plot_worst', lang)}: {said}", parts)


def worst_of(hours: Sequence[Hour]) -> int | None:
    """The place of the hour with the lowest answer rate, of those the lowest service level."""
    known = [
        (round(hour.answer_rate.mean, 4), hour.sl_offered.mean or 0.0, place)
        for place, hour in enumerate(hours)
        if hour.answer_rate.mean is not None
    ]
    return min(known)[2] if known else None


def sensitivity(
    sways: Sequence[Sway], base: Value, goals: Goals, lang: str, width: float = 480
) -> str:
    """What the service level becomes when one assumption changes: the largest sway first."""
    ordered = sorted(sways, key=lambda sway: _reach(sway, base), reverse=True)
    ends = [end[1].mean for sway in ordered for end in (sway.low, sway.high) if end]
    known = [each for each in (*ends, base.mean) if each is not None] or [0.0]
    marks, goal = _around(known, goals.sl_offered)
    entries = [("c", "", word("as_assumed", lang))]
    if goals.sl_offered is not None:
        beyond = "" if goal is not None else word("beyond", lang)
        entries.append(("goal", "", f"{_goal(lang)} {100 * goals.sl_offered:g} %{beyond}"))
    low, high = marks[0], marks[-1]
    left, right = 24.0, width - 24.0
    frame = Frame(1, low, high, width, lift=svg.lift(entries, width))
    top, foot = frame.top + 6, frame.height - 44

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = [svg.rule(x(at), top - 10, x(at), foot, "grid") for at in marks]
    parts += [svg.text(x(at), foot + 16, f"{100 * at:g} %") for at in marks]
    step = (foot - top) / max(1, len(ordered))
    zero = x(base.mean or 0.0)
    for place, sway in enumerate(ordered):
        y = top + place * step
        parts.append(svg.text(left - 12, y + 9, sway.name.of(lang), "start", "name"))
        for end in (sway.low, sway.high):
            if end is not None and end[1].mean is not None:
                parts += _arm(zero, x(end[1].mean), y + 13, step - 17, end[0], width)
    parts.append(svg.rule(zero, top - 10, zero, foot, "line c"))
    if goal is not None:
        parts.append(svg.rule(x(goal), top - 10, x(goal), foot, "goal"))
    title = word("sl_offered", lang).format(t=seconds(goals.threshold_s, lang))
    parts.append(svg.text(width / 2, frame.height - 6, title))
    parts += svg.legend(frame, entries)
    said = "; ".join(_sway_said(sway, lang) for sway in ordered)
    return svg.drawing(frame, f"{word('plot_sensitivity', lang)}: {said}", parts)


def lines(
    use: LinesInUse, lang: str, width: float = 480, *, beside: LinesInUse | None = None
) -> str:
    """How much of the time so many channels are in use, with the percentiles that are bought by.
    ``beside``: what another plot with the same axes shows."""
    percentiles = [use.percentile(part) for part in _PARTS]
    spans = [_span(each) for each in (use, beside) if each is not None]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    shown = [use.share[at] if at < len(use.share) else 0.0 for at in range(first, last + 1)]
    top = ceiling(100 * max(*use.share, *(beside.share if beside else ()))) / 100
    entries = [("answered", "bar", word("time_in_use", lang))]
    for part, number, kind in zip(_PARTS, percentiles, ("p99", "p999"), strict=True):
        entries.append((kind, "", f"{100 * part:g} %: {number}"))
    if use.have is not None:
        entries.append(("goal", "", word("lines_there", lang).format(lines=use.have)))
    unit = word("time_share", lang)
    frame = Frame(len(shown), 0, top, width, lift=svg.lift(entries, width, unit))
    steps = steps_of(round(100 * top, 6))
    marks = [(top * at / steps, f"{100 * top * at / steps:.3g} %") for at in range(steps + 1)]
    parts = svg.axis(frame, marks, unit)
    wide = frame.step * 0.72
    for place, share in enumerate(shown):
        y = frame.y(share)
        parts.append(svg.box(frame.x(place) - wide / 2, y, wide, frame.floor - y, "answered"))
    for number, kind in zip(percentiles, ("p99", "p999"), strict=True):
        x = frame.x(number - first)
        parts.append(svg.rule(x, frame.top, x, frame.floor, f"line {kind}"))
    if use.have is not None and use.have <= last:
        x = frame.x(use.have - first) + frame.step / 2
        parts.append(svg.rule(x, frame.top - 4, x, frame.floor, "goal"))
    names = [str(at) for at in range(first, last + 1)]
    parts += svg.below(frame, names, word("lines_in_use", lang))
    parts += svg.legend(frame, entries)
    said = word("lines_said", lang).format(p99=percentiles[0], p999=percentiles[1])
    return svg.drawing(frame, f"{word('plot_lines', lang)}: {said}", parts)


def _span(use: LinesInUse) -> tuple[int, int]:
    """The fewest and the most channels that are worth a bar."""
    first = next((at for at, share in enumerate(use.share) if share > 5e-4), 0)
    most = max(use.percentile(_PARTS[-1]), use.have or 0) + 2
    return first, min(max(len(use.share) - 1, use.have or 0), most)


def _shares(count: int, values: Sequence[Value], goals: Goals, width: float, lift: float) -> Frame:
    """A frame for shares: from a round number below the lowest to 100 %."""
    known = [value.mean - value.half for value in values if value.mean is not None]
    known += [goal for goal in (goals.sl_offered, goals.answer_rate) if goal is not None]
    low = max(0.0, math.floor(min(known, default=0.0) * 5 - 0.2) / 5)
    return Frame(max(1, count), min(low, 0.8), 1.0, width, right=62, lift=lift)


def _column(frame: Frame, place: int, kind: str) -> str:
    """A whole place, shaded."""
    return svg.box(frame.x(place - 0.5), frame.top, frame.step, frame.floor - frame.top, kind)


def _share_axis(frame: Frame) -> list[str]:
    steps = range(round(frame.low * 10), 11, 1 if frame.low > 0.5 else 2)
    return svg.axis(frame, [(at / 10, f"{at * 10} %") for at in steps])


def _goals(frame: Frame, goals: Goals, lang: str) -> list[str]:
    parts = []
    for goal, kind in ((goals.sl_offered, "a"), (goals.answer_rate, "c")):
        if goal is not None and frame.low <= goal:
            y = frame.y(goal)
            parts.append(svg.rule(frame.left, y, frame.end, y, f"goal {kind}"))
            said = f"{_goal(lang)} {100 * goal:g}"
            parts.append(svg.text(frame.end + 4, y + 4, said, "start", "goal-name"))
    return parts


def _goal(lang: str) -> str:
    return word("target", lang)


def _level_names(goals: Goals, lang: str) -> tuple[str, str, str]:
    within = seconds(goals.threshold_s, lang)
    return (
        word("sl_offered", lang).format(t=within),
        word("sl_excl", lang).format(t=within),
        word("answer_rate", lang),
    )


def ceiling(most: float) -> float:
    """The end of an axis from 0: a round number not far above, at least 4.

    >>> [ceiling(n) for n in (0, 5, 23, 130, 232)]
    [4.0, 5.0, 25.0, 150.0, 250.0]
    """
    size = 10.0 ** max(0, math.floor(math.log10(max(most, 1))))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return max(4.0, next(size * step for step in steps if most <= size * step))


def steps_of(top: float) -> int:
    """Into how many round parts an axis is divided."""
    return next((each for each in (4, 5, 3) if top % each == 0), 4)


def _around(known: Sequence[float], goal: float | None) -> tuple[list[float], float | None]:
    """The marks of an axis that the known shares fill, and the goal if it lies upon it: an axis
    that reached to a goal far away would leave the shares no room.

    >>> _around([0.92, 0.96, 0.98], 0.8)
    ([0.9, 0.92, 0.94, 0.96, 0.98, 1.0], None)
    >>> _around([0.7, 0.86], 0.8)[1]
    0.8
    """
    low, high = min(known), max(known)
    room = max(high - low, 0.02)
    shown = goal if goal is not None and low - room / 2 <= goal <= high + room / 2 else None
    if shown is not None:
        low, high = min(low, shown), max(high, shown)
    low, high = max(0.0, low - room / 10), min(1.0, high + room / 10)
    size = next((each for each in (1, 2, 5, 10) if (high - low) * 100 <= 5 * each), 20)
    first, last = math.floor(low * 100 / size + 1e-9), math.ceil(high * 100 / size - 1e-9)
    return [at * size / 100 for at in range(first, max(last, first + 1) + 1)], shown


def _reach(sway: Sway, base: Value) -> float:
    """How far the figure goes; one that goes to one side only counts from the base."""
    ends = [end[1].mean for end in (sway.low, sway.high) if end and end[1].mean is not None]
    known = [*ends, *([] if base.mean is None else [base.mean])]
    return max(known) - min(known) if known else 0.0


def _arm(zero: float, end: float, y: float, high: float, said: str, width: float) -> list[str]:
    """One side of a sway: its bar, and which change it is beyond the bar's end."""
    left = end < zero
    kind = "worse" if left else "better"
    x = end - 4 if left else end + 4
    anchor = "end" if left else "start"
    letters = sum(11 if ord(each) > 255 else 6 for each in said)
    if (left and x - letters < 0) or (not left and x + letters > width):
        x, anchor = (end + 4, "start") if left else (end - 4, "end")
    return [
        svg.box(
            min(zero, end), y, max(1.0, abs(end - zero)), max(5.0, min(16.0, high)), f"arm {kind}"
        ),
        svg.text(x, y + min(16.0, high) / 2 + 4, said, anchor, "arm-name"),
    ]


def _sway_said(sway: Sway, lang: str) -> str:
    ends = [end for end in (sway.low, sway.high) if end is not None]
    return f"{sway.name.of(lang)} " + ", ".join(
        f"{said}: {percent(value, lang)}" for said, value in ends
    )
