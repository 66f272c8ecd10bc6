"""May this process open enough files, and is the time zone there?"""

from __future__ import annotations

import datetime as dt
import resource
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from acd.bootstrap.doctor.finding import Finding, Said, fault, note, well
from acd.bootstrap.doctor.scene import Scene
from acd.config import load_timezone
from acd.errors import ConfigError

#: Files besides sockets: database, spool, recordings.
_FILES = 200


async def open_files(scene: Scene) -> Finding:
    """Sockets of screens and menus are files too."""
    settings = scene.settings
    wanted = settings.agi.max_sessions + settings.api.max_sockets + _FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return well(
            f"開けるファイル {soft:,} 個 (必要なのは {wanted:,} 個)",
            f"{soft:,} files may be open ({wanted:,} are enough)",
        )
    return note(
        Said(
            f"開けるファイルが {soft:,} 個です (上限 {hard:,})。満員のとき {wanted:,} 個要ります",
            f"{soft:,} files may be open (at most {hard:,}); a full house needs {wanted:,}",
        ),
        Said(
            "サービスの LimitNOFILE (または ulimit -n) を上げてください",
            "raise LimitNOFILE of the service, or ulimit -n",
        ),
    )


async def time_zone(scene: Scene) -> Finding:
    """Opening hours and reports hang on it."""
    try:
        name = load_timezone(scene.folder)
        here = dt.datetime.fromtimestamp(scene.now(), ZoneInfo(name))
    except (ConfigError, ZoneInfoNotFoundError):
        return fault(
            Said("plan.toml の timezone がわかりません", "the timezone of plan.toml is not known"),
            Said(
                '"Asia/Tokyo" のように書き、tzdata が入っているか確かめてください',
                'write it like "Asia/Tokyo", and look whether tzdata is installed',
            ),
        )
    return well(
        f"{name} はいま {here:%Y-%m-%d %H:%M} ({here:%z})",
        f"in {name} it is {here:%Y-%m-%d %H:%M} ({here:%z})",
    )
