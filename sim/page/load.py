"""How much one study of the page may simulate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from acd.errors import LimitExceeded

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario

#: Calls of all days of one scenario; every variant of it is as large.
CALLS_MAX = 2_000_000
#: Calls of all scenarios of one study together.
TOGETHER_MAX = 20 * CALLS_MAX


def check_load(scenarios: Iterable[Scenario], days: int) -> None:
    """Refuse what callers could feel, or what would not be done in time.

    Raises:
        LimitExceeded: too many calls.
    """
    from sim.experiment.days import calls_of

    calls = [calls_of(each, days) for each in scenarios]
    if max(calls) > CALLS_MAX or sum(calls) > TOGETHER_MAX:
        raise too_large(max(calls))


def too_large(calls: float) -> LimitExceeded:
    """What is said of it."""
    return LimitExceeded(
        f"{calls:,.0f} calls are too many here: ask for fewer days, or use `madoguchi plan`",
        code="study_too_large",
        ja=f"{calls:,.0f}件の電話の再現は、この画面では多すぎます。日数を減らすか、"
        "`madoguchi plan` を使ってください。",
    )
