"""Small sums for worked examples: a dozen numbers instead of a dozen calls."""

from __future__ import annotations

from collections.abc import Iterable

from acd.core.events import CallOutcome, VisitOutcome
from metrics.tally import CallTally, LegTally, QueueTally, Sums, TimeTally, Waits, count


def calls_of(queued: int = 0, **outcomes: int) -> Sums:
    """Calls by outcome, of which so many were queued.

    >>> calls_of(queued=2, answered=1, abandoned=1, closed=3).calls.offered
    5
    """
    counts = {CallOutcome(name): number for name, number in outcomes.items()}
    waits = {60_000: outcomes["abandoned"]} if outcomes.get("abandoned") else {}
    return Sums(CallTally(sum(counts.values()), counts, queued, outcomes.get("blocked", 0), waits))


def visits_of(
    answered: Iterable[float] = (),
    abandoned: Iterable[float] = (),
    left: int = 0,
    menu_s: float = 4.0,
) -> Sums:
    """Visits by their waits in seconds; callers were ``menu_s`` in the menu before.

    >>> visits_of(answered=[0, 20.5], left=1).visits.entered
    3
    """
    tally = QueueTally()
    for waits_s, waits, caller in (
        (answered, tally.answered_waits, tally.answered_caller),
        (abandoned, tally.abandoned_waits, tally.abandoned_caller),
    ):
        for wait_s in waits_s:
            count(waits, round(wait_s * 1000))
            count(caller, round((wait_s + menu_s) * 1000))
    if left:
        tally.others[VisitOutcome.OVERFLOWED] = left
    tally.entered = tally.answered + tally.abandoned + left
    return Sums(visits=tally)


def published(blocked: int = 0) -> Sums:
    """The published example of ICMI (2005): 1,000 answered, 860 of them within 20 s; 60 abandoned,
    20 of them within 20 s and 10 within 5 s.

    >>> published().visits.entered
    1060
    """
    answered: Waits = {20_000: 860, 20_001: 140}
    abandoned: Waits = {5_000: 10, 20_000: 10, 20_001: 40}
    tally = QueueTally(1060, answered, dict(answered), abandoned, dict(abandoned))
    return Sums(CallTally(offered=blocked, blocked_unqueued=blocked), tally)


def legs_of(talks: int, talk_s: int = 0, hold_s: int = 0, wrap_up_s: int = 0) -> Sums:
    """So many talks, with their sums in seconds.

    >>> legs_of(2, talk_s=200).legs.talk_ms
    200000
    """
    return Sums(
        legs=LegTally(
            offers=talks, talks=talks, talk_ms=talk_s * 1000, hold_ms=hold_s * 1000,
            wrap_up_ms=wrap_up_s * 1000,
        )
    )  # fmt: skip


def time_of(planned: int = 0, kept: int = 0, available: int = 0, **states: int) -> Sums:
    """Operators' time by state, in minutes.

    >>> time_of(ready=20, talking=40).time.logged_in_ms
    3600000
    """
    spent = {name: minutes * 60_000 for name, minutes in states.items()}
    return Sums(time=TimeTally(spent, planned * 60_000, kept * 60_000,
                               available * 60_000))  # fmt: skip
