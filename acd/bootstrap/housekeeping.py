"""What a running centre tidies up by itself: old steps of the journal, Asterisk's own record."""

from __future__ import annotations

import asyncio
import datetime as dt

import structlog

from acd.adapters.asterisk.cel_files import put_aside
from acd.adapters.sql.prune import Pruned, make_months, prune
from acd.bootstrap.ledger import cel_file
from acd.config.settings import Settings, SwitchKind
from acd.errors import StoreError

#: The first look after a start, and then one every few hours.
FIRST_S, EVERY_S = 60.0, 3_600.0

_log = structlog.get_logger("madoguchi.housekeeping")


async def prune_ledger(settings: Settings, journal_days: int | None = None) -> Pruned:
    """Drop what the settings say is old enough; raises StoreUnavailable."""
    store = settings.store
    now_ms = round(dt.datetime.now(dt.UTC).timestamp() * 1000)
    keep = dt.timedelta(days=journal_days or store.journal_days)
    all_snapshots = dt.timedelta(days=store.snapshot_days)
    return await prune(
        settings.database_url,
        now_ms - round(keep.total_seconds() * 1000),
        now_ms - round(all_snapshots.total_seconds() * 1000),
    )


async def keep_house(settings: Settings) -> None:
    """Tidy up now and then, until cancelled; whatever fails is told and tried again."""
    await asyncio.sleep(FIRST_S)
    while True:
        await tidy_up(settings)
        await asyncio.sleep(EVERY_S)


async def tidy_up(settings: Settings) -> None:
    """One round."""
    try:
        made = await make_months(settings.database_url, dt.datetime.now(dt.UTC).date())
        if made:
            _log.info("journal_months_made", months=made)
        pruned = await prune_ledger(settings)
        if pruned.steps or pruned.snapshots:
            _log.info("ledger_pruned", steps=pruned.steps, snapshots=pruned.snapshots)
    except StoreError as error:
        _log.warning("ledger_not_pruned", code=error.code)
    try:
        now, keep = dt.datetime.now(dt.UTC), dt.timedelta(days=settings.store.cel_days)
        for node, switch in settings.nodes.items():
            if switch.kind is not SwitchKind.REMOTE:
                await asyncio.to_thread(put_aside, cel_file(settings.at(node)), now, keep)
    except OSError as error:
        _log.warning("record_of_the_switch_not_put_aside", errno=error.errno)
