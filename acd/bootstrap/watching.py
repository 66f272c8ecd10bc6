"""Wires what watches a running centre to what it watches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from acd.adapters.alarm_channels import channels_of
from acd.adapters.mail import Mailer
from acd.adapters.sql.alarms import SqlAlarms
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.service import SqlService
from acd.app.alarm_facts import AlarmFacts, Levels
from acd.app.alarms import Alarms
from acd.app.day_targets import DayTargets
from acd.app.line_watch import LineWatch
from acd.app.loop_lag import LoopLag
from acd.app.recent_visits import RecentVisits
from acd.app.service_watch import ServiceWatch, service_state
from acd.app.trunk_watch import TrunkWatch
from acd.app.watching import Watching
from acd.bootstrap.figures import LedgerPast
from acd.bootstrap.trunks import asked_trunks
from acd.config.settings import Settings
from acd.errors import ConfigError, Fault

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre


def check_secrets(settings: Settings, environ: Mapping[str, str] = os.environ) -> None:
    """Every secret that the settings ask for must be there before it is needed; raises
    ConfigError."""
    wanted = {
        f"alarms.webhooks.{name}.secret_variable": each.secret_variable
        for name, each in settings.alarms.webhooks.items()
    }
    if settings.mail.password_variable:
        wanted["mail.password_variable"] = settings.mail.password_variable
    faults = [
        Fault(
            f"settings.toml:{where}",
            f"the environment variable {variable} is not set",
            f"環境変数 {variable} がありません。",
        )
        for where, variable in wanted.items()
        if not environ.get(variable)
    ]
    if settings.alarms.mail.to and not settings.mail.host:
        faults.append(
            Fault(
                "settings.toml:mail.host",
                "alarms shall go by mail: name the relay",
                "警報のメールを送るサーバーを指定してください。",
            )
        )
    if faults:
        raise ConfigError(faults)


def watching_of(running: RunningCentre, fence: SqlFence | None) -> Watching:
    """What watches this centre; raises ConfigError when a secret is missing."""
    settings, now = running.centre.settings, running.clock.now
    check_secrets(settings)
    lag = LoopLag()
    lines = LineWatch(lambda: running.engine, running.switches, now, sorted(settings.trunks))
    limited = [name for name, each in settings.trunks.items() if each.max_channels]
    trunks = TrunkWatch(
        lambda: {each.switch: each.lines_out.states for each in running.switches},
        asked_trunks(settings),
        limited,
    )
    rules = settings.alarms.rules_in_force()
    facts = AlarmFacts(
        rules,
        lambda: running.engine,
        now,
        lambda: running.figures.contract,
        lambda: _levels(running, lag),
        lines.now_by_trunk,
        {trunk: each.max_channels for trunk, each in settings.trunks.items()},
        trunks.alarming,
        lambda: trunks.in_use,
        DayTargets(running.figures),
    )
    alarms = Alarms(
        rules,
        settings.alarms.quiet,
        facts,
        now,
        lambda: ZoneInfo(running.engine.plan.timezone),
        channels_of(settings.alarms, Mailer(settings.mail)),
        lambda: {each.id: (each.name_ja, each.name_en) for each in running.engine.plan.queues},
        SqlAlarms(settings.database_url, fence),
    )
    past = LedgerPast(settings.database_url, running.records)
    recent = RecentVisits(past, facts, now)
    watching = Watching(alarms, facts, lines, lag, trunks=trunks, recent=recent)
    running.controller.follow(watching.taken)
    running.records.follow(watching.take)
    return watching


def adopt_alarms(watching: Watching, settings: Settings) -> None:
    """Let alarms be judged and told by settings that were checked (:func:`check_secrets`)."""
    alarms = settings.alarms
    channels = channels_of(alarms, Mailer(settings.mail))
    watching.adopt(alarms.rules_in_force(), alarms.quiet, channels)


def service_watch_of(running: RunningCentre, fence: SqlFence | None) -> ServiceWatch:
    """What writes down when callers can be served."""
    settings, trunks = running.centre.settings, running.watching.trunks
    return ServiceWatch(
        SqlService(settings.database_url, fence),
        settings.cluster.node,
        running.clock.now,
        lambda: service_state(running.switches.any_up, sorted(settings.trunks), trunks.alarming()),
        running.leadership.holds,
        running.figures.service_seen,
    )


def _levels(running: RunningCentre, lag: LoopLag) -> Levels:
    spool, drained = running.records.spool.state(), running.records.drainer.status
    disk = shutil.disk_usage(running.centre.settings.state_dir)
    return Levels(
        switch_up=running.switches.all_up,
        ami_lag_s=running.switches.lag_s,
        journal_failing=running.controller.journal_failing,
        journal_lag=drained.behind,
        spool_used=spool.waiting_bytes / max(1, spool.room_bytes),
        disk_used=1 - disk.free / max(1, disk.total),
        clock_drift_s=running.clock.drift_s(),
        database_fails=bool(drained.fault),
        rebuilt=running.controller.rebuilt,
        loop_lag_s=lag.greatest_s,
    )
