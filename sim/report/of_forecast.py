"""The report of a forecast: the days to come, and how past ones would have been told."""

from __future__ import annotations

from sim.calibrate.told import kind_said
from sim.forecast.coming import Coming, Forecast
from sim.forecast.told import sentences
from sim.report.of_records import forecast_plots
from sim.report.of_told import told_paper
from sim.report.paper import Paper, Sheet
from sim.report.words import say as _say


def forecast_paper(found: Forecast, lang: str) -> Paper:
    """The report in one language."""
    return told_paper(
        _say(lang, "着信の予測", "The calls to come"),
        f"{found.days[0].date} – {found.days[-1].date}",
        sentences(found, ja=lang == "ja"),
        lang,
        plots=forecast_plots(found, lang),
        sheets=forecast_sheets(found, lang),
    )


def forecast_sheets(found: Forecast, lang: str) -> tuple[Sheet, ...]:
    """The days, and the intervals of the first with calls."""
    ja = lang == "ja"
    rows = [
        (
            f"{day.date} {kind_said(day.kind, ja=ja)}",
            f"{day.total:,.0f}",
            f"{day.total_low:,.0f}–{day.total_high:,.0f}",
            str(day.seen),
        )
        for day in found.days
    ]
    head = (
        _say(lang, "日", "Day"),
        _say(lang, "件数", "calls"),
        _say(lang, "10日中9日の幅", "nine days of ten"),
        _say(lang, "同じ種類の日数", "days like it"),
    )
    by_day = Sheet(_say(lang, "日ごとの見込み", "By day"), head, tuple(rows))
    busy = [day for day in found.days if day.total][:3]
    return (by_day, _intervals(found, busy, lang)) if busy else (by_day,)


def _intervals(found: Forecast, busy: list[Coming], lang: str) -> Sheet:
    rows = [
        (
            clock_of(found, n),
            *(f"{day.calls[n]:,.0f} ({day.low[n]:,.0f}–{day.high[n]:,.0f})" for day in busy),
        )
        for n in range(found.grid.periods)
    ]
    head = (_say(lang, "時刻", "From"), *(f"{day.date:%m-%d}" for day in busy))
    return Sheet(_say(lang, "時間帯ごとの見込み(幅)", "By interval (band)"), head, tuple(rows))


def clock_of(found: Forecast, interval: int) -> str:
    """When an interval of the day begins."""
    minutes = (found.grid.opens_s + interval * found.grid.period_s) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
