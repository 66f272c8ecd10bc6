"""The cheapest set of shifts, with their breaks, that seats enough people in every slot.

Breaks are a flow: a person's day is a path through states (slot, slots at the screen since the
last rest, meal taken or not), so every allowed way to place the breaks is there without being
listed. People of the same shift and group are a flow of that many units, which falls apart into
their single days. The covering is a mixed integer programme, solved by HiGHS.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array

from acd.errors import Refused
from sim.staffing.roster import BreakRule, Duty, Kind, RosterPlan, Shift, Stretch

#: A needless rest costs nothing that is paid, and yet no plan should have it.
_REST_COST = 1e-4
_GAP = 5e-4
#: The same nodes give the same roster on a slow machine as on a fast one.
_NODES = 20_000
#: No time at the screen shorter than this between two breaks, in slots.
_LEAST_WORK = 2

State = tuple[int, int, bool]


@dataclass(frozen=True, slots=True)
class Arc:
    """One step of a person's day."""

    begin: State
    end: State
    kind: Kind


@dataclass(frozen=True, slots=True)
class Cover:
    """The duties of one day, their cost, and the bound below which no set of shifts can cost:
    ``linear_bound`` by the linear relaxation, ``bound`` by branch and bound."""

    duties: tuple[Duty, ...]
    cost: float
    linear_bound: float
    bound: float

    @property
    def gap(self) -> float:
        """How far above the bound, as a share of the cost."""
        return max(0.0, (self.cost - self.bound) / self.cost) if self.cost > 0 else 0.0


def ways(shift: Shift, rule: BreakRule) -> list[Arc]:
    """Every step that the break rules allow in this shift, from its beginning on."""
    found: list[Arc] = []
    seen: set[State] = set()
    waiting: list[State] = [(0, 0, shift.meal == 0)]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        for arc in _steps(state, shift, rule):
            found.append(arc)
            waiting.append(arc.end)
    return sorted(found, key=lambda arc: (arc.begin, arc.end))


def _steps(state: State, shift: Shift, rule: BreakRule) -> Iterator[Arc]:
    at, worked, fed = state
    if worked < rule.screen and at < shift.slots:
        yield Arc(state, (at + 1, worked + 1, fed), Kind.WORK)
    if worked < min(_LEAST_WORK, rule.screen):
        return
    if at + rule.rest < shift.slots:
        yield Arc(state, (at + rule.rest, 0, fed), Kind.REST)
    after = at + shift.meal
    if not fed and at >= rule.away and after <= shift.slots - rule.away:
        yield Arc(state, (after, 0, True), Kind.MEAL)


def cover(plan: RosterPlan) -> Cover:
    """The cheapest duties of a day.

    Raises:
        Refused: there are none; says which slots stay short and what to do.
    """
    model = _Model(plan)
    model.check_reach()
    found = model.solve()
    if found.x is None:
        raise model.infeasible()
    relaxed = model.solve(whole=False, rests=False)
    numbers = np.rint(found.x[: model.size]).astype(np.int64)
    cost = float(model.price(rests=False) @ numbers)
    duties = tuple(model.duties(numbers))
    linear = float(relaxed.fun)
    bound = max(linear, float(found.mip_dual_bound) - _rests_at_most(plan, cost))
    return Cover(duties, cost, min(cost, linear), min(cost, _next_price(plan, bound)))


def _rests_at_most(plan: RosterPlan, cost: float) -> float:
    """What the rests of any plan that is not dearer can cost in the model, which is no money."""
    people = cost / min(shift.cost for shift in plan.shifts)
    slots = max(shift.slots for shift in plan.shifts)
    return people * slots / (plan.rule.rest + 1) * _REST_COST


def _next_price(plan: RosterPlan, bound: float) -> float:
    """The bound raised to the next sum that the shifts' costs can make."""
    unit = math.gcd(*(round(shift.cost * 10_000) for shift in plan.shifts)) / 10_000
    return math.ceil((bound - 1e-6) / unit) * unit if unit else bound


