"""One day of calls, from the chance drawn to the records."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acd.errors import Refused
from sim.inputs.draws import Draws
from sim.inputs.scenario import Scenario
from sim.kernel import compile as compiling
from sim.kernel import loops
from sim.kernel.loops import ABANDONED, ANSWERED, INF, NEVER_CAME, OPEN, WRITES_UP
from sim.kernel.shapes import SECONDS, Calls, Heaps, Room, Setting
from sim.kernel.tables import NO_LIMIT, Tables, tables
from sim.records import Records

#: The sentinel of a heap: never due, after everything else.
_NEVER = (INF, 1 << 50)


def simulate(scenario: Scenario, draws: Draws, *, compiled: bool | None = None) -> Records:
    """One day: what happens to every call. The same records compiled or not, bit for bit.

    ``compiled``: None decides by the number of calls; a study of many days asks
    :func:`sim.kernel.compile.worth_it` once, with the calls of all its days.

    Raises:
        Refused: the scenario is not supported (all of it is named), or somebody would wait for
            ever: a caller without end of patience whom nobody serves any more.
    """
    made = tables(scenario)
    fast = compiling.worth_it(len(draws)) if compiled is None else compiled
    calls = _calls(draws, made)
    if made.pool:
        loop: Any = compiling.compiled()[0] if fast else loops.fifo
        ready = _form(calls, fast)
        loop(ready, _pool(made.operators, fast), made.operators)
    else:
        loop = compiling.compiled()[1] if fast else loops.route
        ready = _form(calls, fast)
        loop(
            ready,
            _form(made.rules, fast),
            _form(_room(scenario, made), fast),
            _heaps(len(calls.skill), made, fast),
            _setting(scenario, draws, made),
        )
    return _records(scenario, draws, made, calls, ready)


def _calls(draws: Draws, made: Tables) -> Calls:
    """All calls that may come, as arrays."""
    n, m = len(draws), len(draws.again_after_s)
    source = np.arange(n)
    next_try = np.full(n + m, -1)
    came, deadline = draws.came_s, draws.came_s + draws.patience_s
    if m:
        source = np.concatenate((source, _callers(draws)))
        some = draws.redials > 0
        next_try[:n][some] = n + draws.again_first[some]
        follows = source[n:-1] == source[n + 1 :]
        next_try[n:-1][follows] = np.arange(n + 1, n + m)[follows]
        came = np.concatenate((came, np.full(m, INF)))
        deadline = np.concatenate((deadline, draws.again_patience_s))
    wrap = draws.wrap_s[source] if m else draws.wrap_s
    order = np.arange(n + m)
    if made.wraps:
        order += np.where(wrap > 0, WRITES_UP, 0)
    return Calls(
        arrivals=np.append(draws.came_s, INF),
        came=came,
        skill=(draws.skill[source] if m else draws.skill).astype(np.int64),
        talk=draws.talk_s[source] if m else draws.talk_s,
        wrap=wrap,
        deadline=deadline,
        order=order,
        next_try=next_try,
        after=draws.again_after_s,
        who=np.full(n + m, -1),
        wait=np.zeros(n + m),
        outcome=np.full(n + m, OPEN),
        behind=np.full(n + m, -1),
    )


def _callers(draws: Draws) -> NDArray[np.int64]:
    """Whose each further try is; those of one caller stand together, classes one after another."""
    by_try = np.argsort(draws.again_first, kind="stable")
    callers: NDArray[np.int64] = np.repeat(by_try, draws.redials[by_try])
    return callers


def _form(bundle: Any, fast: bool) -> Any:
    """A bundle as the loop wants it: arrays when compiled, else lists."""
    if fast:
        return type(bundle)(
            *(_array(name, field) for name, field in zip(bundle._fields, bundle, strict=True))
        )
    return type(bundle)(
        *(field.tolist() if isinstance(field, np.ndarray) else list(field) for field in bundle)
    )


def _array(name: str, field: Any) -> NDArray[Any]:
    if isinstance(field, np.ndarray):
        return field
    return np.array(field, np.float64 if name in SECONDS else np.int64)


def _pool(operators: int, fast: bool) -> Any:
    """The heap of a pool at the beginning: all free, in the order of their numbers."""
    rows = [(0.0, number - operators) for number in range(operators)]
    if not fast:
        return rows
    return np.array([*rows, (float(operators), 0.0)], np.float64)


def _room(scenario: Scenario, made: Tables) -> Room:
    classes, groups = len(scenario.classes), len(scenario.groups)
    seats = made.rules.seats
    sizes = [seats[g + 1] - seats[g] for g in range(groups)]
    return Room(
        first=[-1] * classes,
        last=[-1] * classes,
        length=[0] * classes,
        cursor=[-1] * len(made.rules.step_class),
        group_of=np.repeat(np.arange(groups), sizes),
        next_idle=np.full(made.operators, -1),
        since=np.zeros(made.operators, np.int64),
        home=np.ones(made.operators, np.int64),
        idle_first=[-1] * groups,
        idle_last=[-1] * groups,
        leaving=[0] * groups,
        count=[0, 0, 0],
    )


def _heaps(calls: int, made: Tables, fast: bool) -> Heaps:
    if not fast:
        return Heaps([_NEVER], [_NEVER], [_NEVER], [_NEVER])
    rows = calls + 3 if made.eager else 3
    return Heaps(*(_empty(n) for n in (2 * made.operators + 3, rows, rows, rows)))


def _empty(rows: int) -> NDArray[np.float64]:
    heap = np.empty((rows, 2))
    heap[0] = _NEVER
    heap[-1] = (1.0, 0.0)
    return heap


def _setting(scenario: Scenario, draws: Draws, made: Tables) -> Setting:
    return Setting(
        calls=len(draws),
        operators=made.operators,
        periods=scenario.periods,
        period_s=float(scenario.period_s),
        day_s=float(scenario.day_s),
        rule=made.rule,
        lines=NO_LIMIT if scenario.lines is None else scenario.lines,
        places=NO_LIMIT if scenario.waiting_places is None else scenario.waiting_places,
        eager=made.eager,
    )


def _records(scenario: Scenario, draws: Draws, made: Tables, calls: Calls, ready: Calls) -> Records:
    """The loop's findings in the shape that all engines share."""
    outcome = np.asarray(ready.outcome, np.int8)
    wait = np.asarray(ready.wait, np.float64)
    who = np.asarray(ready.who, np.int64)
    came = np.asarray(ready.came, np.float64)
    n = len(draws)
    tries = np.zeros(len(outcome), np.int16)
    kept: Any = slice(None)
    if len(outcome) > n:
        source = _callers(draws)
        tries[n:] = np.arange(len(source)) - draws.again_first[source] + 1
        outcome[n:][came[n:] == INF] = NEVER_CAME
        order = np.argsort(came, kind="stable")
        kept = order[outcome[order] != NEVER_CAME]
    waiting = outcome == OPEN
    if waiting.any():
        patience = np.concatenate((draws.patience_s, draws.again_patience_s))
        deadline = came + patience
        _refuse_endless(scenario, waiting & (deadline == INF))
        wait[waiting] = deadline[waiting] - came[waiting]
        outcome[waiting] = ABANDONED
    answered = outcome == ANSWERED
    seats = np.asarray(made.rules.seats)
    group = np.searchsorted(seats, who, side="right") - 1
    agent = np.where(answered, who - seats[group], -1).astype(np.int32)
    return Records(
        came_s=came[kept],
        skill=calls.skill.astype(np.int16)[kept],
        outcome=outcome[kept],
        wait_s=wait[kept],
        group=np.where(answered, group, -1).astype(np.int16)[kept],
        agent=agent[kept],
        talk_s=np.where(answered, calls.talk, 0.0)[kept],
        wrap_s=np.where(answered, calls.wrap, 0.0)[kept],
        tries=tries[kept],
    )


def _refuse_endless(scenario: Scenario, lost: NDArray[np.bool_]) -> None:
    if lost.any():
        number = int(lost.sum())
        raise Refused(
            f'"{scenario.name}": {number} callers of endless patience wait for ever, since nobody '
            "who serves them is at work any more; give them patience or somebody to serve them",
            code="waits_for_ever",
            ja=f"「{scenario.name}」: あきらめない発信者{number}人が、対応できる人がいないまま"
            "待ち続けます。がまん時間か、対応する人を設定してください。",
        )
