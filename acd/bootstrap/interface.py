"""The HTTP and WebSocket interface of a running centre, wired to what is behind it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from acd.adapters.sql.history import SqlCallHistory
from acd.adapters.sql.reader import LedgerReader
from acd.app.desk import Desk
from acd.app.floor import Floor, Reloader
from acd.app.keypad import Keypad
from acd.app.mode_switch import ModeSwitch
from acd.app.overseeing import Overseeing
from acd.app.talk import Talk
from acd.bootstrap.explaining import explain_offer
from acd.bootstrap.phones import phones_bringer
from acd.bootstrap.softphones import sip_trust, sip_urls
from acd.bootstrap.taken_ports import patiently
from acd.bootstrap.tls import certificate_of, kept_fresh
from acd.bootstrap.watching import adopt_alarms, check_secrets
from acd.config import Centre
from acd.core.ids import AgentId, CallId
from acd.errors import ConfigError, Fault
from sim.page.studies import PageStudies
from web.server import Server
from web.wallboard_screens import WallScreens
from web.wallboard_wiring import Wallboard
from web.wiring import Gauges, Health, NodeLevel, Wiring

if TYPE_CHECKING:
    from acd.bootstrap.centre import RunningCentre


def _gauges(running: RunningCentre) -> Gauges:
    controller, records = running.controller, running.records
    spool = records.spool.state()
    return Gauges(
        ami_lag_s=running.switches.lag_s,
        nodes={each.switch: NodeLevel(each.up, each.lag_s) for each in running.switches},
        journal_lag=records.drainer.status.behind,
        spool_used_bytes=spool.waiting_bytes,
        spool_limit_bytes=spool.room_bytes,
        details_dropped=spool.dropped_steps,
        clock_drift_s=running.clock.drift_s(),
        engine_rebuilt=controller.rebuilt,
        journal_failures=controller.journal_failures,
        events_forged=running.switches.forged,
        trunk_refused=running.refusals.by_trunk,
        trunk_limits={
            trunk: each.max_channels for trunk, each in running.centre.settings.trunks.items()
        },
        database_up=not records.drainer.status.fault,
        database_failing_s=records.drainer.status.failing_s,
        loop_lag_s=running.watching.lag.greatest_s,
        tunnels_end_s=running.agi.proofs_end_s,
    )


def _reloader(running: RunningCentre) -> Reloader:
    def check(centre: Centre) -> None:
        check_secrets(centre.settings)
        running.reports.scheduled(centre)

    async def adopt(centre: Centre) -> None:
        await running.follow_flows(centre.flows)
        running.figures.contract = centre.contract
        running.reports.adopt(centre)
        adopt_alarms(running.watching, centre.settings)

    return Reloader(
        running.centre,
        running.controller.submit,
        adopt,
        phones_bringer(running.centre.settings, running.secrets),
        check,
    )


def _health(running: RunningCentre) -> Health:
    return Health(
        switch=running.switches.any_up,
        journal=not running.controller.journal_failing,
        menus=running.agi.serving,
    )


def _wiring(running: RunningCentre, studies: PageStudies) -> tuple[Wiring, Desk]:
    controller = running.controller

    async def took_call(agent: AgentId, call: CallId) -> bool:
        reader = LedgerReader(running.centre.settings.database_url)
        try:
            return await reader.took_call(agent, call)
        finally:
            await reader.close()

    desk = Desk(controller.submit, lambda: running.engine, took_call)
    wiring = Wiring(
        settings=running.centre.settings.api,
        engine=lambda: running.engine,
        now=running.clock.now,
        desk=desk,
        floor=Floor(controller.submit, lambda: running.engine),
        overseeing=Overseeing(
            controller.submit, lambda: running.engine, lambda: running.switches.spying_allowed
        ),
        talk=_talk(running),
        mode=ModeSwitch(controller.submit, lambda: running.engine, running.tell_dialplan),
        tokens=running.staff.entrance.tokens,
        entrance=running.staff.entrance,
        reload=_reloader(running).reload,
        explain=lambda offer: explain_offer(
            running.centre.settings, running.engine.plan.timezone, offer
        ),
        health=lambda: _health(running),
        gauges=lambda: _gauges(running),
        softphones=running.softphones,
        screens=running.centre.settings.screens,
        history=SqlCallHistory(running.centre.settings.database_url),
        sip_urls=lambda agent: sip_urls(running, agent),
        sip_trust=sip_trust(running.centre.settings, running.secrets),
        watching=running.watching,
        hand_over=lambda: running.hand_over(),  # noqa: PLW0108 - it is set when the lead is won
        recorder=running.recording.recorder,
        recordings=running.recording.recordings,
        reports=running.reports.reports,
        studies=studies,
        wallboard=Wallboard(
            WallScreens(running.centre.settings.state_dir),
            running.figures,
            channels={
                trunk: each.max_channels
                for trunk, each in running.centre.settings.trunks.items()
                if each.max_channels
            },
            public=running.centre.settings.screens.public_busy,
        ),
    )
    return wiring, desk


def _talk(running: RunningCentre) -> Talk:
    recorder = running.recording.recorder
    keypad = Keypad(lambda: running.engine, running.clock.now, running.switches, recorder.digit)
    return Talk(running.controller.submit, lambda: running.engine, keypad)


def _no_port(host: str, port: int, error: OSError) -> Fault:
    # The event loop's own text names the address once more.
    if error.errno == errno.EADDRINUSE:
        en, ja = "is taken", "はほかのプログラムが使っています"
    else:
        reason = os.strerror(error.errno or 0)
        en, ja = f"cannot be used ({reason})", f"は使えません ({reason})"
    return Fault(
        "api",
        f"{host}:{port} {en}: stop that program or configure another address",
        f"{host}:{port} {ja}。そのプログラムを止めるか、別のアドレスを設定してください。",
    )


@contextlib.asynccontextmanager
async def interface(running: RunningCentre) -> AsyncIterator[None]:
    """Serve the interface for as long as the context lasts; raises ConfigError if it cannot."""
    centre = running.centre
    studies = PageStudies(
        ("acd.bootstrap.page_worker", str(centre.path), str(centre.settings.state_dir))
    )
    wiring, desk = _wiring(running, studies)
    server = Server(wiring)
    running.controller.follow(desk)
    running.controller.follow(server.live)
    running.controller.follow(server.shown)
    running.recording.recorder.alarm = server.live.alarm
    running.reports.schedule.alarm = server.live.alarm
    running.watching.alarms.show_on(server.live.alarm)
    if running.softphones is not None:
        running.controller.follow(running.softphones)
    api = running.centre.settings.api
    certificate = certificate_of(running.centre.settings.tls)
    try:
        context = certificate.context if certificate else None
        runner = await patiently(running.centre.settings, lambda: server.start(context))
    except OSError as error:
        raise ConfigError([_no_port(api.bind, api.port, error)]) from error
    try:
        async with running.staff.at_work(desk.log_out), kept_fresh(certificate):
            yield
    finally:
        await runner.cleanup()
        await studies.close()
        if running.softphones is not None:
            running.controller.unfollow(running.softphones)
            running.softphones.close()
        running.controller.unfollow(server.shown)
        running.controller.unfollow(server.live)
        running.controller.unfollow(desk)
