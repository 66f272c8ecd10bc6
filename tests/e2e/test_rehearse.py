"""A scenario's hour on real Asterisk with SIPp, held against its simulation call by call."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]

#: Two kinds of calls, few seats and impatient callers: who waits and gives up is plain to see. An
#: hour in 20 seconds is 180 times as fast, so a telephone's 40 ms count as 7 s.
SCENARIO = """
name = "two-counters"
period = "1h"
day = "1h"
threshold = "20s"

[calls.tax]
arrivals = "50/h"
talk = "260s"
wrap_up = "40s"
patience = "200s"

[calls.general]
arrivals = "30/h"
talk = "260s"
patience = "200s"

[groups.tax]
seats = 3
skills = ["tax"]

[groups.both]
seats = 2
skills = ["tax", "general"]
"""
#: So far apart may answer rates be here, in points, and mean waits, as a share.
POINTS, SHARE = 15.0, 0.6


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The verb as a person runs it, with ``--json``."""
    file = tmp_path_factory.mktemp("rehearsal") / "two-counters.toml"
    file.write_text(SCENARIO)
    madoguchi = PROJECT / ".venv" / "bin" / "madoguchi"
    done = subprocess.run(
        [madoguchi, "plan", "rehearse", file, "--minutes", "0.33", "--seed", "3", "--json"],
        env={**os.environ, "LANG": "C.UTF-8", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert "times as fast as life" in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == found["within"]
    return found


@pytest.mark.requirement("M15")
def test_every_simulated_call_was_played_once(rehearsed: dict[str, Any]) -> None:
    calls = rehearsed["calls"]
    assert len(calls) > 50
    assert [call["real"] for call in calls].count(None) == 0
    for side in ("real", "simulated"):
        one = rehearsed[side]
        assert one["offered"] == one["answered"] + one["abandoned"] + one["blocked"] == len(calls)


@pytest.mark.requirement("M15")
def test_telephones_and_simulation_agree(rehearsed: dict[str, Any]) -> None:
    # Callers wait and give up in both, or there would be little to compare.
    assert rehearsed["simulated"]["abandoned"] > 3
    assert rehearsed["real"]["abandoned"] > 3
    assert abs(rehearsed["answer_rate_points"]) <= POINTS
    assert abs(rehearsed["mean_wait_share"]) <= SHARE
    same = sum(call["real"] == call["simulated"] for call in rehearsed["calls"])
    assert same / len(rehearsed["calls"]) >= 0.7


def test_what_differs_is_listed_with_both_waits(rehearsed: dict[str, Any]) -> None:
    listed = set(rehearsed["differences"])
    for call in rehearsed["calls"]:
        apart = abs(call["real_wait_s"] - call["simulated_wait_s"])
        differs = call["real"] != call["simulated"] or apart > 0.25 * rehearsed["pace"]
        assert (call["index"] in listed) == differs
