"""The page's assumptions in words: what they are called, and what was changed."""

from __future__ import annotations

from acd.ports_studies import Assumed
from metrics.report_model import Name

#: Each with its unit, and how many of the unit one is.
NAMES = {
    "calls": (Name("着信", "calls"), Name("件", ""), 1),
    "aht_s": (Name("1件の時間", "time per call"), Name("秒", " s"), 1),
    "patience_s": (Name("待てる時間", "patience"), Name("秒", " s"), 1),
    "seats": (Name("席数", "seats"), Name("席", ""), 1),
    "absent": (Name("欠ける人", "people absent"), Name("人", ""), 1),
    "surge": (Name("着信の増減", "more or fewer calls"), Name(" %", " %"), 100),
    "lines": (Name("回線", "lines"), Name("本", ""), 1),
    "threshold_s": (Name("つながるまでの秒数", "answered within"), Name("秒", " s"), 1),
    "sl_target": (Name("つながりやすさの目標", "service level wanted"), Name(" %", " %"), 100),
    "rate_target": (Name("応答率の目標", "answer rate wanted"), Name(" %", " %"), 100),
}


def said(key: str, value: float, lang: str) -> str:
    """A value as people read it.

    >>> said("surge", 1.1, "en"), said("seats", 16, "ja"), said("lines", 0, "en")
    ('110 %', '16席', 'enough')
    """
    if key == "lines" and not value:
        return "足りる数" if lang == "ja" else "enough"
    if key == "patience_s" and not value:
        return "あきらめない" if lang == "ja" else "nobody gives up"
    _, unit, times = NAMES[key]
    return f"{round(value * times, 1):,.10g}{unit.of(lang)}"


def called(key: str, lang: str) -> str:
    """What an assumption is called."""
    return NAMES[key][0].of(lang)


def day_of(assumed: Assumed, lang: str) -> str:
    """What the day is based on."""
    if assumed.own:
        return assumed.own_name or ("自分のファイル" if lang == "ja" else "own file")
    return assumed.example or ("混む1時間" if lang == "ja" else "one busy hour")


def changes(before: Assumed, after: Assumed, lang: str) -> tuple[str, ...]:
    """What one setting has otherwise than the other."""
    found = []
    if (before.own, before.example) != (after.own, after.example):
        found.append(f"{day_of(before, lang)} → {day_of(after, lang)}")
    for key in NAMES:
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            found.append(f"{called(key, lang)} {said(key, old, lang)} → {said(key, new, lang)}")
    return tuple(found)
