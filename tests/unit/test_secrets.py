"""Secrets: made once, private, never guessable, never half written."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from acd.adapters.secrets import FILE, LENGTH, Secrets
from acd.errors import LimitExceeded, NotFound, Refused, StoreCorrupt, StoreUnavailable


def test_a_secret_is_made_once_and_stays(tmp_path: Path) -> None:
    first = Secrets(tmp_path / "var").get("ami")
    assert len(first) == LENGTH
    assert first.isalnum()
    assert Secrets(tmp_path / "var").get("ami") == first
    assert Secrets(tmp_path / "var").get("phone.op01") != first


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    state = tmp_path / "var"
    Secrets(state).get("ami")
    assert (state / FILE).stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Secrets(tmp_path).get("ami")
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(Refused, match="chmod 600") as refused:
        Secrets(tmp_path).get("ami")
    assert refused.value.code == "secrets_exposed"


def test_a_carriers_password_is_given_by_a_person(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    with pytest.raises(NotFound, match=r"madoguchi secret trunk\.second"):
        secrets.given("trunk.second")
    secrets.put("trunk.second", 'p;#ss"word\\')
    assert Secrets(tmp_path).given("trunk.second") == 'p;#ss"word\\'


@pytest.mark.parametrize("value", ["", "x" * 129, "a b", "a\nb", "あ", "a\x00b"])
def test_a_value_that_could_break_a_file_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises((Refused, LimitExceeded)):
        Secrets(tmp_path).put("trunk.second", value)
    assert Secrets(tmp_path).names() == []


@pytest.mark.parametrize("name", ["", "../x", "trunk.a b", "phone.", "x" * 40, "Trunk.x"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        Secrets(tmp_path).get(name)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": 1}', b"[" * 100_000, b"\xff"])
def test_a_damaged_file_is_not_overwritten(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(StoreCorrupt):
        Secrets(tmp_path).get("ami")
    assert path.read_bytes() == data


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(StoreUnavailable):
        Secrets(tmp_path / "var").get("ami")


def test_no_value_shows_where_objects_are_printed(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    value = secrets.get("ami")
    assert value not in repr(secrets)
    assert secrets.names() == ["ami"]


def _take(folder: str, names: list[str]) -> dict[str, str]:
    return Secrets(Path(folder)).get_all(names)


def test_two_processes_agree_on_every_secret(tmp_path: Path) -> None:
    names = [f"phone.op{number:02d}" for number in range(30)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.starmap(_take, [(str(tmp_path), names)] * 2)
    assert first == second == json.loads((tmp_path / FILE).read_text())
