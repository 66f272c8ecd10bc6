"""What the morning says of the rest of the day, in sentences."""

from __future__ import annotations

from sim.calibrate.told import kind_said
from sim.forecast.rest_seats import HourSeats, RestSeats
from sim.forecast.today import Today
from sim.results import Estimate


def sentences(now: Today, seats: RestSeats, *, ja: bool) -> list[str]:
    """The most important first."""
    return [_change(seats, ja), _level(seats, ja), _calls(now, ja), _seen(now, ja)]


def percent(of: Estimate) -> str:
    """A share with its half-width.

    >>> percent(Estimate(0.8123, 0.0049)), percent(Estimate(None))
    ('81.2 % ± 0.5', '–')
    """
    if of.mean is None:
        return "–"
    half = "" if of.half is None else f" ± {max(0.1, 100 * of.half):.1f}"
    return f"{100 * of.mean:.1f} %{half}"


def clock(at_s: float) -> str:
    """A time of the day.

    >>> clock(45_000)
    '12:30'
    """
    return f"{int(at_s) // 3600}:{int(at_s) % 3600 // 60:02d}"


def _change(seats: RestSeats, ja: bool) -> str:
    more = [hour for hour in seats.hours if hour.change > 0]
    fewer = [hour for hour in seats.hours if hour.change < 0]
    if not more and not fewer:
        return "いまの人数のままで目標を満たします。" if ja else "The seats as they are will do."
    parts = []
    if more:
        said = _hours(more, ja)
        parts.append(f"{said}を増やしてください" if ja else f"add operators: {said}")
    if fewer:
        said = _hours(fewer, ja)
        parts.append(
            f"{said}は別の仕事に回せます" if ja else f"these may be released: {said}"
        )  # fmt: skip
    return "。".join(parts) + "。" if ja else "; ".join(parts).capitalize() + "."


def _hours(hours: list[HourSeats], ja: bool) -> str:
    each = [(clock(hour.begins_s), abs(hour.change)) for hour in hours]
    if ja:
        return "、".join(f"{at}から{number}人" for at, number in each)
    return ", ".join(f"{number} from {at}" for at, number in each)


def _level(seats: RestSeats, ja: bool) -> str:
    level, excl, rate = (percent(e) for e in (seats.level_now, seats.excl_now, seats.answered_now))
    worst = min(
        (hour for hour in seats.hours if hour.level_now.mean is not None),
        key=lambda hour: hour.level_now.mean or 0.0,
        default=None,
    )
    target, after = f"{100 * seats.target:g} %", percent(seats.level_needed)
    if ja:
        low = (
            f"最も低いのは{clock(worst.begins_s)}からの{percent(worst.level_now)}。"
            if worst
            else ""
        )
        return (
            f"いまの人数では、残りの時間の基準内の応答は全着信の{level}(早く切れた電話を除くと{excl})、"
            f"応答率は{rate}です。{low}上のとおり変えると{after}になります(各時間の目標{target})。"
        )
    low = ""
    if worst:
        low = f" The worst hour, from {clock(worst.begins_s)}, has {percent(worst.level_now)}."
    within = "in time" if seats.threshold_s is None else f"within {seats.threshold_s:g} s"
    return (
        f"With the seats as they are {level} of the calls to come are answered {within} ({excl} "
        f"without early abandons), and {rate} are answered at all.{low} Changed as above it is "
        f"{after} (target of each hour: {target})."
    )


def _calls(now: Today, ja: bool) -> str:
    part = 100 * (now.busyness - 1)
    band = f"{now.rest_low:,.0f}–{now.rest_high:,.0f}"
    if ja:
        return (
            f"ここまで{now.came:,}件(いつもは{now.usual_so_far:,.0f}件)。今日の忙しさはいつもの"
            f"{part:+.0f}%とみて、このあと{now.rest:,.0f}件の見込みです(10日のうち9日は{band}件)。"
        )
    return (
        f"{now.came:,} calls came where {now.usual_so_far:,.0f} are usual: the day is taken for "
        f"{part:+.0f} %, and {now.rest:,.0f} more are to be expected (nine days of ten: {band})."
    )


def _seen(now: Today, ja: bool) -> str:
    kind = kind_said(now.kind, ja=ja)
    if ja:
        return f"いつもの件数は、過去の{kind}{now.seen}日の平均です。"
    return f"What is usual is the mean of {now.seen} earlier days ({kind})."
