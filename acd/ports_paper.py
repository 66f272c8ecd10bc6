"""A study's report as text: what stands on the page, in one language, before it is set.

The simulator makes it, the planner's page shows it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """One figure in large: its name, its value with unit and half-width, a line below."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot, what it is called, and one sentence on what to see in it. ``narrow``: the same for a
    small screen, where the wide one would be too small to read."""

    title: str
    svg: str
    note: str
    narrow: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; ``strong`` is the row that is set off (-1: none)."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: int = -1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything on the page. ``answer``: sentences, the most important first. ``assumptions``,
    ``definitions`` and ``origin`` (what it was made with): pairs of name and text. ``chapters``:
    sentences under a heading of their own, right after the answer's figures."""

    lang: str
    title: str
    subject: str
    answer: tuple[str, ...]
    warnings: tuple[str, ...]
    cards: tuple[Card, ...]
    plots: tuple[Drawn, ...]
    sheets: tuple[Sheet, ...]
    assumptions: tuple[tuple[str, str], ...]
    method: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
    origin: tuple[tuple[str, str], ...]
    chapters: tuple[tuple[str, tuple[str, ...]], ...] = ()
