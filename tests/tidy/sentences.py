"""Finds the sentences that errors and faults say to a person, in the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from acd import errors

PROJECT = Path(__file__).parents[2]
#: Where errors are made that reach a person by the command line or a log-in.
FOLDERS = ("acd/adapters", "acd/app", "acd/bootstrap", "acd/cli", "acd/config", "ivr")
_RAISED = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.MadoguchiError)
} - {"ConfigError"}
#: What an unknown value is in a sentence.
VALUE = "7"


def english_only(folders: tuple[str, ...] = FOLDERS) -> Iterator[tuple[str, str]]:
    """(place, sentence) of each sentence without a Japanese one beside it."""
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                text = _sentence(node) if isinstance(node, ast.Call) else None
                if text is not None:
                    where = path.relative_to(PROJECT)
                    yield f"{where}:{node.lineno}", text  # type: ignore[attr-defined]


def _sentence(call: ast.Call) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if any(word.arg == "ja" for word in call.keywords):
        return None
    if name in _RAISED and call.args:
        return _text(call.args[0])
    if name in ("Fault", "add") and len(call.args) == 2:
        return _text(call.args[1])
    if name == "that" and len(call.args) == 3:
        return _text(call.args[2])
    if name == "ValueError" and len(call.args) == 1:
        return _text(call.args[0])
    return None


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else VALUE for p in node.values]
        return "".join(str(part) for part in parts)
    return None
