"""The values of a sweep: ``12..18``, ``0.8..1.4:0.2``, ``-10%..+10%:5%``, ``15,16,20``."""

from __future__ import annotations

import re
from decimal import Decimal

from acd.errors import Refused

VALUES_MAX = 100
_END = r"([+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?)([a-z%]*)"
_RANGE = re.compile(
    rf"(?P<group>[^=]*=)?{_END}\.\.{_END}(?::([0-9]{{1,12}}(?:\.[0-9]{{1,6}})?)[a-z%]*)?"
)


def is_range(text: str) -> bool:
    """Whether a value stands for several."""
    return ".." in text or "," in text


def values_of(text: str) -> tuple[str, ...]:
    """Each value as it would be written alone. Without a step it is 1.

    Raises:
        Refused: not understood, or too many.

    >>> values_of("12..15"), values_of("general=3,5"), values_of("-5%..+5%:5%")
    (('12', '13', '14', '15'), ('general=3', 'general=5'), ('-5%', '+0%', '+5%'))
    """
    if "," in text:
        group, equals, rest = text.rpartition("=")
        parts = [part.strip() for part in rest.split(",")][: VALUES_MAX + 1]
        values = tuple(f"{group}{equals}{part}" for part in parts if part)
    else:
        values = _between(text)
    if not 0 < len(values) <= VALUES_MAX:
        raise Refused(
            f"{text[:60]!r} makes {len(values)} values; 1 to {VALUES_MAX} are swept",
            ja=f"「{text[:60]}」は{len(values)}個になります。1から{VALUES_MAX}個までにしてください。",
        )
    return values


def _between(text: str) -> tuple[str, ...]:
    found = _RANGE.fullmatch(text.strip()[:120])
    if found is None:
        raise Refused(
            f"{text[:60]!r} is no range: write 12..18, 0.8..1.4:0.2 or 15,16,20",
            ja=f"「{text[:60]}」は範囲になっていません。12..18 のように書いてください。",
        )
    group, first, unit, last, last_unit, step = found.groups()
    low, high, by = Decimal(first), Decimal(last), Decimal(step or 1)
    if unit and last_unit and unit != last_unit:
        raise Refused(
            f"{text[:60]!r}: {unit} or {last_unit}?", ja=f"「{text[:60]}」の単位が違います。"
        )
    if by <= 0 or high < low:
        raise Refused(f"{text[:60]!r} is empty", ja=f"「{text[:60]}」には値がありません。")
    number = min(int((high - low) / by) + 1, VALUES_MAX + 1)
    signed = first[0] in "+-" or last[0] in "+-"
    return tuple(
        f"{group or ''}{_written(low + by * n, signed)}{unit or last_unit}" for n in range(number)
    )


def _written(value: Decimal, signed: bool) -> str:
    plain = f"{value.normalize():f}" if value else "0"
    return f"+{plain}" if signed and value >= 0 else plain
