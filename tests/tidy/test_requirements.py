"""``docs/requirements.md`` shows the marks on the tests as they are."""

from __future__ import annotations

import ast

from tests.tidy.files import PROJECT
from tools.requirements import PAGE, marked, page, proofs, unknown


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.requirements`"


def test_only_known_requirements_are_marked() -> None:
    assert unknown(proofs(PROJECT / "tests")) == []


def test_marks_are_found_wherever_they_may_stand() -> None:
    text = """
pytestmark = pytest.mark.requirement("M1")

@pytest.mark.requirement("M2")
class TestAll:
    @pytest.mark.requirement("M3")
    async def test_one(self): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.requirement("M4", "M5"))])
def test_two(x): ...
"""
    assert set(marked(ast.parse(text))) == {
        ("M1", ""),
        ("M2", "TestAll"),
        ("M3", "TestAll::test_one"),
        ("M4", "test_two"),
        ("M5", "test_two"),
    }
