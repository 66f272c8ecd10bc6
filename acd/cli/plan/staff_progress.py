"""A bar for each step of a search, on a terminal; nothing where the output goes into a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from acd.cli.words import say


class Steps:
    """``with Steps(names) as tell``: ``tell(step, part)`` with a part from 0 to 1."""

    def __init__(self, names: Mapping[str, tuple[str, str]]) -> None:
        self._names = names
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, float], None]:
        self._bar.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _tell(self, what: str, part: float) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(say(*self._names[what]), total=1.0)
        self._bar.update(self._tasks[what], completed=part)
