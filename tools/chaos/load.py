"""Who calls and who answers in a chaos run: SIPp on both sides, each with its own truth.

Every caller has a number of its own, and every telephone notes which number it was shown: so what
both saw of one another can be put together without asking the centre.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from acd.errors import Refused
from sim.load import scenario
from sim.load.counts import Fact
from sim.load.sipp import Load

HOST = "127.0.0.1"
#: With the menu's server and a farewell / straight into the waiting line.
NUMBERS = ("0466001111", "0466001113")
#: Who stays waits so long, in milliseconds: longer than anything is broken.
_STAYS_MS = (18_000, 25_000)
_LEAVES_MS = (50, 6_000)
_LEAVES = 0.125
_TALK_SHAPE, _TALK_SCALE_MS = 6, 500
_PHONE_ROWS = 5_000
#: SIP gives up a request after 32 seconds; whoever is hung up then was there until then.
DRAIN_S = 70.0

_RANG = 'message="phone,[$user],rang,'
_SHOWN = '<ereg regexp="sip:([^@;>]+)" search_in="hdr" header="From:" assign_to="all,shown"/>'


def number(row: int) -> str:
    """The number that caller ``row`` (from 1) calls from."""
    return f"0466{row:06d}"


@dataclass(frozen=True, slots=True)
class Arriving:
    """Callers who come to one switch: ``entrance`` is its ``address:port``, the first of them is
    row ``first``, there are ``calls`` of them, ``rate`` a second."""

    switch: str
    entrance: str
    first: int
    calls: int
    rate: float


def shared(entrances: Mapping[str, str], calls: int, rate: float) -> list[Arriving]:
    """Callers who come to all switches alike."""
    found: list[Arriving] = []
    first = 1
    for number_of, (switch, entrance) in enumerate(entrances.items()):
        own = (calls + len(entrances) - 1 - number_of) // len(entrances)
        found.append(Arriving(switch, entrance, first, own, rate / len(entrances)))
        first += own
    return found


def callers(seed: int, arriving: Arriving, port: int, media_port: int) -> Load:
    """The load of callers; one in eight gives up at some moment within six seconds."""
    chance = random.Random(f"chaos callers {seed} {arriving.first}")
    rows = []
    for row in range(arriving.first, arriving.first + arriving.calls):
        identity = f"<sip:{number(row)}@{HOST}>"
        patience = chance.randint(*(_LEAVES_MS if chance.random() < _LEAVES else _STAYS_MS))
        asserted = f"P-Asserted-Identity: {identity}"
        dialled = chance.choice(NUMBERS)
        rows.append(["0", dialled, identity, asserted, "Privacy: none", "0", str(patience)])
    return Load(
        name=f"callers-{arriving.switch}",
        scenario=scenario.caller([]),
        port=port,
        media_port=media_port,
        calls=arriving.calls,
        limit_s=arriving.calls / arriving.rate + DRAIN_S,
        remote=arriving.entrance,
        rows=rows,
        rate=arriving.rate,
    )


def phones(seed: int, length_s: float, port: int, media_port: int) -> Load:
    """The telephones of all operators; most answer, some ring on, are busy or decline."""
    chance = random.Random(f"chaos phones {seed}")
    habits = (scenario.ANSWER, scenario.RING_ON, scenario.BUSY, scenario.DECLINE)
    rows = []
    for _ in range(_PHONE_ROWS):
        habit = chance.choices(habits, (94, 2, 2, 2))[0]
        talk_ms = round(chance.gammavariate(_TALK_SHAPE, _TALK_SCALE_MS))
        rows.append([str(habit), str(chance.randint(0, 400)), str(talk_ms)])
    return Load(
        name="phones",
        scenario=_showing(scenario.phone()),
        port=port,
        media_port=media_port,
        calls=100_000,
        limit_s=length_s + 3 * DRAIN_S,
        rows=rows,
    )


def _showing(text: str) -> str:
    """The telephone's scenario with each ringing told apart, and the number that it shows."""
    head = f'      <log {_RANG}[$sec],[$usec]"/>'
    if head not in text:
        raise Refused("the telephone's scenario does not say any more when it rings: mend the run")
    shown = f'{head}\n      <log message="shown,[call_number],[$shown],[$sec],[$usec]"/>'
    found = text.replace(head, shown).replace("phone,[$user],", "[$user],[call_number],")
    user = '<ereg regexp="sip:([^@;>]+)" search_in="hdr" header="To:" assign_to="all,user"/>'
    return found.replace(user, f"{user}\n      {_SHOWN}")


