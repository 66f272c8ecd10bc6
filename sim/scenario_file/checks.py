"""What no table can know alone: lengths that must agree, names that must exist."""

from __future__ import annotations

from acd.config.faults import Faults, nearest, quoted
from sim.inputs.scenario import Rule
from sim.scenario_file.tables import CALLS_MAX, CallsTable, GroupTable, ScenarioTable


def check_lengths(
    calls: dict[str, CallsTable],
    groups: dict[str, GroupTable],
    periods: int,
    base: str,
    faults: Faults,
) -> None:
    """Every list has one item a period, or one for all."""

    def check(path: str, values: tuple[object, ...] | None) -> None:
        if values is not None and len(values) not in (1, periods):
            faults.add(path, f"has {len(values)} values; the day has {periods} periods")

    for name, of in calls.items():
        path = f"{base}calls.{name}"
        check(f"{path}.shares", of.shares)
        check(f"{path}.arrivals", of.arrivals)
        check(f"{path}.patience", of.patience)
        _arrivals(of, path, faults)
    for name, group in groups.items():
        check(f"{base}groups.{name}.seats", group.seats)


def _arrivals(of: CallsTable, path: str, faults: Faults) -> None:
    if (of.per_day is None) == (of.arrivals is None):
        faults.add(path, "say how many call: either per_day (with shares) or arrivals")
    elif of.arrivals is not None and of.shares is not None:
        faults.add(f"{path}.shares", "go with per_day, not with arrivals")
    elif of.shares is not None and not sum(of.shares) > 0:
        faults.add(f"{path}.shares", "must not all be 0")
    elif of.arrivals is not None and max(of.arrivals, default=0.0) * 60 > CALLS_MAX:
        faults.add(f"{path}.arrivals", f"more than {CALLS_MAX} calls a minute")


def check_names(
    head: ScenarioTable,
    calls: dict[str, CallsTable],
    groups: dict[str, GroupTable],
    base: str,
    faults: Faults,
) -> None:
    """Skills are kinds of calls, preferences are groups that can serve, nobody calls in vain."""
    for name, group in groups.items():
        for skill in group.skills:
            _known(skill, calls, f"{base}groups.{name}.skills", "kind of call", faults)
    for name, of in calls.items():
        path = f"{base}calls.{name}"
        serving = {each for each, group in groups.items() if name in group.skills}
        if not serving:
            faults.add(path, f'no group has the skill "{name}"')
        for each in (group for tier in of.prefers for group in tier):
            if _known(each, groups, f"{path}.prefers", "group", faults) and each not in serving:
                faults.add(f"{path}.prefers", f'"{each}" does not have the skill "{name}"')
        for overflow in of.overflow:
            _known(overflow.to, groups, f"{path}.overflow", "group", faults)
    for skill in head.order:
        _known(skill, calls, f"{base}order", "kind of call", faults)
    if head.order and head.rule is Rule.LONGEST_WAIT:
        faults.add(f"{base}order", 'goes with rule = "skill_order" or "longest_queue"')
    elif head.order and set(head.order) != set(calls):
        faults.add(f"{base}order", "must name every kind of call once")


def _known(word: str, known: dict[str, object] | dict[str, CallsTable] | dict[str, GroupTable],
           path: str, what: str, faults: Faults) -> bool:  # fmt: skip
    if word in known:
        return True
    faults.add(path, f"there is no {what} {quoted(word)}{nearest(word, known)}")
    return False
