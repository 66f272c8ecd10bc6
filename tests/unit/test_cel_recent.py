"""The last part of Asterisk's record: the calls from a moment on, found without reading it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.adapters.asterisk import cel_recent
from acd.adapters.asterisk.cel_recent import answered_since, read_recent
from acd.errors import NotFound
from tests.call_stories import T0_S, call_id
from tests.unit.test_cel import CALLER, answered, line

T0_MS = round(T0_S * 1000)


def came_and_left(number: int, at_s: float) -> list[str]:
    call = call_id(number)
    return [
        line("CHAN_START", at_s, call, CALLER, "from-trunk"),
        line("HANGUP", at_s + 0.5, call, CALLER, "arrived", hangupcause=16),
    ]


def day_of_calls(path: Path, count: int, first: int = 0) -> None:
    """One call each second."""
    lines = [text for n in range(first, first + count) for text in came_and_left(n, n)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("number", [0, 1, 777, 1_998, 1_999])
def test_the_calls_from_a_moment_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(cel_recent, "MAX_LINE_BYTES", 256)
    path = tmp_path / "cel.csv"
    day_of_calls(path, 2_000)
    found = read_recent(path, T0_MS + number * 1_000)
    assert list(found.record.calls) == [call_id(n) for n in range(number, 2_000)]
    assert (found.whole, found.record.unreadable) == (True, 0)
    assert all(call.ended_ms for call in found.record.calls.values())


def test_little_is_read_for_the_last_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cel_recent, "MAX_LINE_BYTES", 256)
    path = tmp_path / "cel.csv"
    day_of_calls(path, 2_000)
    found = read_recent(path, T0_MS + 1_990_000, most_bytes=5_000)
    assert (len(found.record.calls), found.whole) == (10, True)


def test_a_record_that_is_too_long_is_read_from_the_moment_on_and_said_to_be(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cel.csv"
    day_of_calls(path, 2_000)
    found = read_recent(path, T0_MS, most_bytes=5_000)
    assert next(iter(found.record.calls)) == call_id(0)
    assert 0 < len(found.record.calls) < 50
    assert not found.whole


def test_a_file_put_aside_meanwhile_belongs_to_it(tmp_path: Path) -> None:
    path = tmp_path / "cel.csv"
    for number, name in enumerate(
        ("cel.csv.20270114T000000", "cel.csv.20270115T000000", "cel.csv")
    ):
        day_of_calls(tmp_path / name, 10, first=number * 10)
    found = read_recent(path, T0_MS + 15_000)
    assert list(found.record.calls) == [call_id(n) for n in range(15, 30)]


def test_lines_that_tell_no_moment_are_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "cel.csv"
    day_of_calls(path, 20)
    damaged = path.read_text("utf-8").splitlines()
    damaged[11:11] = ["", "nonsense", '"A","x"', "x" * 40_000]
    path.write_text("\n".join(damaged) + "\n", "utf-8")
    found = read_recent(path, T0_MS + 3_000)
    assert set(found.record.calls) == {call_id(n) for n in range(3, 20)}


def test_no_calls_yet_and_no_record_at_all(tmp_path: Path) -> None:
    assert read_recent(tmp_path / "cel.csv", 0).record.calls == {}
    with pytest.raises(NotFound):
        read_recent(tmp_path / "nowhere" / "cel.csv", 0)


def test_which_rings_became_talks_from_a_moment_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cel_recent, "MAX_LINE_BYTES", 256)
    path = tmp_path / "cel.csv"
    path.write_text("\n".join([*answered(1), *came_and_left(2, 200.0)]) + "\n", "utf-8")
    assert answered_since(path, T0_MS) == {"o000000000001"}
    assert answered_since(path, T0_MS + 150_000) == set()
    with pytest.raises(NotFound):
        answered_since(tmp_path / "nowhere" / "cel.csv", T0_MS)
