"""Is there room on the disks that this centre writes to, and for how long?"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from acd.adapters.sql.database import sqlite_file
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, well
from acd.bootstrap.doctor.scene import Scene

MIB = 1024 * 1024
#: With less than this left calls go on for a while and then outcomes are lost.
LEAST_MIB, LEAST_INODES = 512, 10_000
#: With less than this many days of recordings somebody must act this week.
LEAST_DAYS = 14
_WEEK_S = 7 * 86_400
_DAYS = 7
#: Files of recordings that are looked at: the newest week of a large centre fits.
_LOOKED_AT = 200_000


async def look(scene: Scene) -> Finding:
    """Free room and inodes, what the spool still wants, what a week of recordings took."""
    return await asyncio.to_thread(_look, scene)


def _look(scene: Scene) -> Finding:
    state = scene.settings.state_dir
    there = state if state.exists() else next(each for each in state.parents if each.exists())
    room = os.statvfs(there)
    free_mib = room.f_bavail * room.f_frsize // MIB
    wanted_mib = _still_wanted_mib(scene)
    daily_mib = grown_bytes(state / "recordings", scene.now()) / _DAYS / MIB
    left_mib = free_mib - wanted_mib
    database = sqlite_file(scene.settings.database_url)
    size_mib = database.stat().st_size // MIB if database and database.exists() else 0
    found = Said(
        f"{there}: 空き {free_mib:,} MiB、iノード {room.f_favail:,}、"
        f"ジャーナルがこれから使う分 {wanted_mib:,} MiB、データベース {size_mib:,} MiB、"
        f"録音は1日に {daily_mib:,.1f} MiB",
        f"{there}: {free_mib:,} MiB free, {room.f_favail:,} inodes, the journal still takes "
        f"{wanted_mib:,} MiB, database {size_mib:,} MiB, recordings grow by {daily_mib:,.1f} MiB "
        "a day",
    )
    # File systems that make inodes as they need them say that there are none.
    few_inodes = room.f_files > 0 and room.f_favail < LEAST_INODES
    more_room = Said(
        "空きを増やしてください。古い録音と記録は保存期間で自動的に消えます",
        "make room; old recordings and records go by themselves after their time",
    )
    if left_mib < LEAST_MIB or few_inodes:
        return fault(found, more_room)
    keep = scene.settings.recording
    days = (left_mib - keep.min_free_mib) / daily_mib if daily_mib and keep.enabled else None
    if days is None:
        return well(found.ja, found.en)
    told = Said(
        f"{found.ja}。録音はあと{days:,.0f}日分", f"{found.en}: room for {days:,.0f} days more"
    )
    # What is older than keep_days makes room for what comes.
    if days < min(LEAST_DAYS, keep.keep_days):
        return note(told, more_room)
    return well(told.ja, told.en)


def _still_wanted_mib(scene: Scene) -> int:
    """The spool takes its room at the first start: before that it is still to come."""
    taken = sum(each.stat().st_size for each in (scene.settings.state_dir / "spool").glob("*"))
    return max(0, scene.settings.store.spool_mib - taken // MIB)


def grown_bytes(folder: Path, now_s: float | None = None) -> int:
    """Bytes of the files below a folder that are younger than a week."""
    since = (time.time() if now_s is None else now_s) - _WEEK_S
    total = seen = 0
    for place, _, names in os.walk(folder):
        for name in names:
            seen += 1
            if seen > _LOOKED_AT:
                return total
            try:
                status = os.lstat(os.path.join(place, name))
            except OSError:
                continue
            if status.st_mtime >= since:
                total += status.st_size
    return total
