"""Every measure as a function of counts: the formula and a worked example stand in its docstring.

Symbols: A answered, B abandoned, X left otherwise (overflow, call-back, sent elsewhere ...),
O = A + B + X queued; A_T and B_T within T (a wait of exactly T counts); B_s short abandons (of at
most s); K blocked. Rates are shares of 1; 0 ÷ 0 is ``None``. Waits are integer milliseconds.
The formulas are those of the centre's contract language; where a variant has an owner it is named.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from msgspec import Struct

from metrics.tally import SHORT_ABANDON_MS, CallTally, LegTally, QueueTally


def ratio(part: float, whole: float) -> float | None:
    """``part ÷ whole``; ``None`` when there is nothing to divide by.

    >>> ratio(1, 4)
    0.25
    >>> ratio(0, 0) is None
    True
    """
    return part / whole if whole else None


def percentile_ms(waits_ms: Sequence[int], percent: int) -> int | None:
    """Nearest rank: the smallest value such that at least ``percent`` % are not larger.

    Of n sorted values it is the one at rank ⌈percent·n ÷ 100⌉: always a wait that occurred.

    >>> percentile_ms([15, 20, 35, 40, 50], 30)
    20
    >>> percentile_ms([15, 20, 35, 40, 50], 100)
    50
    """
    if not waits_ms:
        return None
    rank = max(1, -(-percent * len(waits_ms) // 100))
    return sorted(waits_ms)[rank - 1]


def mean_ms(values_ms: Sequence[int]) -> float | None:
    """Sum ÷ number.

    >>> mean_ms([1000, 2000])
    1500.0
    """
    return ratio(sum(values_ms), len(values_ms))


# -- service level ---------------------------------------------------------------------------


class ServiceCounts(Struct, frozen=True):
    """A, B, X, A_T, B_T, B_s and K of the formulas."""

    answered: int
    abandoned: int
    left_otherwise: int = 0
    answered_in_t: int = 0
    abandoned_in_t: int = 0
    short_abandoned: int = 0
    blocked: int = 0

    @property
    def queued(self) -> int:
        """O = A + B + X."""
        return self.answered + self.abandoned + self.left_otherwise


def service_counts(
    tally: QueueTally,
    threshold_ms: int,
    *,
    from_answer: bool = False,
    short_ms: int = SHORT_ABANDON_MS,
    blocked: int = 0,
) -> ServiceCounts:
    """The counts for T = ``threshold_ms``; ``from_answer`` takes the caller-paid clock.

    >>> tally = QueueTally(answered_waits_ms=[20_000, 20_001], abandoned_waits_ms=[5_000])
    >>> counts = service_counts(tally, 20_000)
    >>> counts.answered_in_t, counts.abandoned_in_t, counts.short_abandoned
    (1, 1, 1)
    """
    answered = tally.answered_caller_ms if from_answer else tally.answered_waits_ms
    abandoned = tally.abandoned_caller_ms if from_answer else tally.abandoned_waits_ms
    return ServiceCounts(
        tally.answered,
        tally.abandoned,
        tally.left_otherwise,
        _within(answered, threshold_ms),
        _within(abandoned, threshold_ms),
        _within(tally.abandoned_waits_ms, short_ms),
        blocked,
    )


def _within(waits_ms: Sequence[int], limit_ms: int) -> int:
    return bisect_right(sorted(waits_ms), limit_ms)


def sl_offered(counts: ServiceCounts) -> float | None:
    """A_T ÷ O. The default; ICMI, Japan's usual, Cisco "negative".

    >>> round(sl_offered(ServiceCounts(1000, 60, 0, 860, 20, 10)), 4)
    0.8113
    """
    return ratio(counts.answered_in_t, counts.queued)


def sl_excl_early_abandons(counts: ServiceCounts) -> float | None:
    """A_T ÷ (O − B_T). Montréal, Bright Pattern, Cisco "ignore".

    >>> round(sl_excl_early_abandons(ServiceCounts(1000, 60, 0, 860, 20, 10)), 4)
    0.8269
    """
    return ratio(counts.answered_in_t, counts.queued - counts.abandoned_in_t)


def sl_abandons_count(counts: ServiceCounts) -> float | None:
    """(A_T + B_T) ÷ O. Cisco "positive".

    >>> round(sl_abandons_count(ServiceCounts(1000, 60, 0, 860, 20, 10)), 4)
    0.8302
    """
    return ratio(counts.answered_in_t + counts.abandoned_in_t, counts.queued)


def sl_answered(counts: ServiceCounts) -> float | None:
    """A_T ÷ A. UCCX "only handled"; not recommended: it rises when callers give up.

    >>> sl_answered(ServiceCounts(1000, 60, 0, 860, 20, 10))
    0.86
    """
    return ratio(counts.answered_in_t, counts.answered)


def sl_short_count(counts: ServiceCounts) -> float | None:
    """(A_T + B_s) ÷ O. ICMI.

    >>> round(sl_short_count(ServiceCounts(1000, 60, 0, 860, 20, 10)), 4)
    0.8208
    """
    return ratio(counts.answered_in_t + counts.short_abandoned, counts.queued)


def sl_excl_short(counts: ServiceCounts) -> float | None:
    """A_T ÷ (O − B_s). Genesys, Mitel.

    >>> round(sl_excl_short(ServiceCounts(1000, 60, 0, 860, 20, 10)), 4)
    0.819
    """
    return ratio(counts.answered_in_t, counts.queued - counts.short_abandoned)


def sl_incl_blocked(counts: ServiceCounts) -> float | None:
    """A_T ÷ (O + K). ContactCenters.

    >>> sl_incl_blocked(ServiceCounts(80, 10, 0, 70, 0, 0, blocked=10))
    0.7
    """
    return ratio(counts.answered_in_t, counts.queued + counts.blocked)


def sl_genesys(
    counts: ServiceCounts,
    *,
    with_left: bool = False,
    without_short: bool = False,
    without_abandoned: bool = False,
) -> float | None:
    """A_T ÷ (A + B [+ X] [− B_s] [− B]): three switches.

    >>> sl_genesys(ServiceCounts(80, 15, 5, 70, 0, 5), with_left=True)
    0.7
    >>> sl_genesys(ServiceCounts(80, 15, 5, 70, 0, 5), without_abandoned=True)
    0.875
    """
    whole = counts.answered
    if with_left:
        whole += counts.left_otherwise
    if not without_abandoned:
        whole += counts.abandoned - (counts.short_abandoned if without_short else 0)
    return ratio(counts.answered_in_t, whole)


class ServiceLevel(Struct, frozen=True):
    """One variant: its key, its formula as printed beside the figure, and the function."""

    key: str
    formula: str
    of: Callable[[ServiceCounts], float | None]


#: The variants by key. The first two always stand side by side.
SERVICE_LEVELS = {
    level.key: level
    for level in (
        ServiceLevel("sl_offered", "A_T ÷ O", sl_offered),
        ServiceLevel("sl_excl_early_abandons", "A_T ÷ (O − B_T)", sl_excl_early_abandons),
        ServiceLevel("sl_abandons_count", "(A_T + B_T) ÷ O", sl_abandons_count),
        ServiceLevel("sl_answered", "A_T ÷ A", sl_answered),
        ServiceLevel("sl_short_count", "(A_T + B_s) ÷ O", sl_short_count),
        ServiceLevel("sl_excl_short", "A_T ÷ (O − B_s)", sl_excl_short),
        ServiceLevel("sl_genesys", "A_T ÷ (A + B)", sl_genesys),
        ServiceLevel("sl_incl_blocked", "A_T ÷ (O + K)", sl_incl_blocked),
    )
}


def service_key(key: str, threshold_s: float, *, from_answer: bool = False) -> str:
    """The full key of a figure: variant, threshold and clock.

    >>> service_key("sl_offered", 20.0)
    'sl_offered_20s'
    >>> service_key("sl_offered", 20, from_answer=True)
    'sl_offered_20s_from_answer'
    """
    return f"{key}_{threshold_s:g}s" + ("_from_answer" if from_answer else "")


# -- rates of calls and visits ---------------------------------------------------------------


def answer_rate_a(answered: int, offered_in_hours: int) -> float | None:
    """応答率 A = answered ÷ offered in opening hours.

    >>> answer_rate_a(90, 100)
    0.9
    """
    return ratio(answered, offered_in_hours)


def answer_rate_b(answered: int, queued: int) -> float | None:
    """応答率 B = answered ÷ queued.

    >>> answer_rate_b(90, 96)
    0.9375
    """
    return ratio(answered, queued)


def answer_rate_c(answered: int, queued: int, short_abandoned: int) -> float | None:
    """応答率 C = answered ÷ (queued − short abandons).

    >>> answer_rate_c(90, 96, 6)
    1.0
    """
    return ratio(answered, queued - short_abandoned)


def abandonment_rate(abandoned: int, whole: int, short_abandoned: int = 0) -> float | None:
    """放棄率 = abandoned ÷ whole, or without short abandons in both; the whole is *offered in
    hours* or *queued*.

    >>> abandonment_rate(10, 100)
    0.1
    >>> abandonment_rate(10, 100, short_abandoned=5)
    0.05263157894736842
    """
    return ratio(abandoned - short_abandoned, whole - short_abandoned)


def blocked_rate(blocked: int, offered_in_hours: int) -> float | None:
    """呼損率 (lines or room in the queue) = blocked ÷ offered in hours.

    >>> blocked_rate(1, 200)
    0.005
    """
    return ratio(blocked, offered_in_hours)


def resolved_in_centre(calls: CallTally) -> float | None:
    """一次完結率 = answered enquiries that were not forwarded ÷ answered enquiries.

    >>> resolved_in_centre(CallTally(answered_enquiries=50, forwarded_enquiries=5))
    0.9
    """
    answered = calls.answered_enquiries
    return ratio(answered - calls.forwarded_enquiries, answered)


def transfer_rate(forwarded: int, answered: int) -> float | None:
    """取次率 = answered calls that were forwarded ÷ answered calls.

    >>> transfer_rate(5, 50)
    0.1
    """
    return ratio(forwarded, answered)


# -- waits and handling times ----------------------------------------------------------------


def asa_ms(tally: QueueTally, *, from_answer: bool = False) -> float | None:
    """ASA = mean wait of answered visits only, waits of zero included.

    >>> asa_ms(QueueTally(answered_waits_ms=[0, 3_000], abandoned_waits_ms=[60_000]))
    1500.0
    """
    return mean_ms(tally.answered_caller_ms if from_answer else tally.answered_waits_ms)


def mean_wait_of_all_ms(tally: QueueTally) -> float | None:
    """Mean wait of all who were answered or gave up: another figure than the ASA.

    >>> mean_wait_of_all_ms(QueueTally(answered_waits_ms=[0, 3_000], abandoned_waits_ms=[60_000]))
    21000.0
    """
    return mean_ms(tally.answered_waits_ms + tally.abandoned_waits_ms)


def worst_wait_ms(tally: QueueTally) -> int | None:
    """The longest wait of anybody, answered or not.

    >>> worst_wait_ms(QueueTally(answered_waits_ms=[9_000], abandoned_waits_ms=[60_000]))
    60000
    """
    return max(tally.answered_waits_ms + tally.abandoned_waits_ms, default=None)


def att_ms(legs: LegTally) -> float | None:
    """ATT = talk ÷ handled legs (hold not included).

    >>> att_ms(LegTally(talks=2, talk_ms=240_000))
    120000.0
    """
    return ratio(legs.talk_ms, legs.talks)


def aht_ms(legs: LegTally) -> float | None:
    """AHT = (talk + hold + wrap-up) ÷ handled legs; a transferred call is a leg per operator.

    >>> aht_ms(LegTally(talks=2, talk_ms=200_000, hold_ms=20_000, wrap_up_ms=20_000))
    120000.0
    """
    return ratio(legs.talk_ms + legs.hold_ms + legs.wrap_up_ms, legs.talks)


def occupancy(legs: LegTally, ready_ms: int) -> float | None:
    """稼働率 (of time logged in and available) = (talk + hold + wrap-up) ÷ (those + ready).

    >>> occupancy(LegTally(talks=1, talk_ms=40_000, wrap_up_ms=20_000), 20_000)
    0.75
    """
    handled = legs.talk_ms + legs.hold_ms + legs.wrap_up_ms
    return ratio(handled, handled + ready_ms)
