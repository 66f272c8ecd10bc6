"""The configuration for an Asterisk on another machine: what is in it, and when it is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acd.bootstrap.switch import paths_of
from acd.cli.asterisk_conf import asterisk_conf
from acd.config import load_centre
from acd.errors import ConfigError, StoreUnavailable

CENTRE = Path(__file__).parents[2] / "centre"


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "remote")
    monkeypatch.setenv("MADOGUCHI_SWITCH__HOST", "192.0.2.10")
    monkeypatch.setenv("MADOGUCHI_AGI__ADVERTISE", "192.0.2.20")
    monkeypatch.setenv("MADOGUCHI_STATE_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("MADOGUCHI_RECORDING__INCOMING_DIR", str(tmp_path / "recordings"))
    shutil.copytree(CENTRE, tmp_path / "centre")
    return tmp_path / "centre"


def test_it_listens_for_the_controller_and_for_nobody_else(centre: Path, tmp_path: Path) -> None:
    asterisk_conf(tmp_path / "out", centre)
    manager = (tmp_path / "out" / "manager.conf").read_text()
    assert "bindaddr = 192.0.2.10\n" in manager
    assert manager.count("permit = 192.0.2.20/32\n") == 2
    extensions = (tmp_path / "out" / "extensions.conf").read_text()
    assert "agi://192.0.2.20:" in extensions
    here = str(tmp_path)
    written = [path.read_text() for path in (tmp_path / "out").iterdir()]
    assert not any(here in text for text in written), "a path of this machine is in it"


def test_prompts_are_played_from_where_they_lie_there(centre: Path) -> None:
    assert paths_of(load_centre(centre).settings).inside_sounds == "/var/lib/madoguchi/sounds"


def test_a_folder_with_something_in_it_is_left_alone(centre: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.conf").write_text("keep")
    with pytest.raises(StoreUnavailable, match="is not empty"):
        asterisk_conf(tmp_path / "out", centre)
    assert (tmp_path / "out" / "mine.conf").read_text() == "keep"


def test_an_asterisk_of_this_machine_needs_none(
    centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_SWITCH__KIND", "provided")
    with pytest.raises(ConfigError, match="must be"):
        asterisk_conf(tmp_path / "out", centre)