@dataclass(slots=True)
class Ring:
    """What one telephone saw of one ringing; times in Unix seconds, 0 for what never came."""

    phone: str = ""
    shown: str = ""
    rang_s: float = 0.0
    answered_s: float = 0.0
    ended_s: float = 0.0
    doubtful: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether it neither proves nor denies a talk: a switch on its way was gone (the judge
        finds out), or the telephone lost its story: a switch that stood still repeats itself, and
        SIPp then drops the call without a word."""
        return self.doubtful or not (self.answered_s or self.ended_s)


@dataclass(slots=True)
class Caller:
    """What one caller saw; times in Unix seconds, 0 for what never came. ``end`` is ``hung_up``,
    ``was_hung_up``, ``refused``, or empty for a caller whom nobody ever answered. ``switch`` is
    where the caller came, empty when there is but one."""

    row: int
    dialled_s: float = 0.0
    up_s: float = 0.0
    end: str = ""
    ended_s: float = 0.0
    rings: list[Ring] = field(default_factory=list)
    switch: str = ""

    @property
    def number(self) -> str:
        """The caller's own."""
        return number(self.row)

    def talked(self, ring: Ring) -> bool:
        """Whether they were in a talk at all."""
        return self.together_s(ring) > 0

    def together_s(self, ring: Ring) -> float:
        """How long both were in a talk, as far as both know; a telephone that was forgotten by a
        dead switch talks on alone, and so does a caller."""
        if ring.says_nothing or not (ring.answered_s and self.up_s):
            return 0.0
        ends = [at_s for at_s in (ring.ended_s, self.ended_s) if at_s]
        return min(ends, default=ring.answered_s) - max(ring.answered_s, self.up_s)


def stories(
    callers_saw: Sequence[tuple[Arriving, Sequence[Fact]]], phones_saw: Sequence[Fact]
) -> list[Caller]:
    """Each caller's side of it, with the rings that showed the caller's number."""
    found: dict[int, Caller] = {}
    for arriving, facts in callers_saw:
        for fact in facts:
            # SIPp counts its own calls from 1 on.
            row = arriving.first - 1 + int(fact.who)
            caller = found.setdefault(row, Caller(row, switch=arriving.switch))
            if fact.what == "dialled":
                caller.dialled_s = fact.at_s
            elif fact.what == "up":
                caller.up_s = fact.at_s
            elif not caller.end:
                caller.end, caller.ended_s = fact.what, fact.at_s
    by_number = {caller.number: caller for caller in found.values()}
    for ring in _rings(phones_saw):
        if ring.shown in by_number:
            by_number[ring.shown].rings.append(ring)
    return sorted(found.values(), key=lambda caller: caller.row)


def _rings(facts: Sequence[Fact]) -> list[Ring]:
    rings: dict[str, Ring] = {}
    for fact in facts:
        if fact.kind == "shown":
            rings.setdefault(fact.who, Ring()).shown = fact.what
            continue
        ring = rings.setdefault(fact.who, Ring())
        ring.phone = fact.kind
        if fact.what == "rang":
            ring.rang_s = fact.at_s
        elif fact.what == "answered":
            ring.answered_s = fact.at_s
        elif not ring.ended_s:
            ring.ended_s = fact.at_s
    return list(rings.values())
