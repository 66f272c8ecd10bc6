"""The files of this repository, as the tidiness tests see them: what is tracked or about to be."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]

#: Packages that make up the product.
PRODUCT = ("acd", "agents", "contacts", "ivr", "knowledge", "metrics", "sim", "web")
#: Packages and modules that decide and therefore touch nothing outside themselves.
PURE = (
    "acd/core/",
    "agents/",
    "ivr/",
    "knowledge/search.py",
    *(
        f"metrics/{name}.py"
        for name in (
            "cells contract dimensions forecast intervals measure measures opening rates realtime "
            "roster sample service_level tally targets waits work"
        ).split()
    ),
    "sim/erlang/",
    "sim/inputs/distributions.py",
    "sim/inputs/quantities.py",
    "sim/inputs/scenario.py",
)


@cache
def all_files() -> tuple[str, ...]:
    """Paths relative to the project of all files that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted(name for name in listed.split("\0") if (PROJECT / name).is_file()))


@cache
def text_of(name: str) -> str | None:
    """A file's text; None when it is audio, a picture or the like."""
    try:
        return (PROJECT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def python_files(*prefixes: str) -> list[str]:
    """All Python files, or those below one of the prefixes."""
    return [
        name
        for name in all_files()
        if name.endswith(".py") and (not prefixes or name.startswith(prefixes))
    ]


@cache
def parsed(name: str) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse((PROJECT / name).read_text(encoding="utf-8"), filename=name)


def product_files() -> list[str]:
    """The Python files of the product itself."""
    return python_files(*(f"{package}/" for package in PRODUCT))


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""
