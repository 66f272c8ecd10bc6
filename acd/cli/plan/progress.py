"""How far a study is, on a terminal only: it leaves no trace where the output goes into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from acd.cli.words import say


@contextmanager
def shown_progress(what: str = "") -> Iterator[Callable[[int, int], None]]:
    """A bar with the days that are done and the time left."""
    with _bar(
        TextColumn(what or say("計算中", "Simulating")),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(say("日 残り", "days, left")),
        TimeRemainingColumn(),
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


@contextmanager
def shown_steps(names: Mapping[str, tuple[str, str]]) -> Iterator[Callable[[str, float], None]]:
    """A bar for each step, ``tell(step, part)`` with a part from 0 to 1."""
    tasks: dict[str, Any] = {}
    with _bar(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    ) as bar:

        def tell(what: str, part: float) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(say(*names[what]), total=1.0)
            bar.update(tasks[what], completed=part)

        yield tell


def _bar(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
