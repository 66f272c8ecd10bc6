"""Reference rows that are simulated: a scenario, its days by the kernel, and the figures asked
for, each with how sure it is."""

from __future__ import annotations

from collections.abc import Callable

from sim.experiment.chunk import Chunk
from sim.experiment.estimates import mean_of
from sim.experiment.keys import kept
from sim.experiment.study import Asked, Studies
from sim.experiment.summary import summary
from sim.experiment.workers import Here
from sim.inputs.scenario import Scenario
from sim.oracles.skills import Centre
from sim.results import Estimate
from sim.scenario_file.study_file import StudyFile

#: Calls of one long stretch of a steady state, after so many handling times to warm up.
_CALLS = 20_000
_WARM_UP_AHTS = 15
_EXTRA = ("sl_answered", "sl_incl_blocked")

#: A figure by its key in the reference values; KeyError for one that is not found.
Answer = Callable[[str], Estimate]


def days_of(scenario: Scenario, seed: int, days: int) -> Answer:
    """So many days of a scenario, by the kernel."""
    extra = tuple(each for each in map(kept, _EXTRA) if each is not None)
    asked = Asked(seed=seed, days=days, extra=extra)
    study = StudyFile(scenario)
    chunk = Studies(Here()).days(study, asked)
    figures = summary(study, chunk, asked, ()).figures

    def answer(key: str) -> Estimate:
        name, _, count = key.rpartition("_count")
        if name and not count:
            return _counted(chunk, asked, name)
        return figures[key]

    return answer


def steady(of: Centre, seed: int, stretches: int) -> Answer:
    """The steady state of a centre: long stretches, their beginnings left out."""
    rate = sum(each.arrival_per_s for each in of.skills)
    warm_up_s = _WARM_UP_AHTS * max(each.aht_s for each in of.skills)
    scenario = of.scenario(warm_up_s + _CALLS / rate, warm_up_s)
    found = days_of(scenario, seed, stretches)
    rates = {each.name: each.arrival_per_s for each in of.skills}

    def answer(key: str) -> Estimate:
        name, dot, figure = key.rpartition(".")
        if dot and figure == "queue_mean":
            # Little: arrivals × mean wait, those who gave up included.
            wait = found(f"{name}.wait_mean_s")
            rate = rates[name]
            return Estimate(
                None if wait.mean is None else wait.mean * rate,
                None if wait.half is None else wait.half * rate,
            )
        return found(key)

    return answer


_COUNTS = {
    "answered_in_T": "sl_offered",
    "served": "answered",
    "answered": "answered",
    "abandoned": "abandoned",
    "blocked": "blocked",
}


def _counted(chunk: Chunk, asked: Asked, name: str) -> Estimate:
    """A number of calls per day: the counter of a measure."""
    at = [each.name for each in asked.keys].index(_COUNTS[name])
    return mean_of(chunk.top[..., at].sum(axis=(1, 2)))
