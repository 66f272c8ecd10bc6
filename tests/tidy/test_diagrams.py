"""The state diagrams in ``docs/`` show the transition tables as they are."""

from __future__ import annotations

import pytest

from tools.diagrams import DOCS, pages


@pytest.mark.parametrize("name", pages())
def test_the_diagram_is_current(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run `python -m tools.diagrams`"
