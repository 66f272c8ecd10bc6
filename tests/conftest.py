"""What all tests share: how hypothesis searches, and where the private Asterisk is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from acd.adapters.asterisk.process import private_root

PROJECT = Path(__file__).parents[1]

# Two shared cores: a slow example is no finding. On a build server the search is the same each
# time, so that a red run is a change's fault; by hand it looks at new examples each time.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", _PATIENT)
settings.register_profile("ci", _PATIENT, derandomize=True, print_blob=True)
settings.register_profile("long", _PATIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


#: Files whose browsers share the second address of the loopback interface: one after another.
SOUND = ("test_browser_phone", "test_browser_panel", "test_panel_call", "test_floor_day")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests run on two workers: a file's stay together, and so do files that share one thing."""
    for item in items:
        group = "sound" if item.path.stem in SOUND else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def asterisk_root() -> Path:
    """The private Asterisk of this checkout; a test that needs it fails clearly without."""
    return private_root(PROJECT)
