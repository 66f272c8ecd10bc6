"""What all tests share: how hypothesis searches, and where the private Asterisk is."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from acd.adapters.asterisk.process import private_root
from sim.load.ports import FIRST, LAST, SHARE

PROJECT = Path(__file__).parents[1]

# Two shared cores: a slow example is no finding. On a build server the search is the same each
# time, so that a red run is a change's fault; by hand it looks at new examples each time.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", _PATIENT)
settings.register_profile("ci", _PATIENT, derandomize=True, print_blob=True)
settings.register_profile("long", _PATIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def _share_of_ports() -> str:
    """Which ports this worker's centres and phones may have: none that another one finds free."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    width = (LAST - FIRST) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return f"{FIRST + worker * width}-{FIRST + (worker + 1) * width}"


os.environ[SHARE] = _share_of_ports()

#: Files whose browsers share the second address of the loopback interface: one after another.
SOUND = (
    "test_browser_phone",
    "test_browser_line",
    "test_browser_panel",
    "test_panel_call",
    "test_floor_day",
)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Deals the tests out to the workers: a file's stay together, and so do files that share one
    thing. Files come in the order they were collected in: the long ones with telephones first."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "sound" if Path(path).stem in SOUND else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Whatever ``--dist`` says: fixtures of a module are dear, and made for one worker."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def _log_as_at_the_start() -> Iterator[None]:
    """Verbs that a test runs in this process set the log up; the next test finds it untouched."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def asterisk_root() -> Path:
    """The private Asterisk of this checkout; a test that needs it fails clearly without."""
    return private_root(PROJECT)
