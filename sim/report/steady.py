"""One stretch in its steady state, in shares of all calls: what plots and days are made from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from sim.erlang.waiting import Waiting, mmn_g, mmn_g_lines
from sim.inputs.distributions import Distribution

#: So many waiting callers are looked at, and more where operators are many.
_WAITING = 60
#: What is not looked at must be rarer than what the percentiles tell.
_KNOWN = 0.9995
_KEPT = 512


@dataclass(frozen=True, slots=True)
class Steady:
    """Shares of all calls: ``within`` answered within T, ``early`` given up within T. ``asa_s``:
    mean wait of the answered."""

    answered: float
    abandoned: float
    blocked: float
    within: float
    early: float
    asa_s: float


@lru_cache(_KEPT)
def steady(
    rate_per_s: float,
    aht_s: float,
    agents: int,
    patience: Distribution | None,
    threshold_s: float,
    lines: int | None,
) -> Steady:
    """What so many operators give. With nobody there all give up; with more work than the operators
    can do and callers who never give up, nobody is answered in time."""
    if agents < 1:
        if patience is None:
            return Steady(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return Steady(0.0, 1.0, 0.0, 0.0, 1 - patience.survival(threshold_s), 0.0)
    if _overrun(rate_per_s * aht_s, agents, patience, lines):
        return Steady(agents / (rate_per_s * aht_s), 0.0, 0.0, 0.0, 0.0, math.inf)
    found = _waiting(rate_per_s, aht_s, agents, patience, lines)
    within, early = found.by(threshold_s)
    return Steady(found.answered, found.abandoned, found.blocked, within, early, found.asa_s)


def in_system(
    rate_per_s: float,
    aht_s: float,
    agents: int,
    patience: Distribution | None,
    lines: int | None,
) -> tuple[float, ...]:
    """P(k calls are there) for k = 0, 1, …: served and waiting. Empty where there is no limit,
    or so far away that it is not looked for."""
    if agents < 1 or _overrun(rate_per_s * aht_s, agents, patience, lines):
        return ()
    found = _waiting(rate_per_s, aht_s, agents, patience, lines)
    shares = (*found.busy_numbers(), *found.waiting_numbers(_WAITING + agents // 2))
    return shares if sum(shares) >= _KNOWN else ()


def _overrun(erlangs: float, agents: int, patience: Distribution | None, lines: int | None) -> bool:
    """Whether the line of those waiting would grow for ever."""
    if lines is not None:
        return False
    stays = 1.0 if patience is None else patience.survival(1e12)
    return erlangs * stays >= agents * (1 - 1e-6)


def _waiting(
    rate_per_s: float,
    aht_s: float,
    agents: int,
    patience: Distribution | None,
    lines: int | None,
) -> Waiting:
    if lines is not None:
        return mmn_g_lines(rate_per_s, aht_s, agents, lines, patience)
    return mmn_g(rate_per_s, aht_s, agents, patience)
