"""The chance of one day, drawn before it begins: who comes when, talks and waits how long.

Every engine takes the same arrays, so engines can be compared call by call, and variants of a
scenario under the same chance (common random numbers). Each class and purpose has a stream of its
own (Philox, by counter), and a class's n-th call takes the n-th number of each: another number of
agents changes nothing, another handling time stretches the same talks, and a surge brings the same
callers closer together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from acd.errors import LimitExceeded
from sim.inputs.distributions import Distribution
from sim.inputs.quantiles import quantiles
from sim.inputs.scenario import CallClass, Habits, Scenario

Floats = NDArray[np.float64]
#: More calls than this in one day are refused: they would not fit into memory.
MOST_CALLS = 20_000_000
#: Nobody calls again more often than this.
MOST_TRIES = 100


@dataclass(frozen=True, slots=True)
class HabitDraws:
    """One item a call, for scenarios with :class:`sim.inputs.scenario.Habits`: how long it is in
    the menu, and whether its caller hangs up there; how many rings for it nobody answers, and how
    long the one lasts that somebody does. Those who call again do the same again."""

    menu_s: Floats
    leaves: NDArray[np.bool_]
    unanswered: NDArray[np.int32]
    ring_s: Floats


@dataclass(frozen=True, slots=True)
class Draws:
    """One item a call, in order of arrival (ties by class): all that chance decides.

    ``came_s`` ascending; ``skill`` indexes ``scenario.classes``; ``patience_s`` inf for who never
    gives up. Redials: call ``i`` calls again at most ``redials[i]`` times as long as no try is
    answered, each ``again_after_s`` after the last try's end with ``again_patience_s``, the items
    ``again_first[i]`` and following; talk and wrap-up stay those of the caller. All four are empty
    when nobody calls again.
    """

    came_s: Floats
    skill: NDArray[np.int16]
    talk_s: Floats
    wrap_s: Floats
    patience_s: Floats
    redials: NDArray[np.int32]
    again_first: NDArray[np.int64]
    again_after_s: Floats
    again_patience_s: Floats
    habits: HabitDraws | None = None

    def __len__(self) -> int:
        return len(self.came_s)


class _Purpose(IntEnum):
    """What a stream of numbers is for; the values are part of every seed's meaning."""

    BUSYNESS = 0
    ARRIVALS = 1
    TALK = 2
    WRAP_UP = 3
    PATIENCE = 4
    REDIALS = 5
    REDIAL_AFTER = 6
    REDIAL_PATIENCE = 7
    MENU = 8
    LEAVES = 9
    UNANSWERED = 10
    RING = 11


@dataclass(frozen=True, slots=True)
class _Chance:
    """All streams of one replication."""

    key: NDArray[np.uint64]
    replication: int

    def stream(self, purpose: _Purpose, skill: int = 0) -> np.random.Generator:
        # The first word counts the numbers drawn; the others keep all streams apart.
        counter = np.array([0, purpose, skill, self.replication], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=self.key, counter=counter))


def draw(
    scenario: Scenario, seed: int, replication: int = 0, *, busyness_u: float | None = None
) -> Draws:
    """The chance of the ``replication``-th day (from 0) of a study with ``seed``.

    ``busyness_u``: the uniform number of the day's busyness, where a study stratifies the days
    (None: drawn). Arrivals are Poisson with each period's rate.

    Raises:
        LimitExceeded: more than ``MOST_CALLS`` calls are to be expected.
    """
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64).astype(np.uint64)
    chance = _Chance(key, replication)
    busy = _busyness(scenario, chance, busyness_u)
    expected = busy * scenario.period_s * sum(sum(c.arrivals_per_s) for c in scenario.classes)
    if not expected <= MOST_CALLS:
        raise LimitExceeded(
            f"{scenario.name}: about {expected:,.0f} calls in one day, at most {MOST_CALLS:,} can "
            "be simulated; take shorter days or lower rates",
            ja=f"{scenario.name}: 1日に約{expected:,.0f}件となり、上限の{MOST_CALLS:,}件を"
            "超えます。日を短くするか、件数を減らしてください。",
        )
    return _merged([_of_class(scenario, n, busy, chance) for n in range(len(scenario.classes))])


def _busyness(scenario: Scenario, chance: _Chance, u: float | None) -> float:
    """The factor of mean 1 by which the whole day is busier than planned."""
    if scenario.busyness is None:
        return 1.0
    from scipy.special import gammaincinv

    if u is None:
        u = chance.stream(_Purpose.BUSYNESS).random()
    return float(gammaincinv(scenario.busyness, u)) / scenario.busyness


def _of_class(scenario: Scenario, skill: int, busy: float, chance: _Chance) -> Draws:
    """One class's calls alone."""
    of = scenario.classes[skill]
    came = _arrivals(of, scenario.period_s, busy, chance.stream(_Purpose.ARRIVALS, skill))
    n = len(came)

    def uniforms(purpose: _Purpose, number: int) -> Floats:
        return chance.stream(purpose, skill).random(number)

    talk = quantiles(of.talk, uniforms(_Purpose.TALK, n))
    wrap = np.zeros(n)
    if of.wrap_up is not None:
        wrap = quantiles(of.wrap_up, uniforms(_Purpose.WRAP_UP, n))
    period = _periods(came, scenario)
    patience = _patience(of.patience, period, chance.stream(_Purpose.PATIENCE, skill))
    redials = np.zeros(0, np.int32)
    after = again_patience = np.zeros(0)
    if scenario.redial > 0:
        redials = _redials(scenario.redial, uniforms(_Purpose.REDIALS, n))
        number = int(redials.sum())
        again = np.repeat(period, redials)
        stream = chance.stream(_Purpose.REDIAL_PATIENCE, skill)
        again_patience = _patience(of.patience, again, stream)
        after = np.zeros(number)
        if scenario.redial_after is not None:
            u = uniforms(_Purpose.REDIAL_AFTER, number)
            after = quantiles(scenario.redial_after, u)
    first = np.cumsum(redials, dtype=np.int64) - redials
    which = np.full(n, skill, np.int16)
    lively = _habits(scenario.habits, uniforms, n) if scenario.habits else None
    return Draws(came, which, talk, wrap, patience, redials, first, after, again_patience, lively)


