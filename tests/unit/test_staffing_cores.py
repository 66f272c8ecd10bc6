"""Searches and rosters on several cores: the same bits, whoever plays the days."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.experiment.workers import Cores, Here, Job, R
from sim.scenario_file.find import study_of
from sim.staffing import days as days_module
from sim.staffing.absences import with_absent
from sim.staffing.answer import staff
from sim.staffing.cover import cover
from sim.staffing.roster_file import roster_of
from sim.staffing.sample import Sample
from sim.staffing.targets import usual

PAIR = study_of("two-skills")


class Backwards(Here):
    """Hands the results back in another order."""

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        yield from reversed(list(super().each(jobs)))


@pytest.fixture
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of a few days each, so that every round has several."""
    monkeypatch.setattr("sim.staffing.sample._JOB_CALLS", 1_000)
    monkeypatch.setattr("sim.staffing.absences._JOB_CALLS", 5_000)


@pytest.mark.requirement("M14")
@pytest.mark.usefixtures("small_jobs")
def test_the_least_staff_is_the_same_bit_for_bit_on_any_number_of_cores() -> None:
    rates = {0: (0.01,) * 5, 1: (0.006,) * 5}
    quiet = replace(
        PAIR.scenario,
        classes=tuple(
            replace(each, arrivals_per_s=rates[n], patience=each.patience[:5])
            for n, each in enumerate(PAIR.scenario.classes)
        ),
        groups=tuple(replace(each, agents=each.agents[:5]) for each in PAIR.scenario.groups),
    )
    targets, costs = usual(PAIR), (1.0, 1.0, 1.1)
    alone = staff(quiet, targets, costs, seed=3, days=16)
    heard: list[tuple[str, float]] = []
    with Cores(3, small_calls=0) as cores:
        several = staff(
            quiet, targets, costs, seed=3, days=16, workers=cores,
            tell=lambda what, share: heard.append((what, share)),
        )  # fmt: skip
        assert cores.elsewhere > 0, "other processes have played"
    # NaN, where nothing is known, is not equal to itself; its text is.
    assert repr(several) == repr(alone)
    backwards = staff(quiet, targets, costs, seed=3, days=16, workers=Backwards())
    assert repr(backwards) == repr(alone)
    assert {what for what, _ in heard} == {"cuts", "search", "proof", "check"}
    assert all(0 <= share <= 1 for _, share in heard)


@pytest.mark.requirement("M14")
@pytest.mark.usefixtures("small_jobs")
def test_a_rosters_days_are_the_same_bit_for_bit_on_any_number_of_cores() -> None:
    plan, scenario = roster_of("city-b"), study_of("city-b").scenario
    duties, numbers = cover(plan).duties, [0, 2, None]
    alone = with_absent(scenario, plan, duties, numbers, days=9, seed=1)
    heard: list[float] = []
    with Cores(2, small_calls=0) as cores:
        several = with_absent(
            scenario, plan, duties, numbers, days=9, seed=1, tell=heard.append, workers=cores
        )
        assert cores.elsewhere > 1
    assert repr(several) == repr(alone)
    assert repr(with_absent(scenario, plan, duties, numbers, days=9, seed=1, workers=Backwards())
                ) == repr(alone)  # fmt: skip
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)


@pytest.mark.usefixtures("small_jobs")
def test_a_search_begins_here_and_takes_others_when_it_is_long() -> None:
    sample = Sample(PAIR.scenario, usual(PAIR), 12, 1)
    jobs = sample._jobs(np.array([[8], [8], [7]]), 0, 12)
    assert len(jobs) == 12
    with Cores(2, long_s=1e9) as cores:
        dict(cores.each(jobs))
        assert cores.elsewhere == 0
    with Cores(2, long_s=0.0) as cores:
        for _ in range(200):
            found = dict(cores.each(jobs))
            assert sorted(found) == list(range(12))
            if cores.elsewhere:
                break
        assert cores.elsewhere == 12


def test_a_sample_larger_than_what_is_kept_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = replace(PAIR.scenario)
    staffing = np.array([[8], [8], [7]])
    whole = Sample(scenario, usual(PAIR), 6, 9).look(staffing)
    monkeypatch.setattr(days_module, "KEPT_CALLS", 5_000)
    few = Sample(scenario, usual(PAIR), 6, 10)
    few.look(staffing)  # what was kept of the other sample is gone
    again = Sample(scenario, usual(PAIR), 6, 9)
    for days in (2, 6):
        assert (again.look(staffing, days).good == whole.good[:days]).all()
    assert sum(len(draws) for draws, _ in days_module._KEPT._days.values()) <= 5_000


SLOW = """
import sys
sys.argv = ["madoguchi", "plan", *sys.argv[1:]]
import sim.experiment.workers as workers
cores = 2
made = workers.Cores.__init__
workers.Cores.__init__ = lambda self, *_, **__: made(self, cores, 0, 0.0)
from acd.cli import main
main()
"""


@pytest.mark.parametrize(
    "words",
    [("staff", "city-b", "--days", "40"), ("shifts", "city-b", "--days", "60")],
    ids=lambda words: str(words[0]),
)
def test_the_verbs_print_the_same_bytes_on_one_core_and_on_two(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    environment = {**os.environ, "MADOGUCHI_STUDIES": str(tmp_path), "LC_ALL": "C.UTF-8"}
    printed = [
        subprocess.run(
            [sys.executable, "-c", code, *words, "--json"], check=True, capture_output=True,
            env=environment, timeout=120,
        ).stdout
        for code in (SLOW, SLOW.replace("cores = 2", "cores = 1"))
    ]  # fmt: skip
    assert printed[0] == printed[1]
    assert len(printed[0]) > 500
