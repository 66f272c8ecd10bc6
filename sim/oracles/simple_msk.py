"""SimpleMSK: a published simulation of a centre with three kinds of calls and two groups.

Source: ContactCenters (Université de Montréal), doc/examples, 1,000 days, 95 % intervals. Three
periods of two hours; a whole day is busier by a Gamma factor; talk and patience go by the period in
which a call comes, so each kind of call is three classes here.
"""

from __future__ import annotations

from sim.inputs.distributions import exponential
from sim.inputs.scenario import CallClass, Group, Scenario
from sim.oracles.rows import Expected

_PERIOD_S = 7200.0
_ARRIVALS_PER_MIN = ((4.2, 5.3, 3.2), (5.1, 4.3, 4.8), (6.3, 5.2, 4.8))
_SERVED_PER_MIN = (0.5, 0.6, 0.4)
_GIVE_UP_PER_MIN = (0.3, 0.4, 0.2)
_PREFERS_OF = {0: (("0",),), 1: (("0",), ("1",)), 2: (("1",),)}
_SKILLS_OF_GROUP = {"0": (1, 0), "1": (2, 1)}
_AGENTS = {"0": (12, 18, 9), "1": (15, 20, 11)}

EXPECT = {
    "served_count": Expected(4297.3, half=27.2),
    "abandoned_count": Expected(910.3, half=34.2),
    "sl_excl_early_abandons": Expected(0.5015, half=0.0075),
    "0.occupancy": Expected(0.8805, half=0.0035),
}
SOURCE = "published: ContactCenters (Montreal) doc/examples, SimpleMSK, 1000 days"


def scenario() -> Scenario:
    """The published centre."""
    patience = tuple(exponential(60 / each) for each in _GIVE_UP_PER_MIN)
    classes = tuple(
        CallClass(
            f"{kind}.{period}",
            tuple(rate / 60 if p == period else 0.0 for p, rate in enumerate(rates)),
            exponential(60 / _SERVED_PER_MIN[period]),
            patience,
            prefers=_PREFERS_OF[kind],
        )
        for kind, rates in enumerate(_ARRIVALS_PER_MIN)
        for period in range(3)
    )
    groups = tuple(
        Group(name, _AGENTS[name], tuple(f"{kind}.{p}" for kind in kinds for p in range(3)))
        for name, kinds in _SKILLS_OF_GROUP.items()
    )
    return Scenario("SimpleMSK", _PERIOD_S, classes, groups, busyness=28.7)
