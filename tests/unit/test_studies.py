"""Studies: the same answer however they are run, broken off, spread out, or asked for again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acd.errors import LimitExceeded, Refused
from sim.experiment.chunk import Chunk, from_bytes, joined
from sim.experiment.comparing import compared
from sim.experiment.days import Engine, Task, check_size, chunk_days, played, with_absences
from sim.experiment.estimates import difference_of, mean_of, quantile_of, ratio_of
from sim.experiment.hours import Hours, busiest, hours_of
from sim.experiment.keys import ALWAYS, kept
from sim.experiment.run_folder import RunFolder, forget_old
from sim.experiment.study import Asked, Studies
from sim.experiment.workers import Cluster, Cores, Here, Job, R
from sim.exports import comparison_csv, comparison_data, json_text, study_csv, study_data
from sim.scenario_file.find import study_of
from sim.scenario_file.read import read_text
from sim.scenario_file.study_file import StudyFile
from sim.what_if import WhatIf

QUICK = Asked(seed=7, days=12)
TWO = """
name = "two"
period = "30m"
lines = 12
threshold = "10s"
[calls.A]
arrivals = ["30/h", "90/h"]
talk = "3m"
wrap_up = "30s"
patience = "1m"
[calls.B]
arrivals = "20/h"
talk = { kind = "lognormal", mean = "4m", scv = 0.5 }
patience = "2m"
threshold = "20s"
[groups.A]
seats = [3, 4]
skills = ["A"]
[groups.AB]
seats = 2
skills = ["A", "B"]
"""


class Counting(Here):
    """Counts the days, and stops after some."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.days = 0
        self._left = stop_after

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        for place, chunk in super().each(jobs):
            if self._left <= 0:
                raise KeyboardInterrupt
            self._left -= 1
            assert isinstance(chunk, Chunk)
            self.days += chunk.days
            yield place, chunk


class Backwards(Here):
    """Hands the chunks back in another order."""

    def each(self, jobs: Sequence[Job[R]]) -> Iterator[tuple[int, R]]:
        yield from reversed(list(super().each(jobs)))


def text_of(of: StudyFile, asked: Asked = QUICK, running: Studies | None = None) -> str:
    result = (running or Studies(Here())).run(of, asked)
    return json_text(study_data(result)) + study_csv([("x", result)])


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> StudyFile:
    """A scenario, cut into chunks of three days."""
    monkeypatch.setattr("sim.experiment.days.CHUNK_DAYS", 3)
    return read_text(TWO)


def test_the_same_seed_gives_the_same_bytes_and_another_others() -> None:
    of = read_text(TWO)
    assert text_of(of) == text_of(of)
    assert text_of(of) != text_of(of, replace(QUICK, seed=8))


@pytest.mark.requirement("M14")
def test_a_broken_run_goes_on_from_what_is_done(tmp_path: Path, small_chunks: StudyFile) -> None:
    of = small_chunks
    assert chunk_days(of.at_seats) == 3
    whole = Counting()
    expected = text_of(of, QUICK, Studies(whole))
    assert whole.days == QUICK.days
    with pytest.raises(KeyboardInterrupt):
        text_of(of, QUICK, Studies(Counting(stop_after=2), tmp_path))
    rest = Counting()
    again = Studies(rest, tmp_path)
    assert text_of(of, QUICK, again) == expected
    assert rest.days == 6
    again.finished()
    assert list(tmp_path.iterdir()) == []


