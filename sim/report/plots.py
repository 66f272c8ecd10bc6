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
    frame = _shares(len(points), [each for _, _, values in kinds for each in values], goals, width)
    parts = [*_share_axis(frame), *_goals(frame, goals, lang)]
    at = next((place for place, point in enumerate(points) if point.chosen), None)
    if at is not None:
        parts.insert(0, svg.box(frame.x(at - 0.5), 44, frame.step, frame.floor - 44, "chosen"))
    for kind, mark, values in kinds:
        parts += svg.curve(frame, values, kind, mark)
    parts += svg.below(frame, names, title, at)
    named = zip(kinds, _level_names(goals, lang), strict=True)
    parts += svg.legend(frame, [(kind, mark, name) for (kind, mark, _), name in named])
    return svg.drawing(frame, said, parts)


def day(hours: Sequence[Hour], lang: str, width: float = 480) -> str:
    """Calls by stretch of the day: offered as a line with the band of 90 % of the days, answered as
    bars, the seats on duty as steps."""
    most = max((max(hour.offered, hour.offered_high or 0) for hour in hours), default=1)
    top = _ceiling(most)
    frame = Frame(len(hours), 0, top, width)
    steps = _steps(top)
    marks = [(top * part / steps, f"{top * part / steps:,.4g}") for part in range(steps + 1)]
    parts = svg.axis(frame, marks, word("calls", lang))
    wide = frame.step * 0.62
    for place, hour in enumerate(hours):
        y = frame.y(hour.answered)
        parts.append(svg.box(frame.x(place) - wide / 2, y, wide, frame.floor - y, "answered"))
    known = all(hour.offered_low is not None for hour in hours)
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
    entries = [("c", "", word("offered", lang)), ("answered", "bar", word("answered", lang))]
    if known:
        entries.append(("band", "bar", word("band", lang)))
    parts += svg.legend(frame, entries)
    said = "; ".join(
        word("day_said", lang).format(
            hour=hour.name, offered=f"{hour.offered:.0f}", answered=f"{hour.answered:.0f}"
        )
        for hour in hours
    )
    return svg.drawing(frame, f"{word('plot_day', lang)}: {said}", parts)


def worst_hour(hours: Sequence[Hour], goals: Goals, lang: str, width: float = 480) -> str:
    """Service level and answer rate by stretch of the day; the worst one is marked."""
    levels, rates = [hour.sl_offered for hour in hours], [hour.answer_rate for hour in hours]
    frame = _shares(len(hours), [*levels, *rates], goals, width)
    worst = worst_of(hours)
    parts = [*_share_axis(frame), *_goals(frame, goals, lang)]
    if worst is not None:
        parts.insert(0, svg.box(frame.x(worst - 0.5), 44, frame.step, frame.floor - 44, "worst"))
    parts += svg.curve(frame, levels, "a", "dot")
    parts += svg.curve(frame, rates, "c", "triangle")
    parts += svg.below(frame, [hour.name for hour in hours], word("hour", lang), worst)
    level, _, rate = _level_names(goals, lang)
    entries = [("a", "dot", level), ("c", "triangle", rate)]
    if worst is not None:
        entries.append(("worst", "bar", word("worst", lang)))
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
    known = [each for each in (*ends, base.mean, goals.sl_offered) if each is not None] or [0.0]
    low = max(0.0, math.floor(min(known) * 10 - 0.5) / 10)
    high = min(1.0, math.ceil(max(known) * 10 + 0.5) / 10)
    left, right = 24.0, width - 24.0
    top, foot = 50.0, 216.0

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = [svg.rule(x(at / 10), 40, x(at / 10), foot, "grid") for at in _tenths(low, high)]
    parts += [svg.text(x(at / 10), foot + 16, f"{at * 10} %") for at in _tenths(low, high)]
    step = (foot - top) / max(1, len(ordered))
    zero = x(base.mean or 0.0)
    for place, sway in enumerate(ordered):
        y = top + place * step
        parts.append(svg.text(left - 12, y + 9, sway.name.of(lang), "start", "name"))
        for end in (sway.low, sway.high):
            if end is not None and end[1].mean is not None:
                parts += _arm(zero, x(end[1].mean), y + 13, step - 17, end[0], width)
    parts.append(svg.rule(zero, 40, zero, foot, "line c"))
    if goals.sl_offered is not None:
        parts.append(svg.rule(x(goals.sl_offered), 40, x(goals.sl_offered), foot, "goal"))
    title = word("sl_offered", lang).format(t=seconds(goals.threshold_s, lang))
    parts.append(svg.text(width / 2, 244, title))
    frame = Frame(1, low, high, width)
    parts += svg.legend(frame, [("c", "", word("as_assumed", lang)), ("goal", "", _goal(lang))])
    said = "; ".join(_sway_said(sway, lang) for sway in ordered)
    return svg.drawing(frame, f"{word('plot_sensitivity', lang)}: {said}", parts)


