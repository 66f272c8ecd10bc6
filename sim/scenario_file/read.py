"""A scenario file, read whole: every fault at once, each with its path and its nearest name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from acd.config.faults import Faults, join, nearest, quoted
from acd.config.reading import Reader
from sim.inputs.distributions import Distribution, Kind
from sim.inputs.scenario import CallClass, Group, Habits, Rule, Scenario
from sim.results import Targets
from sim.scenario_file.checks import check_lengths, check_names
from sim.scenario_file.study_file import Breaks, StudyFile
from sim.scenario_file.tables import (
    DAY_MAX_S,
    ID,
    PERIODS_MAX,
    CallsTable,
    GroupTable,
    LengthTable,
    ScenarioTable,
)

M = TypeVar("M", bound=BaseModel)
_LIMITS = {"calls": 64, "groups": 256}


def read_study(path: Path) -> StudyFile:
    """The study that a file describes.

    Raises:
        ConfigError: everything that is wrong with it.
    """
    faults = Faults()
    name = path.name
    table = Reader(faults).read(path, name)
    faults.raise_if_any()
    return made(table or {}, name, faults)


def read_text(text: str, name: str = "scenario.toml") -> StudyFile:
    """The same from a text, for instance one that came from a browser."""
    faults = Faults()
    return made(parsed(text, name, faults), name, faults)


def parsed(text: str, name: str, faults: Faults) -> dict[str, Any]:
    """A text as a table; raises ConfigError."""
    import tomllib

    table: dict[str, Any] = {}
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        faults.add(name, f"is not TOML: {error}")
    except RecursionError:
        faults.add(name, "is nested too deeply")
    faults.raise_if_any()
    return table


def made(table: dict[str, Any], name: str, faults: Faults) -> StudyFile:
    """The study of a table that was read."""
    base = f"{name}:"
    rest = {key: value for key, value in table.items() if key not in ("calls", "groups")}
    head = _validated(ScenarioTable, rest, base, faults)
    calls = _each(CallsTable, table, "calls", base, faults)
    groups = _each(GroupTable, table, "groups", base, faults)
    faults.raise_if_any()
    if head is None:  # a missing table is a fault of its own
        raise AssertionError("a scenario without faults has its head")
    periods = _periods(head, calls, groups, base, faults)
    check_lengths(calls, groups, periods, base, faults)
    check_names(head, calls, groups, base, faults)
    _breaks(head, base, faults)
    return _study(head, calls, groups, periods, base, faults)


def scenario_hash(study: StudyFile) -> str:
    """Sixteen digits that change with anything that a study's figures depend on."""
    # Breaks that leave as many at their seats are not the same where they are played one by one.
    breaks = () if study.breaks is None else (study.breaks,)
    text = repr((study.scenario, study.absence, *breaks))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- tables ----------------------------------------------------------------------------------


def _validated(model: type[M], value: Any, base: str, faults: Faults) -> M | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults.add_validation(base, error, model, lambda loc: _place(base, value, loc))
        return None


def _place(base: str, value: Any, loc: Sequence[int | str]) -> str:
    """The path of what the person wrote: a plain value that stands for a table or a list has no
    places within."""
    path: list[int | str] = []
    for part in loc:
        if isinstance(part, int) and not isinstance(value, list):
            continue
        if not isinstance(value, dict | list):
            break
        path.append(part)
        if isinstance(value, dict):
            value = value.get(str(part))
        else:
            value = value[part] if isinstance(part, int) and part < len(value) else None
    return join(base, path)


def _each(
    model: type[M], table: dict[str, Any], key: str, base: str, faults: Faults
) -> dict[str, M]:
    """``[calls.NAME]`` or ``[groups.NAME]``, one by one: a wrong one hides no other."""
    tables, path = table.get(key), f"{base}{key}"
    if not isinstance(tables, dict) or not tables:
        wrong = "is missing" if tables is None else f"must be tables, not {quoted(tables)}"
        faults.add(path, f"{wrong}: write [{key}.NAME]")
        return {}
    if len(tables) > _LIMITS[key]:
        faults.add(path, f"has {len(tables)} tables; at most {_LIMITS[key]} are read")
        return {}
    good: dict[str, M] = {}
    for name, value in tables.items():
        if not ID.fullmatch(name):
            faults.add(f"{path}.{quoted(name)}", "a name has 1 to 32 of A-Z a-z 0-9 _ -")
            continue
        if not isinstance(value, dict):
            near = nearest(name, model.model_fields)
            faults.add(f"{path}.{name}", f"must be a table: write [{key}.NAME] above it{near}")
            continue
        found = _validated(model, value, f"{path}.{name}", faults)
        if found is not None:
            good[name] = found
    return good


def _breaks(head: ScenarioTable, base: str, faults: Faults) -> None:
    people = head.people
    if (people.break_every is None) != (people.break_length is None):
        faults.add(f"{base}people", "break_every and break_length are given together or not at all")


def _periods(
    head: ScenarioTable,
    calls: dict[str, CallsTable],
    groups: dict[str, GroupTable],
    base: str,
    faults: Faults,
) -> int:
    """How many periods the day has: said by ``day``, or by the longest list."""
    if head.day is not None:
        periods = head.day / head.period
        if head.day > DAY_MAX_S or periods > PERIODS_MAX:
            faults.add(f"{base}day", f"is longer than 31 days or {PERIODS_MAX} periods")
        elif periods < 1 or abs(periods - round(periods)) > 1e-9:
            faults.add(f"{base}day", "must be a whole number of periods")
        return max(1, min(round(periods), PERIODS_MAX))
    lengths = [1]
    for of in calls.values():
        lengths += [len(of.shares or ()), len(of.arrivals or ()), len(of.patience)]
    lengths += [len(group.seats) for group in groups.values()]
    if max(lengths) * head.period > DAY_MAX_S:
        faults.add(f"{base}period", "makes the day longer than 31 days")
    return max(lengths)


