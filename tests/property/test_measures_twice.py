"""Every measure twice: the folding code against plain SQL over the ledger's own tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from metrics.cells import Cells
from metrics.dimensions import VISIT_DIMS, Dim, Row
from metrics.intervals import Grain, Span, intervals
from metrics.measure import Params
from metrics.measures import MEASURES
from tests.ledger_rows import JST, SHAPE, drawn_day, ms, stored
from tests.measures_sql import FORMULAS, ask, condition

#: Those of a roster, which no table of the ledger holds, and of service hours, which the plan says
#: (test_availability_twice).
OF_OTHERS = {"occupancy_of_paid", "adherence", "shrinkage", "availability"}
DAY = Span(ms("2026-11-20T00:00"), ms("2026-11-21T00:00"))


def test_sql_knows_every_measure() -> None:
    assert set(FORMULAS[False]) | OF_OTHERS == set(MEASURES)


@pytest.mark.requirement("M11")
@pytest.mark.parametrize("seed", [1, 2])
def test_sql_agrees_on_every_measure_by_every_dimension(seed: int, tmp_path: Path) -> None:
    # Some calls come on the days beside: none of theirs may be counted.
    rows = drawn_day(seed, 400, DAY.from_ms - 3_600_000, DAY.to_ms + 3_600_000)
    cells = Cells(SHAPE)
    cells.fold(rows)
    engine = stored(rows, tmp_path / "ledger.sqlite")
    spans = [DAY, *intervals(DAY, Grain.HOUR, JST)[9:11]]
    with engine.connect() as connection:
        for span in spans:
            for dim in Dim:
                for value, sums in cells.by(span, dim).items():
                    for from_answer in (False, True):
                        params = Params(20_000, 5_000, from_answer, dim in VISIT_DIMS)
                        here = condition(
                            dim,
                            [q for q, skills in SHAPE.queue_skills.items() if value in skills],
                            [who for who, team in SHAPE.teams.items() if team == value] or [""],
                        )
                        given = {"a": span.from_ms, "b": span.to_ms, "t": 20_000, "s": 5_000,
                                 "value": value}  # fmt: skip
                        for key in FORMULAS[False]:
                            if dim is Dim.SKILL and value == "":
                                continue
                            if from_answer and not MEASURES[key].clocked:
                                continue
                            if _has_no_such(dim, key):
                                continue
                            expected = ask(
                                connection, key, here, given,
                                by_visit=params.by_visit, from_answer=from_answer,
                            )  # fmt: skip
                            found = MEASURES[key].of(sums, params)
                            assert tuple(found) == expected, (span, dim, value, key)
    engine.dispose()


def _has_no_such(dim: Dim, key: str) -> bool:
    """Operators' time is told apart by operator and team alone."""
    of_time = key in {"logged_in", "occupancy", "utilisation"}
    return of_time and dim not in (Dim.ALL, Dim.OPERATOR, Dim.TEAM)


def test_merging_intervals_is_computing_the_whole() -> None:
    rows = drawn_day(7, 300, DAY.from_ms, DAY.to_ms)
    cells = Cells(SHAPE)
    cells.fold(rows)
    for grain in (Grain.QUARTER, Grain.HALF, Grain.HOUR):
        for dim in Dim:
            parts: dict[str, list[object]] = {}
            for span in intervals(DAY, grain, JST):
                for value, sums in cells.by(span, dim).items():
                    parts.setdefault(value, []).append(sums)
            merged = {value: sum(each[1:], each[0]) for value, each in parts.items()}  # type: ignore[call-overload]
            assert dict(sorted(merged.items())) == cells.by(DAY, dim)


def test_the_sums_balance_by_every_dimension_but_skill() -> None:
    rows: list[Row] = drawn_day(8, 300, DAY.from_ms, DAY.to_ms)
    cells = Cells(SHAPE)
    cells.fold(rows)
    whole = cells.sums(DAY)
    assert whole.calls.offered == sum(whole.calls.outcomes.values()) > 250
    visits = whole.visits
    assert visits.entered == visits.answered + visits.abandoned + visits.left_otherwise
    for dim in Dim:
        parts = cells.by(DAY, dim)
        if dim is Dim.SKILL:
            continue
        together = sum(list(parts.values())[1:], next(iter(parts.values())))
        assert together.calls == whole.calls
        assert together.visits == whole.visits
        assert together.legs == whole.legs
        assert dim not in (Dim.OPERATOR, Dim.TEAM) or together.time == whole.time
