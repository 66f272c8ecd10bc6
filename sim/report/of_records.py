"""The plots of what is learnt from records: a fit, a forecast, the rest of today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from metrics.report_model import Name
from sim.report.chart import Band, Bars, Chart, Line, draw
from sim.report.paper import Drawn, drawn
from sim.report.values import Value
from sim.report.words import clock, seconds, word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.calibrate.fit import Fit, QueueFit
    from sim.calibrate.past import Past
    from sim.forecast.backtest import Backtest
    from sim.forecast.coming import Coming, Forecast
    from sim.forecast.rest_seats import RestSeats
    from sim.forecast.today import Today
    from sim.inputs.distributions import Distribution

    Floats = NDArray[np.float64]

#: So many queues are drawn, those with most calls; and so many past days.
QUEUES_MAX, DAYS_MAX, TESTED_MAX = 3, 42, 60
#: So few days have a mark each.
_MARKED = 60
#: Beyond this part of the lengths a histogram ends; where fewer wait, a survival curve does.
_MOST, _AT_RISK = 0.98, 10
_ROUND_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200)
_Z95 = 1.96

_WORDS = {
    "patience": Name("あきらめるまでの時間: {queue}", "How long callers wait: {queue}"),
    "patience_note": Name(
        "つながった方は、それまで待ったことだけがわかるものとして数えています。"
        "線がそろっていれば、推定は記録のとおりです。灰色の帯は95%区間です。",
        "Who was answered counts as having waited at least so long. Where the lines lie together "
        "the fit is as the records are; the grey band is the 95 % interval.",
    ),
    "patience_said": Name("{t}で記録{share}、推定{fitted}", "at {t} records {share}, fit {fitted}"),
    "s": Name("秒", "s"),
    "min": Name("分", "min"),
    "h": Name("時間", "h"),
    "still": Name("まだ待っている割合", "still waiting"),
    "waited": Name("待った時間({unit})", "time waited, in {unit}"),
    "records": Name("記録", "records"),
    "interval": Name("記録の95%区間", "95 % interval of the records"),
    "fitted": Name("推定(シナリオの値)", "fitted, as in the scenario"),
    "talk": Name("通話の長さ: {queue}", "How long talks last: {queue}"),
    "wrap_up": Name("後処理の長さ: {queue}", "How long wrap-up lasts: {queue}"),
    "length_note": Name(
        "柱の高さは、その長さの件の割合です。平均は{mean}、図より長いものは{beyond}です。",
        "A bar's height is the share of that length. The mean is {mean}; {beyond} last longer than "
        "the plot.",
    ),
    "length": Name("長さ({unit}。その値から1区切り)", "length in {unit}, each bar from there on"),
    "length_said": Name("{t}から{share}", "from {t}: {share}"),
    "cases": Name("件の割合", "share"),
    "all": Name("全体", "all calls"),
    "history": Name("これまでの日と、これからの日", "The days so far, and those to come"),
    "history_note": Name(
        "黒い線は記録にある日、青い線は予測、帯には10日のうち9日が入ります。"
        "電話のない日(閉庁日など)は空けています。",
        "Black: the days of the records. Blue: the forecast, with the band that holds nine days of "
        "ten. Days without calls, such as closed ones, are left open.",
    ),
    "came": Name("実際の件数", "calls that came"),
    "forecast": Name("予測", "forecast"),
    "day": Name("日", "day"),
    "coming": Name("ここから予測", "from here on forecast"),
    "tested": Name(
        "過去の日を前日に予測していたら", "Past days, as they would have been told the day before"
    ),
    "tested_note": Name(
        "{days}日分を、それより前の記録だけから予測し直しました。中央値より確かに良い方法だけを"
        "使います。",
        "{days} days were told again from what was known before. Only a method that surely beats "
        "the median is used.",
    ),
    "usual": Name("曜日・時間帯ごとの中央値", "median by weekday and interval"),
    "used": Name("使った方法", "the method used"),
    "errors": Name("方法ごとの外れ方", "How far off each method was"),
    "errors_note": Name(
        "時間帯ごとの外れの平均を、件数に対する割合で示します。低いほど良く、色の付いた欄が使った"
        "方法です。中央値=曜日・時間帯ごとの中央値、曜日と形=曜日平均と全体の形の組み合わせ、"
        "水準=最近の水準×いつもの形、新しい週=新しい週を重く見た平均。",
        "The mean error of the intervals as a share of the calls: lower is better. The method used "
        "is set off. Median: by weekday and interval; weekday: its mean drawn to the usual "
        "profile; level: the recent level × the usual profile; newer: newer weeks weigh more.",
    ),
    "error": Name("件数に対する外れ", "error ÷ calls"),
    "today": Name("今日ここまでと、このあと", "The day so far, and what is to come"),
    "today_note": Name(
        "柱は今日実際に来た件数、破線はいつもの日、青い線は残りの見込み、帯には10日のうち9日が"
        "入ります。",
        "Bars: today's calls so far. Dashed: a usual day. Blue: what is expected of the rest, with "
        "the band that holds nine days of ten.",
    ),
    "so_far": Name("今日ここまで", "today so far"),
    "as_usual": Name("いつもの日", "a usual day"),
    "expected": Name("見込み", "expected"),
    "present": Name("いま", "now"),
    "from": Name("時刻(その時から1区切り)", "time of the day (from then on)"),
    "levels": Name("人数を変えると", "With other numbers of operators"),
    "levels_note": Name(
        "下の数字は「いまの人数→必要な人数」です。縦の線は95%区間です。",
        "At the foot: operators now → needed. The upright lines are 95 % intervals.",
    ),
    "now_seats": Name("いまの人数で{t}以内の応答", "in {t} with the operators there"),
    "needed_seats": Name("必要な人数にしたとき", "with those needed"),
}


def _said(key: str, lang: str, **values: object) -> str:
    return _WORDS[key].of(lang).format(**values)


# -- a fit -----------------------------------------------------------------------------------


def fit_plots(fit: Fit, past: Past, lang: str) -> tuple[Drawn, ...]:
    """Patience, talk and wrap-up of the busiest queues against what the scenario takes."""
    from sim.calibrate.past import Ended

    busiest = sorted(range(len(fit.queues)), key=lambda n: -fit.queues[n].calls)[:QUEUES_MAX]
    found: list[Drawn] = []
    seen: set[tuple[str, str]] = set()
    answered = past.ended == Ended.ANSWERED
    for number in busiest:
        queue, of = fit.queues[number], fit.scenario.classes[number]
        own = past.queue == number
        alone = len(fit.queues) == 1
        for kind, shared in (("patience", queue.patience_shared), ("talk", queue.talk_shared),
                             ("wrap_up", queue.talk_shared)):  # fmt: skip
            name = _said("all", lang) if shared and not alone else queue.name
            if (kind, name) in seen:
                continue
            seen.add((kind, name))
            if kind == "patience":
                found += _patience(queue, of.patience[0], name, lang)
                continue
            lengths = past.talk_s if kind == "talk" else past.wrap_s
            fitted = of.talk if kind == "talk" else of.wrap_up
            found += _lengths(kind, lengths[answered & (own | shared)], fitted, name, lang)
    return tuple(found)


def _patience(
    queue: QueueFit, fitted: Distribution | None, name: str, lang: str
) -> tuple[Drawn, ...]:
    curve = queue.patience.curve
    known = curve.times_s[curve.at_risk >= _AT_RISK]
    if fitted is None or not len(known):
        return ()
    tick = _round_s(float(known[-1]) / 6)
    steps = 12 * max(1, -(-int(known[-1]) // int(tick)))
    times = [tick * n / 12 for n in range(steps + 1)]
    at = np.searchsorted(curve.times_s, times, side="right") - 1
    share = np.where(at < 0, 1.0, curve.survival[at])
    error = np.where(at < 0, 0.0, curve.error[at]) * _Z95
    # Beyond the last who is known to have given up the records say nothing.
    ends = int(np.searchsorted(times, known[-1], side="right"))
    share, error = share[:ends], error[:ends]
    model = [fitted.survival(each) for each in times]
    said = "; ".join(
        _said("patience_said", lang, t=seconds(times[n], lang), share=f"{100 * share[n]:.0f} %",
              fitted=f"{100 * model[n]:.0f} %") for n in range(0, ends, 12)
    )  # fmt: skip
    chart = Chart(
        f"{_said('patience', lang, queue=name)}: {said}",
        *_axis(times, 12, "waited", lang),
        bands=(Band(_said("interval", lang), np.maximum(share - error, 0).tolist(),
                    np.minimum(share + error, 1).tolist()),),
        lines=(
            Line(_said("records", lang), "c", [Value(float(each)) for each in share]),
            Line(_said("fitted", lang), "a", [Value(each) for each in model]),
        ),
        unit=_said("still", lang), share=True, whole=True,
    )  # fmt: skip
    return (_plot(chart, _said("patience", lang, queue=name), _said("patience_note", lang), lang),)


def _lengths(
    kind: str, lengths_s: Floats, fitted: Distribution | None, name: str, lang: str
) -> tuple[Drawn, ...]:
    x = lengths_s[np.isfinite(lengths_s)]
    if fitted is None or len(x) < 2 or not x.max():
        return ()
    step = _round_s(float(np.quantile(x, _MOST)) / 24)
    bins = max(4, int(np.quantile(x, _MOST) // step) + 1)
    edges = step * np.arange(bins + 1)
    share = np.histogram(x, edges)[0] / len(x)
    alive = [fitted.survival(float(each)) for each in edges]
    model = [before - after for before, after in pairwise(alive)]
    beyond = f"{100 * float((x > edges[-1]).mean()):.1f} %"
    mean = seconds(float(round(x.mean())), lang)
    note = _said("length_note", lang, mean=mean, beyond=beyond)
    title = _said(kind, lang, queue=name)
    said = "; ".join(
        _said("length_said", lang, t=seconds(float(edges[n]), lang), share=f"{100 * each:.1f} %")
        for n, each in enumerate(share)
    )
    chart = Chart(
        f"{title}: {said}",
        *_axis(edges[:-1].tolist(), 4, "length", lang),
        bars=(Bars(_said("records", lang), "answered", share.tolist()),),
        lines=(Line(_said("fitted", lang), "a", [Value(each) for each in model]),),
        unit=_said("cases", lang), share=True,
    )  # fmt: skip
    return (_plot(chart, title, note, lang),)


def _axis(times_s: Sequence[float], every: int, title: str, lang: str) -> tuple[list[str], str]:
    """The names below lengths of time, all in one unit, and the title that says which."""
    shown = times_s[::every]
    unit, of_s = next(
        (each for each in (("h", 3600), ("min", 60)) if all(t % each[1] == 0 for t in shown)),
        ("s", 1),
    )
    names = [f"{t / of_s:g}" if n % every == 0 else "" for n, t in enumerate(times_s)]
    return names, _said(title, lang, unit=_said(unit, lang))


def _round_s(least_s: float) -> float:
    """The next round length of time.

    >>> _round_s(7.2), _round_s(9000)
    (10.0, 10800.0)
    """
    return next((float(each) for each in _ROUND_S if each >= least_s), 3600.0 * -(-least_s // 3600))


# -- a forecast ------------------------------------------------------------------------------


def forecast_plots(found: Forecast, lang: str) -> tuple[Drawn, ...]:
    """The days so far and to come; how past days would have been told; each method's error."""
    plots = [_history(found, lang)]
    if found.test.tested:
        plots.append(_tested(found, lang))
    if len(found.test.scores) > 1:
        plots.append(_errors(found.test, lang))
    return tuple(plots)


