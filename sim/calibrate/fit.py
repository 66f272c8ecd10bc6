"""A scenario from what was recorded, and how sure each of its numbers is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from acd.errors import Refused
from sim.calibrate.days import DayKind, Grid, KindOf, grid
from sim.calibrate.demand import Level, Spread, levels, profile, spread
from sim.calibrate.lengths import Length, fit_length
from sim.calibrate.past import Ended, Floats, Ints, Past, Rules
from sim.calibrate.patience import Patience, fit_patience
from sim.calibrate.redials import Redials, find_redials
from sim.calibrate.seats import ONE_GROUP, groups_of
from sim.calibrate.values import Fitted, Why
from sim.inputs.distributions import Distribution, exponential
from sim.inputs.scenario import CallClass, Group, Scenario

#: A queue with fewer talks or abandoned calls than this takes those of all queues together.
ENOUGH = 30
#: What stands where the records say nothing; every one used is named in the answer.
ASSUMED_TALK_S, ASSUMED_PATIENCE_S = 180.0, 120.0
USUAL_THRESHOLD_S, USUAL_STEP_S = 20.0, 60.0
#: The forms of patience that can be asked for.
FORMS = ("auto", "exponential", "weibull", "empirical")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the scenario shall be of. ``kind``: of this kind of day; None: of all open days
    together; ``busiest``: of the kind with most calls a day. ``redial_window_s``: the same caller
    within so long after a failed call has called again. ``seats``: so many operators, whatever the
    records say."""

    name: str = "fitted"
    period_s: int = 3600
    kind: DayKind | None = None
    busiest: bool = True
    form: str = "auto"
    redial_window_s: float = 1800.0
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class QueueFit:
    """One queue. ``talk_shared``, ``patience_shared``: taken from all queues, for want of calls;
    ``assumed``: neither known anywhere."""

    name: str
    calls: int
    talk: Length
    wrap_up: Length
    patience: Patience
    talk_shared: bool
    patience_shared: bool
    talk_assumed: bool
    patience_assumed: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """Everything that was found. ``seats_from``: ``given``, ``records`` or ``load``."""

    scenario: Scenario
    asked: Asked
    kind: DayKind | None
    days: int
    first: str
    last: str
    calls: int
    levels: tuple[Level, ...]
    spread: Spread
    redials: Redials
    queues: tuple[QueueFit, ...]
    grid: Grid
    ring_s: float | None
    seats_from: str
    notes: tuple[tuple[str, str], ...]


def fit(past: Past, kind_of: KindOf, asked: Asked, *, calendar: bool = False) -> Fit:
    """Fit all of it; ``calendar``: ``kind_of`` knows which days are closed.

    Raises:
        Refused: there is no day with calls, or none of the kind asked for.
    """
    redials = find_redials(past, asked.redial_window_s)
    of = grid(past, asked.period_s, kind_of, fresh=redials.fresh, calendar=calendar)
    found = levels(of)
    kind = _kind(found, asked)
    days = of.days_of(kind)
    _check_days(past, days)
    expected = profile(of, kind) * _thinning(redials)
    queues = _queues(past, of)
    scatter = spread(of, as_one_kind=kind is None)
    groups, seats_from = _groups(past, of, days, expected, queues, asked)
    scenario = Scenario(
        name=asked.name,
        period_s=float(asked.period_s),
        classes=tuple(
            _class(queue, expected[:, n] / asked.period_s, past, n, asked.form)
            for n, queue in enumerate(queues)
        ),
        groups=groups,
        priority_step_s=USUAL_STEP_S if past.priority_step_s is None else past.priority_step_s,
        busyness=scatter.shape,
        redial=redials.share.value or 0.0,
        redial_after=_after(redials),
        opens_s=float(of.opens_s),
    )
    return Fit(
        with_groups(scenario, groups), asked, kind, len(days), past.first.isoformat(),
        past.last.isoformat(), int(past.counted.sum()), found, scatter, redials, queues, of,
        past.ring_s, seats_from, past.notes,
    )  # fmt: skip


def _kind(found: tuple[Level, ...], asked: Asked) -> DayKind | None:
    if not asked.busiest or not found:
        return asked.kind
    # A holiday, or a weekday seen once, is no usual day.
    usual = [e for e in found if e.kind is not DayKind.HOLIDAY and e.calls.n > 1]
    return max(usual or found, key=lambda each: each.calls.value or 0.0).kind


def _check_days(past: Past, days: Ints) -> None:
    if not len(past) or not past.counted.sum():
        raise Refused(
            f"there are no calls in the records from {past.first} to {past.last}: nothing can be "
            "fitted; choose other days with --from and --to",
            ja=f"{past.first}から{past.last}の記録に電話がないため、推定できません。"
            "--from と --to で別の日を選んでください。",
        )
    if not len(days):
        raise Refused(
            "there is no open day of the kind asked for in the records: choose another --day",
            ja="指定した種類の受付日が記録にありません。--day を変えてください。",
        )


