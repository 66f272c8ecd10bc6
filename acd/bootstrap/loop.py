"""The event loop of the long-running verbs: uvloop, which halves the cost of small messages."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end on a fresh event loop."""
    return uvloop.run(main)
