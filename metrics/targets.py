"""Targets a figure is held against: what the contract asks, and what the centre promises itself."""

from __future__ import annotations

from msgspec import Struct

#: Before the key of a measure whose worst hour is meant.
WORST_HOUR = "worst_hour."


class Target(Struct, frozen=True):
    """``contract`` (仕様書) and ``promise`` (提案) for one figure by its full key; ``at_least``
    says which side is good. ``worst_hour.`` before the key: for the worst hour of the span."""

    key: str
    contract: float
    promise: float
    at_least: bool = True

    def met(self, value: float | None) -> bool | None:
        """Whether the contract's target is met; ``None`` when there is no figure.

        >>> Target("answer_rate_a", 0.90, 0.95).met(0.90)
        True
        >>> Target("blocked_rate", 0.01, 0.001, at_least=False).met(0.011)
        False
        """
        return self._holds(value, self.contract)

    def kept(self, value: float | None) -> bool | None:
        """Whether the centre's own promise is kept.

        >>> Target("answer_rate_a", 0.90, 0.95).kept(0.92)
        False
        """
        return self._holds(value, self.promise)

    def _holds(self, value: float | None, limit: float) -> bool | None:
        if value is None:
            return None
        return value >= limit if self.at_least else value <= limit


#: Common practice and published municipal targets; a centre sets its own (centre/measures.toml).
DEFAULT_TARGETS = {
    target.key: target
    for target in (
        Target("answer_rate_a", 0.90, 0.95),
        Target("worst_hour.answer_rate_a", 0.80, 0.90),
        Target("sl_offered_20s", 0.80, 0.90),
        Target("sl_offered_10s", 0.80, 0.90),
        Target("abandonment_in_hours", 0.10, 0.05, at_least=False),
        Target("worst_hour.blocked_rate", 0.01, 0.001, at_least=False),
        Target("resolved_in_centre", 0.80, 0.90),
        Target("mis_transfer_rate", 0.02, 0.01, at_least=False),
        Target("satisfaction", 4.5, 4.8),
        Target("availability", 0.999, 0.9995),
    )
}
