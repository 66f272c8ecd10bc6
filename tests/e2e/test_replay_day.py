"""A short hour on real Asterisk, played again by the engine: the same decisions, call by call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MADOGUCHI = PROJECT / ".venv" / "bin" / "madoguchi"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example centre after a few seconds of real calls, its records in var/demo."""
    folder = tmp_path_factory.mktemp("replay")
    shutil.copytree(PROJECT / "centre", folder / "centre")
    subprocess.run(
        [MADOGUCHI, "demo", "--centre", folder / "centre"],
        env={**os.environ, "DEMO_S": "6", "DEMO_SEED": "5", "LANG": "C.UTF-8"},
        capture_output=True,
        timeout=120,
        check=True,
    )
    return folder / "centre"


def replayed(centre: Path, *asked: str, language: str = "C.UTF-8") -> str:
    """What ``madoguchi plan replay`` prints."""
    records = centre.parent / "var" / "demo"
    done = subprocess.run(
        [MADOGUCHI, "plan", "replay", "--centre", centre, "--records", records, *asked],
        env={**os.environ, "LANG": language, "LC_ALL": language},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.requirement("M15")
def test_a_day_on_real_asterisk_is_decided_again_as_it_was(centre: Path) -> None:
    found: dict[str, Any] = json.loads(replayed(centre, "--json"))
    assert found["decisions"] >= 8
    assert found["identical"] >= 0.99, found["differences"]
    assert all(each["en"] and each["ja"] for each in found["differences"])
    assert found["replayed"]["answer_rate_a"] == pytest.approx(
        found["recorded"]["answer_rate_a"], abs=0.01
    )
    assert found["replayed"]["asa"] == pytest.approx(found["recorded"]["asa"], rel=0.02, abs=20)


@pytest.mark.requirement("M15")
def test_the_error_of_the_replay_comes_first_then_what_might_have_been(centre: Path) -> None:
    lines = replayed(centre, "--lines", "2", language="ja_JP.UTF-8").splitlines()
    assert "の再現: 振り分け" in lines[0]
    assert any(line.startswith("回線2本: 応答率は") for line in lines)
    blocked = next(line.split() for line in lines if line.startswith("話中"))
    assert float(blocked[2]) > float(blocked[1])
