"""What the loops work on: bundles of lists (plain Python) or of arrays (compiled).

Every field is a list or a one-dimensional array; a heap is a list of ``(time, number)``
or, compiled, an array of such rows. Operators and calls are numbers; -1 is nobody.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Calls(NamedTuple):
    """One item a call that may come: those drawn, then the tries of those who call again.

    ``arrivals``: when those drawn come, then infinity. ``came``: when each came, infinity before a
    try that has not been. ``deadline``: when it gives up (-1: no longer waiting). ``order``: its
    number among ends at one instant; where further tries may come in between, numbers are given as
    calls come, and ``slots`` says whose each is. ``next_try`` and ``after``: which call it becomes
    when it is not served, and how long later. Filled in: ``who`` serves it, ``wait``, ``outcome``.
    ``behind``: who came next of those of its class that had to wait.
    """

    arrivals: Any
    came: Any
    skill: Any
    talk: Any
    wrap: Any
    deadline: Any
    order: Any
    next_try: Any
    after: Any
    who: Any
    wait: Any
    outcome: Any
    behind: Any
    slots: Any


class Rules(NamedTuple):
    """The scenario as tables.

    ``asked`` from ``asks[class]``: groups a call asks, each tier closed by ``TIER``, the last by
    ``LAST``. ``served`` from ``serves[group]`` to the next: classes that an operator looks
    through, and ``late`` after how long a wait each (-1: at once). ``lead``: seconds by which a
    class comes earlier. ``step_class``, ``step_group``, ``step_after``: the overflow steps.
    ``staff``: operators by period and group; ``seats``: the first operator of each group.
    """

    asks: Any
    asked: Any
    serves: Any
    served: Any
    late: Any
    lead: Any
    step_class: Any
    step_group: Any
    step_after: Any
    staff: Any
    seats: Any


#: The fields of Rules that are not whole numbers.
SECONDS = frozenset({"late", "lead", "step_after"})


class Room(NamedTuple):
    """Who waits and who is idle.

    By class: ``first`` and ``last`` in line, ``length``. ``cursor``: by overflow step, the first
    call that has not come to it. By operator: ``group_of``, ``next_idle``, ``since`` (a running
    number), ``home``. By group: ``idle_first``, ``idle_last``, ``leaving``. ``count``: see
    ``IDLED`` and following.
    """

    first: Any
    last: Any
    length: Any
    cursor: Any
    group_of: Any
    next_idle: Any
    since: Any
    home: Any
    idle_first: Any
    idle_last: Any
    leaving: Any
    count: Any


class Heaps(NamedTuple):
    """What is to happen: operators free, callers give up, lines free, callers call again."""

    ends: Any
    leaves: Any
    talks: Any
    again: Any


class Setting(NamedTuple):
    """Plain numbers: how many calls drawn and operators, and which parts of the loop are needed."""

    calls: int
    operators: int
    periods: int
    period_s: float
    day_s: float
    rule: int
    lines: int
    places: int
    eager: bool
