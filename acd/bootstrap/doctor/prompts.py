"""Is every sentence that callers may hear there, saying what the flows say?"""

from __future__ import annotations

import asyncio

from acd.adapters.sounds import audio_faults
from acd.bootstrap.doctor.finding import Finding, Said, fault, told, unknown, well
from acd.bootstrap.doctor.scene import Scene
from acd.errors import ConfigError

_SHOWN = 3


async def look(scene: Scene) -> Finding:
    """The prompts of the common catalogue and of this centre's flows."""
    if scene.centre is None:
        return unknown("センターの設定に誤りがあり、わかりません", "the centre's files are wrong")
    try:
        faults = await asyncio.to_thread(audio_faults, scene.centre.flows)
    except ConfigError as error:
        return fault(told(error), Said("`make prompts`", "`make prompts`"))
    if faults:
        names = "、".join(each.path for each in faults[:_SHOWN])
        return fault(
            Said(
                f"音声のない案内文が{len(faults)}個あります: {names}",
                f"{len(faults)} sentences have no audio of theirs: {names.replace('、', ', ')}",
            ),
            Said("`make prompts` で作ってください", "make them: `make prompts`"),
        )
    return well(
        f"{len(scene.centre.flows)}本の音声ガイダンスの音声がすべてあります",
        f"all audio of {len(scene.centre.flows)} flows is there",
    )
