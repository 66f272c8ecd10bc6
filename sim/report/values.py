"""What the plots of a study are drawn from: plain numbers, whichever engine made them."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.report_model import Name


@dataclass(frozen=True, slots=True)
class Value:
    """A figure and the half-width of its 95 % interval (0: exact). ``mean`` None: 0 ÷ 0."""

    mean: float | None
    half: float = 0.0


@dataclass(frozen=True, slots=True)
class SeatsPoint:
    """What so many seats give: shares of all calls; ``worst_hour``: its answer rate. ``change``: of
    ``sl_offered`` to the number chosen, paired day by day (no mean: not known)."""

    seats: int
    sl_offered: Value
    sl_excl_early_abandons: Value
    answer_rate: Value
    chosen: bool = False
    worst_hour: Value = Value(None)
    change: Value = Value(None)


@dataclass(frozen=True, slots=True)
class Hour:
    """One stretch of the day. ``name`` as it stands below the axis ("10"); calls on a mean day;
    ``offered_low`` to ``offered_high`` hold the middle 90 % of the days (None: not known)."""

    name: str
    offered: float
    answered: float
    sl_offered: Value
    answer_rate: Value
    seats: float
    offered_low: float | None = None
    offered_high: float | None = None


@dataclass(frozen=True, slots=True)
class Sway:
    """What a figure becomes when one assumption is changed to either side (or only to one).
    ``change``: on the lower side, to what is assumed, paired day by day (no mean: not known)."""

    name: Name
    low: tuple[str, Value] | None
    high: tuple[str, Value] | None
    change: Value = Value(None)


@dataclass(frozen=True, slots=True)
class LinesInUse:
    """``share[k]``: share of the time (of the busiest stretch) in which exactly k channels are in
    use. ``have``: how many there are (None: enough)."""

    share: tuple[float, ...]
    have: int | None = None

    def percentile(self, part: float) -> int:
        """So many channels are enough for this part of the time.

        >>> LinesInUse((0.5, 0.3, 0.2)).percentile(0.8)
        1
        """
        total = 0.0
        for number, share in enumerate(self.share):
            total += share
            if total >= part - 1e-12:
                return number
        return len(self.share) - 1


@dataclass(frozen=True, slots=True)
class Goals:
    """The targets that plots show as lines (None: there is none)."""

    sl_offered: float | None = 0.8
    answer_rate: float | None = 0.9
    threshold_s: float = 20.0
    worst_hour: float | None = None
