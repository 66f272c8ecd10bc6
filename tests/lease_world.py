"""A world of some controllers and one lease store in virtual time, where everything goes wrong.

Questions and answers are late, lost, or carried out after they were given up; processes stop for
seconds and go on; clocks show anything and run at different speeds; the store is gone, fails over
and loses what it had not confirmed, or forgets everything. After each event :meth:`World.judge`
looks whether two controllers could act.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from acd.adapters.lease_memory import MemoryLeases
from acd.app.leader import Acquire, Leader, LeaderState, Look, Question, Release, Renew, Times
from acd.ports_cluster import Lease

T = TypeVar("T")

ASK_TIMEOUT_S = 0.5
FAULTS_END_S = 40.0


@dataclass
class Trouble:
    """How bad it is: chances per question, and how many of each in a run."""

    late: float = 0.06
    lost: float = 0.03
    pauses: int = 6
    outages: int = 2
    failovers: int = 6
    forgets: int = 1
    kills: int = 2
    requests: int = 2


@dataclass
class Node:
    """One controller: its machine, its clock, and what it waits for."""

    name: str
    leader: Leader
    offset_s: float
    speed: float
    paused_until_s: float = -math.inf
    asking: int = 0  # number of the question under way; 0 for none
    questions: int = 0
    dead: bool = False

    def clock(self, at_s: float) -> float:
        """What its monotonic clock shows."""
        return self.offset_s + at_s * self.speed

    def holds(self, at_s: float) -> bool:
        """Whether it could act; a process that stands still could go on at any moment."""
        return not self.dead and self.leader.holds(self.clock(at_s))


class World:
    """One seeded run."""

    def __init__(self, seed: int, nodes: int, trouble: Trouble, times: Times | None = None) -> None:
        self.chance = random.Random(seed)
        self.times, self.trouble = times or Times(), trouble
        self.now_s = 0.0
        self.store = MemoryLeases()
        self.confirmed: Lease | None = None  # what a failover keeps
        self.connection = 0
        self.store_down_until_s = -math.inf
        self.database_token = 0  # what the fence of the database has seen
        self.overlaps: list[tuple[float, list[str]]] = []
        self.leaderless_s = 0.0
        self.elections: list[tuple[float, str, int]] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self.nodes = [self._new_node(name) for name in "abcdefg"[:nodes]]
        for node in self.nodes:
            self.at(self.chance.random() * 0.3, lambda node=node: self.wake(node))  # type: ignore[misc]

    def _new_node(self, name: str) -> Node:
        drawn = self.chance
        leader = Leader(name, self.times, lambda: f"{drawn.getrandbits(64):x}")
        return Node(name, leader, drawn.uniform(-1e5, 1e5), drawn.uniform(0.98, 1.02))

    # -- time ----------------------------------------------------------------------------------

    def at(self, at_s: float, do: Callable[[], None]) -> None:
        """Do something at a time."""
        self._number += 1
        heapq.heappush(self._events, (at_s, self._number, do))

    def run(self, until_s: float) -> None:
        """Let time pass and judge after each event."""
        while self._events and self._events[0][0] <= until_s:
            at_s, _, do = heapq.heappop(self._events)
            if not any(node.holds(at_s) for node in self.nodes):
                self.leaderless_s += at_s - self.now_s
            self.now_s = at_s
            do()
            self.judge()
        self.now_s = until_s

    def judge(self) -> None:
        """Two that could act at once are noted."""
        acting = [node.name for node in self.nodes if node.holds(self.now_s)]
        if len(acting) > 1:
            self.overlaps.append((self.now_s, acting))

    # -- controllers ---------------------------------------------------------------------------

    def wake(self, node: Node) -> None:
        """A controller does what is due, unless it stands still."""
        if node.dead or node.asking:
            return
        if self.now_s < node.paused_until_s:
            self.at(node.paused_until_s, lambda: self.wake(node))
            return
        clock_s = node.clock(self.now_s)
        node.leader.tick(clock_s)
        if node.leader.state is LeaderState.STEPPING_DOWN:
            self.at(self.now_s + self.chance.random() * 0.5, lambda: self._stop(node))
        question = node.leader.ask(clock_s)
        if question is not None:
            self._put(node, question)
        elif node.leader.wake_s < math.inf:
            left_s = (node.leader.wake_s - clock_s) / node.speed
            self.at(self.now_s + max(left_s, 0.001), lambda: self.wake(node))

    def _stop(self, node: Node) -> None:
        if not node.dead and node.leader.state is LeaderState.STEPPING_DOWN:
            node.leader.stopped()
            self.wake(node)

    def _put(self, node: Node, question: Question) -> None:
        node.questions += 1
        node.asking = number = node.questions
        there_s = self.now_s + self._delay_s()
        self.at(there_s, lambda: self._arrives(node, question, number))
        self.at(
            self.now_s + ASK_TIMEOUT_S,
            lambda: self._back(node, number, lambda clock_s: node.leader.failed(question, clock_s)),
        )

    def _delay_s(self) -> float:
        if self.now_s < FAULTS_END_S and self.chance.random() < self.trouble.late:
            return self.chance.expovariate(1 / 1.0)
        return self.chance.uniform(0.0002, 0.004)

    def _arrives(self, node: Node, question: Question, number: int) -> None:
        """At the store: carried out whether or not anybody waits for it still."""
        if self.now_s < self.store_down_until_s:
            return  # no answer will come
        record = self._carried_out(question)
        connection = self.connection

        def confirm() -> None:
            # The answer leaves when the replicas have it, and not if the store failed over before.
            if connection != self.connection or self.now_s < self.store_down_until_s:
                return
            self.confirmed = self.store.record
            if self.now_s < FAULTS_END_S and self.chance.random() < self.trouble.lost:
                return
            self.at(self.now_s + self._delay_s(), answer)

        def answer() -> None:
            self._back(node, number, told)

        def told(clock_s: float) -> None:
            node.leader.answered(question, record, clock_s, connection)

        self.at(self.now_s + self._delay_s(), confirm)

    def _carried_out(self, question: Question) -> Lease | None:
        store = self.store
        match question:
            case Look():
                work = store.look()
            case Acquire():
                work = store.acquire(question.seen, question.wanted)
            case Renew():
                work = store.renew(question.mine, restore=question.restore)
            case Release():
                _at_once(store.release(question.mine, question.heir))
                return store.record
        return _at_once(work)

    def _back(self, node: Node, number: int, tell: Callable[[float], None]) -> None:
        if node.dead or node.asking != number:
            return
        if self.now_s < node.paused_until_s:
            later_s = node.paused_until_s + self.chance.random() * 0.001
            self.at(later_s, lambda: self._back(node, number, tell))
            return
        before = node.leader.state
        node.asking = 0
        tell(node.clock(self.now_s))
        if before is LeaderState.STANDING_BY and node.leader.state is LeaderState.LEADING:
            self._fence(node)
        self.wake(node)

    def _fence(self, node: Node) -> None:
        """A new leader's first act: its token into the database, which takes only higher ones."""
        if node.leader.token <= self.database_token:
            node.leader.refused(self.database_token)
            return
        self.database_token = node.leader.token
        self.elections.append((self.now_s, node.name, node.leader.token))

    # -- what goes wrong -----------------------------------------------------------------------

    def plan_trouble(self) -> None:
        """Spread the run's faults over its first part."""
        trouble, drawn = self.trouble, self.chance
        for count, fault in (
            (trouble.pauses, self.pause),
            (trouble.outages, self.outage),
            (trouble.failovers, self.fail_over),
            (trouble.forgets, self.forget),
            (trouble.kills, self.kill),
            (trouble.requests, self.hand_over),
        ):
            for _ in range(drawn.randint(0, count)):
                self.at(drawn.uniform(2.0, FAULTS_END_S), fault)

    def _some_node(self) -> Node:
        leading = [node for node in self.nodes if node.leader.token]
        return self.chance.choice(leading if leading and self.chance.random() < 0.6 else self.nodes)

    def pause(self) -> None:
        """A process stands still (SIGSTOP, a machine that swaps) and goes on."""
        node = self._some_node()
        node.paused_until_s = self.now_s + self.chance.choice([0.3, 1.0, 1.5, 2.0, 6.0])

    def outage(self) -> None:
        """The store answers nobody for a while."""
        self.store_down_until_s = self.now_s + self.chance.choice([0.2, 0.8, 1.5, 5.0])
        self.connection += 1

    def fail_over(self) -> None:
        """A replica becomes the store; what was not confirmed is lost."""
        self.store.record = self.confirmed
        self.store_down_until_s = self.now_s + self.chance.choice([0.0, 0.05, 1.8])
        self.connection += 1

    def forget(self) -> None:
        """The store starts anew and empty."""
        self.store.record = self.confirmed = None
        self.connection += 1

    def kill(self) -> None:
        """A controller dies and is started again, knowing nothing."""
        index = self.nodes.index(self._some_node())
        dead = self.nodes[index]
        dead.dead = True
        self.nodes[index] = fresh = self._new_node(dead.name)
        self.at(self.now_s + self.chance.uniform(0.2, 4.0), lambda: self.wake(fresh))

    def hand_over(self) -> None:
        """A person asks the leader to step down, for somebody or for anybody."""
        node = self._some_node()
        node.leader.step_down(self.chance.choice(["", *(each.name for each in self.nodes)]))


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of what never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("memory does not wait")
