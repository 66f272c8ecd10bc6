"""An estimate with how sure it is, and the reasons why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

#: Half of the width of a 95 % interval, in standard errors.
Z95 = 1.959963984540054


class Why(StrEnum):
    """Why something could not be fitted, or was fitted more simply."""

    NO_CALLS = "no_calls"
    NO_TALKS = "no_talks"
    NO_WRAP_UP = "no_wrap_up"
    NO_ABANDONS = "no_abandons"
    FEW_ABANDONS = "few_abandons"
    NO_WAITS = "no_waits"
    NO_NUMBERS = "no_numbers"
    NO_OPERATORS = "no_operators"
    ONE_DAY = "one_day"
    ONLY_CHANCE = "only_chance"
    COUNTS_ONLY = "counts_only"


@dataclass(frozen=True, slots=True)
class Fitted:
    """``value`` with the half-width of its 95 % interval, from ``n`` observations. Both None where
    there is nothing to say; ``half`` None where one observation tells nothing of it. ``why`` says
    what is missing."""

    value: float | None
    half: float | None
    n: int
    why: Why | None = None

    @property
    def low(self) -> float:
        """The lower end, or minus infinity."""
        return -math.inf if self.value is None or self.half is None else self.value - self.half

    @property
    def high(self) -> float:
        """The upper end, or infinity."""
        return math.inf if self.value is None or self.half is None else self.value + self.half

    def holds(self, truth: float) -> bool:
        """Whether the interval holds a value."""
        return self.low <= truth <= self.high
