"""What the planner's page needs of the simulator: quick answers, and one study a person at a time.

The simulator implements this; ``acd.bootstrap`` plugs it in. Answers are JSON that is shown as it
is: sentences, cards, plots as SVG, tables (``docs/api.md``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct


class Assumed(Struct, frozen=True):
    """What a planner assumes on the page. Times in seconds, shares from 0 to 1.

    ``example``: id of a shipped scenario that gives the shape of the day; empty: one steady hour.
    ``calls``: of that day, or of the hour. ``patience_s``: mean, 0: nobody gives up. ``lines``: 0:
    enough. ``absent``: of ``seats``. ``surge``: factor on the calls.
    """

    example: str
    calls: float
    aht_s: float
    patience_s: float
    seats: int
    absent: int = 0
    surge: float = 1.0
    lines: int = 0
    threshold_s: float = 20.0
    sl_target: float = 0.8
    rate_target: float = 0.9


class StudyState(StrEnum):
    """How far somebody's study is."""

    NONE = "none"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Progress(Struct, frozen=True):
    """``done`` of ``days`` simulated days; ``left_s`` as far as can be said (None: not yet).
    ``error``: code, and one sentence in each language, of a failed one."""

    state: StudyState
    done: int = 0
    days: int = 0
    left_s: float | None = None
    code: str = ""
    ja: str = ""
    en: str = ""


class Studies(Protocol):
    """Answers for the page. Nothing here makes callers wait: the work is done in processes of the
    lowest priority. May raise Refused, LimitExceeded, NotFound, StoreUnavailable."""

    async def choices(self) -> dict[str, Any]:
        """The shipped examples with their values, and what the page may ask for."""
        ...

    async def answer(self, assumed: Assumed, lang: str) -> dict[str, Any]:
        """The exact answer for every hour by itself."""
        ...

    async def begin(self, person: str, assumed: Assumed, days: int) -> Progress:
        """Begin a simulated study; one that this person has running is given up."""
        ...

    def mine(self, person: str) -> Progress:
        """How far it is."""
        ...

    async def cancel(self, person: str) -> Progress:
        """Give it up."""
        ...

    def result(self, person: str, lang: str) -> dict[str, Any]:
        """What came out; raises NotFound while there is nothing."""
        ...

    def file(self, person: str, lang: str) -> bytes:
        """The report as one HTML file; raises NotFound while there is nothing."""
        ...
