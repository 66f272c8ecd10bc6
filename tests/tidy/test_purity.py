"""What decides is pure: it reads no clock, draws no unseeded chance, touches no file or wire.

The import contracts say which of our packages may know which; this says what else they may know.
"""

from __future__ import annotations

import ast
import sys

import pytest

from tests.tidy.files import PRODUCT, PURE, dotted, parsed, python_files

BANNED_MODULES = frozenset(
    "asyncio concurrent ctypes glob http io locale logging multiprocessing os pathlib platform "
    "secrets select selectors shutil signal socket sqlite3 ssl subprocess sys tempfile threading "
    "time urllib uuid zoneinfo".split()
)
ALLOWED_THIRD_PARTY = frozenset({"msgspec"})
BANNED_CALLS = (
    "open",
    "input",
    "print",
    "id",
    "hash",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.date.today",
)


def imports(tree: ast.Module) -> list[tuple[int, str]]:
    """Every imported module with its line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.lineno, node.module or ""))
    return found


def impure_imports(tree: ast.Module) -> list[str]:
    """Imports that a pure module may not have."""
    wrong = []
    for line, module in imports(tree):
        top = module.partition(".")[0]
        known = top in sys.stdlib_module_names or top in ALLOWED_THIRD_PARTY or top in PRODUCT
        if top in BANNED_MODULES or not known:
            wrong.append(f"{line} import {module}")
    return wrong


def impure_calls(tree: ast.Module) -> list[str]:
    """Calls that read a clock or the world, or draw chance that nobody seeded."""
    wrong = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        unseeded = name == "random.Random" and not node.args
        module_chance = name.startswith("random.") and name != "random.Random"
        if name in BANNED_CALLS or unseeded or module_chance:
            wrong.append(f"{node.lineno} {name}()")
    return wrong


def test_pure_modules_import_nothing_impure() -> None:
    found = {name: impure_imports(parsed(name)) for name in python_files(*PURE)}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_pure_modules_read_no_clock_and_draw_no_chance() -> None:
    found = {name: impure_calls(parsed(name)) for name in python_files(*PURE)}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_chance_is_seeded_everywhere() -> None:
    found = {
        f"{name}:{node.lineno}"
        for name in python_files()
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Call) and dotted(node.func) == "random.Random" and not node.args
    }
    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "from asyncio import sleep",
        "import sqlalchemy.orm",
        "from datetime import datetime\nx = datetime.now()",
        "import random\nx = random.random()",
        "import random\nx = random.Random()",
        "x = open('f')",
    ],
)
def test_the_check_finds_what_it_looks_for(code: str) -> None:
    tree = ast.parse(code)
    assert impure_imports(tree) + impure_calls(tree)


@pytest.mark.parametrize(
    "code", ["import random\nx = random.Random(7)", "from msgspec import Struct", "import heapq"]
)
def test_the_check_lets_the_rest_pass(code: str) -> None:
    tree = ast.parse(code)
    assert impure_imports(tree) + impure_calls(tree) == []
