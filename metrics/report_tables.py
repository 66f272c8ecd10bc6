"""The tables of a report: balances, dimensions, curve, heat map, worst hours, categories, lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from metrics import report_names as names
from metrics import report_sections as sections
from metrics.dimensions import VISIT_DIMS, Dim
from metrics.intervals import Grain, intervals
from metrics.measure import MEASURES, Better, Params
from metrics.measures import Figure, figure
from metrics.report_frame import LINES_MAX, Frame, count_of, measure_column
from metrics.report_model import Chapter, Column, Form, Line, Name, Table
from metrics.report_names import interval_name
from metrics.tally import Sums

#: Hours that are shown as the worst.
WORST_SHOWN = 5


def all_tables(frame: Frame) -> tuple[Table, ...]:
    """Every table, in the order of the page."""
    found = [
        _curve(frame),
        *([_heat(frame)] if frame.many_days else []),
        _worst(frame),
        sections.calls(frame),
        sections.visits(frame),
        *_dimensions(frame),
        sections.categories(frame),
        sections.lines(frame),
        sections.transfers(frame),
        sections.abandoned(frame),
        sections.outages(frame),
    ]
    return tuple(found)


# -- time ------------------------------------------------------------------------------------


def _time_columns(frame: Frame) -> tuple[Column, ...]:
    contract = frame.contract
    return (
        measure_column("offered", sums=True),
        measure_column("offered_in_hours", sums=True),
        measure_column("answered", sums=True),
        measure_column("abandoned", sums=True),
        measure_column(contract.answer_rate),
        *(measure_column(key) for key in contract.headline()[1:-1]),
        measure_column("wait_worst"),
    )


def _filled(columns: Iterable[Column], sums: Sums, params: Params) -> tuple[Figure, ...]:
    return tuple(figure(column.key, sums, params) for column in columns)


def _curve(frame: Frame) -> Table:
    hourly = frame.grain is Grain.HOUR
    spans = frame.hours if hourly else intervals(frame.span, frame.grain, frame.tz)
    series = frame.by_hour if hourly else frame.cells.series(spans)
    columns, params = _time_columns(frame), frame.contract.params()
    lines = tuple(
        Line(
            str(span.from_ms),
            interval_name(span, frame.grain, frame.tz, with_date=frame.many_days),
            _filled(columns, sums, params),
            span.from_ms,
            span.to_ms,
        )
        for span, sums in zip(spans, series, strict=True)
    )
    name, head = {
        Grain.HOUR: (Name("時間ごと", "By the hour"), Name("時間", "hour")),
        Grain.DAY: (Name("日ごと", "By the day"), Name("日", "day")),
    }.get(frame.grain, (Name("月ごと", "By the month"), Name("月", "month")))
    total = Line("", names.TOTAL, _filled(columns, frame.whole, params))
    return Table(Chapter.CURVE, name, head, columns, lines, total)


def _heat(frame: Frame) -> Table:
    counts = [[0] * 24 for _ in range(7)]
    for span, sums in zip(frame.hours, frame.by_hour, strict=True):
        at = datetime.fromtimestamp(span.from_ms / 1000, frame.tz)
        counts[at.weekday()][at.hour] += sums.calls.offered
    columns = (
        *(Column(f"h{h:02}", Name(f"{h}時", f"{h}:00"), Form.COUNT, sums=True) for h in range(24)),
        Column("offered", names.TOTAL, Form.COUNT, sums=True),
    )
    lines = tuple(
        Line(str(at), names.WEEKDAYS[at], tuple(count_of(each) for each in (*row, sum(row))))
        for at, row in enumerate(counts)
    )
    by_hour = [sum(row[hour] for row in counts) for hour in range(24)]
    total = frame.whole.calls.offered
    return Table(
        Chapter.HEAT,
        Name("曜日と時間ごとの総着信数", "Calls offered by weekday and hour"),
        Name("曜日", "weekday"),
        columns,
        lines,
        Line("", names.TOTAL, tuple(count_of(each) for each in (*by_hour, total))),
    )


def _worst(frame: Frame) -> Table:
    contract, params = frame.contract, frame.contract.params()
    columns = _time_columns(frame)
    key = contract.answer_rate
    low_first = MEASURES[key].better is Better.HIGHER
    rated = []
    for at, sums in enumerate(frame.by_hour):
        now = figure(key, sums, params)
        if now.value is not None and (now.whole or 0) >= contract.worst_hour_calls:
            rated.append((now.value if low_first else -now.value, -(now.whole or 0), at))
    lines = tuple(
        Line(
            str(frame.hours[at].from_ms),
            interval_name(frame.hours[at], Grain.HOUR, frame.tz, with_date=frame.many_days),
            _filled(columns, frame.by_hour[at], params),
            frame.hours[at].from_ms,
            frame.hours[at].to_ms,
        )
        for _, _, at in sorted(rated)[:WORST_SHOWN]
    )
    return Table(
        Chapter.WORST,
        Name("応答率の最も低い時間", "Hours with the lowest answer rate"),
        Name("時間", "hour"),
        tuple(column for column in columns),
        lines,
        note=Name(
            f"着信が{contract.worst_hour_calls}件以上の時間だけ。",
            f"Hours with at least {contract.worst_hour_calls} call(s).",
        ),
    )


# -- dimensions ------------------------------------------------------------------------------

_DIMS = {
    Dim.QUEUE: (Name("窓口ごと", "By queue"), Name("窓口", "queue")),
    Dim.NUMBER: (Name("かけられた番号ごと", "By number dialled"), Name("番号", "number")),
    Dim.CALL_TYPE: (Name("電話の種類ごと", "By call type"), Name("種類", "type")),
    Dim.LANGUAGE: (Name("言語ごと", "By language"), Name("言語", "language")),
    Dim.TEAM: (Name("班ごと", "By team"), Name("班", "team")),
    Dim.OPERATOR: (Name("オペレーターごと", "By operator"), Name("オペレーター", "operator")),
}


#: Lines that stand for no value of their own.
_REST = ("", "*")


def _dimensions(frame: Frame) -> list[Table]:
    found = [_by(frame, dim) for dim in (Dim.QUEUE, Dim.NUMBER, Dim.CALL_TYPE, Dim.LANGUAGE)]
    if any(agent.team for agent in frame.plan.agents):
        found.append(_by(frame, Dim.TEAM))
    if frame.operators:
        found.append(_by(frame, Dim.OPERATOR))
    return found


def _dim_columns(frame: Frame, dim: Dim) -> tuple[Column, ...]:
    if dim in (Dim.TEAM, Dim.OPERATOR):
        return (
            measure_column("handled", sums=True),
            measure_column("transfers", sums=True),
            *(measure_column(key) for key in ("att", "hold_mean", "wrap_up_mean", "aht")),
            measure_column("logged_in", sums=True),
            measure_column("occupancy"),
            measure_column("utilisation"),
        )
    visits = dim in VISIT_DIMS
    head = frame.contract.headline()
    return (
        measure_column("queued" if visits else "offered", sums=True),
        *(() if visits else (measure_column("offered_in_hours", sums=True),)),
        measure_column("answered", sums=True),
        measure_column("abandoned", sums=True),
        measure_column("short_abandoned", sums=True),
        *(measure_column(key) for key in head[:-1]),
        measure_column("asa"),
        measure_column("wait_worst"),
        measure_column("aht"),
    )


def _by(frame: Frame, dim: Dim) -> Table:
    columns = _dim_columns(frame, dim)
    found = frame.cells.by(frame.span, dim)
    lines = tuple(
        Line(ident, name, _filled(columns, sums, _params(frame, dim, ident)))
        for ident, name, sums in _values(frame, dim, found)
    )
    whole = frame.whole
    total = Line("", names.TOTAL, _filled(columns, whole, _params(frame, dim, "")))
    lines = tuple(line for line in lines if line.id not in _REST or _counts(columns, line))
    note = None
    if dim is Dim.QUEUE:
        note = Name(
            "窓口ごとの数は滞在の数です。つながりやすさの秒数(T)は窓口ごとに決めたものです。",
            "Queues count visits; T of the service level is each queue's own.",
        )
    elif dim in (Dim.OPERATOR, Dim.TEAM):
        note = Name(
            "オペレーターごとの数字は、順位をつけるためのものではありません。",
            "These are no ranking of people.",
        )
    return Table(dim.value, *_DIMS[dim], columns, lines, total, dim, note)


def _counts(columns: tuple[Column, ...], line: Line) -> bool:
    return any(cell.value for column, cell in zip(columns, line.cells, strict=True) if column.sums)


def _params(frame: Frame, dim: Dim, value: str) -> Params:
    return frame.contract.params(dim, value, frame.plan.queues)


def _values(frame: Frame, dim: Dim, found: dict[str, Sums]) -> list[tuple[str, Name, Sums]]:
    """The lines: those that the plan names, in its order, then others that occurred; what nobody
    listed, and what is beyond the table's length, stands together."""
    known = _known(frame, dim)
    lines = [(value, known[value], found.get(value, Sums())) for value in known if value in found
             or dim in (Dim.QUEUE, Dim.NUMBER)]  # fmt: skip
    other = [value for value in found if value and value not in known]
    shown = [] if dim is Dim.NUMBER else other[: max(0, LINES_MAX - len(lines))]
    lines += [(value, Name(value, value), found[value]) for value in shown]
    rest = sum((found[value] for value in other if value not in shown), Sums())
    if rest != Sums():
        lines.append(("*", names.UNLISTED if dim is Dim.NUMBER else names.OTHERS, rest))
    if found.get("", Sums()) != Sums():
        none = names.NOT_QUEUED if dim in (Dim.CALL_TYPE, Dim.LANGUAGE) else names.NONE
        lines.append(("", none, found[""]))
    return lines


def _known(frame: Frame, dim: Dim) -> dict[str, Name]:
    own: dict[Dim, Callable[[], dict[str, Name]]] = {
        Dim.QUEUE: lambda: dict(frame.names.queues),
        Dim.NUMBER: lambda: dict(frame.names.numbers),
        Dim.CALL_TYPE: lambda: {each.value: name for each, name in names.CALL_TYPES.items()},
        Dim.LANGUAGE: lambda: dict(names.LANGUAGES),
        Dim.OPERATOR: lambda: dict(frame.names.agents),
        Dim.TEAM: lambda: {a.team: Name(a.team, a.team) for a in frame.plan.agents if a.team},
    }
    return own[dim]()
