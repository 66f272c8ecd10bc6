"""The bench's figures follow from its samples, and a lossy run never counts."""

from __future__ import annotations

import pytest

from tools.bench.figures import TARGETS, figures, missed
from tools.bench.sides import Sample, Side, Trial


def sample(
    side: Side, cpu: float, connect: list[float] | None = None, lost: int = 0, waiting: int = 0
) -> Sample:
    trial = Trial(waiting=waiting)
    return Sample(side, trial, lost, 0, 33.0, cpu, 0.0, connect or [])


def test_each_side_counts_with_its_best_run() -> None:
    times = [float(n) for n in range(1, 101)]
    found = figures(
        [
            sample(Side.DIAL, 6.0),
            sample(Side.DIAL, 5.0),
            sample(Side.APP_QUEUE, 10.0),
            sample(Side.MADOGUCHI, 9.0, [2 * t for t in times]),
            sample(Side.MADOGUCHI, 8.0, times),
            sample(Side.MADOGUCHI, 8.0, [3 * t for t in times], waiting=500),
        ]
    )
    assert found == {
        "cpu_vs_app_queue": pytest.approx(0.8),
        "cpu_vs_dial": pytest.approx(1.6),
        "connect_p50_ms": 50.0,
        "connect_p99_ms": 99.0,
        "connect_p99_waiting_ratio": pytest.approx(3.0),
    }
    assert set(missed(found)) == {
        "cpu_vs_dial",
        "connect_p50_ms",
        "connect_p99_ms",
        "connect_p99_waiting_ratio",
    }


def test_a_run_that_lost_a_call_counts_for_nothing() -> None:
    runs = [sample(Side.DIAL, 5.0), sample(Side.MADOGUCHI, 1.0, [1.0], lost=1)]
    assert figures(runs) == {}


def test_a_figure_that_was_not_measured_is_not_missed_nor_reached() -> None:
    assert missed({}) == []
    assert len({target.key for target in TARGETS}) == len(TARGETS)


@pytest.mark.parametrize(("percent", "value"), [(50, 2.0), (99, 4.0), (100, 4.0)])
def test_percentiles_are_nearest_rank(percent: float, value: float) -> None:
    found = sample(Side.MADOGUCHI, 1.0, [4.0, 1.0, 3.0, 2.0])
    assert found.connect_percentile_ms(percent) == value
