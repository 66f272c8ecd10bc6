"""One day of calls, from the chance drawn to the records."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from acd.errors import Refused
from sim.inputs.draws import Draws
from sim.inputs.scenario import Scenario
from sim.kernel import compile as compiling
from sim.kernel import loops
from sim.kernel.array_heap import ROW
from sim.kernel.loops import ABANDONED, ANSWERED, INF, NEVER_CAME, OPEN, WRITES_UP
from sim.kernel.shapes import SECONDS, Calls, Heaps, Room, Setting
from sim.kernel.tables import NO_LIMIT, Tables, tables
from sim.records import Records


class Same(NamedTuple):
    """So many items that are alike, before they are a list or an array."""

    value: float
    number: int
    kind: type[np.generic]


_kept_numbers: list[NDArray[np.int64]] = [np.arange(0)]
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
    next_try = np.full(n + m if made.eager else 0, -1)
    arrivals, deadline = np.append(draws.came_s, INF), draws.came_s + draws.patience_s
    came = arrivals
    if m:
        source = np.concatenate((source, _callers(draws)))
        some = draws.redials > 0
        next_try[:n][some] = n + draws.again_first[some]
        follows = source[n:-1] == source[n + 1 :]
        next_try[n:-1][follows] = np.arange(n + 1, n + m)[follows]
        came = np.concatenate((draws.came_s, np.full(m, INF)))
        deadline = np.concatenate((deadline, draws.again_patience_s))
    wrap: Any = Same(0.0, n + m, np.float64)
    order = np.zeros(n + m, np.int64) if made.eager else _numbers(n)
    if made.wraps:
        wrap = draws.wrap_s[source] if m else draws.wrap_s
        order = order + np.where(wrap > 0, WRITES_UP, 0)
    return Calls(
        arrivals=arrivals,
        came=came,
        skill=draws.skill[source] if m else draws.skill,
        talk=draws.talk_s[source] if m else draws.talk_s,
        wrap=wrap,
        deadline=deadline,
        order=order,
        next_try=next_try,
        after=draws.again_after_s,
        who=Same(-1, n + m, np.int32),
        wait=Same(0.0, n + m, np.float64),
        outcome=Same(OPEN, n + m, np.int8),
        behind=Same(0, n + m, np.int32),
        slots=Same(-1, n + m if made.eager else 0, np.int64),
    )


def _numbers(n: int) -> NDArray[np.int64]:
    """0 to n - 1, which nobody changes: made once for all days."""
    if len(_kept_numbers[0]) < n:
        _kept_numbers[0] = np.arange(n)
    return _kept_numbers[0][:n]


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
    done: dict[int, list[Any]] = {}
    for field in bundle:
        if id(field) not in done:
            done[id(field)] = _list(field)
    return type(bundle)(*(done[id(field)] for field in bundle))


def _list(field: Any) -> list[Any]:
    if isinstance(field, Same):
        return [field.value] * field.number
    return field.tolist() if isinstance(field, np.ndarray) else list(field)


def _array(name: str, field: Any) -> NDArray[Any]:
    if isinstance(field, Same):
        # Zeros cost nothing where nobody looks at them.
        if field.value == 0:
            return np.zeros(field.number, field.kind)
        return np.full(field.number, field.value, field.kind)
    if isinstance(field, np.ndarray):
        return field
    return np.array(field, np.float64 if name in SECONDS else np.int64)


def _pool(operators: int, fast: bool) -> Any:
    """The heap of a pool at the beginning: all free, in the order of their numbers."""
    rows = [(0.0, number - operators) for number in range(operators)]
    if not fast:
        return rows
    return np.array([*rows, (0.0, operators)], ROW)


def _room(scenario: Scenario, made: Tables) -> Room:
    classes, groups = len(scenario.classes), len(scenario.groups)
    return Room(
        first=[-1] * classes,
        last=[-1] * classes,
        length=[0] * classes,
        cursor=[-1] * len(made.rules.step_class),
        group_of=made.group_of[:-1],
        next_idle=np.full(made.operators, -1),
        since=np.zeros(made.operators, np.int64),
        home=np.ones(made.operators, np.int64),
        idle_first=[-1] * groups,
        idle_last=[-1] * groups,
        leaving=[0] * groups,
        count=[0, 0, 0, 0],
    )


def _heaps(calls: int, made: Tables, fast: bool) -> Heaps:
    if not fast:
        return Heaps([_NEVER], [_NEVER], [_NEVER], [_NEVER])
    rows = calls + 3 if made.eager else 3
    return Heaps(*(_empty(n) for n in (2 * made.operators + 3, rows, rows, rows)))


def _empty(rows: int) -> NDArray[np.void]:
    heap = np.empty(rows, ROW)
    heap[0] = _NEVER
    heap[-1] = (0.0, 1)
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
    who = np.asarray(ready.who, np.int32)
    came = draws.came_s
    n = len(draws)
    tries = np.zeros(len(outcome), np.int16)
    kept: Any = slice(None)
    if len(outcome) > n:
        came = np.asarray(ready.came, np.float64)
        source = _callers(draws)
        tries[n:] = np.arange(len(source)) - draws.again_first[source] + 1
        never = came == INF
        outcome[never] = NEVER_CAME
        kept = np.asarray(ready.slots)[: len(never) - int(never.sum())]
    waiting = np.flatnonzero(outcome == OPEN)
    if len(waiting):
        # Where giving up is an event, nobody is left but who never gives up.
        patience = np.full(1, INF) if made.eager else draws.patience_s[waiting]
        _refuse_endless(scenario, patience)
        wait[waiting] = (came[waiting] + patience) - came[waiting]
        outcome[waiting] = ABANDONED
    answered = outcome == ANSWERED
    wrap = answered * calls.wrap if made.wraps else np.zeros(len(answered))
    return Records(
        came_s=came[kept],
        skill=np.asarray(calls.skill)[kept],
        outcome=outcome[kept],
        wait_s=wait[kept],
        group=made.group_of[who][kept],
        agent=made.agent_of[who][kept],
        talk_s=(answered * calls.talk)[kept],
        wrap_s=wrap[kept],
        tries=tries[kept],
    )


def _refuse_endless(scenario: Scenario, patience: NDArray[np.float64]) -> None:
    if np.any(patience == INF):
        raise Refused(
            f'"{scenario.name}": callers of endless patience would wait for ever, since nobody who '
            "serves them is at work any more; give them patience or somebody to serve them",
            code="waits_for_ever",
            ja=f"「{scenario.name}」: あきらめない発信者が、対応できる人がいないまま待ち続けます。"
            "がまん時間か、対応する人を設定してください。",
        )
