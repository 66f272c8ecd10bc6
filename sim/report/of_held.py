"""The plots of what is held against something else: a replay, a rehearsal, the reference values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from metrics.report_model import Name
from sim.records import Outcome
from sim.report import svg
from sim.report.chart import Bars, Chart, Line, draw
from sim.report.paper import Drawn, drawn
from sim.report.plots import ceiling, steps_of
from sim.report.svg import Frame
from sim.report.values import Value
from sim.report.words import clock, word

if TYPE_CHECKING:
    from sim.oracles.verify import Deviation, Verdict
    from sim.rehearsal.comparison import Both, Comparison
    from sim.replay.report import Report

#: A rehearsed hour is drawn in so many stretches.
_STRETCHES = 12
#: The room of one model's row, and of its name, in the verification's plot.
_ROW, _NAME = 15.0, 112.0
#: Deviations are drawn up to this part of the tolerance.
_BEYOND = 1.25

_WORDS = {
    "recorded": Name("当日", "recorded"),
    "replayed": Name("再現", "replayed"),
    "changed": Name("変更後", "changed"),
    "lost": Name("つながらなかった電話(時間帯ごと)", "Calls that were not answered, by the hour"),
    "lost_note": Name(
        "放棄と話中の合計です。当日と再現の柱がそろっているほど、再現は正確です。",
        "Given up and blocked. The more alike recorded and replayed are, the more exact is the "
        "replay.",
    ),
    "asa": Name("応答までの平均(時間帯ごと)", "Mean wait of the answered, by the hour"),
    "asa_note": Name(
        "2つの線が重なっていれば、再現は当日のとおりです。",
        "Where the lines lie on each other the replay is as the day was.",
    ),
    "changed_note": Name(
        "変更後は{runs}回計算した平均です。", " The changed day is the mean of {runs} times played."
    ),
    "wait_s": Name("待ち(秒)", "wait in s"),
    "calls_hour": Name("1時間の件数", "calls"),
    "by_call": Name("1件ごとの待ち時間: 計算と実機", "Each call's wait: simulated and real"),
    "by_call_note": Name(
        "点1つが電話1件です。斜めの線の上なら同じ待ち時間、帯は同じとみなす幅です。"
        "結果が違った電話({odd}件)は三角で示します。",
        "A dot is a call. On the slanting line both waits are the same; within the band they count "
        "as the same. Calls that went another way ({odd}) are triangles.",
    ),
    "simulated_wait": Name("計算での待ち(秒)", "simulated wait in s"),
    "real_wait": Name("実機での待ち(秒)", "real wait in s"),
    "same": Name("同じ結果", "the same outcome"),
    "odd": Name("違う結果", "another outcome"),
    "equal": Name("同じとみなす幅", "counts as the same"),
    "stretch": Name("着信した時刻ごとの平均の待ち", "Mean wait by the time of arrival"),
    "stretch_note": Name(
        "回線につながったすべての電話の平均です。", "Of all calls that found a line."
    ),
    "real": Name("実機", "real telephones"),
    "simulated": Name("計算", "simulated"),
    "came": Name("着信した時刻", "came at"),
    "off": Name("許容差に対するずれ", "Deviations, in parts of the tolerance"),
    "off_note": Name(
        "点1つが値1つです。右の線が許容差で、公式では相対誤差の許容、模擬では標準誤差の4倍です。"
        "線より右の値({off}個)は外れています。",
        "A dot is a value. The line at the right is the tolerance: the relative one of a formula, "
        "four standard errors of a simulation. Values beyond it ({off}) are off.",
    ),
    "closed": Name("公式", "formulas"),
    "sampled": Name("模擬", "simulations"),
    "allowed": Name("許容差", "tolerance"),
    "parts": Name("ずれ ÷ 許容差", "deviation ÷ tolerance"),
    "off_said": Name("{model} 最大{most}", "{model}: at most {most}"),
}


def _said(key: str, lang: str, **values: object) -> str:
    return _WORDS[key].of(lang).format(**values)


def replay_plots(report: Report, lang: str) -> tuple[Drawn, ...]:
    """Recorded against replayed, hour by hour, and what the change does."""
    sides = [(side, hours) for side, hours in report.hours.items() if hours]
    if not sides:
        return ()
    first = min(hours[0].hour for _, hours in sides)
    last = max(hours[-1].hour for _, hours in sides)
    names = [str(at) for at in range(first, last + 1)]
    kinds = {"recorded": ("before", "c", "triangle"), "replayed": ("answered", "a", "dot"),
             "changed": ("worse", "b", "square")}  # fmt: skip
    lost, waits = [], []
    for side, hours in sides:
        known = {each.hour: each for each in hours}
        here = [known.get(at) for at in range(first, last + 1)]
        bar, line, mark = kinds[side]
        name = _said(side, lang)
        lost.append(Bars(name, bar, [each.lost if each else None for each in here]))
        waits.append(Line(name, line, [Value(each.asa_s if each else None) for each in here], mark))
    more = _said("changed_note", lang, runs=report.runs) if report.runs else ""
    title = word("hour", lang)
    plots = (
        ("lost", Chart(_listed("lost", names, [each.values for each in lost], lang), names, title,
                       bars=lost, unit=_said("calls_hour", lang))),
        ("asa", Chart(_listed("asa", names, [[one.mean for one in each.values] for each in waits],
                              lang), names, title, lines=waits, unit=_said("wait_s", lang))),
    )  # fmt: skip
    return tuple(
        _plot(chart, _said(key, lang), _said(f"{key}_note", lang) + more, lang)
        for key, chart in plots
    )


def _listed(
    key: str, names: Sequence[str], sides: Sequence[Sequence[float | None]], lang: str
) -> str:
    """What a plot by the hour shows, in words."""
    rows = zip(names, *sides, strict=True)
    said = (
        f"{name}: " + " / ".join("–" if each is None else f"{each:.1f}" for each in values)
        for name, *values in rows
    )
    return f"{_said(key, lang)}: {'; '.join(said)}"


# -- a rehearsal -----------------------------------------------------------------------------


def rehearse_plots(
    found: Comparison, begins_s: float, length_s: float, same_s: float, lang: str
) -> tuple[Drawn, ...]:
    """Real against simulated: each call's wait, and the mean wait along the hour. ``same_s``: waits
    that differ by no more are the same."""
    seen = [each for each in found.calls if each.real is not None]
    if not seen:
        return ()
    odd = sum(each.real is not each.simulated for each in seen)
    note = _said("by_call_note", lang, odd=odd)
    by_call = drawn(_said("by_call", lang), lambda width: _scatter(seen, same_s, lang, width), note)
    return by_call, _along(seen, begins_s, length_s, lang)


def _scatter(calls: Sequence[Both], same_s: float, lang: str, width: float) -> str:
    longest = max(max(each.simulated_wait_s, each.real_wait_s) for each in calls)
    top = ceiling(longest)
    entries = [("a", "dot", _said("same", lang)), ("b", "triangle", _said("odd", lang)),
               ("band", "bar", _said("equal", lang))]  # fmt: skip
    unit = _said("real_wait", lang)
    frame = Frame(1, 0.0, top, width, lift=svg.lift(entries, width, unit))
    steps = steps_of(top)
    marks = [(top * at / steps, f"{top * at / steps:,.4g}") for at in range(steps + 1)]
    parts = svg.axis(frame, marks, unit)
    # The band between two slanting lines, as places of a frame of its own.
    ends = [top * at / 60 for at in range(61)]
    fine = Frame(61, 0.0, top, width + (frame.end - frame.left) / 120,
                 frame.left - (frame.end - frame.left) / 120, 16.0, frame.lift)  # fmt: skip
    lows, highs = [max(0.0, each - same_s) for each in ends], [each + same_s for each in ends]
    parts.append(svg.band(fine, lows, highs, "band"))

    def x(value: float) -> float:
        return frame.left + value / top * (frame.end - frame.left)

    parts.append(svg.rule(x(0), frame.y(0), x(top), frame.y(top), "goal"))
    for each in calls:
        kind, mark = ("a", "dot") if each.real is each.simulated else ("b", "triangle")
        parts.append(svg.shape(x(each.simulated_wait_s), frame.y(each.real_wait_s), kind, mark))
    parts += [svg.text(x(at), frame.floor + 16, name) for at, name in marks]
    parts.append(svg.text((frame.left + frame.end) / 2, frame.height - 6,
                          _said("simulated_wait", lang)))  # fmt: skip
    parts += svg.legend(frame, entries)
    same = sum(not each.differs(same_s) for each in calls)
    said = f"{_said('by_call', lang)}: {_said('equal', lang)} {same} / {len(calls)}"
    return svg.drawing(frame, said, parts)


def _along(calls: Sequence[Both], begins_s: float, length_s: float, lang: str) -> Drawn:
    stretch_s = length_s / _STRETCHES
    real: list[list[float]] = [[] for _ in range(_STRETCHES)]
    simulated: list[list[float]] = [[] for _ in range(_STRETCHES)]
    for each in calls:
        at = min(_STRETCHES - 1, int(each.came_s // stretch_s))
        if each.real is not Outcome.BLOCKED:
            real[at].append(each.real_wait_s)
        if each.simulated is not Outcome.BLOCKED:
            simulated[at].append(each.simulated_wait_s)
    names = [clock(begins_s + at * stretch_s) for at in range(_STRETCHES)]
    sides = [[sum(one) / len(one) if one else None for one in side] for side in (simulated, real)]
    lines = [
        Line(_said(key, lang), kind, [Value(each) for each in side], mark)
        for key, kind, mark, side in zip(
            ("simulated", "real"), ("c", "a"), ("triangle", "dot"), sides, strict=True
        )
    ]
    chart = Chart(
        _listed("stretch", names, sides, lang), names, _said("came", lang), lines=lines,
        unit=_said("wait_s", lang),
    )  # fmt: skip
    return _plot(chart, _said("stretch", lang), _said("stretch_note", lang), lang)


# -- reference values ------------------------------------------------------------------------


def verify_plots(found: Sequence[Verdict], lang: str) -> tuple[Drawn, ...]:
    """How far every value is off, in parts of its tolerance, a row a model."""
    by_model: dict[str, list[Deviation]] = defaultdict(list)
    for verdict in found:
        by_model[verdict.row.model] += verdict.deviations
    shown = {model: each for model, each in by_model.items() if each}
    if not shown:
        return ()
    off = sum(not one.good for each in shown.values() for one in each)
    note = _said("off_note", lang, off=off)
    return (drawn(_said("off", lang), lambda width: _strips(shown, lang, width), note),)


def _part(of: Deviation) -> float:
    """The deviation as a part of what is allowed."""
    from sim.oracles.verify import SIGMAS_MAX

    return of.units / (SIGMAS_MAX if of.sigmas else 1.0)


def _strips(by_model: dict[str, list[Deviation]], lang: str, width: float) -> str:
    entries = [("a", "dot", _said("closed", lang)), ("b", "square", _said("sampled", lang)),
               ("goal", "", _said("allowed", lang))]  # fmt: skip
    base = Frame(1, 0.0, 1.0, width)
    more = max(0.0, len(by_model) * _ROW - (base.floor - base.top))
    lift = svg.lift(entries, width)
    frame = Frame(1, 0.0, 1.0, width, _NAME, 16.0, lift + more)
    top = frame.top - more

    def x(part: float) -> float:
        return frame.left + min(part, _BEYOND) / _BEYOND * (frame.end - frame.left)

    parts = [svg.rule(x(at / 4), top, x(at / 4), frame.floor, "grid") for at in range(5)]
    parts += [svg.text(x(at / 4), frame.floor + 16, f"{at / 4:g}") for at in range(5)]
    parts.append(svg.rule(x(1), top - 4, x(1), frame.floor, "goal"))
    step = (frame.floor - top) / len(by_model)
    for number, (model, deviations) in enumerate(by_model.items()):
        y = top + (number + 0.5) * step
        parts.append(svg.text(frame.left - 6, y + 4, model, "end"))
        for each in deviations:
            kind, mark = ("b", "square") if each.sigmas else ("a", "dot")
            parts.append(svg.shape(x(_part(each)), y, kind, mark))
    parts.append(svg.text((frame.left + frame.end) / 2, frame.height - 6, _said("parts", lang)))
    parts += svg.legend(frame, entries)
    said = "; ".join(
        _said("off_said", lang, model=model, most=f"{max(map(_part, each)):.2f}")
        for model, each in by_model.items()
    )
    return svg.drawing(frame, f"{_said('off', lang)}: {said}", parts)


def _plot(chart: Chart, title: str, note: str, lang: str) -> Drawn:
    return drawn(title, lambda width: draw(chart, lang, width), note)
