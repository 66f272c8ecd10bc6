"""The plot of a busy hour: who calls when, how they behave, and how the operators' phones do.

A pure function of its seed: the same hour is played again under the same seed. All times are those
of the stage (an hour played in a minute has talks of seconds).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sim.load import scenario


class Kind(StrEnum):
    """How a caller behaves."""

    PATIENT = "patient"
    GIVES_UP = "gives_up"
    LEAVES_MENU = "leaves_menu"
    WITHHELD = "withheld"
    UNLISTED = "unlisted"
    SILENT = "silent"


class Habit(StrEnum):
    """How an operator's phone behaves."""

    RELIABLE = "reliable"
    SLEEPY = "sleepy"
    BUSY = "busy"
    DECLINING = "declining"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Door:
    """A way into a queue: the keys with their times after the answer, its share of calls, and how
    long it takes from the answer to the queue."""

    queue: str
    keys: tuple[tuple[float, str], ...]
    share: float
    menu_s: float = 9.0


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One caller. ``door`` is the index of the keys pressed; beyond the doors: none are."""

    start_s: float
    kind: Kind
    dialled: str
    number: str
    door: int
    patience_s: float


@dataclass(frozen=True, slots=True)
class Hour:
    """What the hour is made of. ``calls_per_s`` is the mean rate; numbers are those of the plan."""

    length_s: float
    calls_per_s: float
    number: str
    unlisted: str
    doors: tuple[Door, ...]
    seed: int = 1


#: Shares of the behaviours; the rest is patient.
_SHARES = (
    (Kind.GIVES_UP, 0.10),
    (Kind.LEAVES_MENU, 0.05),
    (Kind.WITHHELD, 0.06),
    (Kind.UNLISTED, 0.04),
    (Kind.SILENT, 0.03),
)
_PATIENT_S = 180.0
_ROWS = 400


def callers(hour: Hour) -> list[CallPlan]:
    """The callers in order of arrival: a Poisson stream that swells towards the middle."""
    chance = random.Random(f"callers {hour.seed}")
    count = max(len(Kind), round(hour.length_s * hour.calls_per_s))
    starts = sorted(hour.length_s * _swell(chance.random()) for _ in range(count))
    kinds = _kinds(chance, count)
    # Each number once: it is what a call is found by in the ledger.
    numbers = [f"0466{tail:06d}" for tail in chance.sample(range(10**6), count)]
    return [
        _caller(chance, hour, start, kind, number)
        for start, kind, number in zip(starts, kinds, numbers, strict=True)
    ]


def _swell(u: float) -> float:
    """The u-quantile of the density 1 − ½·cos(2πx): three times the edge's rate in the middle."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if middle - math.sin(2 * math.pi * middle) / (4 * math.pi) < u:
            low = middle
        else:
            high = middle
    return low


def _kinds(chance: random.Random, count: int) -> list[Kind]:
    """One of each behaviour at least, so that the shortest hour shows all of them. Those who wait
    out the whole menu come early, or everybody would wait for them at the end."""
    numbers = {kind: max(1, round(share * count)) for kind, share in _SHARES}
    silent = numbers.pop(Kind.SILENT)
    kinds = [kind for kind, number in numbers.items() for _ in range(number)]
    kinds += [Kind.PATIENT] * max(0, count - silent - len(kinds))
    chance.shuffle(kinds)
    for _ in range(silent):
        kinds.insert(chance.randrange(1 + len(kinds) // 3), Kind.SILENT)
    return kinds[:count]


def _caller(chance: random.Random, hour: Hour, start_s: float, kind: Kind, number: str) -> CallPlan:
    weights = [door.share for door in hour.doors]
    door = chance.choices(range(len(hour.doors)), weights)[0]
    menu_s = hour.doors[door].menu_s
    patience = {
        Kind.GIVES_UP: menu_s + chance.uniform(0.2, 5.0),
        Kind.LEAVES_MENU: chance.uniform(0.2, menu_s - 0.5),
    }.get(kind, _PATIENT_S)
    return CallPlan(
        start_s=round(start_s, 3),
        kind=kind,
        dialled=hour.unlisted if kind is Kind.UNLISTED else hour.number,
        number=number,
        door=len(hour.doors) if kind in (Kind.SILENT, Kind.UNLISTED) else door,
        patience_s=round(patience, 2),
    )


def caller_row(plan: CallPlan, domain: str) -> list[str]:
    """The caller as a row of ``caller.xml``."""
    identity = f"<sip:{plan.number}@{domain}>"
    hidden = plan.kind is Kind.WITHHELD
    shown = '"Anonymous" <sip:anonymous@anonymous.invalid>' if hidden else identity
    return [
        str(round(plan.start_s * 1000)),
        plan.dialled,
        shown,
        f"P-Asserted-Identity: {identity}",
        f"Privacy: {'id' if hidden else 'none'}",
        str(plan.door + 1),
        str(round(plan.patience_s * 1000)),
    ]


def phone_rows(habit: Habit, seed: int, talk_s: float) -> list[list[str]]:
    """What a phone of this habit does with its first rings, as rows of ``phone.xml``.

    ``talk_s`` is the mean talk (lognormal, as talks are); operators hang up.
    """
    chance = random.Random(f"phone {habit.value} {seed}")
    return [_phone_row(chance, habit, n, talk_s) for n in range(_ROWS)]


def _phone_row(chance: random.Random, habit: Habit, n: int, talk_s: float) -> list[str]:
    action = scenario.ANSWER
    # The first ring shows the habit; later ones are good often enough that work gets done.
    if habit is Habit.SLEEPY and n % 3 == 0:
        action = scenario.RING_ON
    elif habit is Habit.BUSY and n % 2 == 0:
        action = scenario.BUSY
    elif habit is Habit.DECLINING and n % 3 == 0:
        action = scenario.DECLINE if n % 2 == 0 else scenario.UNAVAILABLE
    ring_ms = chance.uniform(200, 1200)
    # The operator hears the queue's name first, and hangs up in no talk before it began.
    talk_ms = 2500 + 1000 * min(4 * talk_s, chance.lognormvariate(math.log(talk_s) - 0.125, 0.5))
    return [str(action), str(round(ring_ms)), str(round(talk_ms))]


def habits(phones: Sequence[str]) -> dict[str, Habit]:
    """Who behaves how: every third phone shows one of the ways to miss a call, so that no queue
    is left to the unreliable alone."""
    odd = (Habit.SLEEPY, Habit.BUSY, Habit.DECLINING, Habit.UNREACHABLE)
    found = dict.fromkeys(phones, Habit.RELIABLE)
    return found | dict(zip(phones[2::3], odd, strict=False))
