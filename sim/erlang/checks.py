"""What every formula asks of its numbers, refused in both languages."""

from __future__ import annotations

import math

from acd.errors import Refused

AGENTS_MAX = 1_000_000
#: Below the least load the terms of the formulas are too small to be told from nothing.
LOAD_MIN, LOAD_MAX = 1e-12, 1e7


def load(arrival_per_s: float, aht_s: float) -> float:
    """Offered load in erlang: arrivals × AHT.

    >>> load(0.1, 180)
    18.0
    """
    positive("arrival_per_s", arrival_per_s)
    positive("aht_s", aht_s)
    erlangs = arrival_per_s * aht_s
    if not LOAD_MIN <= erlangs <= LOAD_MAX:
        raise Refused(
            f"a load of {erlangs:g} erlang is not computed, only {LOAD_MIN:g} to {LOAD_MAX:g}",
            ja=f"呼量 {erlangs:g} アーランは計算の範囲({LOAD_MIN:g}〜{LOAD_MAX:g})の外です。",
        )
    return erlangs


def positive(name: str, value: float) -> None:
    """Refuse what is not a finite number above 0."""
    if not (math.isfinite(value) and value > 0):
        raise Refused(
            f"{name} must be more than 0, not {value:g}",
            ja=f"{name} は0より大きい値にしてください(いまは {value:g})。",
        )


def whole(name: str, value: int, least: int = 1, most: int = AGENTS_MAX) -> None:
    """Refuse what is not a whole number within bounds."""
    if value != int(value) or not least <= value <= most:
        raise Refused(
            f"{name} must be a whole number from {least} to {most}, not {value}",
            ja=f"{name} は{least}から{most}までの整数にしてください(いまは {value})。",
        )


def probability(name: str, value: float) -> None:
    """Refuse what is not strictly between 0 and 1."""
    if not 0 < value < 1:
        raise Refused(
            f"{name} must lie between 0 and 1, not {value:g}",
            ja=f"{name} は0と1の間にしてください(いまは {value:g})。",
        )


def unstable() -> Refused:
    """The queue would grow without end."""
    return Refused(
        "more work comes than the seats can do and callers never give up: the queue would grow "
        "without end; take more seats, or say how patient callers are",
        ja="席の処理能力より多くの電話が来て、しかも誰もあきらめないため、待ち行列が限りなく伸びます。"
        "席を増やすか、お客様が待つ時間を指定してください。",
    )
