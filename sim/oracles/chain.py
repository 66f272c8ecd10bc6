"""Small centres with skills solved exactly, as a Markov chain: no chance, no error but rounding.

A state says, for each group and skill, how many operators are in such a call, and how many of each
skill wait. All times must be exponential, and the rule may look at numbers waiting only (the
longest wait would need every call's age). Lines are cut where hardly anybody ever waits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

from acd.errors import Refused
from sim.inputs.distributions import Kind
from sim.inputs.scenario import Rule
from sim.oracles.skills import Centre

STATES_MAX = 30_000
#: What may be lost by cutting the lines.
MASS_MAX = 1e-13
_FIRST_CUT, _STEP = 40, 1.5

State = tuple[int, ...]
Move = tuple[float, State]


class _Chain:
    """The moves of a centre. A state holds a number for each pair (group, skill), then the numbers
    waiting by skill."""

    def __init__(self, of: Centre, most_waiting: int) -> None:
        self.of = of
        self.most = most_waiting
        names = [each.name for each in of.skills]
        self.pairs = [
            (g, names.index(skill)) for g, group in enumerate(of.groups) for skill in group.skills
        ]
        self.at = {pair: i for i, pair in enumerate(self.pairs)}
        self.waits = len(self.pairs)
        self.prefers = [
            [
                next(g for g, group in enumerate(of.groups) if group.name == name)
                for name in s.prefers
            ]
            for s in of.skills
        ]
        self.order = [names.index(name) for name in of.order]

    def busy(self, state: State, g: int) -> int:
        """Operators of a group who are in a call."""
        return sum(state[i] for i, (group, _) in enumerate(self.pairs) if group == g)

    def idle_for(self, state: State, s: int) -> int | None:
        """The first preferred group with somebody idle; None: the caller waits."""
        for g in self.prefers[s]:
            if (g, s) in self.at and self.busy(state, g) < self.of.groups[g].agents[0]:
                return g
        return None

    def next_for(self, state: State, g: int) -> int | None:
        """The skill that an operator of the group who frees takes next."""
        able = [s for s in self.order if (g, s) in self.at and state[self.waits + s]]
        if not able:
            return None
        if self.of.rule is Rule.LONGEST_QUEUE:
            return max(able, key=lambda s: (state[self.waits + s], -self.order.index(s)))
        return able[0]

    def moves(self, state: State) -> Iterator[Move]:
        """Everything that may happen, with its rate."""
        for s, skill in enumerate(self.of.skills):
            g = self.idle_for(state, s)
            if g is not None:
                yield skill.arrival_per_s, _plus(state, self.at[g, s])
            elif state[self.waits + s] < self.most:
                yield skill.arrival_per_s, _plus(state, self.waits + s)
            waiting = state[self.waits + s]
            if waiting and skill.patience is not None:
                yield waiting / skill.patience.mean_s, _plus(state, self.waits + s, -1)
        for i, (g, s) in enumerate(self.pairs):
            if state[i]:
                freed = _plus(state, i, -1)
                taken = self.next_for(freed, g)
                if taken is not None:
                    freed = _plus(_plus(freed, self.waits + taken, -1), self.at[g, taken])
                yield state[i] / self.of.skills[s].aht_s, freed


def _plus(state: State, place: int, by: int = 1) -> State:
    return (*state[:place], state[place] + by, *state[place + 1 :])


def solve(of: Centre) -> dict[str, float]:
    """``SKILL.p_wait``, ``SKILL.p_abandon``, ``SKILL.queue_mean`` and ``GROUP.occupancy``.

    Raises:
        Refused: it is no such chain, or too large a one.
    """
    for skill in of.skills:
        if skill.patience is not None and skill.patience.kind is not Kind.EXPONENTIAL:
            raise _no_chain()
    if of.rule is Rule.LONGEST_WAIT or set(of.order) != {each.name for each in of.skills}:
        raise _no_chain()
    cut = _FIRST_CUT
    while True:
        chain = _Chain(of, cut)
        states, shares = _steady(chain)
        at_cut = [max(state[chain.waits :]) >= cut for state in states]
        if float(shares[np.array(at_cut)].sum()) <= MASS_MAX:
            return _figures(chain, states, shares)
        cut = int(cut * _STEP)


def _steady(chain: _Chain) -> tuple[list[State], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """All states that can be reached, and the share of time in each."""
    first: State = (0,) * (chain.waits + len(chain.of.skills))
    number = {first: 0}
    states = [first]
    rows, columns, rates = [], [], []
    for state in states:  # grows while it is read
        here = number[state]
        for rate, after in chain.moves(state):
            if after not in number:
                if len(states) >= STATES_MAX:
                    raise _no_chain()
                number[after] = len(states)
                states.append(after)
            rows += [number[after], here]
            columns += [here, here]
            rates += [rate, -rate]
    size = len(states)
    balance = csc_matrix((rates, (rows, columns)), shape=(size, size))
    # One balance follows from the others: the empty centre's weight is set to 1 instead.
    rest = splu(balance[1:, 1:].tocsc()).solve(-balance[1:, 0].toarray().ravel())
    weights = np.concatenate([[1.0], rest])
    return states, weights / weights.sum()


def _figures(
    chain: _Chain, states: list[State], shares: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> dict[str, float]:
    found = {}
    table = np.array(states)
    for s, skill in enumerate(chain.of.skills):
        waiting = np.array([chain.idle_for(state, s) is None for state in states])
        queue = float(shares @ table[:, chain.waits + s])
        lost = queue / skill.patience.mean_s if skill.patience is not None else 0.0
        found[f"{skill.name}.p_wait"] = float(shares[waiting].sum())
        found[f"{skill.name}.queue_mean"] = queue
        found[f"{skill.name}.p_abandon"] = lost / skill.arrival_per_s
    for g, group in enumerate(chain.of.groups):
        own = [i for i, (of_group, _) in enumerate(chain.pairs) if of_group == g]
        busy = float(shares @ table[:, own].sum(axis=1))
        found[f"{group.name}.occupancy"] = busy / group.agents[0]
    return found


def _no_chain() -> Refused:
    return Refused(
        "this centre is no chain that can be solved: all times exponential, a rule that names all "
        f"skills, and at most {STATES_MAX} states",
        ja="この窓口は厳密には解けません。時間はすべて指数分布、順番はすべての業務を含め、"
        f"状態は{STATES_MAX}以下にしてください。",
    )