def _history(found: Forecast, lang: str) -> Drawn:
    grid = found.grid
    totals = np.where(grid.open_day, grid.of_day.sum(axis=1), 0).tolist()
    past = list(zip(grid.dates, totals, strict=True))[-DAYS_MAX:]
    dates = [*(day for day, _ in past), *(day.date for day in found.days)]
    came = [Value(float(total) or None) for _, total in past]
    told = [Value(None)] * len(past) + [Value(day.total or None) for day in found.days]
    said = "; ".join(
        f"{day.date:%m-%d} {day.total:,.0f} ({day.total_low:,.0f}–{day.total_high:,.0f})"
        for day in found.days
    )
    chart = Chart(
        f"{_said('history', lang)}: {said}",
        _dates(dates), _said("day", lang),
        bands=_bands(found.days, len(past), lang),
        lines=(
            Line(_said("came", lang), "c", came, "dot" if len(past) <= _MARKED else ""),
            Line(_said("forecast", lang), "a", told, "dot"),
        ),
        unit=word("calls", lang), now=(len(past), _said("coming", lang)),
    )  # fmt: skip
    return _plot(chart, _said("history", lang), _said("history_note", lang), lang)


def _bands(days: Sequence[Coming], first: int, lang: str) -> tuple[Band, ...]:
    """The bands of the stretches of days with calls."""
    parts = groupby(enumerate(days, first), key=lambda each: each[1].total > 0)
    stretches = [list(part) for open_, part in parts if open_]
    return tuple(
        Band(word("band", lang), [day.total_low for _, day in part],
             [day.total_high for _, day in part], part[0][0])
        for part in stretches
    )  # fmt: skip


