"""The same look at each Asterisk of a centre, told in one line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acd.bootstrap.doctor.finding import Finding, Said, Verdict
from acd.bootstrap.doctor.scene import Scene

#: The worst first.
_ORDER = (Verdict.FAULT, Verdict.UNKNOWN, Verdict.NOTE, Verdict.WELL, Verdict.NONE)


async def each_node(scene: Scene, look: Callable[[Scene, str], Awaitable[Finding]]) -> Finding:
    """What ``look`` finds at each switch; of several the worst verdict, and what each said."""
    found = {name: await look(scene, name) for name in scene.settings.nodes}
    if len(found) == 1:
        return next(iter(found.values()))
    return together(found)


def together(found: dict[str, Finding]) -> Finding:
    """Several findings as one."""
    worst = min(found.values(), key=lambda each: _ORDER.index(each.verdict))
    return Finding(
        worst.verdict,
        Said(
            " ／ ".join(f"{name}: {each.found.ja}" for name, each in found.items()),
            " / ".join(f"{name}: {each.found.en}" for name, each in found.items()),
        ),
        worst.todo,
    )
