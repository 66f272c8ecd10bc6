"""Does the ledger say what SIPp saw? Call by call, ring by ring, and in sums.

SIPp knows nothing of the centre: a caller's scenario notes when it dialled, was answered, hung up
or was hung up; a phone's scenario notes when it rang and what came of it. Each note must have its
row in the ledger, and each row its note. Both clocks are this machine's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from acd.core.cdr_types import CallRecord, LegRecord
from acd.core.events import CallOutcome
from acd.core.inputs import CallerKind
from sim.load.counts import Fact
from sim.load.rings import Ring, aligned, fits, rings_of

#: The ledger stamps a moment after SIPp has sent or before SIPp has seen; more apart is a fault.
TOLERANCE_S = 3.0
#: How far apart both may be about a caller of whom nothing is known but the hang-up.
UNMET_S = 0.5

_NEVER_TALKED = frozenset({CallOutcome.ABANDONED, CallOutcome.LEFT_IN_MENU})


@dataclass(frozen=True, slots=True)
class Line:
    """One figure as both sides have it."""

    name: str
    ledger: int
    sipp: int

    @property
    def balances(self) -> bool:
        """Whether they are the same."""
        return self.ledger == self.sipp


@dataclass(slots=True)
class Balance:
    """The comparison: sums side by side, and a sentence for every single difference."""

    lines: list[Line] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def balances(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and all(line.balances for line in self.lines)


@dataclass(frozen=True, slots=True)
class Known:
    """Who a caller's row was: the number, or empty when it was withheld."""

    number: str


def compare(
    callers: Sequence[Fact],
    known: Mapping[str, Known],
    phones: Sequence[Fact],
    calls: Sequence[CallRecord],
    legs: Sequence[LegRecord],
) -> Balance:
    """Hold the ledger's rows against SIPp's notes. ``known`` is keyed by the caller's row."""
    balance = Balance()
    by_row = _by_who(callers)
    _compare_calls(balance, by_row, known, calls)
    rings = rings_of(phones)
    in_vain = _compare_legs(balance, rings, legs)
    ends = Counter(fact.what for fact in callers)
    ended = ends["hung_up"] + ends["was_hung_up"] + ends["refused"]
    blocked = sum(1 for call in calls if call.outcome is CallOutcome.BLOCKED)
    talks = sum(1 for leg in legs if leg.result is None)
    answered = sum(1 for ring in rings if ring.answered)
    balance.lines[:0] = [
        Line("calls", len(calls), ends["dialled"]),
        Line("calls ended", sum(1 for call in calls if call.closed_ms), ended),
        Line("refused by the switch", blocked, ends["refused"]),
        Line("talks", talks, answered - in_vain),
    ]
    return balance


def _by_who(facts: Iterable[Fact]) -> dict[str, dict[str, float]]:
    """Row or user → what → when."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for fact in facts:
        table[fact.who][fact.what] = fact.at_s
    return table


def _compare_calls(
    balance: Balance,
    by_row: Mapping[str, Mapping[str, float]],
    known: Mapping[str, Known],
    calls: Sequence[CallRecord],
) -> None:
    rows = {known[row].number: row for row in by_row if known[row].number}
    hidden = sorted(
        (row for row in by_row if not known[row].number), key=lambda r: by_row[r].get("dialled", 0)
    )
    withheld = []
    unmet = []
    for call in calls:
        if call.caller_kind is CallerKind.WITHHELD:
            withheld.append(call)
        elif call.caller_kind is CallerKind.UNAVAILABLE and not call.dialled:
            unmet.append(call)
        elif (row := rows.pop(call.caller_number, None)) is None:
            balance.differences.append(f"call {call.call}: in the ledger, dialled by nobody")
        else:
            _compare_call(balance, row, by_row[row], call)
    balance.lines.append(Line("withheld numbers", len(withheld), len(hidden)))
    for row, call in zip(hidden, sorted(withheld, key=_offered), strict=False):
        _compare_call(balance, row, by_row[row], call)
    _compare_unmet(balance, by_row, list(rows.values()), unmet)


def _compare_unmet(
    balance: Balance,
    by_row: Mapping[str, Mapping[str, float]],
    rows: list[str],
    unmet: Sequence[CallRecord],
) -> None:
    """Callers who hung up before the first word: the ledger knows only when they did."""
    for call in sorted(unmet, key=_offered):
        at_s = call.closed_ms / 1000
        near = [row for row in rows if abs(by_row[row].get("hung_up", 0.0) - at_s) <= UNMET_S]
        if near:
            rows.remove(min(near, key=lambda row: abs(by_row[row]["hung_up"] - at_s)))
        else:
            balance.differences.append(f"call {call.call}: in the ledger, hung up by nobody")
    balance.differences += [f"caller {row}: dialled, not in the ledger" for row in rows]


def _offered(call: CallRecord) -> int:
    return call.offered_ms


def _compare_call(balance: Balance, row: str, saw: Mapping[str, float], call: CallRecord) -> None:
    wrong = balance.differences.append
    if abs(call.offered_ms / 1000 - saw["dialled"]) > TOLERANCE_S:
        wrong(f"caller {row}: the ledger has the call at another time")
    end = next((saw[what] for what in ("hung_up", "was_hung_up", "refused") if what in saw), None)
    if end is None:
        wrong(f"caller {row}: never ended")
    elif abs(call.closed_ms / 1000 - end) > TOLERANCE_S:
        wrong(f"caller {row}: the ledger ends the call at another time")
    if "was_hung_up" in saw and call.outcome in _NEVER_TALKED:
        wrong(f"caller {row}: stayed to the end, the ledger says {call.outcome.value}")


def _compare_legs(balance: Balance, rings: Sequence[Ring], legs: Sequence[LegRecord]) -> int:
    """Each offer with its ring; returns how many phones answered when the caller had just gone."""
    heard: dict[str, list[Ring]] = defaultdict(list)
    offered: dict[str, list[LegRecord]] = defaultdict(list)
    for ring in sorted(rings, key=lambda ring: ring.at_s):
        heard[ring.phone].append(ring)
    for each in sorted(legs, key=lambda leg: leg.offered_ms):
        offered[str(each.agent)].append(each)
    reached = in_vain = 0
    for phone in sorted(heard.keys() | offered.keys()):
        for leg, rang in aligned(offered[phone], heard[phone]):
            if leg is None:
                balance.differences.append(f"phone {phone}: rang without an offer")
                continue
            reached += rang is not None
            in_vain += rang is not None and rang.answered and leg.result is not None
            if not fits(leg, rang):
                said = leg.result.value if leg.result else "talk"
                saw = rang.last if rang else "never rang"
                balance.differences.append(
                    f"offer {leg.offer}: the ledger says {said}, the phone {saw}"
                )
    balance.lines.append(Line("rings", reached, len(rings)))
    return in_vain