def _thinning(redials: Redials) -> float:
    """Calls without a number are fresh as often as the others."""
    fresh = int(redials.fresh.sum())
    return (fresh - redials.unknown * (1 - redials.thinned)) / fresh if fresh else 1.0


def _after(redials: Redials) -> Distribution | None:
    if not redials.share.value:
        return None
    return exponential(max(1.0, redials.after.value or 0.0))


# -- lengths ---------------------------------------------------------------------------------


def _queues(past: Past, of: Grid) -> tuple[QueueFit, ...]:
    everything = np.ones(len(past), bool)
    return tuple(_queue(past, name, n, everything) for n, name in enumerate(of.queues))


def _queue(past: Past, name: str, number: int, everything: np.ndarray) -> QueueFit:
    own = past.queue == number
    answered = past.ended == Ended.ANSWERED
    talk = fit_length(past.talk_s[own & answered], Why.NO_TALKS)
    wrap_up = fit_length(past.wrap_s[own & answered], Why.NO_WRAP_UP)
    talk_shared = talk.mean.n < ENOUGH
    if talk_shared:
        talk = fit_length(past.talk_s[answered], Why.NO_TALKS)
        wrap_up = fit_length(past.wrap_s[answered], Why.NO_WRAP_UP)
    patience = _patience(past, own)
    patience_shared = patience.mean.n < ENOUGH
    if patience_shared:
        patience = _patience(past, everything)
    return QueueFit(
        name, int(past.counted[own].sum()), talk, wrap_up, patience, talk_shared, patience_shared,
        talk.distribution is None, patience.mean.value is None,
    )  # fmt: skip


def _patience(past: Past, own: np.ndarray) -> Patience:
    waited = own & (past.ended != Ended.BLOCKED)
    return fit_patience(past.wait_s[waited], past.ended[waited] == Ended.ABANDONED)


def with_groups(scenario: Scenario, groups: tuple[Group, ...]) -> Scenario:
    """The scenario with these operators. Who is not there helps nobody out, nor whom they take
    anyhow."""

    def helps(of: CallClass) -> CallClass:
        there = {group.name for group in groups if of.name not in group.skills}
        return replace(of, overflow=tuple(each for each in of.overflow if each[1] in there))

    return replace(scenario, classes=tuple(map(helps, scenario.classes)), groups=groups)


def _class(queue: QueueFit, rates: Floats, past: Past, number: int, form: str) -> CallClass:
    thresholds_s = past.thresholds_s
    rules = past.rules[number] if number < len(past.rules) else Rules()
    patience = queue.patience.distribution(form) or exponential(ASSUMED_PATIENCE_S)
    return CallClass(
        name=queue.name,
        arrivals_per_s=tuple(rates.tolist()),
        talk=queue.talk.distribution or exponential(ASSUMED_TALK_S),
        wrap_up=queue.wrap_up.distribution,
        patience=(patience,) * len(rates),
        threshold_s=thresholds_s[number] if number < len(thresholds_s) else USUAL_THRESHOLD_S,
        priority=rules.priority,
        overflow=rules.helps,
    )


# -- operators -------------------------------------------------------------------------------


def _groups(
    past: Past, of: Grid, days: Ints, expected: Floats, queues: tuple[QueueFit, ...], asked: Asked
) -> tuple[tuple[Group, ...], str]:
    names = tuple(queue.name for queue in queues)
    if asked.seats is not None:
        return (Group(ONE_GROUP, (asked.seats,) * of.periods, names),), "given"
    found = groups_of(past, of, days)
    served = {name for group in found for name in group.skills}
    alone = [n for n, name in enumerate(names) if name not in served]
    if not alone:
        return found, "records"
    load = sum(
        (expected[:, n] / of.period_s * _handling_s(queues[n]) for n in alone),
        start=np.zeros(of.periods),
    )
    # One operator more than the load's square root is what a service level of 80 % usually asks.
    seats = tuple(math.ceil(each + math.sqrt(each)) for each in load)
    taken = {group.name for group in found}
    name = ONE_GROUP if ONE_GROUP not in taken else f"{ONE_GROUP}-others"
    rest = Group(name, seats, tuple(names[n] for n in alone))
    return (*found, rest), "records" if found else "load"


def _handling_s(queue: QueueFit) -> float:
    talk = queue.talk.mean.value or ASSUMED_TALK_S
    return talk + (queue.wrap_up.mean.value or 0.0)


def unsure(value: Fitted) -> float:
    """The half-width as a share of the value; infinite where it is not known."""
    if not value.value or value.half is None:
        return math.inf
    return value.half / abs(value.value)
