"""Expected wait as quantiles, from how long calls keep operators busy; silent when unsure.

What is learnt: for each queue, how long the last calls kept an operator (ring to end of wrap-up),
and how many of those who wait are served at all. What is foretold: the calls ahead, in the global
order, each go to the operator who is free first of those who can serve it (as the engine does it),
and then comes this call's turn. So queues that share operators, in whole or in part, wait for the
same people. The spread is a gamma law's: with several operators who end their calls by chance, each
gap between two of them is about exponential. Its quantiles come from Wilson and Hilferty (1931):
only additions, multiplications and square roots, so all platforms agree to the bit.
"""

from __future__ import annotations

from math import sqrt

from msgspec import Struct

from acd.core.call import Call
from acd.core.ids import OfferId, QueueId
from acd.core.queue import Entry, Line
from acd.core.state import State
from agents.agent import Agent
from agents.state import AgentState

#: The fewest handlings that are trusted.
ENOUGH = 8
#: When nobody who can serve has begun a call for so many usual gaps, we do not know what goes on.
STALE = 5.0
#: The ninetieth percentile may be this many times the median before we rather say nothing.
WIDEST = 4.0
#: Steps of foretelling (calls ahead times operators) that a caller is worth.
MOST_STEPS = 20_000

_Z90 = 1.2815515655446004
_BUSY = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)


class ExpectedWait(Struct, frozen=True):
    """Median and ninetieth percentile of the remaining wait, in seconds."""

    p50_s: float
    p90_s: float


def expected_wait(state: State, call: Call, now: float) -> ExpectedWait | None:
    """Quantiles of the remaining wait of a waiting call, or None when unsure."""
    placed = state.room.placed.get(call.id)
    if placed is None or placed[1][0].only is not None:
        return None
    usual = _Usual(state)
    busy = _busy(state)
    able = [agent for agent in busy if any(agent.id in line.able for line in placed[1])]
    mean_s, spread, count = usual.in_queue(call.queue)
    if not able or count < ENOUGH or mean_s <= 0 or any(line.idle for line in placed[1]):
        return None
    newest_s = max(_begun_s(agent) for agent in able)
    if now - newest_s > max(mean_s, STALE * mean_s / len(able)):
        return None
    ahead = _ahead(state, placed[0], len(busy))
    if ahead is None:
        return None
    free_s = _first_free(state, usual, busy, able)
    wait_s = _turn_s(state, usual, free_s, ahead, placed[1])
    if wait_s is None:
        return None
    # With one operator the gaps are whole calls, whose spread is known.
    gap_s = mean_s / len(able)
    variance = wait_s * gap_s * (spread if len(able) == 1 else 1.0)
    variance += wait_s * wait_s * spread / count
    p50 = _gamma_quantile(wait_s, variance, 0.0)
    p90 = _gamma_quantile(wait_s, variance, _Z90)
    return ExpectedWait(p50, p90) if p50 > 0 and p90 <= WIDEST * p50 else None


class _Usual:
    """How long calls keep an operator: by queue where enough is known, else over all queues."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[str, tuple[float, float, int]] = {}
        self._all: tuple[float, float, int] | None = None

    def in_queue(self, queue: QueueId) -> tuple[float, float, int]:
        """Mean in seconds, squared coefficient of variation, and of how many."""
        found = self._known.get(queue)
        if found is None:
            handling = self._state.handling.get(queue)
            taken = handling.took_s if handling is not None else []
            found = _moments(taken) if len(taken) >= ENOUGH else self._overall()
            self._known[queue] = found
        return found

    def _overall(self) -> tuple[float, float, int]:
        if self._all is None:
            every = self._state.handling.values()
            self._all = _moments([took_s for handling in every for took_s in handling.took_s])
        return self._all


def _moments(values: list[float]) -> tuple[float, float, int]:
    count = len(values)
    if count < 2:
        return 0.0, 0.0, count
    mean = sum(values) / count
    variance = sum((value - mean) * (value - mean) for value in values) / (count - 1)
    return mean, variance / (mean * mean) if mean > 0 else 0.0, count


def _busy(state: State) -> list[Agent]:
    """Operators with a call, who began first of all first: so they will be free, about."""
    found = [agent for agent in state.agents.values() if agent.state in _BUSY and not agent.retired]
    found.sort(key=lambda agent: (_begun_s(agent), agent.order))
    return found


def _begun_s(agent: Agent) -> float:
    return agent.since_s if agent.state is AgentState.RINGING else agent.busy_from_s


def _ahead(state: State, entry: Entry, operators: int) -> list[Entry] | None:
    """Waiting calls before this one in the global order; None when they are too many to look at."""
    placed = state.room.placed.values()
    if len(placed) * max(1, operators) > MOST_STEPS:
        return None
    return sorted(other for other, lines in placed if other < entry and lines[0].only is None)


def _turn_s(
    state: State, usual: _Usual, free_s: dict[str, float], ahead: list[Entry], lines: list[Line]
) -> float | None:
    """Seconds until this call's turn comes, by handing out the calls ahead one after another."""
    there: dict[str, float] = {}
    for _key, _number, other in ahead:
        taker = _earliest(free_s, state.room.placed[other.id][1])
        if taker is None:
            continue
        # Some of those ahead give up before their turn: by whole callers, evenly among them.
        queue = other.queue
        there[queue] = there.get(queue, 0.5) + state.handling[queue].stays(free_s[taker])
        if there[queue] >= 1.0:
            there[queue] -= 1.0
            free_s[taker] += usual.in_queue(queue)[0]
    taker = _earliest(free_s, lines)
    return None if taker is None else free_s[taker]


def _first_free(
    state: State, usual: _Usual, busy: list[Agent], able: list[Agent]
) -> dict[str, float]:
    """When each operator is free for the first time: those who can serve evenly over one usual
    handling, and so the others."""
    free_s = {}
    ours = {agent.id for agent in able}
    for group in (able, [agent for agent in busy if agent.id not in ours]):
        for number, agent in enumerate(group, 1):
            free_s[agent.id] = _usual_s(state, usual, agent) * number / len(group)
    return free_s


def _usual_s(state: State, usual: _Usual, agent: Agent) -> float:
    """How long the operator's present call keeps him or her as a rule."""
    if agent.offer is None:
        return usual.in_queue(QueueId(agent.took_queue))[0]
    offer = state.offers.get(OfferId(agent.offer))
    return usual.in_queue(offer.queue if offer is not None else QueueId(agent.took_queue))[0]


def _earliest(free_s: dict[str, float], lines: list[Line]) -> str | None:
    able = [agent for line in lines for agent in line.able if agent in free_s]
    return min(able, key=free_s.__getitem__) if able else None


def _gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Quantile of a gamma law by mean and variance at normal score ``z``."""
    if variance <= 0:
        return mean
    ninth = variance / (9.0 * mean * mean)
    root = 1.0 - ninth + z * sqrt(ninth)
    return mean * root * root * root if root > 0 else 0.0
