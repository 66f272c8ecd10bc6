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
#: The same where the product's own engine plays them: about a minute's work.
OWN_ENGINE_MAX = 1_500_000


def check_load(scenarios: Iterable[Scenario], days: int) -> None:
    """Refuse what callers could feel, or what would not be done in time.

    Raises:
        LimitExceeded: too many calls.
    """
    from sim.experiment.days import Engine, calls_of
    from sim.page.engine import engine_of

    scenarios = list(scenarios)
    calls = [calls_of(each, days) for each in scenarios]
    if max(calls) > CALLS_MAX or sum(calls) > TOGETHER_MAX:
        raise too_large(max(calls))
    if engine_of(scenarios) is Engine.TWIN and sum(calls) > OWN_ENGINE_MAX:
        raise _too_slow(int(days * OWN_ENGINE_MAX / sum(calls)))


def too_large(calls: float) -> LimitExceeded:
    """What is said of it."""
    return LimitExceeded(
        f"{calls:,.0f} calls are too many here: ask for fewer days, or use `madoguchi plan`",
        code="study_too_large",
        ja=f"{calls:,.0f}件の電話の再現は、この画面では多すぎます。日数を減らすか、"
        "`madoguchi plan` を使ってください。",
    )


def _too_slow(days: int) -> LimitExceeded:
    return LimitExceeded(
        "menus and ringing are played by the product's own engine, which is slower: of this study "
        f"it plays at most {days} days here; `madoguchi plan run --engine twin` takes any",
        code="study_too_large",
        ja="案内と呼び出しの時間は製品のエンジンそのものが再現するため、時間がかかります。この計算は、"
        f"この画面では{days}日までです。`madoguchi plan run --engine twin` なら何日でも"
        "計算できます。",
    )
