"""One plot for whatever goes along an axis of places: bars, bands and lines over a day, over days
or over lengths of time. Built of :mod:`sim.report.svg`'s pieces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sim.report import svg
from sim.report.plots import ceiling, steps_of
from sim.report.svg import Entry, Frame
from sim.report.values import Value
from sim.report.words import word

#: How much of its place a bar, or the bars of one place together, take.
_WIDE = 0.72


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each place (None: none there); several stand side by side."""

    name: str
    kind: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """The room between two curves from the place ``first`` on."""

    name: str
    lows: Sequence[float]
    highs: Sequence[float]
    first: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line through the known values; ``mark`` a shape at each, or none."""

    name: str
    kind: str
    values: Sequence[Value]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """``said``: what it shows, in words; ``names`` below each place ("" for none) and their
    ``title``; ``unit`` above the axis. ``share``: values are shares of 1, ``whole``: the axis
    reaches to all of them. ``goal``: a line across; ``now``: a line upwards before that place;
    ``chosen``: a place that is set off; ``inside``: words at the foot of each place."""

    said: str
    names: Sequence[str]
    title: str
    bars: Sequence[Bars] = ()
    bands: Sequence[Band] = ()
    lines: Sequence[Line] = ()
    unit: str = ""
    share: bool = False
    whole: bool = False
    goal: float | None = None
    now: tuple[int, str] | None = None
    chosen: int | None = None
    inside: Sequence[str] = ()

    @property
    def entries(self) -> list[Entry]:
        """The legend."""
        found: list[Entry] = [(each.kind, "bar", each.name) for each in self.bars]
        # A band that is broken has several parts of one name.
        found += [("band", "bar", name) for name in dict.fromkeys(each.name for each in self.bands)]
        found += [(each.kind, each.mark, each.name) for each in self.lines]
        if self.now is not None:
            found.append(("goal", "", self.now[1]))
        return found

    @property
    def most(self) -> float:
        """The largest value; a half-width may reach beyond the drawing."""
        known = [each for bars in self.bars for each in bars.values if each is not None]
        known += [each for band in self.bands for each in band.highs]
        known += [value.mean for line in self.lines for value in line.values
                  if value.mean is not None]  # fmt: skip
        return max(known, default=0.0)


def draw(of: Chart, lang: str, width: float) -> str:
    """The drawing."""
    frame = _frame(of, width)
    parts = [*svg.axis(frame, _marks(of, frame), of.unit)]
    if of.chosen is not None:
        parts.insert(0, _column(frame, of.chosen))
    wide = frame.step * _WIDE / max(1, len(of.bars))
    for number, bars in enumerate(of.bars):
        for place, value in enumerate(bars.values):
            if value is not None:
                y, x = frame.y(value), frame.x(place) - frame.step * _WIDE / 2 + number * wide
                parts.append(svg.box(x, y, wide, frame.floor - y, bars.kind))
    for band in of.bands:
        if len(band.lows) == 1:
            top, foot = frame.y(band.highs[0]), frame.y(band.lows[0])
            x = frame.x(band.first - 0.25)
            parts.append(svg.box(x, top, frame.step / 2, foot - top, "band"))
            continue
        # The same frame, from the band's first place on.
        left = frame.x(band.first - 0.5)
        end = left + len(band.lows) * frame.step
        there = replace(frame, count=len(band.lows), left=left, width=end, right=0.0)
        parts.append(svg.band(there, band.lows, band.highs, "band"))
    if of.goal is not None:
        y = frame.y(of.goal)
        parts.append(svg.rule(frame.left, y, frame.end, y, "goal"))
        named = f"{word('target', lang)} {100 * of.goal:g}" if of.share else f"{of.goal:g}"
        parts.append(svg.text(frame.end + 4, y + 4, named, "start", "goal-name"))
    if of.now is not None:
        x = frame.x(of.now[0] - 0.5)
        parts.append(svg.rule(x, frame.top, x, frame.floor, "goal"))
    for line in of.lines:
        parts += svg.curve(frame, line.values, line.kind, line.mark)
    parts += [
        svg.text(x, frame.floor - 5, said, kind="inside") for x, said in _fitting(frame, of.inside)
    ]
    parts += [svg.text(x, frame.floor + 16, said) for x, said in _fitting(frame, of.names)]
    if of.title:
        parts.append(svg.text((frame.left + frame.end) / 2, frame.height - 6, of.title))
    parts += svg.legend(frame, of.entries)
    return svg.drawing(frame, of.said, parts)


def _fitting(frame: Frame, names: Sequence[str]) -> list[tuple[float, str]]:
    """The names that there is room for beside the ones before them, and where each stands."""
    found: list[tuple[float, str]] = []
    wide = max(map(svg.room, names), default=0.0) + 6
    for place, name in enumerate(names):
        x = frame.x(place)
        if name and (not found or x - found[-1][0] >= wide):
            found.append((x, name))
    return found


def _frame(of: Chart, width: float) -> Frame:
    lift = svg.lift(of.entries, width, of.unit)
    right = 62.0 if of.goal is not None and of.share else 16.0
    high = 1.0 if of.whole else _top(of)
    return Frame(max(1, len(of.names)), _low(of), high, width, right=right, lift=lift)


def _low(of: Chart) -> float:
    """Lines of shares that are all large have the axis to themselves; what has bars stands on 0."""
    if not of.whole or of.bars or of.bands:
        return 0.0
    known = [value.mean - value.half for line in of.lines for value in line.values
             if value.mean is not None]  # fmt: skip
    return min(0.8, max(0.0, math.floor(min([*known, of.goal or 1.0]) * 5 - 0.2) / 5))


def _top(of: Chart) -> float:
    most = max(of.most, of.goal or 0.0)
    if of.share:
        return min(1.0, ceiling(100 * most) / 100)
    return ceiling(most)


def _marks(of: Chart, frame: Frame) -> list[tuple[float, str]]:
    if of.whole:
        tenths = range(round(10 * frame.low), 11, 1 if frame.low > 0.5 else 2)
        return [(at / 10, f"{10 * at} %") for at in tenths]
    steps = steps_of(round(100 * frame.high, 6) if of.share else frame.high)
    values = [frame.high * at / steps for at in range(steps + 1)]
    if of.share:
        return [(value, f"{100 * value:.3g} %") for value in values]
    return [(value, f"{value:,.4g}") for value in values]


def _column(frame: Frame, place: int) -> str:
    return svg.box(frame.x(place - 0.5), frame.top, frame.step, frame.floor - frame.top, "chosen")
