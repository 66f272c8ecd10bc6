"""Stores under load: the journal in PostgreSQL, what Redis and PostgreSQL add to a call's routing,
and a million calls brought back from their backup."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from acd.adapters.clock import SystemClock
from acd.adapters.lease_redis import RedisLeases
from acd.adapters.spool import MIB, Spool, SpoolSize
from acd.adapters.sql.database import upgrade
from acd.adapters.sql.fence import SqlFence
from acd.adapters.sql.records import SqlRecords
from acd.app.candidate import Candidate
from acd.app.controller import Controller
from acd.app.drainer import Drainer
from acd.app.executor import Executor
from acd.app.leader import Leader, Times
from acd.bootstrap.backup import Wanted, back_up
from acd.bootstrap.loop import run
from acd.bootstrap.records import Records
from acd.bootstrap.restore import restore
from acd.config.cluster_settings import ClusterSettings
from acd.config.settings import Settings, StoreSettings
from acd.core.commands import OfferCall, SwitchCommand
from acd.core.ids import CallId, QueueId, SwitchId
from acd.core.inputs import (
    AgentLoggedIn,
    AgentReadied,
    CallArrived,
    Caller,
    CallerHungUp,
    CallerKind,
    Input,
    QueueRequested,
)
from acd.ports import Deliver
from acd.ports_cluster import Leadership
from tests.backup_kit import make_centre, settings_of
from tests.call_stories import many_calls
from tests.contract.test_record_store import frames_of
from tests.fakes.postgres import running_postgres
from tests.fakes.redis_server import running_redis
from tools.bench.controller import SWITCH, InstantSwitch, bench_plan
from tools.bench.month import CALLS, FOLDER, ledger
from tools.bench.sides import nearest_rank
from tools.million_calls import make_postgresql, named

#: Calls a second while delays are measured, and for how long.
RATE, DELAY_S = 50.0, 3.0
_ROUNDS = 2


# -- the journal -------------------------------------------------------------------------------


async def _drained(url: str, folder: Path, calls: int) -> float:
    """Steps per second from the local log into PostgreSQL, with all their rows."""
    spool = Spool(folder, SpoolSize(256 * MIB, 16 * MIB))
    frames = frames_of(list(many_calls(calls, gap_s=2.0)))
    spool.append(frames)
    records = SqlRecords(url)
    await records.position(spool.stream)
    began = perf_counter()
    if not await Drainer(spool, records).finish(timeout_s=120):
        raise SystemExit("the journal was not stored in time: the figure would mean nothing")
    took_s = perf_counter() - began
    await records.close()
    spool.close()
    return len(frames) / took_s


def journal_steps_per_s(calls: int = 8_000) -> float:
    """Steps per second, sustained, into a PostgreSQL that waits for its disk."""
    with running_postgres(durable=True) as postgres, _folder() as folder:
        return run(_drained(postgres.new_database(), folder, calls))


# -- routing -----------------------------------------------------------------------------------


class _Noting(InstantSwitch):
    """Notes when each call was offered to an operator."""

    def __init__(self, deliver: Deliver) -> None:
        super().__init__(deliver)
        self.offered: dict[CallId, float] = {}

    async def execute(self, command: SwitchCommand) -> None:
        """As an instant switch does."""
        if isinstance(command, OfferCall):
            self.offered[command.call] = perf_counter()
        await super().execute(command)


async def _delays(
    settings: Settings, leadership: Leadership | None, fence: SqlFence | None
) -> list[float]:
    """Milliseconds from a caller asking for the queue to the command that rings somebody."""
    records = Records(settings, fence)
    engine, _ = records.engine(bench_plan())
    switches: dict[SwitchId, InstantSwitch] = {}
    inbox: list[Deliver] = []

    def tell(happened: Input) -> None:
        inbox[0](happened)

    controller = Controller(
        engine,
        records.journal,
        SystemClock(),
        execute=Executor(switches, tell),
        rebuild=lambda: engine,
        book=records.journal.book.snapshot,
        leadership=leadership,
    )
    inbox.append(controller.deliver)
    switch = _Noting(controller.deliver)
    switches[SWITCH] = switch
    for agent in engine.plan.agents:
        controller.deliver(AgentLoggedIn(agent.id))
        controller.deliver(AgentReadied(agent.id))
    running = [asyncio.create_task(controller.run()), asyncio.create_task(records.drainer.run())]
    asked: dict[CallId, float] = {}
    for number in range(round(RATE * DELAY_S)):
        await asyncio.sleep(1 / RATE)
        call = CallId(f"1700000000.{number:06d}")
        caller = Caller(CallerKind.NUMBER, "0466000000")
        channel = f"PJSIP/t-{number:08x}"
        controller.deliver(CallArrived(call, SWITCH, channel, "t", "0466001111", caller))
        asked[call] = perf_counter()
        controller.deliver(QueueRequested(call, QueueId("q")))
        if len(switch.talking) > 20:
            controller.deliver(CallerHungUp(switch.talking.popleft()))
    await asyncio.sleep(0.1)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await records.close()
    return [1000 * (switch.offered[call] - at) for call, at in asked.items()]


async def _led(settings: Settings) -> list[float]:
    """The same with a lease in Redis that is renewed meanwhile, and every write fenced."""
    cluster = settings.cluster
    leader = Leader(
        cluster.node,
        Times(cluster.lease_s, cluster.renew_every_s, cluster.margin_s, cluster.ask_every_s),
        lambda: secrets.token_hex(8),
    )
    store = RedisLeases(cluster)
    candidate = Candidate(store, leader, ask_timeout_s=cluster.ask_timeout_s)
    task = asyncio.create_task(candidate.run())
    try:
        await candidate.elected()
        return await _delays(settings, candidate, SqlFence(candidate, cluster.node))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()


def routing_delays() -> tuple[float, float]:
    """The medians in milliseconds: embedded, and with Redis and PostgreSQL; the better of two."""
    embedded, clustered = [], []
    with running_postgres(durable=True) as postgres, running_redis() as redis:
        for _ in range(_ROUNDS):
            store = StoreSettings(spool_mib=64, reserve_mib=8)
            with _folder() as folder:
                alone = Settings(state_dir=folder, store=store)
                embedded.append(nearest_rank(run(_delays(alone, None, None)), 50))
            with _folder() as folder:
                url = postgres.new_database()
                upgrade(url)
                led = Settings(
                    state_dir=folder,
                    store=store.model_copy(update={"database_url": url}),
                    cluster=ClusterSettings(node="a", redis=redis.address),
                )
                clustered.append(nearest_rank(run(_led(led)), 50))
    return min(embedded), min(clustered)


# -- a backup ----------------------------------------------------------------------------------


def _backup(calls: int) -> Path:
    """The backup of a month in PostgreSQL, made once."""
    place = FOLDER / f"backup-{calls}"
    if not place.exists():
        half = place.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        with running_postgres() as postgres, _folder() as folder:
            copy = folder / "ledger.sqlite"
            shutil.copyfile(ledger(calls), copy)
            upgrade(f"sqlite+aiosqlite:///{copy}")
            url = postgres.new_database()
            make_postgresql(copy, url)
            centre = make_centre(folder / "here", url)
            settings = settings_of(centre)
            settings.state_dir.mkdir(parents=True)
            back_up(settings, centre, half, Wanted())
        half.rename(place)
    return place


def restore_seconds(calls: int = CALLS) -> float:
    """How long it takes to have a PostgreSQL ledger of so many calls back."""
    place = _backup(calls)
    with (
        running_postgres(durable=True) as postgres,
        _folder() as folder,
        named(postgres.new_database()),
    ):
        return restore(place, folder / "there", "", lambda _: None).took_s


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mdg-bench-") as folder:
        yield Path(folder)


def figures(calls: int = CALLS) -> dict[str, float]:
    """The bench's figures about stores, by key."""
    embedded, clustered = routing_delays()
    return {
        "journal_events_per_s": journal_steps_per_s(),
        "routing_delay_ratio": clustered / embedded,
        "restore_s": restore_seconds(calls),
    }


if __name__ == "__main__":
    for key, value in figures().items():
        print(f"{key}: {value:,.2f}")
