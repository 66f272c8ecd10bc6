"""Which figures a study keeps: the names of the reference values, and the measures behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acd.config.faults import nearest
from acd.errors import NotFound
from metrics.measure import Measure, Params, Part, Unit, within
from metrics.measures import MEASURES, parsed
from metrics.tally import Sums


@dataclass(frozen=True, slots=True)
class Kept:
    """One figure: its name in results, the measure's key, T if the name says one."""

    name: str
    key: str
    threshold_ms: int | None = None

    @property
    def measure(self) -> Measure | None:
        """The measure; None for the share that waits at all, which no report shows."""
        return MEASURES.get(self.key)

    @property
    def counts(self) -> bool:
        """Whether it is a number per day, not a ratio."""
        return self.measure is not None and self.measure.unit is Unit.COUNT

    @property
    def scale(self) -> float:
        """What turns the measure's unit into the result's: milliseconds into seconds."""
        return 0.001 if self.measure is not None and self.measure.unit is Unit.MS else 1.0

    @property
    def of(self) -> Callable[[Sums, Params], Part]:
        """What gives both numbers of the figure."""
        return p_wait if self.measure is None else self.measure.of


def p_wait(sums: Sums, _: Params) -> Part:
    """(queued − answered without a wait) ÷ queued.

    >>> from metrics.sample import visits_of
    >>> p_wait(visits_of(answered=[0, 3], abandoned=[5]), Params()).value
    0.6666666666666666
    """
    visits = sums.visits
    return Part(visits.entered - within(visits.answered_waits, 0), visits.entered)


#: What every study keeps, in the order in which it is printed.
ALWAYS = (
    Kept("offered", "offered"),
    Kept("answered", "answered"),
    Kept("abandoned", "abandoned"),
    Kept("blocked", "blocked"),
    Kept("answer_rate_a", "answer_rate_a"),
    Kept("sl_offered", "sl_offered"),
    Kept("sl_excl_early_abandons", "sl_excl_early_abandons"),
    Kept("p_abandon", "abandonment_in_hours"),
    Kept("p_block", "blocked_rate"),
    Kept("p_wait", "p_wait"),
    Kept("asa_s", "asa"),
    Kept("wait_mean_s", "wait_mean_all"),
    Kept("aht_s", "aht"),
)
#: What is found in other ways than as a ratio of sums over cells.
OTHERS = ("wait_p90_s", "occupancy", "lines_p99", "lines_p999", "lines_max")
_NAMES = {each.name: each for each in ALWAYS}
#: Other words for the same figures.
ALIASES = {"answer_rate": "answer_rate_a", "service_level": "sl_offered"}


def kept(name: str) -> Kept | None:
    """The figure of a name; None for those of ``OTHERS``.

    Raises:
        NotFound: no measure has this name, or it cannot be summed over days.

    >>> kept("sl_offered_10s").threshold_ms
    10000
    """
    name = ALIASES.get(name, name)
    if name in _NAMES:
        return _NAMES[name]
    if name in OTHERS:
        return None
    try:
        measure, params = parsed(name)
    except NotFound:
        measure, params = None, Params()
    if measure is None or not measure.additive or params.from_answer:
        known = [*_NAMES, *OTHERS, *ALIASES]
        raise NotFound(
            f"no study finds a figure {name[:80]!r}{nearest(name, known)}",
            code="unknown_measure",
            ja=f"「{name[:80]}」という値は計算できません{nearest(name, known)}",
        )
    threshold = params.threshold_ms if measure.timed and name not in MEASURES else None
    return Kept(name, measure.key, threshold)