def test_damaged_days_are_simulated_again(tmp_path: Path, small_chunks: StudyFile) -> None:
    of = small_chunks
    expected = text_of(of, QUICK, Studies(Here(), tmp_path))
    files = sorted(tmp_path.rglob("*.days"))
    files[0].write_bytes(files[0].read_bytes()[:-7])
    data = bytearray(files[1].read_bytes())
    data[len(data) // 2] ^= 1
    files[1].write_bytes(data)
    files[2].write_bytes(b"")
    counting = Counting()
    assert text_of(of, QUICK, Studies(counting, tmp_path)) == expected
    assert counting.days == 9


def test_a_study_finds_only_its_own_days(tmp_path: Path) -> None:
    of = read_text(TWO)
    text_of(of, QUICK, Studies(Here(), tmp_path))
    for other, asked in (
        (WhatIf(absent="AB=1").applied(of), QUICK),
        (of, replace(QUICK, seed=8)),
        (of, replace(QUICK, extra=(kept("sl_offered_30s"),))),  # type: ignore[arg-type]
        (replace(of, absence=0.1), QUICK),
        (of, replace(QUICK, engine=Engine.TWIN)),
    ):
        counting = Counting()
        text_of(other, asked, Studies(counting, tmp_path))
        assert counting.days == 12


def test_a_folder_that_cannot_be_written_stops_no_study(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    of = read_text(TWO)
    assert text_of(of, QUICK, Studies(Here(), tmp_path / "file")) == text_of(of)


def test_chunks_come_back_from_bytes_and_nothing_else_does() -> None:
    of = read_text(TWO)
    chunk = played(Task(of.scenario, 0.0, 1, Engine.KERNEL, ALWAYS, 0, 2))
    again = from_bytes(chunk.to_bytes())
    assert again is not None
    assert again.to_bytes() == chunk.to_bytes()
    assert from_bytes(b"PK\x03\x04") is None


def test_the_order_of_work_and_the_size_of_chunks_change_nothing(small_chunks: StudyFile) -> None:
    of = small_chunks
    task = Task(of.scenario, 0.0, 7, Engine.KERNEL, ALWAYS, 0, 6)
    parts = [played(replace(task, start=n, stop=n + 2)) for n in (0, 2, 4)]
    assert joined(parts).to_bytes() == joined([played(task)]).to_bytes()
    assert text_of(of, QUICK, Studies(Backwards())) == text_of(of)


def test_all_cores_give_the_same_bytes(small_chunks: StudyFile) -> None:
    with Cores(2, small_calls=0) as cores:
        assert text_of(small_chunks, QUICK, Studies(cores)) == text_of(small_chunks)


@pytest.mark.requirement("M14")
def test_a_cluster_gives_the_same_bytes(small_chunks: StudyFile) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None,
            host="127.0.0.1", protocol="tcp://",
        ) as local,
        Cluster(local.scheduler_address) as cluster,
    ):  # fmt: skip
        assert text_of(small_chunks, QUICK, Studies(cluster)) == text_of(small_chunks)


def test_a_cluster_that_is_not_there_is_said() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(Refused, match="does not answer"), Cluster("nonsense://x"):
        pass


def test_days_are_added_until_the_figure_is_sure() -> None:
    of = study_of("city-a")
    found = Studies(Here()).run(of, Asked(precision=0.005))
    half = found.figure("sl_offered").half
    assert half is not None
    assert half <= 0.004
    assert found.precise
    assert found.stamp.days > 100
    capped = Studies(Here()).run(of, Asked(precision=0.0001, days_max=30))
    assert (capped.precise, capped.stamp.days) == (False, 30)


def test_both_engines_tell_the_same_study() -> None:
    of = read_text(TWO)
    kernel = study_data(Studies(Here()).run(of, QUICK))
    twin = study_data(Studies(Here()).run(of, replace(QUICK, engine=Engine.TWIN)))
    assert kernel["figures"] == twin["figures"]
    assert kernel["hours"] == twin["hours"]


@pytest.mark.requirement("M14")
def test_who_is_absent_is_drawn_by_day_and_person() -> None:
    of = read_text(TWO.replace("seats = [3, 4]", "seats = [30, 40]")).scenario
    days = [with_absences(of, 0.25, 1, day) for day in range(400)]
    there = np.array([day.groups[0].agents for day in days])
    assert there.mean(axis=0) == pytest.approx([22.5, 30], abs=0.6)
    assert (there[:, 1] >= there[:, 0]).all()
    assert np.corrcoef(there[:, 0], there[:, 1])[0, 1] > 0.7
    assert with_absences(of, 0.25, 1, 3) == days[3]
    assert with_absences(of, 1.0, 1, 0).groups[0].agents == (0, 0)
    few = Studies(Here()).run(replace(read_text(TWO), absence=0.3), QUICK)
    all_ = Studies(Here()).run(read_text(TWO), QUICK)
    fewer, more = (each.figure("sl_offered").mean for each in (few, all_))
    assert fewer is not None
    assert more is not None
    assert fewer < more


