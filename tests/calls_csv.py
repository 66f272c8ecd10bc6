"""Simulated days written as a file of records, for tests that read it back."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sim.inputs.draws import Draws, draw
from sim.inputs.scenario import Scenario
from sim.kernel import simulate
from sim.records import Outcome, Records

ZONE = ZoneInfo("Asia/Tokyo")
HEAD = "came,queue,outcome,wait_s,talk_s,wrap_up_s,caller,operator"
WORDS = {Outcome.ANSWERED: "answered", Outcome.ABANDONED: "abandoned", Outcome.BLOCKED: "blocked"}


def days_csv(scenario: Scenario, first: dt.date, days: int, seed: int = 1) -> str:
    """Weekdays from ``first`` on; every caller has a number of his or her own."""
    lines, people = [HEAD], 0
    for n in range(days):
        day = first + dt.timedelta(days=n)
        if day.weekday() >= 5:
            continue
        draws = draw(scenario, seed, n)
        records = simulate(scenario, draws, compiled=False)
        begin = dt.datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()
        caller = _callers(draws, records, people)
        people = int(caller.max(initial=people)) + 1
        for i in range(len(records)):
            lines.append(
                f"{begin + scenario.opens_s + records.came_s[i]:.3f},"
                f"{scenario.classes[records.skill[i]].name},{WORDS[Outcome(records.outcome[i])]},"
                f"{records.wait_s[i]:.3f},{records.talk_s[i]:.3f},{records.wrap_s[i]:.3f},"
                f"090{caller[i]:08d},op{records.agent[i]}"
            )
    return "\n".join(lines) + "\n"


def _callers(draws: Draws, records: Records, first: int) -> NDArray[np.int64]:
    """Who calls again is known by the moment that was drawn for it; all others are new."""
    caller = np.zeros(len(records), np.int64)
    again: dict[float, tuple[int, int]] = {}
    fresh = 0
    for i in range(len(records)):
        tries = int(records.tries[i])
        if tries:
            number, of = again.pop(round(float(records.came_s[i]), 6))
        else:
            number, of, first, fresh = first, fresh, first + 1, fresh + 1
        caller[i] = number
        failed = records.outcome[i] != Outcome.ANSWERED
        if failed and len(draws.redials) and tries < draws.redials[of]:
            after = draws.again_after_s[draws.again_first[of] + tries]
            ended = records.came_s[i] + records.wait_s[i]
            again[round(float(ended + after), 6)] = number, of
    return caller