class _Model:
    """The programme's columns (one a shift's, group's and way's step) and rows."""

    def __init__(self, plan: RosterPlan) -> None:
        self.plan = plan
        self.flows = [(shift, group) for shift in plan.shifts for group in shift.groups]
        self._ways = {shift: ways(shift, plan.rule) for shift in plan.shifts}
        self.columns = [
            (number, arc)
            for number, (shift, _) in enumerate(self.flows)
            for arc in self._ways[shift]
        ]
        self.size = len(self.columns)
        self.needs = [
            (group, slot, number / (1 - plan.absence))
            for group, numbers in plan.required.items()
            for slot, number in enumerate(numbers)
            if number
        ]

    def price(self, *, rests: bool = True) -> NDArray[np.float64]:
        """Of each column: a shift is paid where its day begins."""
        prices = np.zeros(self.size)
        for at, (number, arc) in enumerate(self.columns):
            if arc.begin[0] == 0:
                prices[at] += self.flows[number][0].cost
            if rests and arc.kind is Kind.REST:
                prices[at] += _REST_COST
        return prices

    def check_reach(self) -> None:
        """Refuse at once what no shift reaches."""
        reached = {
            (self.flows[number][1], self.flows[number][0].start + arc.begin[0])
            for number, arc in self.columns
            if arc.kind is Kind.WORK
        }
        missing = [(group, slot) for group, slot, _ in self.needs if (group, slot) not in reached]
        if missing:
            where = _joined(self.plan, missing)
            raise Refused(
                f"no shift works {where[0]}: add a start or a shift to [shifts], or ask for nobody "
                "then in [required]",
                ja=f"{where[1]}に働く勤務がありません。[shifts] に開始時刻か勤務を加えるか、"
                "[required] を0にしてください。",
            )

    def solve(
        self, *, whole: bool = True, short: bool = False, rests: bool = True
    ) -> OptimizeResult:
        """``short``: people may be missing, at a price above everything else."""
        extra = len(self.needs) if short else 0
        matrix, lower, upper = self._rows(extra)
        prices = np.concatenate((self.price(rests=rests), np.full(extra, 1e4)))
        return milp(
            prices,
            constraints=LinearConstraint(matrix, lower, upper),
            bounds=Bounds(0, np.inf),
            integrality=np.full(self.size + extra, int(whole)),
            options={"mip_rel_gap": _GAP, "node_limit": _NODES},
        )

    def infeasible(self) -> Refused:
        """What is short when as many as possible work."""
        found = self.solve(short=True)
        shorts = [] if found.x is None else found.x[self.size :]
        missing = [
            (group, slot)
            for (group, slot, _), number in zip(self.needs, shorts, strict=False)
            if number > 1e-6
        ]
        where = _joined(self.plan, missing) if missing else ("the day", "この日")
        return Refused(
            f"the shifts do not suffice {where[0]}: raise `most` of a shift that works then, add "
            "a start or a shift, or lower [required]",
            ja=f"{where[1]}の人数が足りません。その時間に働く勤務の most を増やすか、開始時刻や"
            "勤務を加えるか、[required] を減らしてください。",
        )

    def _rows(self, extra: int) -> tuple[coo_array, NDArray[np.float64], NDArray[np.float64]]:
        entries: list[tuple[int, int, float]] = []
        lower: list[float] = []
        upper: list[float] = []
        row_of: dict[object, int] = {}

        def row(key: object, least: float, most: float) -> int:
            if key not in row_of:
                row_of[key] = len(lower)
                lower.append(least)
                upper.append(most)
            return row_of[key]

        for number, (group, slot, need) in enumerate(self.needs):
            at = row((group, slot), need - 1e-9, np.inf)
            if extra:
                entries.append((at, self.size + number, 1.0))
        for column, (number, arc) in enumerate(self.columns):
            shift, group = self.flows[number]
            if arc.kind is Kind.WORK and (group, shift.start + arc.begin[0]) in row_of:
                entries.append((row_of[group, shift.start + arc.begin[0]], column, 1.0))
            if arc.begin[0] > 0:
                entries.append((row((number, arc.begin), 0, 0), column, -1.0))
            elif shift.most is not None:
                entries.append((row(("most", shift), 0, shift.most), column, 1.0))
            ends = arc.end[0] == shift.slots
            if not ends:
                entries.append((row((number, arc.end), 0, 0), column, 1.0))
            elif not arc.end[2]:  # without the meal no day ends
                entries.append((row(("unfed",), 0, 0), column, 1.0))
        rows, columns, values = zip(*entries, strict=True)
        shape = (len(lower), self.size + extra)
        return coo_array((values, (rows, columns)), shape), np.array(lower), np.array(upper)

    def duties(self, numbers: NDArray[np.int64]) -> Iterator[Duty]:
        """The flows taken apart into people's days."""
        flows: dict[int, dict[State, list[tuple[Arc, int]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        left = numbers.copy()
        for column in np.flatnonzero(numbers):
            number, arc = self.columns[column]
            flows[number][arc.begin].append((arc, int(column)))
        for number, (shift, group) in enumerate(self.flows):
            start: State = (0, 0, shift.meal == 0)
            while True:
                state, steps = start, list[Arc]()
                while state[0] < shift.slots:
                    at = next((c for _, c in flows[number][state] if left[c] > 0), None)
                    if at is None:
                        break
                    left[at] -= 1
                    steps.append(self.columns[at][1])
                    state = steps[-1].end
                if not steps:
                    break
                yield Duty(shift, group, _stretches(shift, steps))


def _stretches(shift: Shift, steps: Sequence[Arc]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for arc in steps:
        begin, end = shift.start + arc.begin[0], shift.start + arc.end[0]
        if found and found[-1].kind is arc.kind is Kind.WORK:
            begin = found.pop().begin
        found.append(Stretch(begin, end, arc.kind))
    return tuple(found)


def _joined(plan: RosterPlan, missing: Sequence[tuple[str, int]]) -> tuple[str, str]:
    """Slots in words, following ones together, at most three stretches: English, Japanese."""
    spans: list[tuple[str, int, int]] = []
    for group, slot in missing:
        if spans and spans[-1][0] == group and spans[-1][2] == slot:
            spans[-1] = (group, spans[-1][1], slot + 1)
        else:
            spans.append((group, slot, slot + 1))
    texts = [f"{group} {plan.clock(begin)}–{plan.clock(end)}" for group, begin, end in spans[:3]]
    more = len(spans) - 3
    en, ja = ", ".join(texts), "、".join(texts)
    if more > 0:
        en, ja = f"{en} and {more} more stretches", f"{ja}ほか{more}か所"
    return f"in {en}", ja
