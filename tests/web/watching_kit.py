"""What watches a centre without a switch: its facts are what a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from acd.app.alarm_facts import AlarmFacts, Levels
from acd.app.alarm_rules import Reading
from acd.app.alarms import Alarms
from acd.app.line_watch import LineWatch
from acd.app.loop_lag import LoopLag
from acd.app.watching import Watching
from acd.config.alarm_settings import USUAL_RULES, Rule
from acd.core.ids import SwitchId
from acd.ports_watch import AlarmNotice, LineSample
from metrics.contract import Contract
from tests.fakes.centre import Centre

CALM = Levels(
    switch_up=True,
    ami_lag_s=0.0,
    journal_failing=False,
    journal_lag=0,
    spool_used=0.0,
    disk_used=0.5,
    clock_drift_s=0.0,
    database_fails=False,
    rebuilt=0,
    loop_lag_s=0.0,
)


@dataclass
class Told:
    """Somebody who is told of everything."""

    name: str = "webhook.desk"
    least: str = "notice"
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, notice: AlarmNotice) -> None:
        self.heard.append(json.loads(notice.body))


class NoLines:
    """No call has a sound here."""

    async def heard(self, channel: str, switch: SwitchId) -> LineSample | None:
        return None


@dataclass
class Watched:
    """A centre with its watch; ``levels`` may be changed."""

    centre: Centre
    levels: Levels = CALM
    told: Told = field(default_factory=Told)
    targets: Callable[[Rule], Mapping[str, Reading | None]] = lambda _rule: {}
    rules: tuple[Rule, ...] = tuple(USUAL_RULES.values())

    def __post_init__(self) -> None:
        centre, rules = self.centre, self.rules
        lines = LineWatch(lambda: centre.engine, NoLines(), lambda: centre.now)
        facts = AlarmFacts(
            rules,
            lambda: centre.engine,
            lambda: centre.now,
            Contract,
            lambda: self.levels,
            lines.now_by_trunk,
            {"carrier": 3},
            targets=self.targets,
        )
        zone = ZoneInfo(centre.plan.timezone)
        alarms = Alarms(rules, (), facts, lambda: centre.now, lambda: zone, [self.told])
        self.watching = Watching(alarms, facts, lines, LoopLag())

    def looks(self, for_s: float) -> set[str]:
        """Time passes; the rules of the alarms that last then."""
        for _ in range(int(for_s / 5)):
            self.centre.now += 5.0
            self.watching.alarms.look()
        return {each.alarm for each in self.watching.alarms.listed() if each.until_s is None}
