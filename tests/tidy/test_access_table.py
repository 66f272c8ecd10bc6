"""The page of who may do what is as the table of routes is."""

from __future__ import annotations

from tools.access_table import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.access_table`"
