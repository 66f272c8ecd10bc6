"""A machine's clock that somebody sets: engine time does not follow, and that is said."""

from __future__ import annotations

import time

import pytest
from structlog.testing import capture_logs

from acd.adapters.clock import SystemClock
from acd.app.drift_watch import DriftWatch


def test_a_clock_that_is_set_is_told_once_each_way(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    clock = SystemClock()
    watch = DriftWatch(clock.drift_s)
    told: list[str] = []
    for ahead_s in (0.0, 0.5, -3_600.0, -3_600.0, 0.1, 5.0):
        monkeypatch.setattr("acd.adapters.clock.time.time", lambda by=ahead_s: real() + by)
        with capture_logs() as lines:
            watch.look()
        told += [f"{line['event']} {line['seconds']}" for line in lines]
    assert told == ["clock_drift -3600.0", "clock_agrees_again 0.1", "clock_drift 5.0"]
