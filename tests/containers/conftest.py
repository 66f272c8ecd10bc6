"""The composed stack is built and run by `make test-containers`, which needs a container engine and
minutes; without it these files are left aside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.stack_kit import Stack, open_centre

collect_ignore_glob = [] if "MADOGUCHI_STACK" in os.environ else ["test_*.py"]


@pytest.fixture(scope="module")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The stack of compose.yaml and of the overlays that a module names in ``OVERLAYS``, up and
    healthy (all of it, or ``UP`` and what they need), with a centre that never closes."""
    centre = tmp_path_factory.mktemp("centre")
    open_centre(Path(__file__).parents[2] / "centre", centre)
    module = request.module
    stack = Stack(centre, tmp_path_factory.mktemp("sipp"), getattr(module, "OVERLAYS", ()))
    try:
        stack.up(*getattr(module, "UP", ()))
        yield stack
    finally:
        stack.down()
