"""Carries out the table of checks on one installation, whatever state it is in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from acd.bootstrap.doctor.finding import Finding, Said, Verdict, fault, told
from acd.bootstrap.doctor.scene import Scene, within
from acd.bootstrap.doctor.table import CHECKS, Check
from acd.config import Centre, load_centre, load_settings
from acd.errors import ConfigError, MadoguchiError

#: No check takes longer; what hangs is itself a finding.
EACH_S = 15.0


class Examined(Struct, frozen=True):
    """One check and what it found. ``took_s`` is how long it took."""

    key: str
    name: Said
    finding: Finding
    took_s: float


async def examine(
    folder: Path,
    tell: Callable[[Examined], None] = lambda _: None,
    checks: Sequence[Check] = CHECKS,
) -> list[Examined]:
    """Every check of the table on the centre in ``folder``; ``tell`` hears of each as it is done.

    Raises ConfigError when not even the settings can be read: then there is nothing to look at.
    """
    settings = load_settings(folder)
    scene = Scene(folder, settings, _centre(folder))
    found = []
    try:
        for check in checks:
            began_s = time.monotonic()
            finding = await _look(check, scene)
            took_s = time.monotonic() - began_s
            found.append(Examined(check.key, check.name, finding, round(took_s, 3)))
            tell(found[-1])
    finally:
        await scene.close()
    return found


def all_well(found: Sequence[Examined]) -> bool:
    """Whether no check found a fault. Notes are for somebody to look at, not to stop for."""
    return all(each.finding.verdict is not Verdict.FAULT for each in found)


async def _look(check: Check, scene: Scene) -> Finding:
    log = Said("ログを見て、もう一度試してください", "look at the log and try again")
    try:
        return await within(check.look(scene), EACH_S)
    except TimeoutError:
        return fault(
            Said(f"{EACH_S:.0f}秒待っても終わりません", f"did not end within {EACH_S:.0f} s"), log
        )
    except MadoguchiError as error:
        return fault(told(error), log)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return fault(Said(f"調べられません ({reason})", f"cannot be looked at ({reason})"), log)


def _centre(folder: Path) -> Centre | None:
    try:
        return load_centre(folder)
    except ConfigError:
        return None
