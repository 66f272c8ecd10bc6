"""Asterisk's own record is put aside by the day and by size, and kept for so long."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from acd.adapters.asterisk import cel_files
from acd.adapters.asterisk.cel import read_cel
from acd.adapters.asterisk.cel_files import put_aside, record_files
from tests.call_stories import T0_S
from tests.unit.test_cel import abandoned, answered

START = dt.datetime.fromtimestamp(T0_S, dt.UTC)
KEEP = dt.timedelta(days=90)


@pytest.fixture
def newest(tmp_path: Path) -> Path:
    return tmp_path / "cel.csv"


def write(path: Path, lines: list[str]) -> None:
    """As Asterisk does: the file is opened for each event."""
    for line in lines:
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def test_a_call_over_the_change_of_files_is_read_whole(newest: Path) -> None:
    first, then = answered(1)[:5], answered(1)[5:]
    write(newest, first)
    assert put_aside(newest, START + dt.timedelta(hours=23), KEEP) == 0
    assert record_files(newest) == [newest]
    put_aside(newest, START + dt.timedelta(days=1), KEEP)
    assert not newest.exists()
    write(newest, then + abandoned(2))
    put_aside(newest, START + dt.timedelta(days=2, hours=1), KEEP)
    files = record_files(newest)
    assert len(files) == 2
    found = read_cel(files)
    assert found.unreadable == 0
    assert [len(call.talks) for call in found.calls.values()] == [1, 0]


def test_a_large_file_is_put_aside_at_once(newest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cel_files, "ASIDE_FROM_BYTES", 100)
    write(newest, abandoned(1))
    put_aside(newest, START, KEEP)
    assert not newest.exists()


def test_what_is_too_old_goes_and_what_others_put_there_stays(newest: Path) -> None:
    for name in ("20260101T000000", "20260301T000000", "2", "1", "gz"):
        newest.with_name(f"cel.csv.{name}").write_text("x", "utf-8")
    write(newest, abandoned(1))
    assert put_aside(newest, dt.datetime(2026, 4, 15, tzinfo=dt.UTC), KEEP) == 1
    names = [each.name.removeprefix("cel.csv.") for each in record_files(newest)]
    assert names[:2] == ["2", "1"]
    assert "20260101T000000" not in names
    assert "20260301T000000" in names


@pytest.mark.parametrize("text", ["", "nonsense", '"A","1e999"\n', '"A","x"\n'])
def test_a_file_that_tells_no_time_is_left_where_it_is(newest: Path, text: str) -> None:
    newest.write_text(text, "utf-8")
    assert put_aside(newest, START, KEEP) == 0
    assert newest.read_text("utf-8") == text


def test_no_record_at_all(newest: Path) -> None:
    assert put_aside(newest, START, KEEP) == 0
    assert record_files(newest) == []
