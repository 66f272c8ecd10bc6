"""The chaos run in short: everything breaks in turn while callers come, and nobody is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.fakes.unfit import unfit

#: The short form: seconds of callers, how many a second, and how often something breaks. With this
#: seed: Asterisk and controller are killed, a clock is stepped, Asterisk stands still, and its
#: manager interface is cut off in silence.
LENGTH_S, RATE, EVERY_S, SEED = 55, 10, 9, 133


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What the trials of the injectors saw."""
    said = _run([sys.executable, "-m", "tests.e2e.chaos_trials"], 90.0)
    assert said.returncode == 0, said.stderr[-3_000:]
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def _run(command: list[str], limit_s: float, **more: str) -> subprocess.CompletedProcess[str]:
    if os.geteuid() != 0:
        unfit("a chaos run makes namespaces, which needs root")
    environment = {**os.environ, **more}
    return subprocess.run(
        command,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=limit_s,
    )


def answered(told: list[float] | str) -> bool:
    return isinstance(told, list)


@pytest.mark.parametrize(
    ("kind", "during"),
    [
        ("kill", "ConnectionRefusedError"),
        ("freeze", "TimeoutError"),
        ("cut_silent", "TimeoutError"),
        ("cut_loud", "ConnectionRefusedError"),
    ],
)
def test_what_is_gone_or_cut_off_is_back_afterwards(
    seen: dict[str, Any], kind: str, during: str
) -> None:
    assert seen[kind]["during"] == during
    assert answered(seen[kind]["after"])


def test_a_delay_holds_back_what_is_asked(seen: dict[str, Any]) -> None:
    # The connection and the question, 300 ms each.
    assert seen["delay"]["during"][2] >= 0.6
    assert seen["delay"]["after"][2] < 0.6


def test_a_full_disk_takes_nothing_and_has_room_again(seen: dict[str, Any]) -> None:
    assert (seen["disk_full"]["full"], seen["disk_full"]["full_after"]) == (True, False)
    assert not seen["freeze"]["full"]


def test_a_stepped_clock_is_wrong_for_one_process_and_its_monotonic_clock_is_not(
    seen: dict[str, Any],
) -> None:
    wall_s, monotonic_s, _ = seen["clock_step"]["during"]
    assert wall_s == pytest.approx(120.0, abs=1.0)
    assert monotonic_s == pytest.approx(0.0, abs=1.0)
    assert seen["clock_step"]["after"][0] == pytest.approx(0.0, abs=1.0)


def test_a_link_is_cut_for_the_client_that_is_named_alone(seen: dict[str, Any]) -> None:
    assert answered(seen["marked"]["during"])


def _short_form() -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    options = [
        "--centre=one",
        f"--seconds={LENGTH_S}",
        f"--every={EVERY_S}",
        f"--rate={RATE}",
        f"--seed={SEED}",
    ]
    said = _run([sys.executable, "-m", "tools.chaos", *options], 240.0, LANG="C.UTF-8")
    written = PROJECT / "build" / "chaos.json"
    return said, json.loads(written.read_bytes()) if written.exists() else {}


@pytest.mark.requirement("M10")
@pytest.mark.requirement("M18")
@pytest.mark.timeout(300)
def test_everything_breaks_in_turn_and_nobody_is_lost() -> None:
    said, written = _short_form()
    assert said.returncode == 0, said.stdout[-6_000:] + said.stderr[-3_000:]
    assert written["good"]
    result = written["result"]
    assert result["placed"] == LENGTH_S * RATE
    broken = {(each["trouble"]["kind"], each["trouble"]["target"]) for each in result["troubles"]}
    assert {("kill", "controller"), ("kill", "switch"), ("freeze", "switch")} < broken
    verdict = result["verdict"]
    assert verdict["callers"] == LENGTH_S * RATE
    assert verdict["talked"] > 100
    assert verdict["misses"] == []
