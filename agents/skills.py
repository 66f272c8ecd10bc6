"""Skills and levels: who can serve what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class Need(Protocol):
    """A skill and the lowest level that will do."""

    @property
    def skill(self) -> str: ...
    @property
    def level(self) -> int: ...


def can_serve(levels: Mapping[str, int], needs: Iterable[Need]) -> bool:
    """Whether levels by skill meet every need."""
    return all(levels.get(need.skill, 0) >= need.level for need in needs)


def mastery(levels: Mapping[str, int], needs: Iterable[Need]) -> int:
    """Sum of the levels held in the needed skills: higher is more skilled for this work."""
    return sum(levels.get(need.skill, 0) for need in needs)


def preferences_met(levels: Mapping[str, int], prefers: Iterable[Need]) -> int:
    """How many of the preferences the levels meet."""
    met = 0
    for need in prefers:
        met += levels.get(need.skill, 0) >= need.level
    return met
