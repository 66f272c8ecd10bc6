"""All measures by key, and how any figure is asked for.

A full key is a measure's key, with its threshold and its clock where it has them:
``sl_offered_20s``, ``sl_offered_20s_from_answer``, ``asa_from_answer``, ``answer_rate_a``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from acd.errors import NotFound
from metrics import availability, rates, service_level, waits, work
from metrics.measure import MEASURES, Better, Measure, Params, Part
from metrics.tally import Sums

__all__ = ["CHAPTERS", "MEASURES", "Figure", "Worst", "figure", "full_key", "parsed", "worst"]

#: The modules that enter measures into the list.
CHAPTERS = (rates, service_level, waits, work, availability)

_KEY = re.compile(r"([a-z0-9_]+?)(?:_([0-9]+(?:\.[0-9]+)?)s)?(_from_answer)?")


class Figure(Struct, frozen=True):
    """A figure with both numbers of its part. ``whole`` is None for a plain number; ``value`` is
    None when there is no figure: an empty interval is neither 0 nor 100 %."""

    key: str
    value: float | None
    part: int | None
    whole: int | None


def full_key(key: str, params: Params) -> str:
    """The full key of a measure under these parameters.

    >>> full_key("sl_offered", Params())
    'sl_offered_20s'
    >>> full_key("sl_offered", Params(threshold_ms=1_500, from_answer=True))
    'sl_offered_1.5s_from_answer'
    >>> full_key("answer_rate_a", Params())
    'answer_rate_a'
    """
    known = MEASURES[key]
    timed = f"_{params.threshold_ms / 1000:g}s" if known.timed else ""
    return key + timed + ("_from_answer" if known.clocked and params.from_answer else "")


def parsed(key: str, params: Params | None = None) -> tuple[Measure, Params]:
    """The measure of a key, full or bare, and the parameters with what the key says.

    Raises NotFound for a key that is none. A bare ``sl_offered`` keeps the threshold of
    ``params``.

    >>> measure, params = parsed("sl_offered_10s_from_answer")
    >>> measure.key, params.threshold_ms, params.from_answer
    ('sl_offered', 10000, True)
    """
    params = params or Params()
    if key in MEASURES:
        return MEASURES[key], params
    found = _KEY.fullmatch(key)
    known = MEASURES.get(found[1]) if found else None
    if found is None or known is None:
        raise NotFound(f"there is no measure {key[:80]!r}", code="unknown_measure")
    if (found[2] and not known.timed) or (found[3] and not known.clocked):
        raise NotFound(f"{known.key} has no such threshold or clock", code="unknown_measure")
    if found[2]:
        params = replace(params, threshold_ms=round(float(found[2]) * 1000))
    return known, replace(params, from_answer=bool(found[3]) or params.from_answer)


def figure(key: str, sums: Sums, params: Params | None = None) -> Figure:
    """Any figure of any sums; raises NotFound for a key that is none.

    >>> from metrics.sample import published
    >>> figure("sl_offered_20s", published())
    Figure(key='sl_offered_20s', value=0.8113207547169812, part=860, whole=1060)
    """
    known, params = parsed(key, params)
    part = known.of(sums, params)
    return Figure(full_key(known.key, params), part.value, part.top, part.bottom)


class Worst(Struct, frozen=True):
    """The worst interval: its place in the series, and its figure."""

    index: int
    figure: Figure


def worst(
    key: str, series: Iterable[Sums], params: Params | None = None, *, at_least: int = 1
) -> Worst | None:
    """The interval with the worst figure beside a day's: a 90 % day can hide a 30 % hour.

    Lowest where higher is better, else highest; the first of equals. Intervals whose whole is
    below ``at_least`` (of a plain number: without a figure) are left out. None when none is left.

    >>> from metrics.sample import calls_of
    >>> hours = [calls_of(answered=9, abandoned=1), calls_of(), calls_of(answered=1, abandoned=2)]
    >>> worst("answer_rate_a", hours).index
    2
    """
    known, _ = parsed(key, params)
    found: Worst | None = None
    for index, sums in enumerate(series):
        now = figure(key, sums, params)
        if now.value is None or (now.whole is not None and now.whole < at_least):
            continue
        if found is None or _worse(known.better, now.value, found.figure.value or 0.0):
            found = Worst(index, now)
    return found


def _worse(better: Better, now: float, before: float) -> bool:
    return now < before if better is Better.HIGHER else now > before


def contributes(measure: Measure, params: Params, row: Sums, whole: Part) -> tuple[bool, bool]:
    """Whether the sums of one row alone are part of a figure's upper and lower number.

    Both numbers of an additive measure are sums over rows. Of a percentile or a longest wait every
    row with a wait is below, and those that waited exactly so long are above.
    """
    alone = measure.of(row, params)
    if not measure.additive:
        return alone.top is not None and alone.top == whole.top, alone.top is not None
    return bool(alone.top), bool(alone.bottom if whole.bottom is not None else alone.top)
