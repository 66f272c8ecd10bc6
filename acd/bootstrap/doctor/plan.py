"""Are the centre's files right as a whole?"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from acd.bootstrap.doctor.finding import Finding, Said, fault, note, told, well
from acd.bootstrap.doctor.scene import Scene
from acd.config import load_centre
from acd.errors import ConfigError


async def look(scene: Scene) -> Finding:
    """As ``madoguchi check``, in one line."""
    try:
        centre = load_centre(scene.folder)
    except ConfigError as error:
        first = told(error)
        more = len(error.faults) - 1
        return fault(
            Said(
                first.ja + (f" (ほか{more}件)" if more else ""),
                first.en + (f" (and {more} more)" if more else ""),
            ),
            Said(
                "`madoguchi check` がすべての誤りを示します", "`madoguchi check` tells every fault"
            ),
        )
    plan = centre.plan
    year = dt.datetime.fromtimestamp(scene.now(), ZoneInfo(plan.timezone)).year
    if centre.holidays_until is not None and centre.holidays_until <= year:
        return note(
            Said(
                f"祝日が {centre.holidays_until} 年までしか確認されていません",
                f"holidays are reviewed until {centre.holidays_until} only",
            ),
            Said(
                "calendars.toml に来年の祝日を足してください", "add next year's to calendars.toml"
            ),
        )
    return well(
        f"誤りなし: 番号 {len(plan.numbers)}、窓口 {len(plan.queues)}、"
        f"オペレーター {len(plan.agents)}",
        f"right: {len(plan.numbers)} numbers, {len(plan.queues)} queues, "
        f"{len(plan.agents)} operators",
    )
