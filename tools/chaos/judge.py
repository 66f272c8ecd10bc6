"""Does the ledger say what callers and telephones saw? One caller after the other; pure.

What a caller saw must have exactly one row. Two things are named and not counted as differences:
callers whose own switch died while they were there, and callers whom nobody ever answered. Of
several switches a ring may go over two of them: when the farther one was gone or stood still
around the answer, what the telephone saw says nothing about the caller.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from acd.core.cdr_types import CallRecord, LegRecord, Source
from acd.core.events import CallOutcome
from tools.chaos.load import Caller, Ring

#: A talk that is shorter may count or not: a caller who hangs up in the moment of the answer was
#: joined, or was not, depending on who looks.
SLIP_S = 1.5
#: How far two clocks' stamps of one moment may be apart.
NEAR_S = 1.5
#: A switch that stands still hears a caller's farewell so much later.
STANDS_STILL_S = 10.0

_LEFT = frozenset({CallOutcome.ABANDONED, CallOutcome.LEFT_IN_MENU})


@dataclass(frozen=True, slots=True)
class Death:
    """A switch was gone from when until when, in Unix seconds; ``switch`` is its id. It died, or
    only stood still."""

    switch: str
    from_s: float
    to_s: float
    stood_still: bool = False

    def meets(self, from_s: float, to_s: float) -> bool:
        """Whether it was gone at some moment of a stretch of time."""
        return self.from_s - 1.0 <= to_s and from_s <= self.to_s


@dataclass(frozen=True, slots=True)
class Miss:
    """One caller with whom the ledger does not agree: what is wrong, and both sides' stories."""

    number: str
    wrong: str
    caller_says: str
    ledger_says: str


@dataclass(slots=True)
class Verdict:
    """What came of all callers. ``died`` were on a switch when it died: number and what the ledger
    says of them. ``unmet`` were never answered, since there was no switch; ``away`` calls were
    served while no controller was there and were taken over from the switch's own record; of
    ``unclear`` ones a telephone that rang lost its story."""

    callers: int = 0
    talked: int = 0
    left: int = 0
    refused: int = 0
    unmet: int = 0
    away: int = 0
    unclear: int = 0
    died: dict[str, str] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether both sides say the same of everybody."""
        return not self.misses


def judge(
    callers: Sequence[Caller],
    calls: Sequence[CallRecord],
    legs: Sequence[LegRecord],
    deaths: Sequence[Death],
    homes: Mapping[str, str] | None = None,
) -> Verdict:
    """Hold the ledger against every caller's story. ``homes`` says at which switch each telephone
    is at home, when there are several."""
    verdict = Verdict(callers=len(callers))
    for caller in callers:
        for ring in caller.rings:
            ring.doubtful = _doubtful(caller, ring, (homes or {}).get(ring.phone, ""), deaths)
    talks = _talks(legs)
    rows = _rows(callers, calls, verdict)
    for caller in callers:
        own = rows.get(caller.number, [])
        _judge_one(verdict, caller, own, talks, [d for d in deaths if _hit(caller, d)])
    return verdict


def _talks(legs: Sequence[LegRecord]) -> Mapping[str, set[str]]:
    """Operators who talked, by call."""
    talks: dict[str, set[str]] = defaultdict(set)
    for leg in legs:
        if leg.result is None:
            talks[leg.call].add(leg.agent)
    return talks


def _rows(
    callers: Sequence[Caller], calls: Sequence[CallRecord], verdict: Verdict
) -> dict[str, list[CallRecord]]:
    """Rows by the caller's number. The switch's own record has no numbers: those rows go to
    callers without a row who came and left at the same moments."""
    rows: dict[str, list[CallRecord]] = defaultdict(list)
    for call in calls:
        if call.caller_number:
            rows[call.caller_number].append(call)
    without = [caller for caller in callers if caller.number not in rows]
    unnamed = [call for call in calls if not call.caller_number]
    for call, caller in zip(unnamed, _assign(unnamed, without), strict=True):
        if caller is not None:
            rows[caller.number].append(call)
        else:
            says = _ledger_says([call], {})
            verdict.misses.append(Miss("-", "in the ledger, dialled by nobody", "-", says))
    known = {caller.number for caller in callers}
    for number in rows.keys() - known:
        says = _ledger_says(rows[number], {})
        verdict.misses.append(Miss(number, "in the ledger, dialled by nobody", "-", says))
    return rows


def _assign(calls: Sequence[CallRecord], callers: Sequence[Caller]) -> list[Caller | None]:
    """Whose each row is, where rows have no numbers: as many as can be, and among those ways the
    one in which moments fit best in all. The nearest for each in turn would not do: after a
    switch has come back many callers are met at once, and one of them leaves at once."""
    whose: list[Caller | None] = [None] * len(calls)
    if not calls or not callers:
        return whose
    apart = np.array([[_apart(caller, call) for caller in callers] for call in calls])
    # More than all that fit can be apart together: rather none than one that does not fit.
    never = 1.0 + (2 * NEAR_S + STANDS_STILL_S) * len(calls)
    for row, column in zip(*linear_sum_assignment(np.minimum(apart, never)), strict=True):
        if math.isfinite(apart[row, column]):
            whose[row] = callers[column]
    return whose


def _apart(caller: Caller, call: CallRecord) -> float:
    """How many seconds a row without a number is away from what a caller saw, at its begin, its
    answer (at most :data:`NEAR_S`) and its end; infinite when it cannot be this caller's."""
    began_s, ended_s = call.offered_ms / 1000, call.closed_ms / 1000
    # A switch that stood still read the call late: only the answer is seen by both.
    begin = min(abs(began_s - at_s) for at_s in (caller.dialled_s, caller.up_s or 0.0))
    late = ended_s - caller.ended_s if caller.ended_s else 0.0
    fits = caller.switch == call.switch and begin < NEAR_S and -NEAR_S <= late <= STANDS_STILL_S
    talks = [max(ring.answered_s, caller.up_s) for ring in caller.rings if caller.talked(ring)]
    told = [] if call.answered_ms is None else [call.answered_ms / 1000]
    answer = min((abs(one - other) for one in talks for other in told), default=math.inf)
    answer = min(answer, NEAR_S) if talks or told else 0.0
    return begin + answer + abs(late) if fits else math.inf


