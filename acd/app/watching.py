"""Everything that watches the running system, together: counts, lines, the loop's lag, alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from acd.app.alarm_facts import AlarmFacts
from acd.app.alarms import Alarms
from acd.app.line_watch import LineWatch
from acd.app.loop_lag import LoopLag
from acd.app.recent_visits import RecentVisits
from acd.app.trunk_watch import LinesTaken, TrunkWatch
from acd.config.alarm_settings import QuietSettings, Rule
from acd.core.cdr_types import Record
from acd.ports_watch import AlarmChannel
from metrics.exporter import Counted


@dataclass(frozen=True)
class Watching:
    """One centre's. ``take`` follows the journal's rows; ``run`` looks until cancelled."""

    alarms: Alarms
    facts: AlarmFacts
    lines: LineWatch
    lag: LoopLag
    trunks: TrunkWatch = field(default_factory=lambda: TrunkWatch(dict, (), ()))
    taken: LinesTaken = field(default_factory=LinesTaken)
    counted: Counted = field(default_factory=Counted)
    recent: RecentVisits | None = None

    def take(self, rows: Sequence[Record]) -> None:
        """Rows that were finished, each once; returns at once."""
        self.counted.take(rows)
        self.facts.take(rows)

    def adopt(
        self,
        rules: Sequence[Rule],
        quiet: Sequence[QuietSettings],
        channels: Sequence[AlarmChannel],
    ) -> None:
        """Judge and tell by other settings from now on."""
        self.facts.adopt(rules)
        self.alarms.adopt(rules, quiet, channels)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            for each in (self.alarms.run, self.lines.run, self.lag.run, self.trunks.run):
                group.create_task(each())
            if self.recent is not None:
                group.create_task(self.recent.read())
