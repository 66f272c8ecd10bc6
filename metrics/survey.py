"""What callers answered after their talks: how many were asked, how many answered, and what.

Only answered calls outside of drills count. The rate says how far the answers speak for all; it
stands beside every mean, with the number of answers.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from acd.core.cdr_types import CallRecord
from acd.core.events import CallOutcome

#: The answers, from the worst to the best.
ANSWERS = (1, 2, 3, 4, 5)


class SurveyFigures(Struct, frozen=True):
    """``talks`` are answered calls, ``asked`` those of them whose caller heard the question,
    ``n`` those who pressed a key; ``counts`` by answer, 1 first.

    Example: 200 talks, 40 asked, answers 5, 5, 4, 2: n = 4, rate = 4 ÷ 40 = 0.1, mean = 4.0,
    good (4 and 5) = 0.75.
    """

    talks: int
    asked: int
    n: int
    counts: tuple[int, ...]
    rate: float | None
    mean: float | None
    good: float | None


def survey_figures(calls: Iterable[CallRecord]) -> SurveyFigures:
    """The figures of calls that are over."""
    talks = asked = 0
    counts = dict.fromkeys(ANSWERS, 0)
    for call in calls:
        if call.drill or call.outcome is not CallOutcome.ANSWERED:
            continue
        talks += 1
        asked += call.survey_asked
        if call.survey in counts:
            counts[call.survey] += 1
    n = sum(counts.values())
    total = sum(answer * count for answer, count in counts.items())
    return SurveyFigures(
        talks,
        asked,
        n,
        tuple(counts.values()),
        n / asked if asked else None,
        total / n if n else None,
        (counts[4] + counts[5]) / n if n else None,
    )
