"""Tables of a report that are about no dimension: balances, categories, transfers, lines."""

from __future__ import annotations

from collections.abc import Sequence

from acd.core.plan import TargetKind
from metrics import report_names as names
from metrics.availability import Outage, ServiceState
from metrics.measures import Figure
from metrics.report_frame import COUNT, LINES_MAX, SHARE, Frame, count_of, share_of, shared_table
from metrics.report_model import Chapter, Column, Form, Line, Name, Table
from metrics.report_rows import Category, Peak
from metrics.tally import Waits

#: Upper borders of the abandoned callers' waits, in seconds, each inclusive.
WAIT_STEPS_S = (5, 10, 20, 30, 60, 120, 180, 300, 600)


def calls(frame: Frame) -> Table:
    """Every call has one outcome, or is in progress."""
    calls = frame.whole.calls
    counts = [(each.value, name, calls.count(each)) for each, name in names.CALL_OUTCOMES.items()]
    counts.append(("in_progress", names.IN_PROGRESS, frame.in_progress))
    return shared_table(
        Chapter.CALLS,
        Name("電話の行方", "What became of the calls"),
        Name("結果", "outcome"),
        counts,
        calls.offered + frame.in_progress,
        Name("総着信数 = すべての結果の合計。", "offered = the sum of all outcomes."),
    )


def visits(frame: Frame) -> Table:
    """Every visit to a queue has one outcome."""
    visits = frame.whole.visits
    counts = [
        (each.value, name, visits.others.get(each, 0))
        for each, name in names.VISIT_OUTCOMES.items()
    ]
    known = {"answered": visits.answered, "abandoned": visits.abandoned}
    counts = [(key, name, known.get(key, number)) for key, name, number in counts]
    return shared_table(
        Chapter.VISITS,
        Name("窓口での滞在の行方", "What became of the visits to queues"),
        Name("結果", "outcome"),
        counts,
        visits.entered,
        Name(
            "1件の電話が複数の窓口に入ることがあります。",
            "One call may visit several queues.",
        ),
    )


# -- what is gathered ------------------------------------------------------------------------


def categories(frame: Frame) -> Table:
    """What calls were about, as operators classified them."""
    found = frame.gathered.categories
    ranked = sorted((code for code in found if code), key=lambda code: (-found[code].calls, code))
    lines = [(code, frame.names.dispositions.get(code, Name(code, code)), found[code])
             for code in ranked[:LINES_MAX]]  # fmt: skip
    rest = [found[code] for code in ranked[LINES_MAX:]]
    if rest:
        both = Category(sum(one.calls for one in rest), sum(one.resolved for one in rest))
        lines.append(("*", names.OTHERS, both))
    if "" in found:
        lines.append(("", names.UNCLASSIFIED, found[""]))
    whole = Category(
        sum(one.calls for one in found.values()), sum(one.resolved for one in found.values())
    )

    def cells(one: Category) -> tuple[Figure, ...]:
        return (count_of(one.calls), share_of(one.calls, whole.calls), count_of(one.resolved))

    resolved = Column("resolved", Name("センターで解決", "resolved"), Form.COUNT, sums=True)
    return Table(
        Chapter.CATEGORIES,
        Name("多い用件", "Top categories"),
        Name("分類", "class"),
        (COUNT, SHARE, resolved),
        tuple(Line(ident, name, cells(one)) for ident, name, one in lines),
        Line("", names.TOTAL, cells(whole)),
        note=Name(
            "応答した電話と、分類のある電話。", "Calls that were answered, or given a class."
        ),
    )


def transfers(frame: Frame) -> Table:
    """Where operators sent callers on."""
    together: dict[tuple[str, Name], int] = {}
    for counted, number in frame.gathered.transfers.items():
        kind, _, value = counted.partition(":")
        ident = counted if value else kind
        key = (ident, frame.names.target(TargetKind(kind), value))
        together[key] = together.get(key, 0) + number
    ranked = sorted(together.items(), key=lambda item: (-item[1], item[0][0]))
    counts = [(ident, name, number) for (ident, name), number in ranked[:LINES_MAX]]
    rest = sum(number for _, number in ranked[LINES_MAX:])
    if rest:
        counts.append(("*", names.OTHERS, rest))
    return shared_table(
        Chapter.TRANSFERS,
        Name("転送・取り次ぎ先", "Transfers"),
        Name("行き先", "to"),
        counts,
        frame.whole.legs.transfers,
        Name("オペレーターがほかへ回した通話。", "Talks that operators sent on."),
    )


