"""How many seats an interval needs, and what a number of seats gives. Pure, by closed forms."""

from __future__ import annotations

from dataclasses import dataclass

from acd.errors import Refused
from sim.erlang.checks import AGENTS_MAX, load, probability, whole
from sim.erlang.levels import level, steady_sums
from sim.erlang.redial import redial
from sim.erlang.waiting import Waiting, mmn_g, mmn_g_lines
from sim.inputs.distributions import Distribution


@dataclass(frozen=True, slots=True)
class Interval:
    """Steady calls: ``patience`` None never gives up; ``lines`` None are enough; ``redials`` is
    the share of those who gave up who call again."""

    arrival_per_s: float
    aht_s: float
    patience: Distribution | None
    threshold_s: float = 20.0
    lines: int | None = None
    redials: float = 0.0

    @property
    def erlangs(self) -> float:
        """Offered load."""
        return load(self.arrival_per_s, self.aht_s)


@dataclass(frozen=True, slots=True)
class Goals:
    """Shares of all calls; None: not asked for."""

    answer_rate: float | None = 0.9
    service_level: float | None = 0.8


@dataclass(frozen=True, slots=True)
class Figures:
    """What so many seats give. Shares of 1, times in seconds; ``attempts_per_s`` with those who
    call again."""

    seats: int
    answer_rate: float
    sl_offered: float
    sl_excl_early_abandons: float
    p_abandon: float
    p_block: float
    p_wait: float
    asa_s: float
    occupancy: float
    queue_mean: float
    attempts_per_s: float

    def meets(self, goals: Goals) -> bool:
        """Whether both goals are reached."""
        enough = goals.answer_rate is None or self.answer_rate >= goals.answer_rate
        return enough and (goals.service_level is None or self.sl_offered >= goals.service_level)


def state_of(of: Interval, seats: int) -> Waiting:
    """The steady state with so many seats."""
    if of.lines is not None and of.redials:
        raise Refused(
            "calling again and a limit of lines are not computed together: use a scenario",
            ja="かけ直しと回線数の上限は同時に計算できません。シナリオ(plan run)を使ってください。",
        )
    if of.lines is not None:
        return mmn_g_lines(of.arrival_per_s, of.aht_s, seats, of.lines, of.patience)
    return redial(of.arrival_per_s, of.aht_s, seats, of.patience, of.redials)


def figures(of: Interval, seats: int) -> Figures:
    """What so many seats give.

    >>> from sim.inputs.distributions import exponential
    >>> found = figures(Interval(194 / 3600, 240, exponential(120)), 16)
    >>> round(found.answer_rate, 3), round(found.sl_offered, 3)
    (0.957, 0.877)
    """
    whole("seats", seats)
    state = state_of(of, seats)
    sums = steady_sums(state, of.threshold_s)
    used = state.occupancy * state.agents / seats
    return Figures(
        seats,
        min(1.0, state.answered),
        # Of all calls: who found no line was not answered within the threshold either.
        level("sl_incl_blocked", sums),
        level("sl_excl_early_abandons", sums),
        state.abandoned,
        state.blocked,
        state.p_wait,
        state.asa_s,
        used,
        state.queue_mean,
        state.arrival_per_s,
    )


def least(of: Interval, goals: Goals) -> Figures:
    """The fewest seats that meet the goals: bisection, since more seats never give less.

    >>> from sim.inputs.distributions import exponential
    >>> least(Interval(194 / 3600, 240, exponential(120)), Goals(0.9, 0.8)).seats
    15
    """
    for name, goal in (("answer_rate", goals.answer_rate), ("service_level", goals.service_level)):
        if goal is not None:
            probability(name, goal)
    high = max(1, int(of.erlangs) + 1)
    low = 0
    while not _enough(of, high, goals):
        if high >= (of.lines or AGENTS_MAX):
            raise _beyond(of)
        low, high = high, min(high + max(1, high // 4), of.lines or AGENTS_MAX)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(of, middle, goals) else (middle, high)
    return figures(of, high)


def _enough(of: Interval, seats: int, goals: Goals) -> bool:
    if not stable(of, seats):
        return False
    return figures(of, seats).meets(goals)


def stable(of: Interval, seats: int) -> bool:
    """Whether the line does not grow without end."""
    if seats < 1:
        return False
    try:
        mmn_g(of.arrival_per_s, of.aht_s, seats, of.patience, None if of.lines is None else 0)
    except Refused:
        return False
    return True


def _beyond(of: Interval) -> Refused:
    if of.lines is not None:
        return Refused(
            f"no number of seats is enough with {of.lines} lines: too many calls find them all "
            "taken; add lines",
            ja=f"回線が{of.lines}本では、席を何席にしても目標に届きません。回線を増やしてください。",
        )
    return Refused(
        f"not even {AGENTS_MAX} seats are enough: lower the goal",
        ja=f"{AGENTS_MAX}席でも届きません。目標を下げてください。",
    )
