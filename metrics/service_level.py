"""The service level in all its variants.

Symbols: A answered, B abandoned, X left otherwise (overflow, call-back, sent elsewhere ...),
O = A + B + X queued; A_T and B_T within T (a wait of exactly T counts); B_s short abandons (of at
most s); K blocked before any queue. Where a variant has an owner it is named.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from metrics.measure import Better, Family, Of, Params, Part, Unit, measure, within
from metrics.tally import Sums


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


def service_counts(sums: Sums, params: Params) -> ServiceCounts:
    """The counts for the threshold, the clock and the short abandons of ``params``.

    >>> from metrics.sample import visits_of
    >>> counts = service_counts(visits_of(answered=[20, 20.001], abandoned=[5]), Params())
    >>> counts.answered_in_t, counts.abandoned_in_t, counts.short_abandoned
    (1, 1, 1)
    """
    visits = sums.visits
    answered = visits.answered_caller if params.from_answer else visits.answered_waits
    abandoned = visits.abandoned_caller if params.from_answer else visits.abandoned_waits
    return ServiceCounts(
        visits.answered,
        visits.abandoned,
        visits.left_otherwise,
        within(answered, params.threshold_ms),
        within(abandoned, params.threshold_ms),
        within(visits.abandoned_waits, params.short_ms),
        sums.calls.blocked_unqueued,
    )


def _level(key: str, ja: str, en: str, formula_ja: str) -> Callable[[Of], Of]:
    return measure(
        key, f"つながりやすさ({ja})", f"service level ({en})", Family.LEVEL, Unit.SHARE,
        Better.HIGHER, formula_ja, timed=True, clocked=True,
    )  # fmt: skip


@_level("sl_offered", "着信比", "of all queued", "A_T ÷ O")
def sl_offered(sums: Sums, params: Params) -> Part:
    """A_T ÷ O.

    The default; ICMI, Japan's usual, Cisco "negative".

    >>> from metrics.sample import published
    >>> round(sl_offered(published(), Params()).value, 4)
    0.8113
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.queued)


@_level("sl_excl_early_abandons", "早期放棄を除く", "without early abandons", "A_T ÷ (O − B_T)")
def sl_excl_early_abandons(sums: Sums, params: Params) -> Part:
    """A_T ÷ (O − B_T).

    Montréal, Bright Pattern, Cisco "ignore".

    >>> from metrics.sample import published
    >>> round(sl_excl_early_abandons(published(), Params()).value, 4)
    0.8269
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.queued - c.abandoned_in_t)


@_level(
    "sl_abandons_count", "早期放棄も達成に数える", "early abandons count as met", "(A_T + B_T) ÷ O"
)
def sl_abandons_count(sums: Sums, params: Params) -> Part:
    """(A_T + B_T) ÷ O.

    Cisco "positive".

    >>> from metrics.sample import published
    >>> round(sl_abandons_count(published(), Params()).value, 4)
    0.8302
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t + c.abandoned_in_t, c.queued)


@_level("sl_answered", "応答比", "of the answered", "A_T ÷ A")
def sl_answered(sums: Sums, params: Params) -> Part:
    """A_T ÷ A.

    UCCX "only handled"; not recommended: it rises when callers give up.

    >>> from metrics.sample import published
    >>> round(sl_answered(published(), Params()).value, 4)
    0.86
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.answered)


@_level(
    "sl_short_count", "短い放棄も達成に数える", "short abandons count as met", "(A_T + B_s) ÷ O"
)
def sl_short_count(sums: Sums, params: Params) -> Part:
    """(A_T + B_s) ÷ O.

    ICMI.

    >>> from metrics.sample import published
    >>> round(sl_short_count(published(), Params()).value, 4)
    0.8208
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t + c.short_abandoned, c.queued)


