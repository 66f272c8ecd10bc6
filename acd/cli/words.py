"""The language of the command line: Japanese where the locale says so, English elsewhere."""

from __future__ import annotations

import os


def japanese() -> bool:
    """Whether the person at this terminal reads Japanese (LC_ALL, LC_MESSAGES, LANG)."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return value.lower().startswith("ja")
    return False


def say(ja: str, en: str) -> str:
    """The text in the language of this terminal."""
    return ja if japanese() else en