def lines(use: LinesInUse, lang: str, width: float = 480) -> str:
    """How much of the time so many channels are in use, with the percentiles that are bought by."""
    percentiles = [use.percentile(part) for part in _PARTS]
    first = next((at for at, share in enumerate(use.share) if share > 5e-4), 0)
    last = min(max(len(use.share) - 1, use.have or 0), max(percentiles[-1], use.have or 0) + 2)
    shown = [use.share[at] if at < len(use.share) else 0.0 for at in range(first, last + 1)]
    top = _ceiling(100 * max(shown)) / 100
    frame = Frame(len(shown), 0, top, width)
    steps = _steps(round(100 * top, 6))
    marks = [(top * at / steps, f"{100 * top * at / steps:.3g} %") for at in range(steps + 1)]
    parts = svg.axis(frame, marks, word("time_share", lang))
    wide = frame.step * 0.72
    for place, share in enumerate(shown):
        y = frame.y(share)
        parts.append(svg.box(frame.x(place) - wide / 2, y, wide, frame.floor - y, "answered"))
    for number, kind in zip(percentiles, ("p99", "p999"), strict=True):
        x = frame.x(number - first)
        parts.append(svg.rule(x, 44, x, frame.floor, f"line {kind}"))
    if use.have is not None and use.have <= last:
        x = frame.x(use.have - first) + frame.step / 2
        parts.append(svg.rule(x, 40, x, frame.floor, "goal"))
    names = [str(at) for at in range(first, last + 1)]
    parts += svg.below(frame, names, word("lines_in_use", lang))
    entries = [("answered", "bar", word("time_in_use", lang))]
    for part, number, kind in zip(_PARTS, percentiles, ("p99", "p999"), strict=True):
        entries.append((kind, "", f"{100 * part:g} %: {number}"))
    if use.have is not None:
        entries.append(("goal", "", word("lines_there", lang).format(lines=use.have)))
    parts += svg.legend(frame, entries)
    said = word("lines_said", lang).format(p99=percentiles[0], p999=percentiles[1])
    return svg.drawing(frame, f"{word('plot_lines', lang)}: {said}", parts)


def _shares(count: int, values: Sequence[Value], goals: Goals, width: float) -> Frame:
    """A frame for shares: from a round number below the lowest to 100 %."""
    known = [value.mean - value.half for value in values if value.mean is not None]
    known += [goal for goal in (goals.sl_offered, goals.answer_rate) if goal is not None]
    low = max(0.0, math.floor(min(known, default=0.0) * 5 - 0.2) / 5)
    return Frame(max(1, count), min(low, 0.8), 1.0, width, right=62)


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


def _ceiling(most: float) -> float:
    """The end of an axis from 0: a round number not far above, at least 4.

    >>> [_ceiling(n) for n in (0, 5, 23, 130, 232)]
    [4, 6, 30, 150, 250]
    """
    size = 10.0 ** max(0, math.floor(math.log10(max(most, 1))))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return max(4.0, next(size * step for step in steps if most <= size * step))


def _steps(top: float) -> int:
    """Into how many round parts an axis is divided."""
    return next((each for each in (4, 5, 3) if top % each == 0), 4)


def _tenths(low: float, high: float) -> range:
    first, last = round(low * 10), round(high * 10)
    return range(first, last + 1, 1 if last - first <= 6 else 2)


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
