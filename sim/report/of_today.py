"""The report of the rest of the day: whom to add or release, and why."""

from __future__ import annotations

from collections.abc import Sequence

from sim.forecast.rest_seats import RestSeats
from sim.forecast.today import Today
from sim.forecast.told_today import clock, percent
from sim.report.of_records import intraday_plots
from sim.report.of_told import told_paper
from sim.report.paper import Paper, Sheet
from sim.report.words import say as _say


def intraday_paper(now: Today, seats: RestSeats, said: Sequence[str], lang: str) -> Paper:
    """The report in one language; ``said``: its sentences."""
    moment = clock(now.opens_s + now.over * now.period_s)
    return told_paper(
        _say(lang, "今日の残り", "The rest of today"),
        _say(lang, f"{moment}から", f"from {moment}"),
        said,
        lang,
        plots=intraday_plots(now, seats, lang),
        sheets=intraday_sheets(now, seats, lang),
    )


def intraday_sheets(now: Today, seats: RestSeats, lang: str) -> tuple[Sheet, ...]:
    """The seats of the rest of the day, and the calls to come."""
    rows = [
        (
            clock(hour.begins_s),
            str(sum(hour.now)),
            percent(hour.level_now),
            percent(hour.answered_now),
            f"{hour.change:+d}" if hour.change else "0",
            _seats_said(seats, hour.needed),
            percent(hour.level_needed),
        )
        for hour in seats.hours
    ]
    head = (
        _say(lang, "時刻", "From"),
        _say(lang, "いまの人数", "seats now"),
        _say(lang, "基準内の応答", "in time"),
        _say(lang, "応答率", "answered"),
        _say(lang, "増減", "change"),
        _say(lang, "必要な人数", "seats needed"),
        _say(lang, "そのとき", "then in time"),
    )
    hours = Sheet(
        _say(lang, "残りの時間の人数", "Seats for the rest of the day"), head, tuple(rows)
    )
    calls = [
        (
            clock(now.opens_s + (now.over + n) * now.period_s),
            f"{now.usual[now.over + n]:,.0f}",
            f"{each:,.0f}",
            f"{now.low[n]:,.0f}–{now.high[n]:,.0f}",
        )
        for n, each in enumerate(now.expected)
    ]
    names = (
        _say(lang, "時刻", "From"),
        _say(lang, "いつも", "usual"),
        _say(lang, "見込み", "expected"),
        _say(lang, "10日中9日の幅", "nine days of ten"),
    )
    return hours, Sheet(_say(lang, "このあとの着信", "Calls to come"), names, tuple(calls))


def _seats_said(seats: RestSeats, needed: tuple[int, ...]) -> str:
    if len(needed) == 1:
        return str(needed[0])
    parts = " ".join(f"{name} {n}" for name, n in zip(seats.groups, needed, strict=True))
    return f"{sum(needed)} ({parts})"
