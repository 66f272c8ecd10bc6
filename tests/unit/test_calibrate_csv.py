"""Files of records as people really bring them, and as nobody should."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.errors import ConfigError, NotFound, Refused
from sim.calibrate.csv_file import read_csv, read_text
from sim.calibrate.days import DayKind, grid, weekday_kind
from sim.calibrate.fit import Asked, fit
from sim.calibrate.past import Ended, placed
from sim.calibrate.told import sentences, warnings
from sim.calibrate.written import scenario_toml
from sim.scenario_file.read import read_text as read_scenario

ZONE = ZoneInfo("Asia/Tokyo")
GOOD = """came,queue,outcome,wait_s,talk_s,hold_s,wrap_up_s,caller
2026-11-24 09:15:00,tax,answered,5,100,20,30,0466111111
2026-11-24T09:16:00+09:00,tax,abandoned,40,,,,0466222222
2026/11/24 09:17,tax,answered,0,60,,10,
"""


def faults(text: str) -> str:
    """What is said of a bad file."""
    with pytest.raises(ConfigError) as caught:
        read_text(text, "x.csv", ZONE)
    return caught.value.message


def test_columns_are_read_by_name() -> None:
    past = read_text(GOOD, "x.csv", ZONE)
    assert past.ended.tolist() == [Ended.ANSWERED, Ended.ABANDONED, Ended.ANSWERED]
    assert past.talk_s[[0, 2]].tolist() == [120, 60]
    assert past.wrap_s[[0, 2]].tolist() == [30, 10]
    assert past.caller.tolist() == [0, 1, -1]
    assert past.queues == ("tax",)


def test_japanese_headings_and_shift_jis_are_read(tmp_path: Path) -> None:
    path = tmp_path / "記録.csv"
    text = "着信日時,窓口,結果,待ち秒,通話秒\n2026/11/24 09:15,税,応答,5,100\n"
    path.write_bytes(text.encode("cp932"))
    past = read_csv(path, ZONE)
    assert past.queues == ("queue-1",)
    assert any("税" in ja for ja, _ in past.notes)


def test_a_misspelt_column_is_named_with_its_nearest() -> None:
    assert 'no column "talk_ss"; did you mean "talk_s"?' in faults("came,talk_ss\n")
    assert '"came" is missing' in faults("when,queue\n")
    assert 'two columns are "came"' in faults("came,offered\n")


@pytest.mark.parametrize(
    "written",
    [
        "2026/11/4 9:05",
        "2026-11-04 09:05:00",
        "2026-11-04T00:05:00Z",
        "1793750700",
        "2026-11-4 9:05:00",
    ],
)
def test_moments_are_read_as_spreadsheets_write_them(written: str) -> None:
    assert read_text(f"came\n{written}\n", "x.csv", ZONE).came_s.tolist() == [1793750700]


def test_other_columns_are_left_out_and_named() -> None:
    past = read_text("came,weather\n2026-11-24 09:00,rain\n", "x.csv", ZONE)
    assert past.notes[0][1].endswith("weather")


def test_billed_seconds_are_no_handling_time() -> None:
    assert "billsec is no handling time" in faults("came,billsec\n2026-11-24 09:00,70\n")


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-24,tax,answered,1,1,0,0,",
        "yesterday,tax,answered,1,1,0,0,",
        "2026-13-01 00:00,tax,answered,1,1,0,0,",
        "1e99,tax,answered,1,1,0,0,",
        "2026-11-24 09:00,tax,answered,-1,1,0,0,",
        "2026-11-24 09:00,tax,answered,nan,1,0,0,",
        "2026-11-24 09:00,tax,answered,inf,1,0,0,",
        "2026-11-24 09:00,tax,answered,9999999,1,0,0,",
        "2026-11-24 09:00,tax,perhaps,1,1,0,0,",
        "9999-12-31 09:00,tax,answered,1,1,0,0,",
    ],
)
def test_a_bad_cell_is_named_by_line_and_never_repeated(line: str) -> None:
    said = faults(GOOD + line + "\n")
    assert "x.csv:5" in said
    assert "perhaps" not in said


@pytest.mark.parametrize("text", ["", "\n", "came\n", "\0\0\0", "came\n" + "9" * 70_000 + "\n"])
def test_no_records_are_a_fault(text: str) -> None:
    assert "x.csv:" in faults(text)


def test_faults_are_bounded() -> None:
    assert faults("came\n" + "x\n" * 10_000).count("\n") < 60


def test_too_many_queues_and_years_are_refused() -> None:
    many = "".join(f"2026-11-24 09:00,q{n}\n" for n in range(70))
    assert "queues" in faults("came,queue\n" + many)
    assert "days" in faults("came\n1995-01-01 09:00\n2026-01-01 09:00\n")


def test_a_missing_file_and_a_folder_are_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(NotFound):
            read_csv(path, ZONE)


def test_days_and_months_end_at_midnight_in_tokyo() -> None:
    text = "came\n2026-10-31T14:59:59Z\n2026-10-31T15:00:00Z\n2026-10-31 23:59:59\n"
    past = read_text(text, "x.csv", ZONE)
    day, second = placed(past)
    assert (past.first, past.last) == (dt.date(2026, 10, 31), dt.date(2026, 11, 1))
    assert list(zip(day.tolist(), second.tolist(), strict=True)) == [
        (0, 86_399), (0, 86_399), (1, 0),
    ]  # fmt: skip


def test_a_day_without_calls_is_open_only_if_the_calendar_says_so() -> None:
    text = "came\n2026-11-24 09:00\n2026-11-26 09:00\n2026-12-01 09:00\n2026-12-03 09:00\n"
    past = read_text(text, "x.csv", ZONE)
    assert grid(past, 3600, weekday_kind).open_day.sum() == 4

    def closed_on_wednesday(day: dt.date) -> DayKind:
        return DayKind.CLOSED if day.day == 26 else weekday_kind(day)

    of = grid(past, 3600, closed_on_wednesday, calendar=True)
    assert of.open_day.sum() == 3


def test_nobody_s_number_is_in_what_is_said_or_written() -> None:
    text = GOOD.replace(",tax,", ",0466-11-1111,")
    past = read_text(text, "x.csv", ZONE)
    found = fit(past, weekday_kind, Asked())
    whole = "\n".join(
        [*sentences(found, ja=True), *warnings(found, ja=True), *sentences(found, ja=False),
         scenario_toml(found.scenario, found, sentences(found, ja=True))]
    )  # fmt: skip
    assert "0466" not in whole
    assert "11-1111" not in whole


def test_one_day_of_counts_is_enough_for_a_file_that_can_be_read_back() -> None:
    past = read_text("came,calls\n2026-11-24 09:00,30\n2026-11-24 10:00,0\n", "x.csv", ZONE)
    found = fit(past, weekday_kind, Asked())
    said = "\n".join([*sentences(found, ja=False), *warnings(found, ja=False)])
    assert said.count("ASSUMED") == 2
    assert "too few days" in said
    study = read_scenario(scenario_toml(found.scenario, found))
    assert study.scenario.classes[0].arrivals_per_s == pytest.approx((30 / 3600,))


def test_no_calls_cannot_be_fitted() -> None:
    past = read_text("came,calls\n2026-11-24 09:00,0\n", "x.csv", ZONE)
    with pytest.raises(Refused):
        fit(past, weekday_kind, Asked())