def abandoned(frame: Frame) -> Table:
    """How long those waited who gave up."""
    waits = frame.whole.calls.abandoned_waits
    counts = []
    low = 0
    for high in WAIT_STEPS_S:
        title = (
            Name(f"{high}秒以内", f"up to {high} s")
            if not low
            else Name(f"{low}秒超〜{high}秒", f"over {low} to {high} s")
        )
        counts.append((f"le_{high}s", title, _between(waits, low, high)))
        low = high
    counts.append((f"gt_{low}s", Name(f"{low}秒超", f"over {low} s"), _between(waits, low, None)))
    return shared_table(
        Chapter.ABANDONED,
        Name("つながる前に切った方の待ち時間", "How long those who gave up had waited"),
        Name("待ち時間", "wait"),
        counts,
        sum(waits.values()),
    )


def _between(waits: Waits, over_s: int, to_s: int | None) -> int:
    low = over_s * 1000 if over_s else -1
    return sum(
        number for ms, number in waits.items() if ms > low and (to_s is None or ms <= to_s * 1000)
    )


def lines(frame: Frame) -> Table:
    """How many calls there were at once."""
    gathered = frame.gathered
    trunks = sorted({*gathered.by_trunk, *frame.names.channels})
    columns = (
        Column("calls", Name("着信", "calls"), Form.COUNT, sums=True),
        Column("peak", Name("同時通話の最大", "most at once"), Form.COUNT),
        Column("peak_at", Name("その時刻", "at"), Form.MOMENT),
        Column("channels", Name("契約の回線数", "channels"), Form.COUNT),
    )

    def cells(trunk: str | None, calls: int, limit: int | None) -> tuple[Figure, ...]:
        peak = gathered.peak_of_all if trunk is None else gathered.peaks.get(trunk, Peak())
        return (
            count_of(calls),
            count_of(peak.calls),
            Figure("moment", peak.at_ms, peak.at_ms, None),
            Figure("count", limit, limit, None),
        )

    limits = frame.names.channels
    lines = tuple(
        Line(trunk, Name(trunk, trunk) if trunk else names.NONE,
             cells(trunk, gathered.by_trunk.get(trunk, 0), limits.get(trunk)))
        for trunk in trunks
    )  # fmt: skip
    total = cells(None, gathered.calls, sum(limits.values()) or None)
    return Table(
        Chapter.LINES,
        Name("回線の使用", "Use of lines"),
        Name("回線", "line"),
        columns,
        lines,
        Line("", names.TOTAL, total),
        note=Name(
            "かかってきた電話だけ。転送した電話は、そのほかに発信の回線も使います。",
            "Calls that came in; one that was forwarded holds an outgoing channel besides.",
        ),
    )


_WHYS = {
    ServiceState.NO_SWITCH: Name("電話交換機と切れていた", "the switch was away"),
    ServiceState.NO_CARRIER: Name("電話会社の回線が切れていた", "every carrier's line was down"),
    ServiceState.NO_CONTROLLER: Name("システムが止まっていた", "no controller was at work"),
}


def outages(frame: Frame) -> Table:
    """When callers could not be served though service was owed; the longest, in order of time."""
    ranked = sorted(frame.outages, key=lambda each: each.span.from_ms - each.span.to_ms)
    shown = sorted(ranked[:LINES_MAX], key=lambda each: each.span.from_ms)
    lines = [
        Line(
            str(each.span.from_ms),
            _WHYS[each.why],
            (_moment(each.span.from_ms), _moment(each.span.to_ms), _length([each])),
            each.span.from_ms,
            each.span.to_ms,
        )
        for each in shown
    ]
    rest = ranked[LINES_MAX:]
    nothing = Figure("moment", None, None, None)
    if rest:
        lines.append(Line("*", names.OTHERS, (nothing, nothing, _length(rest))))
    owed, served = frame.whole.service_ms, frame.whole.served_ms
    columns = (
        Column("from", Name("いつから", "from"), Form.MOMENT),
        Column("to", Name("いつまで", "to"), Form.MOMENT),
        Column("length", Name("長さ", "length"), Form.MS, sums=True),
    )
    note = Name(
        "受付時間だけを数えます。予備の列だけで受けていた時間も、止まっていた時間に入れます。",
        "Service hours alone. Time in which only the switch's own queue served counts as well.",
    )
    if not lines:
        note = Name("止まっていた時間はありません。", "There were none.")
    if not owed:
        note = Name("この期間の記録はありません。", "Nothing is on record for this period.")
    total = Line("", names.TOTAL, (nothing, nothing, count_of(owed - served, "length")))
    return Table(
        Chapter.OUTAGES,
        Name("受付時間内に止まっていた時間", "Outages in service hours"),
        Name("理由", "reason"),
        columns,
        tuple(lines),
        total,
        note=note,
    )


def _moment(at_ms: int) -> Figure:
    return Figure("moment", at_ms, at_ms, None)


def _length(outages: Sequence[Outage]) -> Figure:
    return count_of(sum(each.span.to_ms - each.span.from_ms for each in outages), "length")
