"""A study's report as text, and how its plots are drawn for two widths."""

from __future__ import annotations

from collections.abc import Callable

from acd.ports_paper import Card, Drawn, Paper, Sheet

__all__ = ["NARROW", "WIDE", "Card", "Drawn", "Paper", "Sheet", "drawn"]

#: The widths of drawings, in their own units: for paper, and for a small screen.
WIDE, NARROW = 480.0, 290.0


def drawn(title: str, draw: Callable[[float], str], note: str) -> Drawn:
    """Both of them; ``draw`` takes the width."""
    return Drawn(title, draw(WIDE), note, draw(NARROW))
