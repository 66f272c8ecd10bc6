"""A reader never scrolls to understand: files and functions have a size, and say what they are."""

from __future__ import annotations

import ast

from tests.tidy.files import parsed, product_files, python_files, text_of

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(function: Function) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    end = function.end_lineno or function.lineno
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return end - function.lineno + 1 - ((first.end_lineno or 0) - first.lineno + 1) * is_text


def test_no_file_is_too_long() -> None:
    lengths = {name: len((text_of(name) or "").splitlines()) for name in python_files()}
    assert {name: n for name, n in lengths.items() if n > FILE_LINES_MAX} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": code_lines(node)
        for name in python_files()
        for node in ast.walk(parsed(name))
        if isinstance(node, Function) and code_lines(node) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name in python_files() if not ast.get_docstring(parsed(name))]
    assert silent == []


def test_every_public_class_of_the_product_says_what_it_is_for() -> None:
    silent = [
        f"{name}:{node.lineno} {node.name}"
        for name in product_files()
        for node in parsed(name).body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
