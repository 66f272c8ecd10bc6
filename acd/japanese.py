"""Errors and faults in Japanese: the sentences of ``japanese.txt``, with what was filled in.

Most errors are made far from where a person reads them, in English. Where they are shown
(command line, web), this finds the Japanese sentence; a test knows every sentence in the code.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("japanese.txt")
_GUESS = re.compile(r'(?s)(.*); did you mean "(.+)"\?')
_GOT = re.compile(r"(?s)(.*), not (.+)")


def in_japanese(message: str) -> str:
    """The message in Japanese; empty when there is none."""
    if guess := _GUESS.fullmatch(message):
        base = in_japanese(guess[1])
        return f"{base}。「{guess[2]}」ではありませんか" if base else ""
    if (got := _GOT.fullmatch(message)) and (base := in_japanese(got[1])):
        return f"{base}（いまは {got[2]}）"
    for pattern, japanese in _sentences():
        if found := pattern.fullmatch(message):
            return _filled(japanese, found)
    return ""


def _filled(japanese: str, found: re.Match[str]) -> str:
    return re.sub(r"\{(\d)\}", lambda mark: found[int(mark[1])], japanese)


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    """Patterns and their sentences, those that say most first."""
    text = CATALOGUE.read_text("utf-8")
    blocks = [b.splitlines() for b in text.split("\n\n") if b.strip() and not b.startswith("#")]
    blocks.sort(key=lambda block: -len(block[0].replace("{}", "")))
    return [
        (re.compile("(?s)" + re.escape(english).replace(r"\{\}", "(.*?)")), japanese)
        for english, japanese in blocks
    ]
