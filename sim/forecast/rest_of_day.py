"""From the records to the rest of a day: what is expected, as a scenario with its operators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from acd.errors import Refused
from metrics.roster import Shift
from sim.calibrate.days import DayKind, KindOf, grid
from sim.calibrate.fit import Asked, fit, with_groups
from sim.calibrate.past import Past, midnights_s, within
from sim.forecast.rostered import Groups, rostered
from sim.forecast.today import Today, rest_scenario
from sim.forecast.today import today as expected
from sim.inputs.scenario import Scenario

#: What is usual is learnt from so many weeks of the ledger, unless it is said otherwise.
WEEKS = 13
#: The stretches that are planned for a day, whose group each operator is of, and whether there is
#: a roster.
Rostered = tuple[Sequence[Shift], Groups, bool]


@dataclass(frozen=True, slots=True)
class Rest:
    """``rostered``: whether the seats are a roster's."""

    today: Today
    scenario: Scenario
    rostered: bool


def rest_of_day(
    past: Past,
    kind_of: KindOf,
    moment_s: float,
    length_s: int,
    *,
    calendar: bool,
    seats: int | None,
    roster: Callable[[dt.date], Rostered],
) -> Rest:
    """The rest of the day of a moment. ``seats``: so many operators; None: those of ``roster``,
    without one as on such days.

    Raises:
        Refused: nothing is known of usual days, or the day is closed or over.
    """
    day = dt.datetime.fromtimestamp(moment_s, past.zone).date()
    if day <= past.first:
        raise Refused(
            "there is no day before today in the records: what is usual is not known",
            ja="今日より前の日の記録がないため、いつもの件数がわかりません。",
        )
    if kind_of(day) is DayKind.CLOSED:
        raise Refused(
            f"{day} is closed by the centre's calendar: there is nothing to plan",
            ja=f"{day}はセンターのカレンダーで閉庁日のため、計画するものがありません。",
        )
    before = within(past, None, day - dt.timedelta(days=1))
    of = grid(before, length_s, kind_of, calendar=calendar)
    found = expected(of, kind_of(day), _so_far(past, day, moment_s, of.opens_s, length_s))
    asked = Asked(period_s=length_s, kind=found.kind, busiest=False, seats=seats)
    fitted, there = fit(before, kind_of, asked, calendar=calendar), False
    if seats is None:
        rows, groups, there = roster(day)
        if there:
            own = rostered(rows, day, past.zone, of, found.over, groups)
            fitted = replace(fitted, scenario=with_groups(fitted.scenario, own))
    return Rest(found, rest_scenario(fitted, of, found), there)


def _so_far(past: Past, day: dt.date, moment_s: float, opens_s: int, length_s: int) -> list[int]:
    """Today's calls in the intervals that are over."""
    begin_s = float(midnights_s(day, 1, past.zone)[0]) + opens_s
    over = max(0, int((moment_s - begin_s) // length_s))
    counts = [0] * over
    for came_s, number in zip(past.came_s.tolist(), past.counted.tolist(), strict=True):
        at = int((came_s - begin_s) // length_s)
        if came_s >= begin_s and at < over:
            counts[at] += number
    return counts
