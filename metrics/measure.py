"""What a measure is: a name in two languages, a formula, a unit, and a function of sums.

The formula in English is the first line of the function's docstring, with a worked example below
it; ``docs/measures.md`` is made from these. A rate is a :class:`Part` of a whole, so that a screen
can show both numbers and any figure can be opened down to what it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from metrics.tally import SHORT_ABANDON_MS, Sums, Waits


class Unit(StrEnum):
    """What a figure is measured in. A share is of 1, a time in milliseconds, a score of 5."""

    COUNT = "count"
    SHARE = "share"
    MS = "ms"
    SCORE = "score"


class Better(StrEnum):
    """Which side is good; ``NEITHER`` for what only describes."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Family(StrEnum):
    """The chapters of the list of measures."""

    CALLS = "calls"
    LEVEL = "level"
    WAIT = "wait"
    HANDLING = "handling"
    WORK = "work"
    SURVEY = "survey"
    SERVICE = "service"


class Part(NamedTuple):
    """``top ÷ bottom``; a plain number when ``bottom`` is None; no figure when either is missing
    or there is nothing to divide by."""

    top: int | None
    bottom: int | None = None

    @property
    def value(self) -> float | None:
        """The figure; 0 ÷ 0 is None.

        >>> Part(1, 4).value, Part(0, 0).value, Part(7).value
        (0.25, None, 7)
        """
        if self.bottom is None or self.top is None:
            return self.top
        return self.top / self.bottom if self.bottom else None


class Params(Struct, frozen=True):
    """What a formula leaves open: T, the longest *short* abandon (both inclusive), the clock
    (``from_answer``: the caller-paid one, from our answer of the call), and ``by_visit``: of a
    queue, where every visit counts as one call."""

    threshold_ms: int = 20_000
    short_ms: int = SHORT_ABANDON_MS
    from_answer: bool = False
    by_visit: bool = False


Of = Callable[[Sums, Params], Part]


class Measure(Struct, frozen=True):
    """One measure. ``timed``: its key carries T; ``clocked``: it exists by both clocks;
    ``additive``: both numbers of the part are sums over rows (all but percentiles and longest
    waits)."""

    key: str
    ja: str
    en: str
    family: Family
    unit: Unit
    better: Better
    formula_ja: str
    formula_en: str
    example: str
    of: Of
    timed: bool = False
    clocked: bool = False
    additive: bool = True


#: All measures by key, in the order of the list.
MEASURES: dict[str, Measure] = {}


def measure(
    key: str,
    ja: str,
    en: str,
    family: Family,
    unit: Unit,
    better: Better,
    formula_ja: str,
    *,
    timed: bool = False,
    clocked: bool = False,
    additive: bool = True,
) -> Callable[[Of], Of]:
    """Enter a function into the list."""

    def enter(of: Of) -> Of:
        text = of.__doc__ or ""
        formula, _, rest = text.partition("\n")
        example = "\n".join(line.strip() for line in rest[rest.find(">>>") :].splitlines())
        if key in MEASURES or ">>>" not in rest:
            raise ValueError(f"{key}: there is such a measure, or it has no worked example")
        MEASURES[key] = Measure(
            key, ja, en, family, unit, better, formula_ja, formula.rstrip("."), example.rstrip(),
            of, timed, clocked, additive,
        )  # fmt: skip
        return of

    return enter


# -- arithmetic ------------------------------------------------------------------------------


class ManyWaits(Protocol):
    """The waits of many cells at once, where each ``int`` is an array (metrics.columns): what is
    asked of them is answered for each cell."""

    def values(self) -> Iterable[int]: ...
    def within(self, limit_ms: int) -> int: ...
    def total_ms(self) -> int: ...
    def joined(self, other: Any) -> Waits: ...


def within(waits: Waits | ManyWaits, limit_ms: int) -> int:
    """How many waited at most so long: exactly T counts.

    >>> within({19_999: 1, 20_000: 2, 20_001: 4}, 20_000)
    3
    """
    if not isinstance(waits, dict):
        return waits.within(limit_ms)
    return sum([number for wait_ms, number in waits.items() if wait_ms <= limit_ms])


def percentile_ms(waits: Waits, percent: int) -> int | None:
    """Nearest rank: the smallest value such that at least ``percent`` % are not larger.

    Of n sorted values it is the one at rank ⌈percent·n ÷ 100⌉: always a wait that occurred.

    >>> percentile_ms({15: 1, 20: 1, 35: 1, 40: 1, 50: 1}, 30)
    20
    >>> percentile_ms({15: 4, 50: 1}, 100)
    50
    """
    number = sum(waits.values())
    rank = max(1, -(-percent * number // 100))
    for wait_ms in sorted(waits):
        rank -= waits[wait_ms]
        if rank <= 0:
            return wait_ms
    return None


def mean_of(waits: Waits | ManyWaits) -> Part:
    """Sum ÷ number.

    >>> mean_of({1_000: 1, 2_000: 1}).value
    1500.0
    """
    if not isinstance(waits, dict):
        return Part(waits.total_ms(), sum(waits.values()))
    return Part(sum([ms * number for ms, number in waits.items()]), sum(waits.values()))


def together(waits: Waits | ManyWaits, others: Waits) -> Waits:
    """Two kinds of waits taken together.

    >>> together({1: 1}, {1: 2, 5: 1})
    {1: 3, 5: 1}
    """
    if not isinstance(waits, dict):
        return waits.joined(others)
    whole = dict(waits)
    for ms, number in others.items():
        whole[ms] = whole.get(ms, 0) + number
    return whole
