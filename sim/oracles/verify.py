"""Holds the engines against reference values, row by row, and says how far off each is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acd.errors import MadoguchiError
from sim.inputs.distributions import Kind
from sim.inputs.scenario import Rule
from sim.oracles.closed import CLOSED
from sim.oracles.rows import Expected, Params, Row
from sim.results import Estimate

SIGMAS_MAX = 4.0
_Z = 1.96
#: Simulated days of a row that is a day; a twentieth as many long stretches of a steady state.
DAYS = 1_000


class Engine(StrEnum):
    """What computed the answer."""

    ERLANG = "erlang"
    CHAIN = "chain"
    KERNEL = "kernel"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One key of a row: what was found, and how far off it is, in units of rtol or in standard
    errors (``sigmas``). ``found`` None: the engine has no such figure."""

    key: str
    expected: float
    found: float | None
    units: float
    sigmas: bool

    @property
    def good(self) -> bool:
        """Whether it is within tolerance."""
        return self.found is not None and self.units <= (SIGMAS_MAX if self.sigmas else 1.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row by one engine. ``engine`` None: the model is not known. ``fault``: why there is no
    answer."""

    row: Row
    engine: Engine | None
    deviations: tuple[Deviation, ...] = ()
    fault: MadoguchiError | None = None

    @property
    def good(self) -> bool:
        """Whether every key is within tolerance; an unknown model is not a failure."""
        return self.fault is None and all(each.good for each in self.deviations)

    @property
    def worst(self) -> Deviation | None:
        """The key that is furthest off, in parts of what is allowed."""
        return max(
            self.deviations,
            key=lambda one: (not one.good, one.units / (SIGMAS_MAX if one.sigmas else 1.0)),
            default=None,
        )


def verify(rows: Sequence[Row], seed: int = 1, days: int = DAYS) -> Iterator[Verdict]:
    """Every row by every engine that takes it, as they are done."""
    for row in rows:
        yield from _row(row, seed, days)


def _row(row: Row, seed: int, days: int) -> Iterator[Verdict]:
    if row.model in CLOSED:
        yield _judged(row, Engine.ERLANG, lambda: _closed(row))
    elif row.model == "skills":
        if _is_chain(row):
            yield _judged(row, Engine.CHAIN, lambda: _chain(row))
        yield _judged(row, Engine.KERNEL, lambda: _skills(row, seed, days // 20))
    elif row.model in ("day", "simple_msk"):
        yield _judged(row, Engine.KERNEL, lambda: _days(row, seed, days))
    else:
        yield Verdict(row, None)


def simple_msk() -> Row:
    """The published centre whose words are no parameters, as a row."""
    from sim.oracles.simple_msk import EXPECT, SOURCE

    return Row("SimpleMSK", "simple_msk", {}, dict(EXPECT), SOURCE)


_Answer = Callable[[str], Estimate]


def _judged(row: Row, engine: Engine, make: Callable[[], _Answer]) -> Verdict:
    try:
        answer = make()
        found = tuple(_deviation(key, want, answer) for key, want in row.expect.items())
    except MadoguchiError as fault:
        return Verdict(row, engine, fault=fault)
    return Verdict(row, engine, found)


def _deviation(key: str, want: Expected, answer: _Answer) -> Deviation:
    try:
        found = answer(key)
    except (KeyError, ValueError):
        found = Estimate(None)
    if found.mean is None:
        return Deviation(key, want.value, None, math.inf, False)
    off = abs(found.mean - want.value)
    if found.half is None and want.half is None:
        allowed = want.rtol * abs(want.value)
        return Deviation(key, want.value, found.mean, _ratio(off, allowed), False)
    sigma = math.hypot(found.half or 0.0, want.half or 0.0) / _Z
    return Deviation(key, want.value, found.mean, _ratio(off, sigma), True)


def _ratio(off: float, allowed: float) -> float:
    if off == 0:
        return 0.0
    return off / allowed if allowed > 0 else math.inf


def _closed(row: Row) -> _Answer:
    of = Params(row.params)
    exact = CLOSED[row.model](of)
    of.done()
    return lambda key: Estimate(exact(key))


def _is_chain(row: Row) -> bool:
    """Whether every value is exact and the rule looks at numbers only."""
    takes, skills = row.params.get("agent_takes"), row.params.get("skills")
    if not isinstance(takes, dict) or not isinstance(skills, dict):
        return False
    patient = [each.get("patience") for each in skills.values() if isinstance(each, dict)]
    memoryless = all(
        isinstance(each, dict) and each.get("kind") == Kind.EXPONENTIAL for each in patient
    )
    exact = all(want.half is None for want in row.expect.values())
    return exact and memoryless and takes.get("rule") != Rule.LONGEST_WAIT


def _chain(row: Row) -> _Answer:
    from sim.oracles.chain import solve
    from sim.oracles.skills import centre

    of = Params(row.params)
    asked = centre(of)
    of.done()
    found = solve(asked)
    return lambda key: Estimate(found[key])


def _skills(row: Row, seed: int, stretches: int) -> _Answer:
    from sim.oracles.simulated import steady
    from sim.oracles.skills import centre

    of = Params(row.params)
    asked = centre(of)
    of.done()
    return steady(asked, seed, stretches)


def _days(row: Row, seed: int, days: int) -> _Answer:
    from sim.oracles.simulated import days_of
    from sim.oracles.skills import day

    if row.model == "simple_msk":
        from sim.oracles.simple_msk import scenario

        return days_of(scenario(), seed, days)
    of = Params(row.params)
    asked = day(of)
    of.done()
    return days_of(asked, seed, days)