# -- the scenario ----------------------------------------------------------------------------


def _study(
    head: ScenarioTable,
    calls: dict[str, CallsTable],
    groups: dict[str, GroupTable],
    periods: int,
    base: str,
    faults: Faults,
) -> StudyFile:
    classes = tuple(
        _class(name, of, head, periods, f"{base}calls.{name}", faults) for name, of in calls.items()
    )
    after = head.redial_after
    scenario = Scenario(
        name=head.name,
        period_s=head.period,
        classes=classes,
        groups=tuple(
            Group(name, _whole(of.seats, periods), of.skills) for name, of in groups.items()
        ),
        rule=head.rule,
        order=head.order or (tuple(calls) if head.rule is not Rule.LONGEST_WAIT else ()),
        priority_step_s=head.priority_step,
        lines=head.lines,
        waiting_places=head.waiting_places,
        busyness=head.busyness,
        warm_up_s=head.warm_up,
        redial=head.redial,
        redial_after=_length(after, f"{base}redial_after", faults) if after else None,
        opens_s=head.opens_at,
        habits=_habits(head, base, faults),
    )
    faults.raise_if_any()
    people, goals = head.people, head.targets
    breaks = None
    if people.break_every is not None and people.break_length is not None:
        breaks = Breaks(people.break_every, people.break_length)
    targets = Targets(goals.answer_rate, goals.service_level, goals.worst_hour, goals.blocked)
    return StudyFile(scenario, targets, people.absence, breaks)


def _habits(head: ScenarioTable, base: str, faults: Faults) -> Habits | None:
    """Menu and ringing; breaks stand beside the scenario, since the kernel counts them too."""
    menu, ringing = head.menu, head.ringing
    if menu is None and ringing is None:
        return None
    found = Habits()
    if menu is not None:
        length = _length(menu.length, f"{base}menu.length", faults)
        found = replace(found, menu=length, leaves=menu.leaves)
    if ringing is not None:
        ring = None
        if ringing.length is not None:
            ring = _length(ringing.length, f"{base}ringing.length", faults)
        found = replace(
            found,
            ring=ring,
            unanswered=ringing.unanswered,
            ring_timeout_s=ringing.timeout,
            away_s=ringing.away,
        )
    return found


def _class(
    name: str, of: CallsTable, head: ScenarioTable, periods: int, path: str, faults: Faults
) -> CallClass:
    patience = [
        None if each is None else _length(each, f"{path}.patience", faults) for each in of.patience
    ]
    return CallClass(
        name=name,
        arrivals_per_s=_arrivals(of, head.period, periods),
        talk=_length(of.talk, f"{path}.talk", faults),
        patience=_whole(tuple(patience), periods),
        wrap_up=_length(of.wrap_up, f"{path}.wrap_up", faults) if of.wrap_up else None,
        priority=of.priority,
        prefers=of.prefers,
        overflow=tuple((each.after, each.to) for each in of.overflow),
        threshold_s=head.threshold if of.threshold is None else of.threshold,
    )


def _arrivals(of: CallsTable, period_s: float, periods: int) -> tuple[float, ...]:
    if of.arrivals is not None:
        return _whole(of.arrivals, periods)
    shares = _whole(of.shares or (1.0,), periods)
    whole = sum(shares) or 1.0
    return tuple((of.per_day or 0.0) * each / whole / period_s for each in shares)


T = TypeVar("T")


def _whole(values: tuple[T, ...], periods: int) -> tuple[T, ...]:
    """One item a period; a single value stands for all."""
    return values * periods if len(values) == 1 else values


def _length(of: LengthTable, path: str, faults: Faults) -> Distribution:
    """A distribution; its mean is computed where the parts say it."""
    if of.kind is Kind.HYPEREXPONENTIAL:
        total = sum(of.weights)
        if not of.weights or len(of.weights) != len(of.means) or abs(total - 1) > 1e-9:
            faults.add(path, "needs weights that add up to 1 and as many means")
            return Distribution(of.kind, 1.0)
        mean = sum(w * m for w, m in zip(of.weights, of.means, strict=True))
        return Distribution(of.kind, mean, weights=of.weights, means_s=of.means)
    if of.kind is Kind.EMPIRICAL:
        falls = all(a >= b for a, b in zip(of.survival, of.survival[1:], strict=False))
        rises = all(a < b for a, b in zip(of.times, of.times[1:], strict=False))
        if not of.times or len(of.times) != len(of.survival) or not falls or not rises:
            faults.add(path, "needs times that rise and as many shares of survival that fall")
            return Distribution(of.kind, 1.0)
        return Distribution(of.kind, _mean(of), times_s=of.times, survival_at=of.survival)
    if of.mean is None:
        faults.add(f"{path}.mean", "is missing")
        return Distribution(of.kind, 1.0)
    return Distribution(of.kind, of.mean, shape=of.shape, scv=of.scv)


def _mean(of: LengthTable) -> float:
    """Over the points, the rest beyond the last counted there: the area below the survival."""
    if of.mean is not None:
        return of.mean
    before, area, alive = 0.0, 0.0, 1.0
    for at_s, survival in zip(of.times, of.survival, strict=True):
        area += (at_s - before) * alive
        before, alive = at_s, survival
    return max(area, 1e-9)
