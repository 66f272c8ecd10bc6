"""When was the last backup made, and is it recent enough for what may be lost?"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from acd.bootstrap.backup import LAST
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, well
from acd.bootstrap.doctor.scene import Scene
from acd.bootstrap.kept import KeptLine
from acd.config import load_timezone
from acd.errors import ConfigError

#: What may be lost is five minutes; a backup that is made every five has missed one by then.
NOTE_S = 15 * 60
FAULT_S = 26 * 3_600


async def look(scene: Scene) -> Finding:
    """By what ``madoguchi backup`` left in the state directory."""
    make = Said(
        "`madoguchi backup` を5分ごとに動かしてください (docs/operations)",
        "let `madoguchi backup` run every five minutes (docs/operations)",
    )
    at_text, _, name = KeptLine(scene.settings.state_dir / LAST).read().partition(" ")
    if not at_text.isdecimal():
        return note(Said("バックアップは一度も取られていません", "no backup was ever made"), make)
    age_s = max(0.0, scene.now() - int(at_text))
    shown = _shown(scene, int(at_text))
    found = Said(
        f"最後のバックアップは {shown} ({age_s / 60:,.0f}分前、{name})",
        f"the last backup is of {shown} ({age_s / 60:,.0f} min ago, {name})",
    )
    if age_s > FAULT_S:
        return fault(found, make)
    if age_s > NOTE_S:
        return note(found, make)
    return well(found.ja, found.en)


def _shown(scene: Scene, at_s: int) -> str:
    try:
        zone: dt.tzinfo = ZoneInfo(load_timezone(scene.folder))
    except ConfigError:
        zone = dt.UTC
    return f"{dt.datetime.fromtimestamp(at_s, zone):%Y-%m-%d %H:%M}"
