"""Who plays the days of the page's studies: the quick algorithm wherever it can."""

from __future__ import annotations

from collections.abc import Iterable

from sim.experiment.days import Engine
from sim.inputs.scenario import Scenario


def engine_of(scenarios: Iterable[Scenario]) -> Engine:
    """The product's own engine if one of them has menus or ringing, which it alone plays; the same
    one for all, so that they can be compared."""
    lively = any(each.habits is not None for each in scenarios)
    return Engine.TWIN if lively else Engine.KERNEL
