"""What the alarms are judged by: the values of this moment, for each rule."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct

from acd.app.alarm_rules import Facts, Reading
from acd.config.alarm_settings import OF_TARGETS, AlarmKind, Rule
from acd.core.cdr_types import Record, VisitRecord
from acd.core.engine import Engine
from agents.state import AgentState
from metrics.contract import Contract
from metrics.dimensions import Dim
from metrics.measures import Figure, figure
from metrics.realtime import now_of
from metrics.tally import Sums

#: Visits that a window holds at most; beyond it the oldest no longer count.
VISITS_KEPT = 100_000

#: The last minutes that are shown, whatever the rules judge.
RECENT_S = 900.0

#: Kept visits are bytes: some 150 of them, where a row and its texts take 500.
_VISIT = msgspec.msgpack.Decoder(VisitRecord)

Values = Mapping[str, float | None]


class Levels(Struct, frozen=True):
    """What only the adapters know. Shares 0 to 1, seconds, counts."""

    switch_up: bool
    ami_lag_s: float
    journal_failing: bool
    journal_lag: int
    spool_used: float
    disk_used: float
    clock_drift_s: float
    database_fails: bool
    rebuilt: int
    loop_lag_s: float


class Window:
    """Visits that ended in the last so many seconds, folded by queue and as a whole (``""``)."""

    def __init__(self, window_s: float) -> None:
        self._window_ms = round(window_s * 1000)
        self._visits: deque[tuple[int, bytes]] = deque()
        self._sums: dict[str, Sums] = {"": Sums()}

    def take(self, rows: Sequence[Record]) -> None:
        """Rows as they are finished; those of a drill are left out."""
        for row in rows:
            if isinstance(row, VisitRecord) and not row.drill:
                self._visits.append((row.ended_ms, msgspec.msgpack.encode(row)))
                self._count(row, 1)
        while len(self._visits) > VISITS_KEPT:
            self._forget_oldest()

    @property
    def visits(self) -> Sequence[VisitRecord]:
        """What it remembers, the oldest first."""
        return tuple(_VISIT.decode(kept) for _, kept in self._visits)

    def sums(self, now_ms: int) -> dict[str, Sums]:
        """What is left of it at this moment."""
        visits = self._visits
        while visits and visits[0][0] <= now_ms - self._window_ms:
            self._forget_oldest()
        return self._sums

    def _forget_oldest(self) -> None:
        self._count(_VISIT.decode(self._visits.popleft()[1]), -1)

    def _count(self, row: VisitRecord, times: int) -> None:
        self._sums[""].add(row, times)
        self._sums.setdefault(row.queue, Sums()).add(row, times)


class AlarmFacts:
    """Makes the facts for some rules; called by the alarms at each look.

    ``lines`` gives the score of each trunk's sound, ``limits`` how many calls there may be on a
    trunk (trunks without a limit are left out), ``in_use`` how many there are with those that
    operators made, ``down`` which trunks do not answer, ``targets`` what a rule finds of the day so
    far beside its targets.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        engine: Callable[[], Engine],
        now: Callable[[], float],
        contract: Callable[[], Contract],
        levels: Callable[[], Levels],
        lines: Callable[[], Values],
        limits: Mapping[str, int],
        down: Callable[[], Values] = dict,
        in_use: Callable[[], Mapping[str, int]] = dict,
        targets: Callable[[Rule], Mapping[str, Reading | None]] = lambda _rule: {},
    ) -> None:
        self._engine, self._now = engine, now
        self._contract, self._levels, self._lines = contract, levels, lines
        self._down, self._in_use, self._targets = down, in_use, targets
        self._limits = {trunk: limit for trunk, limit in limits.items() if limit > 0}
        self._windows: dict[float, Window] = {}
        self.adopt(rules)
        self._rebuilt: deque[float] = deque(maxlen=1_000)
        self._rebuilt_before = 0

    def adopt(self, rules: Sequence[Rule]) -> None:
        """Make the facts for other rules from now on. A new window begins with what the longest of
        the old ones remembers."""
        self._rules = rules
        old = self._windows
        longest = old[max(old)].visits if old else ()
        lengths = {r.window_s for r in rules if r.kind is AlarmKind.SERVICE_LEVEL} | {RECENT_S}
        self._windows = {each: old.get(each) or Window(each) for each in sorted(lengths)}
        for each in lengths - set(old):
            self._windows[each].take(longest)

    def take(self, rows: Sequence[Record]) -> None:
        """Rows as they are finished."""
        for window in self._windows.values():
            window.take(rows)

    @property
    def longest_window_s(self) -> float:
        """How far back anything is judged."""
        return max(self._windows, default=0.0)

    def remember(self, rows: Sequence[Record]) -> None:
        """Rows of before the start, in any order; those that came since are among them or not."""
        older = {_visit(row): row for row in rows if isinstance(row, VisitRecord)}
        for length, window in self._windows.items():
            known = older | {_visit(row): row for row in window.visits}
            inorder = sorted(known.values(), key=lambda row: row.ended_ms)
            anew = self._windows[length] = Window(length)
            anew.take(inorder)

    def __call__(self) -> Facts:
        """The values of now, by rule and subject."""
        now_s, levels = self._now(), self._levels()
        self._rebuilt.extend([now_s] * (levels.rebuilt - self._rebuilt_before))
        self._rebuilt_before = levels.rebuilt
        simple = _simple(levels)
        now = now_of(self._engine().state, now_s)
        waits = {queue: waiting.longest_ms / 1000 for queue, waiting in now.queues.items()}
        both = self._in_use()
        used: dict[str, float | None] = {
            trunk: max(now.lines.get(trunk, 0), both.get(trunk, 0)) / limit
            for trunk, limit in self._limits.items()
        }
        by_kind: dict[AlarmKind, Values] = {
            **{kind: {"": value} for kind, value in simple.items()},
            AlarmKind.LONGEST_WAIT: waits,
            AlarmKind.TRUNK_FULL: used,
            AlarmKind.TRUNK_DOWN: self._down(),
            AlarmKind.LINE_QUALITY: self._lines(),
            AlarmKind.NOBODY_LOGGED_IN: {"": float(self._nobody(now_s))},
        }
        return {rule.id: self._of(rule, by_kind, now_s) for rule in self._rules}

    def _of(
        self, rule: Rule, by_kind: Mapping[AlarmKind, Values], now_s: float
    ) -> Mapping[str, Reading | None]:
        if rule.kind in OF_TARGETS:
            return self._targets(rule)
        if rule.kind is AlarmKind.SERVICE_LEVEL:
            values = self._levels_of_service(rule, now_s)
        elif rule.kind is AlarmKind.CONTROLLER_REBUILT:
            return {"": float(sum(at_s > now_s - rule.window_s for at_s in self._rebuilt))}
        else:
            values = by_kind[rule.kind]
        if rule.queues:
            return {queue: value for queue, value in values.items() if queue in rule.queues}
        return values

    def recent(self) -> dict[str, Figure]:
        """The contract's service level over the last quarter of an hour, by queue and of the whole
        centre (``""``)."""
        return self._levels_of(self._windows[RECENT_S].sums(round(self._now() * 1000)))

    def _levels_of_service(self, rule: Rule, now_s: float) -> Values:
        sums = self._windows[rule.window_s].sums(round(now_s * 1000))
        return {
            queue: now.value if sums[queue].visits.entered >= rule.at_least else None
            for queue, now in self._levels_of(sums).items()
        }

    def _levels_of(self, sums: Mapping[str, Sums]) -> dict[str, Figure]:
        contract, queues = self._contract(), self._engine().plan.queues
        return {
            queue: figure(
                contract.service_level,
                each,
                contract.params(Dim.QUEUE if queue else Dim.ALL, queue, queues),
            )
            for queue, each in sums.items()
        }

    def _nobody(self, now_s: float) -> bool:
        state = self._engine().state
        if any(agent.state is not AgentState.LOGGED_OUT for agent in state.agents.values()):
            return False
        hours = (state.calendars.get(queue.hours) for queue in self._engine().plan.queues)
        return any(each is None or each.is_open(now_s) for each in hours)


def _visit(row: VisitRecord) -> tuple[str, str]:
    return row.call, row.visit


def _simple(levels: Levels) -> dict[AlarmKind, float]:
    return {
        AlarmKind.SWITCH_GONE: float(not levels.switch_up),
        AlarmKind.AMI_LAG: levels.ami_lag_s,
        AlarmKind.JOURNAL_FAILING: float(levels.journal_failing),
        AlarmKind.JOURNAL_LAG: float(levels.journal_lag),
        AlarmKind.SPOOL_FILLING: levels.spool_used,
        AlarmKind.DISK_FULL: levels.disk_used,
        AlarmKind.CLOCK_DRIFT: abs(levels.clock_drift_s),
        AlarmKind.DATABASE_GONE: float(levels.database_fails),
        AlarmKind.EVENT_LOOP_LAG: levels.loop_lag_s,
    }
