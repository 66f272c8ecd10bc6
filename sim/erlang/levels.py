"""The service level of a steady state in all its variants, by the measures' own code."""

from __future__ import annotations

from metrics.measures import figure
from metrics.tally import CallTally, QueueTally, Sums, Waits
from sim.erlang.waiting import Waiting

#: So many calls stand for all: fine enough for every digit of a float.
_CALLS = 10**18
_EARLY_MS, _IN_T_MS, _LATE_MS = 5_000, 20_000, 20_001


def sums_of(
    answered: int,
    abandoned: int,
    answered_in_t: int,
    abandoned_in_t: int,
    short_abandoned: int = 0,
    blocked: int = 0,
) -> Sums:
    """Counts as the measures take them; ask these sums with the standard threshold of 20 s.

    >>> sums_of(1000, 60, 860, 20).visits.answered
    1000
    """
    answered_waits: Waits = {_IN_T_MS: answered_in_t, _LATE_MS: answered - answered_in_t}
    abandoned_waits: Waits = {
        _EARLY_MS: short_abandoned,
        _IN_T_MS: abandoned_in_t - short_abandoned,
        _LATE_MS: abandoned - abandoned_in_t,
    }
    visits = QueueTally(
        answered + abandoned, answered_waits, dict(answered_waits), abandoned_waits,
        dict(abandoned_waits),
    )  # fmt: skip
    calls = CallTally(offered=answered + abandoned + blocked, blocked_unqueued=blocked)
    return Sums(calls, visits)


def level(key: str, sums: Sums) -> float:
    """A variant of the service level.

    Worked: 860 of 1,060 within the threshold.

    >>> round(level("sl_offered", sums_of(1000, 60, 860, 20)), 8)
    0.81132075
    """
    value = figure(f"{key}_20s", sums).value
    return 0.0 if value is None else value


def steady_sums(state: Waiting, threshold_s: float) -> Sums:
    """A steady state as counts of a very large number of calls.

    >>> from sim.erlang.waiting import mmn_g
    >>> from sim.inputs.distributions import exponential
    >>> sums = steady_sums(mmn_g(194 / 3600, 240, 16, exponential(120)), 20)
    >>> round(level("sl_offered", sums), 3), round(level("sl_excl_early_abandons", sums), 3)
    (0.877, 0.899)
    """
    within, early = state.by(threshold_s)
    shares = (state.answered, state.abandoned, within, early)
    answered, abandoned, in_t, early_n = (round(max(0.0, each) * _CALLS) for each in shares)
    blocked = round(state.blocked * _CALLS)
    return sums_of(
        answered, abandoned, min(in_t, answered), min(early_n, abandoned), blocked=blocked
    )
