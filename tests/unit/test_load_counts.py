"""SIPp's files are read as they are, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.errors import StoreCorrupt
from sim.load.counts import Counts, Fact, read_counts, read_facts

COLUMNS = (
    "StartTime;TotalCallCreated;CurrentCall;SuccessfulCall(P);SuccessfulCall(C);FailedCall(P);"
    "FailedCall(C);FailedUnexpectedMessage(P);FailedUnexpectedMessage(C);Retransmissions(P);"
    "Retransmissions(C);CallLength(P);CallLength(C);CallLengthStDev(P);CallLengthStDev(C);"
    "rang(P);rang(C);hung_up(P);hung_up(C);"
)


def row(created: int, current: int, good: int, rang: int) -> str:
    return (
        f"2026-11-22\t10:00:00.000000\t1.0;{created};{current};0;{good};0;1;0;1;0;7;00:00:00:0;"
        f"00:00:00:0;00:00:00:0;00:00:00:0;0;{rang};0;2;"
    )


def test_the_last_line_counts(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("\n".join([COLUMNS, row(1, 1, 0, 1), row(5, 2, 3, 4)]) + "\n")
    counts = read_counts(file)
    assert (counts.created, counts.current, counts.successful, counts.failed) == (5, 2, 3, 1)
    assert (counts.unexpected, counts.retransmissions) == (1, 7)
    assert counts.counters == {"rang": 4, "hung_up": 2}


def test_a_line_still_being_written_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("\n".join([COLUMNS, row(1, 1, 0, 1), row(5, 2, 3, 4)[:30]]))
    assert read_counts(file).created == 1


def test_nothing_written_yet_is_zero(tmp_path: Path) -> None:
    assert read_counts(tmp_path / "missing.csv") == Counts()


def test_runs_add_up(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("\n".join([COLUMNS, row(5, 0, 4, 4)]) + "\n")
    one = read_counts(file)
    both = one + one
    assert (both.created, both.successful, both.counters["rang"]) == (10, 8, 8)


@pytest.mark.parametrize(
    "text", ["a;b;\n1;2;\n", COLUMNS + "\n1;2;\n"], ids=["other columns", "too few cells"]
)
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(text)
    with pytest.raises(StoreCorrupt):
        read_counts(file)


def test_lines_of_truth(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "call,3,dialled,1795361246.000000,121797.000000\n"
        "phone,op1,rang,1795361246.000000,500.000000\nphone,op1,answ"
    )
    assert read_facts(file) == [
        Fact("call", "3", "dialled", 1795361246.121797),
        Fact("phone", "op1", "rang", 1795361246.0005),
    ]


def test_a_line_that_no_scenario_writes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("hello\n")
    with pytest.raises(StoreCorrupt):
        read_facts(file)


def test_a_moment_without_its_part_of_a_second_is_that_second(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("op58,6273,answered,1795422416.000000,\n")
    assert read_facts(path) == [Fact("op58", "6273", "answered", 1795422416.0)]
