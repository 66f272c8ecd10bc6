"""What a person writes for a duration, a rate or a share, and what it means.

``180s``, ``4m``, ``1h30m``, ``3分``; ``194/h``, ``97/30m``, ``194件/時``; ``80%``, ``0.8``; and
changes of such values: ``+10%``, ``-20s``, ``60s``. Full-width digits are read as well. A unit is
always asked for: a bare 180 may be seconds to one reader and calls to another. Everything wrong
raises :class:`acd.errors.Refused` in both languages; a file's reader adds the path.
"""

from __future__ import annotations

import math
import re
import unicodedata
from difflib import get_close_matches

from acd.errors import Refused

DURATION_MAX_S = 366 * 86_400.0
RATE_MAX_PER_S = 1e6
SEATS_MAX = 1_000_000
TEXT_MAX = 60

_SECONDS = {
    **dict.fromkeys(("ms", "ミリ秒"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "秒"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "分", "分間"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "時", "時間"), 3600.0),
}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+"
_PART = re.compile(rf"\s*({_NUMBER})\s*([^\W\d_]+)\s*")
_BARE = re.compile(rf"\s*[+-]?(?:{_NUMBER})\s*")


def duration_s(text: object) -> float:
    """A length of time in seconds, 0 or more.

    >>> duration_s("180s"), duration_s("4m"), duration_s("1h30m"), duration_s("3分")
    (180.0, 240.0, 5400.0, 180.0)
    """
    written = _plain(text)
    if _BARE.fullmatch(written):
        number = written.strip()
        raise Refused(
            f'"{number}" has no unit: write {number.lstrip("+-")}s (seconds), m or h',
            ja=f"「{number}」に単位がありません。{number.lstrip('+-')}s(秒)、m(分)、h(時間)の"
            "ように書いてください。",
        )
    if written.strip()[:1] == "-":
        raise Refused(
            f'"{written.strip()}" must not be negative',
            ja=f"「{written.strip()}」は0以上にしてください。",
        )
    total, at = 0.0, 0
    while at < len(written):
        part = _PART.match(written, at)
        if part is None:
            raise _not_understood(written, "180s, 4m, 1h30m")
        total += float(part[1]) * _unit_s(part[2])
        at = part.end()
    if not written.strip():
        raise _not_understood(written, "180s, 4m, 1h30m")
    return _bounded(written, total, DURATION_MAX_S)


def positive_duration_s(text: object) -> float:
    """A length of time above 0.

    >>> positive_duration_s("0.5m")
    30.0
    """
    seconds = duration_s(text)
    if seconds <= 0:
        raise Refused(
            f'"{_shown(text)}" must be more than 0',
            ja=f"「{_shown(text)}」は0より長くしてください。",
        )
    return seconds


def rate_per_s(text: object) -> float:
    """Calls per second, 0 or more; what stands after the stroke is a unit or a duration.

    >>> rate_per_s("180/h"), rate_per_s("90/30m"), rate_per_s("0.05/s"), rate_per_s("180件/時")
    (0.05, 0.05, 0.05, 0.05)
    """
    written = _plain(text)
    count, stroke, per = written.partition("/")
    count = count.strip().removesuffix("calls").removesuffix("件")
    if not stroke or not _BARE.fullmatch(count):
        raise _not_understood(written, "194/h, 97/30m, 0.05/s")
    number, per = float(count), per.strip()
    seconds = duration_s(per) if per[:1].isdigit() else _unit_s(per)
    if number < 0 or seconds <= 0:
        raise Refused(
            f'"{written}" must not be negative, and its time must be more than 0',
            ja=f"「{written}」の件数は0以上、時間は0より長くしてください。",
        )
    return _bounded(written, number / seconds, RATE_MAX_PER_S)


def share(text: object) -> float:
    """A share from 0 to 1, written ``80%`` or ``0.8``.

    >>> share("80%"), share("0.8"), share("８０％")
    (0.8, 0.8, 0.8)
    """
    written = _plain(text).strip()
    percent = written.endswith("%")
    number = written.removesuffix("%").strip()
    if not _BARE.fullmatch(number):
        raise _not_understood(written, "80%, 0.8")
    value = float(number) / (100 if percent else 1)
    if not 0 <= value <= 1:
        hint = "" if percent or value < 0 else f': "{number}%" ?'
        raise Refused(
            f'"{written}" is not between 0% and 100%{hint}',
            ja=f"「{written}」は0%から100%の間ではありません。{hint.removeprefix(': ')}",
        )
    return value


def changed(text: object, before: float) -> float:
    """A value in seconds after a change: ``+10%``, ``-10%``, ``+20s``, ``-20s``, or the new value.

    >>> round(changed("+10%", 240), 6), changed("-20s", 240), changed("60s", 240)
    (264.0, 220.0, 60.0)
    """
    written = _plain(text).strip()
    sign = {"+": 1.0, "-": -1.0}.get(written[:1], 0.0)
    if not sign:
        return duration_s(written)
    if written.endswith("%") and _BARE.fullmatch(written.removesuffix("%")):
        after = before * (1 + float(written.removesuffix("%")) / 100)
    else:
        after = before + sign * duration_s(written[1:])
    if after < 0:
        raise Refused(
            f'"{written}" would make {before:g}s less than 0',
            ja=f"「{written}」にすると、{before:g}秒が0より小さくなります。",
        )
    return _bounded(written, after, DURATION_MAX_S)


def factor(text: object) -> float:
    """A factor above 0: ``1.3``, ``130%`` or ``+30%``.

    >>> factor("1.3"), factor("130%"), factor("+30%"), factor("-50%")
    (1.3, 1.3, 1.3, 0.5)
    """
    written = _plain(text).strip()
    number = written.removesuffix("%")
    if not _BARE.fullmatch(number):
        raise _not_understood(written, "1.3, 130%, +30%")
    value = float(number)
    if written.endswith("%"):
        value = value / 100 + (1 if written[0] in "+-" else 0)
    if not value > 0:
        raise Refused(
            f'"{written}" must be more than 0', ja=f"「{written}」は0より大きくしてください。"
        )
    return _bounded(written, value, 1e6)


def _plain(text: object) -> str:
    written = unicodedata.normalize("NFKC", str(text))
    if len(written) > TEXT_MAX:
        raise Refused(
            f"a value of more than {TEXT_MAX} characters is not read",
            ja=f"{TEXT_MAX}文字より長い値は読みません。",
        )
    return written


def _shown(text: object) -> str:
    return _plain(text).strip()


def _unit_s(unit: str) -> float:
    """Seconds in a unit; an unknown one is answered with the nearest."""
    name = unit.strip().lower()
    if name in _SECONDS:
        return _SECONDS[name]
    near = get_close_matches(name, _SECONDS, 1, 0.5)
    guess = f'; did you mean "{near[0]}"?' if near else ": s, m, h"
    guess_ja = f"「{near[0]}」ではありませんか。" if near else "s、m、hのどれかです。"
    raise Refused(
        f'the unit "{unit}" is not known{guess}', ja=f"単位「{unit}」はありません。{guess_ja}"
    )


def _not_understood(written: str, examples: str) -> Refused:
    return Refused(
        f'"{written}" is not understood: write {examples}',
        ja=f"「{written}」の意味がわかりません。{examples} のように書いてください。",
    )


def _bounded(written: str, value: float, most: float) -> float:
    if not math.isfinite(value) or value > most:
        raise Refused(f'"{written}" is too large', ja=f"「{written}」は大きすぎます。")
    return value
