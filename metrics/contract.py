"""Which figures are the contract's: the variants that were agreed, and two targets for each.

All of it is data (``centre/measures.toml``). Nothing that is kept was computed under it, so a
change counts for the past as well as for today: whoever asks, asks the sums again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from acd.core.plan import CallType, QueuePlan
from metrics.dimensions import VISIT_DIMS, Dim
from metrics.measure import Measure, Params
from metrics.measures import MEASURES, Figure, Worst, figure, full_key, parsed, worst
from metrics.tally import SHORT_ABANDON_MS, Sums
from metrics.targets import DEFAULT_TARGETS, WORST_HOUR, Target

#: The service level that always stands beside the contract's.
BESIDE = "sl_excl_early_abandons"


class Contract(Struct, frozen=True):
    """What was agreed. ``answer_rate``, ``abandonment`` and ``service_level`` are keys of measures
    (without threshold); ``from_answer``: the caller-paid clock; ``worst_hour_calls``: an hour with
    fewer is no worst hour. ``service_hours`` are the calendars whose hours availability is owed in
    (none: those that queues name). Targets are by full key."""

    answer_rate: str = "answer_rate_a"
    abandonment: str = "abandonment_in_hours"
    service_level: str = "sl_offered"
    from_answer: bool = False
    threshold_s: float = 20.0
    switchboard_threshold_s: float = 10.0
    short_abandon_s: float = SHORT_ABANDON_MS / 1000
    worst_hour_calls: int = 1
    service_hours: tuple[str, ...] = ()
    targets: dict[str, Target] = msgspec.field(default_factory=lambda: dict(DEFAULT_TARGETS))

    def params(
        self, dim: Dim = Dim.ALL, value: str = "", queues: Sequence[QueuePlan] = ()
    ) -> Params:
        """The parameters for figures of one value of a dimension: T of a queue is its own, of
        switchboard calls the switchboard's, else the contract's.

        >>> Contract().params(Dim.CALL_TYPE, "switchboard").threshold_ms
        10000
        """
        threshold_s = self.threshold_s
        if dim is Dim.CALL_TYPE and value == CallType.SWITCHBOARD:
            threshold_s = self.switchboard_threshold_s
        elif dim is Dim.QUEUE:
            threshold_s = next((q.sl_threshold_s for q in queues if q.id == value), threshold_s)
        return Params(
            round(threshold_s * 1000),
            round(self.short_abandon_s * 1000),
            self.from_answer,
            dim in VISIT_DIMS,
        )

    def headline(self) -> tuple[str, ...]:
        """The keys that stand first on every screen and report: answer rate, the contract's
        service level and the one beside it, abandonment.

        >>> Contract().headline()
        ('answer_rate_a', 'sl_offered', 'sl_excl_early_abandons', 'abandonment_in_hours')
        """
        levels = dict.fromkeys((self.service_level, BESIDE))
        return (self.answer_rate, *levels, self.abandonment)


class Standing(Struct, frozen=True):
    """A figure beside its targets. ``met`` the contract's, ``kept`` the centre's own; None where
    there is no figure. ``hour`` is the index of the worst hour where that is what is meant."""

    figure: Figure
    target: Target
    met: bool | None
    kept: bool | None
    hour: int | None = None


def known_measure(key: str) -> Measure:
    """The measure that a target's key names; raises NotFound."""
    return parsed(key.removeprefix(WORST_HOUR))[0]


def standing(
    contract: Contract, key: str, sums: Sums, params: Params, hours: Sequence[Sums] = ()
) -> Standing | None:
    """A figure against its target; None when the contract sets none for this key.

    ``key`` may be bare (T of ``params`` is put in) and may begin with ``worst_hour.``, for which
    ``hours`` are the sums of the span's hours.

    >>> from metrics.sample import calls_of
    >>> found = standing(Contract(), "answer_rate_a", calls_of(answered=92, abandoned=8), Params())
    >>> found.met, found.kept
    (True, False)
    """
    bare = key.removeprefix(WORST_HOUR)
    name = full_key(bare, params) if bare in MEASURES else bare
    hourly = key.startswith(WORST_HOUR)
    target = contract.targets.get(WORST_HOUR + name if hourly else name)
    if target is None:
        return None
    if not hourly:
        now = figure(bare, sums, params)
        return Standing(now, target, target.met(now.value), target.kept(now.value))
    found = worst(bare, hours, params, at_least=contract.worst_hour_calls)
    if found is None:
        empty = figure(bare, Sums(), params)
        return Standing(empty, target, None, None)
    value = found.figure.value
    return Standing(found.figure, target, target.met(value), target.kept(value), found.index)


def standings(
    contract: Contract, sums: Sums, params: Params, hours: Sequence[Sums] = ()
) -> list[Standing]:
    """Every target that applies under these parameters, in the contract's order: of targets with
    a threshold, those whose threshold is T."""
    found = []
    for key in contract.targets:
        name = key.removeprefix(WORST_HOUR)
        one, own = parsed(name, params)
        if one.timed and own.threshold_ms != params.threshold_ms:
            continue
        each = standing(contract, key, sums, params, hours)
        if each is not None:
            found.append(each)
    return found


__all__ = [
    "BESIDE", "Contract", "Standing", "Worst", "known_measure", "standing", "standings",
]  # fmt: skip
