"""Speed of the planner's engines, side by side in one run: C, compiled, plain Python, SimPy, Ciw.

Calls per CPU second of one core, the best of some rounds in which all take turns. Chance is drawn
beforehand for C, kernel and twin, so what is timed is the simulation; SimPy and Ciw draw as they
go, as their users' models do. Kernel times hold everything from draws to records. The week is
timed by the clock: from nothing to the answer, with the starting of the processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from rich.console import Console
from rich.table import Table

from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Cores
from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Scenario
from sim.kernel import simulate
from sim.records import Outcome, Records
from sim.scenario_file.find import study_of
from sim.twin.world import simulate as twin
from tools.bench.planner_cases import (
    AGENTS_A,
    AGENTS_B,
    BENCH_A,
    BENCH_B,
    ciw_b,
    lasting,
    simpy_b,
)
from tools.bench.planner_limit import Found, Limit, limit

CALLS = 1_000_000
#: Five days a week, a thousand weeks.
WEEK_DAYS, WEEKS = 5, 1_000
_ROUNDS, _TURN_S = 4, 0.4
#: The part of the calls that slower ones play.
_PLAIN, _TWIN, _SIMPY, _CIW = 0.2, 0.02, 0.03, 0.02
_CORES = 2


def figures(
    calls: int = CALLS, weeks: int = WEEKS, console: Console | None = None
) -> dict[str, float]:
    """The figures; the table of speeds is printed."""
    console = console or Console()
    with limit() as reference:
        speeds_b, speeds_a = _bench_b(reference, calls), _bench_a(reference, calls)
    _show(console, speeds_b, speeds_a)
    found = {
        "kernel_vs_simpy": speeds_b["kernel"] / speeds_b["SimPy"],
        "kernel_vs_ciw": speeds_b["kernel"] / speeds_b["Ciw"],
        "kernel_plain_vs_simpy": speeds_b["kernel without numba"] / speeds_b["SimPy"],
        "twin_calls_per_s": speeds_b["twin"],
    }
    if "C" in speeds_b:
        found["kernel_vs_c"] = speeds_b["kernel"] / speeds_b["C"]
        found["kernel_fifo_vs_c"] = speeds_a["kernel"] / speeds_a["C"]
    found["week_s"] = week_s(weeks)
    return found


def week_s(weeks: int) -> float:
    """A study of so many weeks of city-B by two processes, from nothing to its answer."""
    began = time.perf_counter()
    with Cores(_CORES) as cores:
        Studies(cores).run(study_of("city-b"), Asked(days=WEEK_DAYS * weeks))
    return time.perf_counter() - began


def _bench_b(reference: Limit | None, calls: int) -> dict[str, float]:
    """Calls per second of each, on two skills with abandonment."""
    scenario = lasting(BENCH_B, calls)
    draws = draw(scenario, 1)
    sides: dict[str, Callable[[], int]] = {
        "kernel": lambda: len(simulate(scenario, draws, compiled=True)),
        "kernel without numba": _part(calls * _PLAIN, partial(simulate, compiled=False)),
        "twin": _part(calls * _TWIN, twin),
        "SimPy": lambda: len(simpy_b(round(calls * _SIMPY), 1)),
        "Ciw": lambda: len(ciw_b(round(calls * _CIW), 1)),
    }
    if reference is not None:
        _same(reference.bench_b(draws, AGENTS_B), simulate(scenario, draws, compiled=True))
        sides = {"C": lambda: len(reference.bench_b(draws, AGENTS_B)[0]), **sides}
    return _speeds(sides)


def _bench_a(reference: Limit | None, calls: int) -> dict[str, float]:
    """Calls per second of each, on one pool."""
    scenario = lasting(BENCH_A, calls)
    draws = draw(scenario, 1)
    sides: dict[str, Callable[[], int]] = {
        "kernel": lambda: len(simulate(scenario, draws, compiled=True)),
        "kernel without numba": _part(
            calls * _PLAIN, partial(simulate, compiled=False), of=BENCH_A
        ),
    }
    if reference is not None:
        _same(reference.bench_a(draws, AGENTS_A), simulate(scenario, draws, compiled=True))
        sides = {"C": lambda: len(reference.bench_a(draws, AGENTS_A)[0]), **sides}
    return _speeds(sides)


def _part(
    calls: float, engine: Callable[[Scenario, Draws], Records], of: Scenario = BENCH_B
) -> Callable[[], int]:
    """A slower engine plays fewer calls."""
    scenario = lasting(of, round(calls))
    draws = draw(scenario, 1)
    return lambda: len(engine(scenario, draws))


def _speeds(sides: dict[str, Callable[[], int]]) -> dict[str, float]:
    """Each side's best play; all take turns, so that a slow moment hits them alike."""
    best = dict.fromkeys(sides, 0.0)
    for _ in range(_ROUNDS):
        for name, play in sides.items():
            spent_s = 0.0
            while spent_s < _TURN_S:
                began = time.process_time()
                calls = play()
                took_s = time.process_time() - began
                spent_s += took_s
                best[name] = max(best[name], calls / took_s)
    return best


def _same(found: Found, records: Records) -> None:
    """C and kernel answer the same calls after the same waits, or the speeds mean nothing."""
    wait, who = found
    answered = records.outcome == Outcome.ANSWERED
    if np.any(answered != (who >= 0)) or np.any(wait[answered] != records.wait_s[answered]):
        raise AssertionError("the C reference and the kernel differ")


def _show(console: Console, speeds_b: dict[str, float], speeds_a: dict[str, float]) -> None:
    table = Table(title="calls per CPU second, one core", title_justify="left")
    for name in ("", "bench-A: M/M/50", "bench-B: two skills, abandonment"):
        table.add_column(name, justify="right" if name else "left")
    for name, speed in speeds_b.items():
        alone = f"{speeds_a[name]:,.0f}" if name in speeds_a else "–"
        table.add_row(name, alone, f"{speed:,.0f}")
    console.print(table)
