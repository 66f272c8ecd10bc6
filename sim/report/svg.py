"""The pieces that plots are drawn from. Text stays text; colours are the style sheet's (classes),
so that paper and screens, light or dark, show the same drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from sim.report.values import Value

_HEIGHT = 250.0
_TOP, _BOTTOM = 44.0, 42.0
#: Room for a letter of the legend, in the drawing's units.
_WIDE_LETTER, _NARROW_LETTER = 11.0, 6.0
#: The height of a row of the legend.
_ROW = 15.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a plot lies: ``count`` places across, values from ``low`` to ``high`` upwards.
    ``lift``: room above it for further rows of the legend."""

    count: int
    low: float
    high: float
    width: float = 480.0
    left: float = 44.0
    right: float = 16.0
    lift: float = 0.0

    @property
    def height(self) -> float:
        """Of the whole drawing."""
        return _HEIGHT + self.lift

    @property
    def top(self) -> float:
        """The upper edge of the drawing area."""
        return _TOP + self.lift

    @property
    def end(self) -> float:
        """The right edge of the drawing area."""
        return self.width - self.right

    @property
    def floor(self) -> float:
        """The lower edge of the drawing area."""
        return self.height - _BOTTOM

    @property
    def step(self) -> float:
        """The room of one place."""
        return (self.end - self.left) / self.count

    def x(self, place: float) -> float:
        """The middle of a place."""
        return self.left + (place + 0.5) * self.step

    def y(self, value: float) -> float:
        """The height of a value; what is beyond the edges is drawn at them."""
        part = (value - self.low) / (self.high - self.low)
        return self.floor - min(1.0, max(0.0, part)) * (self.floor - self.top)


def drawing(frame: Frame, said: str, parts: Iterable[str]) -> str:
    """The whole plot; ``said`` is what it shows, in words."""
    return (
        f'<svg class="plot" viewBox="0 0 {frame.width:g} {frame.height:g}" role="img" '
        f'aria-label="{escape(said)}">{"".join(parts)}</svg>'
    )


def text(x: float, y: float, said: str, anchor: str = "middle", kind: str = "") -> str:
    """Words at a place; never smaller than can be read."""
    name = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{name}>{escape(said)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A bar; nothing where it has no size."""
    if width <= 0 or height <= 0:
        return ""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def room(said: str) -> float:
    """How wide words are, about."""
    return sum(_WIDE_LETTER if ord(each) > 255 else _NARROW_LETTER for each in said)


def axis(frame: Frame, marks: Sequence[tuple[float, str]], unit: str = "") -> list[str]:
    """Lines across at the marked values, with their words at the left."""
    parts = []
    for value, said in marks:
        y = frame.y(value)
        parts.append(rule(frame.left, y, frame.end, y, "grid"))
        parts.append(text(frame.left - 6, y + 4, said, "end"))
    if unit:
        parts.append(text(4, frame.top - 12, unit, "start"))
    return parts


def below(frame: Frame, names: Sequence[str], title: str, strong: int | None = None) -> list[str]:
    """What stands below the places, thinned out where there is no room, and what it is."""
    wide = max((len(name) for name in names), default=1) * _NARROW_LETTER + 8
    every = max(1, -(-int(wide) // max(1, int(frame.step))))
    parts = [
        text(frame.x(at), frame.floor + 16, name, kind="strong" if at == strong else "")
        for at, name in enumerate(names)
        if at % every == 0 or at == strong
    ]
    return [*parts, text((frame.left + frame.end) / 2, frame.height - 6, title)]


def curve(frame: Frame, values: Sequence[Value], kind: str, mark: str = "") -> list[str]:
    """A line through the known values with their intervals, broken where there is none."""
    pieces: list[list[str]] = [[]]
    marks = []
    for place, value in enumerate(values):
        if value.mean is None:
            pieces.append([])
            continue
        x, y = frame.x(place), frame.y(value.mean)
        pieces[-1].append(f"{x:.1f},{y:.1f}")
        if value.half:
            top, foot = frame.y(value.mean + value.half), frame.y(value.mean - value.half)
            marks.append(rule(x, top, x, foot, f"spread {kind}"))
        if mark:
            marks.append(shape(x, y, kind, mark))
    lines = [
        f'<polyline class="line {kind}" points="{" ".join(piece)}"/>'
        for piece in pieces
        if len(piece) > 1
    ]
    return [*lines, *marks]


def shape(x: float, y: float, kind: str, mark: str) -> str:
    """A mark of its own for each curve: colour never tells alone."""
    if mark == "square":
        return f'<rect class="mark {kind}" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'
    if mark == "triangle":
        return f'<path class="mark {kind}" d="M{x:.1f} {y - 4:.1f}l4 7h-8Z"/>'
    return f'<circle class="mark {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def band(frame: Frame, lows: Sequence[float], highs: Sequence[float], kind: str) -> str:
    """The room between two curves."""
    there = [f"{frame.x(at):.1f},{frame.y(high):.1f}" for at, high in enumerate(highs)]
    back = [f"{frame.x(at):.1f},{frame.y(low):.1f}" for at, low in reversed([*enumerate(lows)])]
    return f'<polygon class="{kind}" points="{" ".join(there + back)}"/>'


Entry = tuple[str, str, str]


def lift(entries: Sequence[Entry], width: float, unit: str = "") -> float:
    """The room that a legend needs beyond its usual two rows; with a unit above the axis, one."""
    rows = 1 + max((row for _, row in _places(entries, width)), default=0)
    return _ROW * max(0, rows - (1 if unit else 2))


def legend(frame: Frame, entries: Sequence[Entry]) -> list[str]:
    """What each colour and mark stands for: (class, mark, words)."""
    parts: list[str] = []
    for (kind, mark, said), (x, row) in zip(entries, _places(entries, frame.width), strict=True):
        y = 11 + row * _ROW
        if mark == "bar":
            parts.append(box(x, y - 5, 14, 10, kind))
        else:
            parts.append(rule(x, y, x + 16, y, f"line {kind}"))
            if mark:
                parts.append(shape(x + 8, y, kind, mark))
        parts.append(text(x + 21, y + 4, said, "start"))
    return parts


def _places(entries: Sequence[Entry], width: float) -> list[tuple[float, int]]:
    """Where each entry begins, and in which row."""
    found: list[tuple[float, int]] = []
    x, row = 6.0, 0
    for _, _, said in entries:
        wide = 26 + room(said)
        if x > 6 and x + wide > width:
            x, row = 6.0, row + 1
        found.append((x, row))
        x += wide + 8
    return found
