"""One interval's figures held against claims, as a study's are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acd.errors import MadoguchiError
from sim.assertions import claims, failed
from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.results import Estimate, LinesResult, Stamp, StudyResult, Targets
from sim.size.channels import Channels
from sim.size.seats import Figures, Interval


def broken(texts: Sequence[str], of: Interval, found: Figures) -> list[MadoguchiError]:
    """The claims that do not hold, each with why. The figures are exact: half-widths of 0.

    Raises:
        Refused: a claim that is not understood.
    """
    values = {
        "answer_rate_a": found.answer_rate,
        "sl_offered": found.sl_offered,
        f"sl_offered_{of.threshold_s:g}s": found.sl_offered,
        "sl_excl_early_abandons": found.sl_excl_early_abandons,
        f"sl_excl_early_abandons_{of.threshold_s:g}s": found.sl_excl_early_abandons,
        "p_abandon": found.p_abandon,
        "p_block": found.p_block,
        "p_wait": found.p_wait,
        "asa_s": found.asa_s,
        "occupancy": found.occupancy,
    }
    return _unborne(texts, of, found.seats, values)


def lines_broken(
    texts: Sequence[str], of: Interval, seats: int, found: Channels, p_block: float | None
) -> list[MadoguchiError]:
    """As :func:`broken`, of the lines in use; ``p_block``: of the number that was asked about."""
    values = {
        "lines_p99": float(found.enough(0.99)),
        "lines_p999": float(found.enough(0.999)),
        **({} if p_block is None else {"p_block": p_block}),
    }
    return _unborne(texts, of, seats, values)


def _unborne(
    texts: Sequence[str], of: Interval, seats: int, values: Mapping[str, float]
) -> list[MadoguchiError]:
    calls = CallClass("calls", (of.arrival_per_s,), exponential(of.aht_s), (of.patience,))
    group = Group("seats", (seats,), ("calls",))
    scenario = Scenario("interval", 3600.0, (calls,), (group,))
    result = StudyResult(
        scenario,
        Targets(),
        Stamp("", 0, 0, "erlang", {}),
        {key: Estimate(value, 0.0) for key, value in values.items()},
        (),
        {},
        LinesResult(0, (), ()),
        of.threshold_s,
    )
    return failed(claims(texts, scenario), result)
