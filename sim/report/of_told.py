"""A report of sentences, plots and tables, for the answers that no study of days stands behind."""

from __future__ import annotations

from collections.abc import Sequence

from sim.report.paper import Drawn, Paper, Sheet


def told_paper(
    title: str,
    subject: str,
    answer: Sequence[str],
    lang: str,
    *,
    warnings: Sequence[str] = (),
    plots: Sequence[Drawn] = (),
    sheets: Sequence[Sheet] = (),
    origin: Sequence[tuple[str, str]] = (),
) -> Paper:
    """The answer's sentences, what must not be overlooked, plots, tables."""
    return Paper(
        lang, title, subject, tuple(answer), tuple(warnings), (), tuple(plots), tuple(sheets),
        (), (), (), tuple(origin),
    )  # fmt: skip