def _hit(caller: Caller, death: Death) -> bool:
    """Whether a switch died, or was away, while this caller was there."""
    if death.stood_still or death.switch != caller.switch:
        return False
    return death.meets(caller.dialled_s, caller.ended_s or caller.dialled_s + 32.0)


def _doubtful(caller: Caller, ring: Ring, home: str, deaths: Sequence[Death]) -> bool:
    """Whether a ring went over two switches and one of them was gone around the answer."""
    if home == caller.switch:
        return False
    until_s = (ring.answered_s or ring.ended_s or ring.rang_s) + NEAR_S
    return any(
        death.switch in (home, caller.switch) and death.meets(ring.rang_s, until_s)
        for death in deaths
    )


def _judge_one(
    verdict: Verdict,
    caller: Caller,
    rows: Sequence[CallRecord],
    talks: Mapping[str, set[str]],
    deaths: Sequence[Death],
) -> None:
    talked_s = max((caller.together_s(ring) for ring in caller.rings), default=0.0)
    verdict.talked += talked_s > SLIP_S
    verdict.left += caller.end == "hung_up" and talked_s <= 0
    verdict.refused += caller.end == "refused"
    verdict.unclear += talked_s <= 0 and any(ring.says_nothing for ring in caller.rings)
    verdict.away += any(row.source is Source.SWITCH for row in rows)
    if deaths:
        verdict.died[caller.number] = ", ".join(row.outcome.value for row in rows) or "no row"
        wrong = "has several rows" if len(rows) > 1 else ""
    elif not caller.up_s:
        verdict.unmet += caller.end != "refused"
        wrong = _wrong_unmet(rows)
    elif len(rows) != 1:
        wrong = f"has {len(rows)} rows"
    else:
        wrong = _wrong(caller, rows[0], talked_s, talks)
    if wrong:
        says = _ledger_says(rows, talks)
        verdict.misses.append(Miss(caller.number, wrong, _caller_says(caller), says))


def _wrong_unmet(rows: Sequence[CallRecord]) -> str:
    if len(rows) > 1:
        return "has several rows"
    if any(row.outcome is CallOutcome.ANSWERED for row in rows):
        return "was never answered, and the ledger says answered"
    return ""


def _wrong(caller: Caller, row: CallRecord, talked_s: float, talks: Mapping[str, set[str]]) -> str:
    """What differs between a caller who was there and the one row; empty when nothing does."""
    if not caller.end:
        return "never ended"
    if row.switch != caller.switch:
        return f"came to switch {caller.switch}, and the ledger says {row.switch}"
    if row.outcome is CallOutcome.LOST:
        return "is lost in the ledger, and its switch never died"
    answered = row.outcome is CallOutcome.ANSWERED
    if talked_s > SLIP_S and not answered:
        return f"talked for {talked_s:.1f} s, and the ledger says {row.outcome.value}"
    if talked_s <= 0 and any(ring.says_nothing for ring in caller.rings) and answered:
        return ""
    if talked_s <= 0 and answered:
        return "" if _crossed(caller, row) else "talked with nobody, and the ledger says answered"
    if talked_s <= 0 and caller.end == "was_hung_up":
        return f"was hung up without an operator ({row.outcome.value})"
    if talked_s <= 0 and row.outcome not in _LEFT:
        return f"gave up, and the ledger says {row.outcome.value}"
    with_whom = {ring.phone for ring in caller.rings if caller.together_s(ring) > SLIP_S}
    if row.source is Source.CONTROLLER and not row.detail and not with_whom <= talks[row.call]:
        return f"talked with {sorted(with_whom)}, and the ledger says {sorted(talks[row.call])}"
    return ""


def _crossed(caller: Caller, row: CallRecord) -> bool:
    """Whether the caller had hung up when the operator came, and a switch that had much to do heard
    of it later: it joined the operator to somebody who was there no more."""
    if caller.end != "hung_up" or row.answered_ms is None:
        return False
    late_s = row.closed_ms / 1000 - caller.ended_s
    came_late = row.answered_ms / 1000 >= caller.ended_s - SLIP_S
    return came_late and late_s <= STANDS_STILL_S


def _caller_says(caller: Caller) -> str:
    def at(moment_s: float) -> str:
        return f"{moment_s - caller.dialled_s:+.2f}" if moment_s else "never"

    rings = "; ".join(
        f"{ring.phone} rang {at(ring.rang_s)}, answered {at(ring.answered_s)}, "
        f"ended {at(ring.ended_s)}"
        for ring in caller.rings
    )
    end = f"{caller.end} {at(caller.ended_s)}" if caller.end else "no end"
    return f"dialled at {caller.dialled_s:.2f}, met {at(caller.up_s)}, {end}; {rings or 'no ring'}"


def _ledger_says(rows: Sequence[CallRecord], talks: Mapping[str, set[str]]) -> str:
    return (
        "; ".join(
            f"{row.call} {row.outcome.value} by {row.source.value} "
            f"{row.offered_ms / 1000:.2f}+{(row.closed_ms - row.offered_ms) / 1000:.2f} s"
            f"{' adopted' if row.adopted else ''} {row.detail} {sorted(talks.get(row.call, ()))}"
            for row in rows
        )
        or "no row"
    )
