"""The list of measures in ``docs/`` says what the code computes."""

from __future__ import annotations

from tools.measures_page import PAGE, page


def test_the_list_of_measures_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.measures_page`"