def _tested(found: Forecast, lang: str) -> Drawn:
    tested = found.test.tested[-TESTED_MAX:]
    days = found.grid.days_of(None)
    dates = [found.grid.dates[int(days[each.day])] for each in tested]
    lines = [
        Line(_said("came", lang), "c", [Value(each.came) for each in tested]),
        Line(_said("usual", lang), "b", [Value(each.usual) for each in tested]),
    ]
    if any(each.usual != each.chosen for each in tested):
        used = [Value(each.chosen) for each in tested]
        lines.append(Line(_said("used", lang), "a", used))
    said = "; ".join(
        f"{day:%m-%d} {each.came:,.0f}/{each.usual:,.0f}/{each.chosen:,.0f}"
        for day, each in zip(dates, tested, strict=True)
    )
    chart = Chart(
        f"{_said('tested', lang)}: {said}", _dates(dates), _said("day", lang), lines=lines,
        unit=word("calls", lang),
    )  # fmt: skip
    note = _said("tested_note", lang, days=found.test.days)
    return _plot(chart, _said("tested", lang), note, lang)


def _errors(test: Backtest, lang: str) -> Drawn:
    names = {"median": Name("中央値", "median"), "shrunk": Name("曜日と形", "weekday"),
             "level": Name("水準", "level"), "recent": Name("新しい週", "newer")}  # fmt: skip
    shown = [names[each.name].of(lang) for each in test.scores]
    said = "; ".join(
        f"{name} {100 * each.error:.1f} %" for name, each in zip(shown, test.scores, strict=True)
    )
    at = next((n for n, each in enumerate(test.scores) if each.name == test.chosen), None)
    chart = Chart(
        f"{_said('errors', lang)}: {said}", shown, "",
        bars=(Bars(_said("error", lang), "answered", [each.error for each in test.scores]),),
        share=True, chosen=at,
    )  # fmt: skip
    return _plot(chart, _said("errors", lang), _said("errors_note", lang), lang)


