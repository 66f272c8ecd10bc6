"""Every picture of a screen that the test run keeps is kept in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.files import parsed, python_files

_OTHER = {"ja": "en", "en": "ja"}


def kept() -> Iterator[tuple[str, ast.expr]]:
    """Where one picture is kept, and the name that it is given."""
    for file in python_files("tests/web/", "tests/e2e/"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "picture":
                yield f"{file}:{node.lineno}", node.args[1]


def pattern(name: ast.expr) -> str:
    """A name as an expression; what is only known when the test runs may be anything."""
    parts = name.values if isinstance(name, ast.JoinedStr) else [name]
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts
    )


def test_a_picture_in_one_language_has_its_twin_in_the_other() -> None:
    # Where the language is in what is only known then, the test itself goes through both.
    written = {where: pattern(name) for where, name in kept()}
    found = {where: name for where, name in written.items() if not name.endswith(".+")}
    alone = []
    for where, name in found.items():
        stem, _, last = name.replace(r"\-", "-").rpartition("-")
        twin = f"{stem}-{_OTHER.get(last, '')}"
        if not any(re.fullmatch(other, twin) for other in found.values()):
            alone.append(f"{where}: {name}")
    assert alone == [], "pictures() keeps both"
