"""A centre with more calls, longer ones, or more patient callers: all else as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim.inputs.distributions import stretched
from sim.inputs.scenario import CallClass, Scenario


def each_class(scenario: Scenario, change: Callable[[CallClass], CallClass]) -> Scenario:
    """Every kind of call changed."""
    return replace(scenario, classes=tuple(change(of) for of in scenario.classes))


def busier(scenario: Scenario, by: float) -> Scenario:
    """All calls times a factor."""
    return each_class(
        scenario,
        lambda of: replace(of, arrivals_per_s=tuple(rate * by for rate in of.arrivals_per_s)),
    )


def longer(scenario: Scenario, by: float) -> Scenario:
    """Talk and wrap-up times a factor."""
    return each_class(scenario, lambda of: longer_calls(of, by))


def longer_calls(of: CallClass, by: float) -> CallClass:
    """Of one kind of call: talk and wrap-up times the same factor."""
    wrap_up = stretched(of.wrap_up, by) if of.wrap_up else None
    return replace(of, talk=stretched(of.talk, by), wrap_up=wrap_up)


def more_patient(scenario: Scenario, by: float) -> Scenario:
    """Patience times a factor; who waits for ever goes on so."""
    return each_class(
        scenario,
        lambda of: replace(
            of, patience=tuple(stretched(kind, by) if kind else None for kind in of.patience)
        ),
    )