def _dates(dates: Sequence[dt.date]) -> list[str]:
    """Each week's first day that is there, or every day of a short time."""
    if len(dates) <= 10:
        return [f"{day.month}/{day.day}" for day in dates]
    found, week = [], None
    for day in dates:
        found.append("" if day.isocalendar()[:2] == week else f"{day.month}/{day.day}")
        week = day.isocalendar()[:2]
    return found


# -- the rest of today -----------------------------------------------------------------------


def intraday_plots(now: Today, seats: RestSeats, lang: str) -> tuple[Drawn, ...]:
    """The day so far with the rest's band; what other numbers of operators give."""
    return _today(now, lang), _levels(seats, lang)


def _today(now: Today, lang: str) -> Drawn:
    gap: list[Value] = [Value(None)] * now.over
    starts = [now.opens_s + n * now.period_s for n in range(len(now.usual))]
    said = "; ".join(f"{clock(at)} {n}" for at, n in zip(starts, now.so_far, strict=False))
    chart = Chart(
        f"{_said('today', lang)}: {said}",
        [clock(each) if each % 3600 == 0 or now.period_s > 3600 else "" for each in starts],
        _said("from", lang),
        bars=(Bars(_said("so_far", lang), "answered", now.so_far),),
        bands=(Band(word("band", lang), now.low.tolist(), now.high.tolist(), now.over),),
        lines=(
            Line(_said("as_usual", lang), "b", [Value(float(each)) for each in now.usual]),
            Line(_said("expected", lang), "a",
                 [*gap, *(Value(float(each)) for each in now.expected)], "dot"),
        ),
        unit=word("calls", lang), now=(now.over, _said("present", lang)),
    )  # fmt: skip
    return _plot(chart, _said("today", lang), _said("today_note", lang), lang)


def _levels(seats: RestSeats, lang: str) -> Drawn:
    within = seconds(seats.threshold_s or 20.0, lang)
    said = "; ".join(
        f"{clock(hour.begins_s)} {sum(hour.now)}→{sum(hour.needed)}" for hour in seats.hours
    )
    chart = Chart(
        f"{_said('levels', lang)}: {said}",
        [clock(hour.begins_s) for hour in seats.hours], _said("from", lang),
        lines=(
            Line(_said("now_seats", lang, t=within), "c",
                 [Value(hour.level_now.mean, hour.level_now.half or 0.0)
                  for hour in seats.hours], "triangle"),
            Line(_said("needed_seats", lang), "a",
                 [Value(hour.level_needed.mean, hour.level_needed.half or 0.0)
                  for hour in seats.hours], "dot"),
        ),
        share=True, whole=True, goal=seats.target,
        inside=[f"{sum(hour.now)}→{sum(hour.needed)}" for hour in seats.hours],
    )  # fmt: skip
    return _plot(chart, _said("levels", lang), _said("levels_note", lang), lang)


def _plot(chart: Chart, title: str, note: str, lang: str) -> Drawn:
    return drawn(title, lambda width: draw(chart, lang, width), note)
