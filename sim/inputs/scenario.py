"""A centre to be studied: who calls, who answers, by which rules. All engines take this.

Times in seconds, rates per second. Values that change over the day are tuples with one item for
each period (``period_s`` long); a call belongs to the period it comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sim.inputs.distributions import Distribution


class Rule(StrEnum):
    """Which waiting call an operator who frees takes next, of those he or she can serve.

    ``LONGEST_WAIT`` is the product's own order: ``came_s - priority * priority_step_s`` ascending,
    then first come. ``SKILL_ORDER``: the first skill of ``order`` with somebody waiting, of these
    the longest wait. ``LONGEST_QUEUE``: the skill with most waiting, ties by ``order``.
    """

    LONGEST_WAIT = "longest_wait"
    SKILL_ORDER = "skill_order"
    LONGEST_QUEUE = "longest_queue"


@dataclass(frozen=True, slots=True)
class CallClass:
    """Callers who want one thing.

    ``arrivals_per_s``: Poisson rate of each period, before the day's busyness. ``wrap_up``: None if
    there is none. ``patience``: of each period; None never gives up. ``priority``: 0 to 9.
    ``prefers``: groups in the order in which somebody idle is sought for a call that arrives. Those
    in one inner tuple are equal: the longest idle of all their operators is taken. Groups that are
    not named are not asked; an empty tuple makes all groups with the skill equal. ``overflow``: so
    many seconds of wait later this group serves the call as well.
    """

    name: str
    arrivals_per_s: tuple[float, ...]
    talk: Distribution
    patience: tuple[Distribution | None, ...]
    wrap_up: Distribution | None = None
    priority: int = 0
    prefers: tuple[tuple[str, ...], ...] = ()
    overflow: tuple[tuple[float, str], ...] = ()
    threshold_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Group:
    """Operators with the same skills: how many in each period. Who is in a call when the number
    falls finishes it first. The longest idle operator of a group is taken."""

    name: str
    agents: tuple[int, ...]
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """What callers and operators do besides waiting and talking. The twin alone plays it.

    ``menu``: from a call's arrival to its queue (None: no menu); ``leaves``: share of the callers
    who hang up in it, at any moment of it. ``ring``: how long a telephone rings until it is
    answered (None: not at all); ``unanswered``: share of the rings that nobody answers: they last
    ``ring_timeout_s``, and the operator takes calls again ``away_s`` later. ``break_every_s``
    (None: no breaks): who has worked for so long takes a break of ``break_length_s`` when free.
    """

    menu: Distribution | None = None
    leaves: float = 0.0
    ring: Distribution | None = None
    unanswered: float = 0.0
    ring_timeout_s: float = 15.0
    away_s: float = 30.0
    break_every_s: float | None = None
    break_length_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One day (or stretch) of a centre.

    ``lines``: channels in all, held from arrival to the end of the talk (None: enough).
    ``waiting_places``: how many may wait (None: any number). Who finds none is blocked.
    ``busyness``: shape of the Gamma factor of mean 1 by which a whole day is busier (None: 1).
    ``warm_up_s``: calls that come before it are not counted, so that a steady state can be studied
    as one long day. ``redial``: share of those who gave up or were blocked who call again,
    ``redial_after`` so long. ``opens_s``: seconds after midnight at which the first period begins.
    ``habits``: None, or what only the twin plays.
    """

    name: str
    period_s: float
    classes: tuple[CallClass, ...]
    groups: tuple[Group, ...]
    rule: Rule = Rule.LONGEST_WAIT
    order: tuple[str, ...] = ()
    priority_step_s: float = 60.0
    lines: int | None = None
    waiting_places: int | None = None
    busyness: float | None = None
    warm_up_s: float = 0.0
    redial: float = 0.0
    redial_after: Distribution | None = None
    opens_s: float = 0.0
    habits: Habits | None = None

    @property
    def periods(self) -> int:
        """How many periods there are."""
        return len(self.classes[0].arrivals_per_s)

    @property
    def day_s(self) -> float:
        """From the first period's beginning to the last one's end. Calls come until then; who is
        waiting or talking then is served to the end."""
        return self.period_s * self.periods
