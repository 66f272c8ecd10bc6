"""The charts of a report as SVG, drawn here: no script, no font and no file from elsewhere.

Colours are told apart by people who do not see red and green, and in black and white by their
lightness; what is abandoned is hatched besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from metrics.report_model import Judged, Line, Report, Table
from metrics.report_text import word

_W, _H = 720.0, 232.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 44.0, 26.0, 30.0
_LABELS_MAX = 16

HATCH = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="5" height="5" fill="#f2a65a"/>'
    '<rect width="2" height="5" fill="#b4560e"/></pattern></defs>'
)
_FILLS = {"answered": "#2a6fb8", "abandoned": "url(#hatch)", "other": "#cdd5df"}


def nice_top(most: float) -> float:
    """The end of an axis: 1, 2 or 5 times a power of ten, at least 5.

    >>> [nice_top(n) for n in (0, 5, 6, 23, 130)]
    [5, 5, 10, 50, 200]
    """
    step = 1
    while True:
        for times in (1, 2, 5):
            if most <= step * times and step * times >= 5:
                return step * times
        step *= 10


def curve(report: Report, lang: str) -> str:
    """Calls by interval as stacked bars, the answer rate as a line over them; empty without a
    curve."""
    table = report.table("curve")
    if table is None or not table.lines:
        return ""
    at = {column.key: index for index, column in enumerate(table.columns)}
    rate_key = next(key for key in at if key.startswith("answer_rate"))
    stacks, rates = [], []
    shown = busy_lines(table)
    for line in shown:
        offered, answered, abandoned = (
            line.cells[at[key]].value or 0 for key in ("offered", "answered", "abandoned")
        )
        stacks.append((answered, abandoned, max(0, offered - answered - abandoned)))
        rates.append(line.cells[at[rate_key]].value)
    labels = [_short(line.name.of(lang)) for line in shown]
    rated = next((each for each in report.judged if each.figure.key == rate_key), None)
    parts = [HATCH, *_axes(nice_top(max(map(sum, stacks))), lang)]
    parts += _bars(stacks, nice_top(max(map(sum, stacks))))
    parts += _targets(rated)
    parts += _line(rates)
    parts += _labels(labels)
    parts += _legend(lang)
    name = escape(f"{table.name.of(lang)}: {word('answered', lang)}, {word('abandoned', lang)}")
    return (
        f'<svg class="chart" viewBox="0 0 {_W:g} {_H:g}" role="img" aria-label="{name}">'
        f"{''.join(parts)}</svg>"
    )


def busy_lines(table: Table) -> tuple[Line, ...]:
    """The hours of a day from the first to the last that had a call; all lines of longer ones."""
    used = [at for at, line in enumerate(table.lines) if line.cells[0].value]
    if not used or not _is_hour(table.lines[0]):
        return table.lines
    return table.lines[used[0] : used[-1] + 1]


def _is_hour(line: Line) -> bool:
    return (line.to_ms or 0) - (line.from_ms or 0) <= 3_600_000


def _short(name: str) -> str:
    """What has room under a bar: no weekday, no end of the hour."""
    return name.partition("–")[0].partition("(")[0].rpartition(" ")[2]


def _x(index: float, count: int) -> float:
    return _LEFT + (index + 0.5) * (_W - _LEFT - _RIGHT) / count


def _y(share: float) -> float:
    return _H - _BOTTOM - share * (_H - _TOP - _BOTTOM)


def _axes(top: float, lang: str) -> list[str]:
    parts = []
    for step in range(5):
        y = _y(step / 4)
        parts.append(
            f'<line x1="{_LEFT:g}" x2="{_W - _RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{"#8a94a3" if step == 0 else "#e3e7ed"}" stroke-width="1"/>'
            f'<text x="{_LEFT - 6:g}" y="{y + 3.5:.1f}" text-anchor="end">'
            f"{f'{top * step / 4:,.4g}' if (top * step / 4) % 1 == 0 else ''}</text>"
            f'<text x="{_W - _RIGHT + 6:g}" y="{y + 3.5:.1f}">{step * 25} %</text>'
        )
    unit = "件" if lang == "ja" else "calls"
    parts.append(f'<text x="{_LEFT - 6:g}" y="{_TOP - 12:g}" text-anchor="end">{unit}</text>')
    return parts


def _bars(stacks: Sequence[tuple[float, float, float]], top: float) -> list[str]:
    wide = min(34.0, (_W - _LEFT - _RIGHT) / len(stacks) * 0.68)
    parts = []
    for index, stack in enumerate(stacks):
        base = 0.0
        for name, value in zip(_FILLS, stack, strict=True):
            if value:
                high, low = _y((base + value) / top), _y(base / top)
                parts.append(
                    f'<rect x="{_x(index, len(stacks)) - wide / 2:.1f}" y="{high:.1f}" '
                    f'width="{wide:.1f}" height="{low - high:.1f}" fill="{_FILLS[name]}"/>'
                )
            base += value
    return parts


def _targets(rated: Judged | None) -> list[str]:
    if rated is None or rated.contract is None:
        return []
    y = _y(rated.contract)
    return [
        f'<line x1="{_LEFT:g}" x2="{_W - _RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}" '
        'stroke="#15202e" stroke-width="1" stroke-dasharray="5 4" opacity="0.55"/>'
    ]


def _line(rates: Sequence[float | None]) -> list[str]:
    """The rate, broken where there is none: an empty hour is neither 0 nor 100 %."""
    pieces: list[list[str]] = [[]]
    dots = []
    for index, rate in enumerate(rates):
        if rate is None:
            pieces.append([])
            continue
        point = f"{_x(index, len(rates)):.1f},{_y(rate):.1f}"
        pieces[-1].append(point)
        x, _, y = point.partition(",")
        dots.append(f'<circle cx="{x}" cy="{y}" r="2.6" fill="#fff" stroke="#15202e"/>')
    lines = [
        f'<polyline points="{" ".join(piece)}" fill="none" stroke="#15202e" stroke-width="1.6"/>'
        for piece in pieces
        if len(piece) > 1
    ]
    return [*lines, *dots]


def _labels(labels: Sequence[str]) -> list[str]:
    every = -(-len(labels) // _LABELS_MAX)
    return [
        f'<text x="{_x(index, len(labels)):.1f}" y="{_H - 12:g}" text-anchor="middle">'
        f"{escape(text)}</text>"
        for index, text in enumerate(labels)
        if index % every == 0
    ]


def _legend(lang: str) -> list[str]:
    parts, x = [], _LEFT + 4
    for name, fill in _FILLS.items():
        text = word(name, lang)
        parts.append(
            f'<rect x="{x:g}" y="6" width="11" height="11" fill="{fill}"/>'
            f'<text x="{x + 16:g}" y="15.5">{text}</text>'
        )
        x += 36 + len(text) * (12 if lang == "ja" else 7)
    parts.append(
        f'<line x1="{x:g}" x2="{x + 18:g}" y1="11.5" y2="11.5" stroke="#15202e" '
        f'stroke-width="1.6"/><circle cx="{x + 9:g}" cy="11.5" r="2.6" fill="#fff" '
        f'stroke="#15202e"/><text x="{x + 24:g}" y="15.5">{word("answer_rate", lang)}</text>'
    )
    return parts


def bar(share: float | None) -> str:
    """A share as a small bar for a table's cell."""
    if share is None:
        return ""
    width = max(0.0, min(1.0, share)) * 100
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="100" height="8" fill="#e8edf4"/>'
        f'<rect width="{width:.1f}" height="8" fill="#2a6fb8"/></svg>'
    )
