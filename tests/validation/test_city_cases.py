"""The city's own story: both cases as planning.md has them, by simulation."""

from __future__ import annotations

import pytest

from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Here
from sim.results import StudyResult
from sim.scenario_file.find import study_of
from sim.what_if import WhatIf

pytestmark = pytest.mark.requirement("M14")


def studied(name: str, seats: int, days: int) -> StudyResult:
    return Studies(Here()).run(WhatIf(seats=str(seats)).applied(study_of(name)), Asked(days=days))


def percent(result: StudyResult, key: str) -> float:
    mean = result.figure(key).mean
    assert mean is not None
    return 100 * mean


@pytest.mark.parametrize(("seats", "rate"), [(3, 67), (4, 81), (5, 90), (6, 95)])
def test_switchboard_2018(seats: int, rate: float) -> None:
    assert percent(studied("city-a", seats, 60), "answer_rate_a") == pytest.approx(rate, abs=2)


def test_switchboard_five_seats_lose_one_call_in_five_at_ten() -> None:
    result = studied("city-a", 5, 100)
    worst = result.worst_hour()
    assert worst is not None
    assert worst.name == "10:00"
    assert worst.figures["answer_rate_a"].mean == pytest.approx(0.80, abs=0.02)
    offered = result.figure("offered")
    assert offered.mean == pytest.approx(2050, abs=3 * (offered.half or 0))


@pytest.mark.parametrize(
    ("seats", "rate", "level"),
    [(12, 83.0, 57.5), (14, 91.2, 76.1), (15, 93.7, 82.2), (16, 95.6, 87.6), (18, 98.2, 94.7)],
)
def test_combined_centre_in_its_peak_hour(seats: int, rate: float, level: float) -> None:
    result = studied("city-b-peak", seats, 20)
    assert percent(result, "answer_rate_a") == pytest.approx(rate, abs=1)
    assert percent(result, "sl_offered") == pytest.approx(level, abs=2)
    # An interval that holds the exact value is no wonder; one that is far too wide would be.
    assert (result.figure("sl_offered").half or 1) < 0.012


def test_combined_centre_needs_23_channels() -> None:
    lines = studied("city-b-peak", 16, 40).lines
    assert (lines.enough(0.99), lines.enough(0.999)) == (20, 23)
