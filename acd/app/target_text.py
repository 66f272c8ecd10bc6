"""What a missed target says to a person: the figure, what it is made of, the target, since when."""

from __future__ import annotations

import math

from acd.app.alarm_rules import Active
from acd.app.day_targets import Against
from acd.config.alarm_settings import AlarmKind, Column
from metrics.measures import parsed

#: Subject, figure's name, value, part of whole, target, since: by whether more is better.
_MISSED = {
    True: (
        "{name}の今日の{figure}は{value}で、{column}の目標({target}以上)に届いていません({made}、{since}から)。",
        "Today in {name}: {figure} is {value}, below the {column} of {target}"
        " ({made}, since {since}).",
    ),
    False: (
        "{name}の今日の{figure}は{value}で、{column}の目標({target}以下)を超えています({made}、{since}から)。",
        "Today in {name}: {figure} is {value}, above the {column} of {target}"
        " ({made}, since {since}).",
    ),
}
_MET = (
    "{name}の今日の{figure}は{value}になり、{column}の目標({target}{side})を満たしています({made})。",
    "Today in {name}: {figure} is {value} and meets the {column} of {target} ({made}).",
)
_SIDES = {True: "以上", False: "以下"}
_COLUMNS = {
    Column.CONTRACT: ("仕様書", "contract's target"),
    Column.PROMISE: ("提案", "centre's promise"),
}


def missed(alarm: Active, name: tuple[str, str], since: str) -> tuple[str, str]:
    """The sentences (Japanese, English) of an alarm about a target; ``since`` is a local time."""
    assert isinstance(alarm.reading, Against)
    texts = _MISSED[alarm.reading.at_least]
    ja, en = (
        _filled(text, alarm, alarm.reading, name, place, since) for place, text in enumerate(texts)
    )
    return ja, en


def met(alarm: Active, now: Against, name: tuple[str, str]) -> tuple[str, str]:
    """The sentences when the target is met again."""
    ja, en = (_filled(text, alarm, now, name, place) for place, text in enumerate(_MET))
    return ja, en


def _filled(
    text: str, alarm: Active, now: Against, name: tuple[str, str], place: int, since: str = ""
) -> str:
    one, params = parsed(now.key)
    figure = (one.ja, one.en)[place]
    if one.timed:
        seconds = f"{params.threshold_ms / 1000:g}"
        within = (f"({seconds}秒以内)", f" (within {seconds} s)")[place]
        # What tells the variants apart stands in brackets already.
        figure = (figure + within).replace(")(", "、").replace(") (", ", ")
    if alarm.rule.kind is AlarmKind.TARGET_AVAILABILITY:
        made = _out_of_service(now, place)
    else:
        made = (f"{now.whole}件中{now.part}件", f"{now.part} of {now.whole}")[place]
    return text.format(
        name=name[place],
        figure=figure,
        value=_percent(now),
        column=_COLUMNS[alarm.rule.against][place],
        target=f"{100 * now.target:.6g}%",
        side=_SIDES[now.at_least],
        made=made,
        since=since,
    )


def _percent(now: Against) -> str:
    """With one decimal, just below all of it with two; cut off towards the worse side, so that
    what misses its target never reads as what meets it."""
    digits = 2 if now.value > 0.99 or now.target > 0.99 else 1
    scaled = round(100 * now.value * 10**digits, 6)
    whole = math.floor(scaled) if now.at_least else math.ceil(scaled)
    return f"{whole / 10**digits:.{digits}f}%"


def _out_of_service(now: Against, place: int) -> str:
    minutes, seconds = divmod(math.ceil((now.whole - now.part) / 1000), 60)
    return (
        f"受けられなかった時間 {minutes}分{seconds}秒",
        f"out of service {minutes} min {seconds} s",
    )[place]