@_level("sl_excl_short", "短い放棄を除く", "without short abandons", "A_T ÷ (O − B_s)")
def sl_excl_short(sums: Sums, params: Params) -> Part:
    """A_T ÷ (O − B_s).

    Genesys, Mitel.

    >>> from metrics.sample import published
    >>> round(sl_excl_short(published(), Params()).value, 4)
    0.819
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.queued - c.short_abandoned)


@_level("sl_genesys", "応答+放棄", "answered and abandoned", "A_T ÷ (A + B)")
def sl_genesys(sums: Sums, params: Params) -> Part:
    """A_T ÷ (A + B).

    Genesys, every switch off.

    >>> from metrics.sample import visits_of
    >>> round(sl_genesys(visits_of([1, 30], [40], left=1), Params()).value, 4)
    0.3333
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.answered + c.abandoned)


@_level(
    "sl_genesys_no_short",
    "応答+放棄、短い放棄を除く",
    "answered and abandoned, without short ones",
    "A_T ÷ (A + B − B_s)",
)
def sl_genesys_no_short(sums: Sums, params: Params) -> Part:
    """A_T ÷ (A + B − B_s).

    Genesys, without short abandons.

    >>> from metrics.sample import visits_of
    >>> round(sl_genesys_no_short(visits_of([1, 30], [3, 40], left=1), Params()).value, 4)
    0.3333
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.answered + c.abandoned - c.short_abandoned)


@_level("sl_genesys_no_abandons", "放棄を除く", "without abandons", "A_T ÷ (A + B − B)")
def sl_genesys_no_abandons(sums: Sums, params: Params) -> Part:
    """A_T ÷ (A + B − B).

    Genesys, without abandons: what is left is A.

    >>> from metrics.sample import visits_of
    >>> round(sl_genesys_no_abandons(visits_of([1, 30], [40], left=2), Params()).value, 4)
    0.5
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.answered)


@_level(
    "sl_genesys_left",
    "応答+放棄+その他",
    "answered, abandoned and left otherwise",
    "A_T ÷ (A + B + X)",
)
def sl_genesys_left(sums: Sums, params: Params) -> Part:
    """A_T ÷ (A + B + X).

    Genesys, with those who left otherwise.

    >>> from metrics.sample import visits_of
    >>> round(sl_genesys_left(visits_of([1, 30], [40], left=1), Params()).value, 4)
    0.25
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.queued)


@_level(
    "sl_genesys_left_no_short",
    "応答+放棄+その他、短い放棄を除く",
    "answered, abandoned and left otherwise, without short abandons",
    "A_T ÷ (A + B + X − B_s)",
)
def sl_genesys_left_no_short(sums: Sums, params: Params) -> Part:
    """A_T ÷ (A + B + X − B_s).

    Genesys, with those who left otherwise, without short abandons.

    >>> from metrics.sample import visits_of
    >>> round(sl_genesys_left_no_short(visits_of([1, 30], [3, 40], left=1), Params()).value, 4)
    0.25
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.queued - c.short_abandoned)


@_level(
    "sl_genesys_left_no_abandons", "応答+その他", "answered and left otherwise", "A_T ÷ (A + X)"
)
def sl_genesys_left_no_abandons(sums: Sums, params: Params) -> Part:
    """A_T ÷ (A + B + X − B).

    Genesys, with those who left otherwise, without abandons.

    >>> from metrics.sample import visits_of
    >>> round(sl_genesys_left_no_abandons(visits_of([1, 30], [40], left=2), Params()).value, 4)
    0.25
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.answered + c.left_otherwise)


@_level("sl_incl_blocked", "呼損を含む", "with the blocked", "A_T ÷ (O + K)")
def sl_incl_blocked(sums: Sums, params: Params) -> Part:
    """A_T ÷ (O + K).

    ContactCenters.

    >>> from metrics.sample import published
    >>> round(sl_incl_blocked(published(blocked=15), Params()).value, 4)
    0.8
    """
    c = service_counts(sums, params)
    return Part(c.answered_in_t, c.queued + c.blocked)