def test_differences_over_the_same_days_are_far_surer() -> None:
    of = study_of("city-b")
    found = compared(Studies(Here()), of, WhatIf(absent="1").applied(of), Asked(days=60))
    change, base = found.differences["sl_offered"], found.base.figure("sl_offered")
    assert change.mean is not None
    assert change.half is not None
    assert base.half is not None
    assert change.mean < -change.half
    assert change.half < base.half / 1.5
    data = comparison_data(found)
    assert data["differences"]["offered"] == {"mean": 0.0, "half_width_95": 0.0}
    assert comparison_csv(found).splitlines()[0].startswith("figure,base,")


def test_estimates_are_ratios_of_sums_with_the_delta_method() -> None:
    rng = np.random.default_rng(1)
    misses = 0
    for _ in range(400):
        bottom = rng.poisson(50, 40)
        top = rng.binomial(bottom, 0.8)
        found = ratio_of(top, bottom)
        assert found.mean == top.sum() / bottom.sum()
        assert found.mean is not None
        assert found.half is not None
        misses += abs(found.mean - 0.8) > found.half
    assert 6 <= misses <= 40  # 95 % of the intervals hold the truth
    assert ratio_of(np.array([0, 0]), np.array([0, 0])).mean is None
    assert mean_of(np.array([3])).half is None
    same = np.array([1, 2, 3]), np.array([2, 3, 4])
    assert difference_of(*same, *same).half == 0


def test_percentiles_are_waits_that_occurred() -> None:
    values, counts = np.array([0, 10, 20, 30]), np.array([50, 30, 15, 5])
    assert quantile_of(values, counts, 0.9, None).mean == 20
    assert quantile_of(values, counts, 0.8, 0.01).half == 10
    assert quantile_of(values[:0], counts[:0], 0.9, None).mean is None


def test_hours_are_hours_where_periods_fit() -> None:
    quarter = read_text(TWO.replace('"30m"', '"15m"').replace('["30/h", "90/h"]', '"30/h"')
                        .replace("seats = [3, 4]", "seats = [1, 2, 3, 4, 4, 4, 4, 4]"))  # fmt: skip
    hours = hours_of(quarter.scenario)
    assert (hours.number, hours.length_ms) == (2, 3_600_000)
    assert hours_of(read_text(TWO).scenario) == Hours(1, 3_600_000, 0, 0)
    long = read_text(TWO.replace('"30m"', '"45m"'))
    assert hours_of(long.scenario).length_ms == 2_700_000
    assert busiest(long.scenario, hours_of(long.scenario))[0] == 1


def test_no_hour_is_the_worst_where_all_are_alike() -> None:
    found = Studies(Here()).run(study_of("city-b-peak"), Asked(days=2))
    assert found.worst == {}
    assert found.hours[0].figures["sl_offered"].mean is None  # the warm-up is not counted
    assert Studies(Here()).run(study_of("city-b"), Asked(days=5)).worst["answer_rate_a"] == 2


def test_a_study_that_would_not_fit_is_refused() -> None:
    of = read_text(TWO).scenario
    with pytest.raises(LimitExceeded, match="do not fit"):
        check_size(Task(of, 0.0, 1, Engine.KERNEL, ALWAYS, 0, 0), 1_000_000)


def test_a_million_operators_and_no_calls_are_answered() -> None:
    text = TWO.replace("seats = 2", "seats = 1000000").replace('"20/h"', '"0/h"')
    found = Studies(Here()).run(replace(read_text(text), absence=0.1), Asked(days=2))
    assert found.figure("B.sl_offered").mean is None
    assert found.figure("sl_offered").mean is not None
    assert "null" in json_text(study_data(found))


def test_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    of = read_text(TWO)
    chunk = played(Task(of.scenario, 0.0, 1, Engine.KERNEL, ALWAYS, 0, 1))
    folder = RunFolder(tmp_path, "x")
    folder.save(0, 1, chunk)
    assert os.stat(tmp_path / "x").st_mode & 0o077 == 0
    assert folder.load(0, 2) is None


def test_runs_that_nobody_took_up_are_forgotten(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "old", (0, 0))
    os.utime(tmp_path / "new", (20 * 86_400, 20 * 86_400))
    forget_old(tmp_path, 40 * 86_400.0)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    forget_old(tmp_path / "none", 0.0)
