"""Tests that the machine is not fit for: left out by hand, a failure where all must be run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

#: Set by .ci/run: it runs as root, in a folder that others can read; nothing may be left out.
EXPECTED = "MADOGUCHI_EXPECT_ROOT"


def unfit(why: str) -> NoReturn:
    """Leave the test out, or fail it where root is expected."""
    if os.environ.get(EXPECTED):
        pytest.fail(f"{why}, and {EXPECTED} says that it is there")
    pytest.skip(why)