def _habits(of: Habits, uniforms: Callable[[_Purpose, int], Floats], n: int) -> HabitDraws:
    menu = ring = np.zeros(n)
    leaves = np.zeros(n, np.bool_)
    if of.menu is not None:
        menu = quantiles(of.menu, uniforms(_Purpose.MENU, n))
        u = uniforms(_Purpose.LEAVES, n)
        leaves = u < of.leaves
        # Of those who leave the same number says when: at any moment of the menu.
        menu[leaves] *= u[leaves] / of.leaves
    if of.ring is not None:
        ring = quantiles(of.ring, uniforms(_Purpose.RING, n))
    unanswered = np.zeros(n, np.int32)
    if of.unanswered > 0:
        unanswered = _redials(of.unanswered, uniforms(_Purpose.UNANSWERED, n))
    return HabitDraws(menu, leaves, unanswered, ring)


def _redials(share: float, u: Floats) -> NDArray[np.int32]:
    """How often in a row something happens that has this share: geometric, bounded."""
    if share >= 1:
        return np.full(len(u), MOST_TRIES, np.int32)
    tries = np.log1p(-u) / math.log(share)
    return np.minimum(tries, MOST_TRIES).astype(np.int32)


def _arrivals(of: CallClass, period_s: float, busy: float, stream: np.random.Generator) -> Floats:
    """A Poisson process of rate 1 laid along the rates' running sum: times, ascending."""
    upto = np.concatenate(([0.0], np.cumsum(np.asarray(of.arrivals_per_s, float) * period_s)))
    upto *= busy
    total = float(upto[-1])
    if total == 0:
        return np.zeros(0)
    gaps = np.zeros(0)
    marks = gaps
    while len(marks) == 0 or marks[-1] < total:
        more = stream.standard_exponential(int(total + 6 * math.sqrt(total)) + 20)
        gaps = np.concatenate((gaps, more))
        marks = np.cumsum(gaps)
    marks = marks[: np.searchsorted(marks, total)]
    borders = np.arange(len(upto)) * period_s
    came: Floats = np.interp(marks, upto, borders)
    # Rounding may put a call onto the closing instant itself.
    np.minimum(came, np.nextafter(borders[-1], 0.0), out=came)
    return came


def _periods(came: Floats, scenario: Scenario) -> NDArray[np.int64]:
    return np.minimum((came / scenario.period_s).astype(np.int64), scenario.periods - 1)


def _patience(
    of: tuple[Distribution | None, ...], period: NDArray[np.int64], stream: np.random.Generator
) -> Floats:
    """How long each caller waits at most, by the period it comes in."""
    u = stream.random(len(period))
    if all(each == of[0] for each in of):
        return np.full(len(u), np.inf) if of[0] is None else quantiles(of[0], u)
    lengths = np.full(len(u), np.inf)
    for number, each in enumerate(of):
        if each is not None:
            here = period == number
            lengths[here] = quantiles(each, u[here])
    return lengths


def _merged(parts: list[Draws]) -> Draws:
    """All classes' calls in order of arrival."""
    if len(parts) == 1:
        return parts[0]
    came = np.concatenate([p.came_s for p in parts])
    order = np.argsort(came, kind="stable")

    def joined(name: str) -> NDArray[np.float64]:
        whole: NDArray[np.float64] = np.concatenate([getattr(p, name) for p in parts])
        return whole

    redials, first = np.zeros(0, np.int32), np.zeros(0, np.int64)
    if len(parts[0].redials) or any(len(p.redials) for p in parts):
        starts = np.cumsum([0, *(len(p.again_after_s) for p in parts[:-1])])
        redials = np.concatenate([p.redials for p in parts])[order]
        first = np.concatenate(
            [p.again_first + start for p, start in zip(parts, starts, strict=True)]
        )[order]
    return Draws(
        came_s=came[order],
        skill=np.concatenate([p.skill for p in parts])[order],
        talk_s=joined("talk_s")[order],
        wrap_s=joined("wrap_s")[order],
        patience_s=joined("patience_s")[order],
        redials=redials,
        again_first=first,
        again_after_s=joined("again_after_s"),
        again_patience_s=joined("again_patience_s"),
        habits=_merged_habits([part.habits for part in parts], order),
    )


def _merged_habits(
    parts: Sequence[HabitDraws | None], order: NDArray[np.intp]
) -> HabitDraws | None:
    some = [part for part in parts if part is not None]
    if not some:
        return None
    return HabitDraws(
        *(np.concatenate([getattr(part, each.name) for part in some])[order]
          for each in fields(HabitDraws))
    )  # fmt: skip
