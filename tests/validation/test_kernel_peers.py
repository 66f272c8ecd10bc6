"""Independent programs on the same centre: SimPy and Ciw find what the kernel finds.

Two skills, three groups, abandonment, the longest wait first: models of the bench, small and
seeded. The kernel's own sample is so long that its error does not count.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.inputs.draws import draw
from sim.kernel import simulate
from sim.records import Outcome
from tools.bench.planner_cases import BENCH_B, ciw_b, lasting, simpy_b

pytestmark = pytest.mark.requirement("M14")
_CALLS, _BATCHES = 24_000, 24


def _of_peer(ended: list[tuple[int, float | None]], skill: int) -> np.ndarray:
    """By batch: shares given up and answered within 20 s, and the mean wait of the answered."""
    mine = np.array([wait if wait is not None else np.nan for each, wait in ended if each == skill])
    mine = mine[len(mine) // 20 :]  # the empty beginning
    return np.array(
        [
            (np.isnan(part).mean(), (part <= 20).mean(), np.nanmean(part))
            for part in np.array_split(mine, _BATCHES)
        ]
    )


@pytest.fixture(scope="module")
def ours() -> np.ndarray:
    scenario = lasting(BENCH_B, 1_000_000)
    found = simulate(scenario, draw(scenario, 1), compiled=True)
    rows = []
    for skill in (0, 1):
        mine = found.skill == skill
        answered = mine & (found.outcome == Outcome.ANSWERED)
        within = answered & (found.wait_s <= 20)
        rows.append(
            (
                1 - answered.sum() / mine.sum(),
                within.sum() / mine.sum(),
                found.wait_s[answered].mean(),
            )
        )
    return np.array(rows)


@pytest.mark.parametrize("peer", [simpy_b, ciw_b])
def test_peers_agree(
    peer: Callable[[int, int], list[tuple[int, float | None]]], ours: np.ndarray
) -> None:
    ended = peer(_CALLS, 5)
    for skill in (0, 1):
        batches = _of_peer(ended, skill)
        error = batches.std(axis=0, ddof=1) / np.sqrt(_BATCHES)
        assert np.all(np.abs(batches.mean(axis=0) - ours[skill]) <= 4 * error)
        assert np.all(error < [0.02, 0.03, 1.5])  # or the test would say nothing
