"""Targets a figure is held against: what the contract asks, and what the centre promises itself."""

from __future__ import annotations

from msgspec import Struct


class Target(Struct, frozen=True):
    """``contract`` and ``promise`` for one figure; ``at_least`` says which side is good."""

    key: str
    contract: float
    promise: float
    at_least: bool = True

    def met(self, value: float | None) -> bool | None:
        """Whether the contract's target is met; ``None`` when there is no figure.

        >>> Target("answer_rate_a", 0.90, 0.95).met(0.90)
        True
        >>> Target("abandonment", 0.10, 0.05, at_least=False).met(0.11)
        False
        """
        if value is None:
            return None
        return value >= self.contract if self.at_least else value <= self.contract


#: Common practice and published municipal targets; a centre sets its own.
DEFAULT_TARGETS = {
    target.key: target
    for target in (
        Target("answer_rate_a", 0.90, 0.95),
        Target("worst_hour_answer_rate", 0.80, 0.90),
        Target("sl_offered_20s", 0.80, 0.90),
        Target("sl_offered_10s", 0.80, 0.90),
        Target("abandonment", 0.10, 0.05, at_least=False),
        Target("blocked", 0.01, 0.001, at_least=False),
        Target("resolved_in_centre", 0.80, 0.90),
        Target("mis_transfer", 0.02, 0.01, at_least=False),
    )
}
