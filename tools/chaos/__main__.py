"""``python -m tools.chaos``: a busy hour in which everything breaks, one thing after another."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
from rich.console import Console

from acd.bootstrap.switch import PROJECT
from acd.errors import NotFound
from tools.chaos import report
from tools.chaos.centre import Breakable, one_machine
from tools.chaos.cluster import two_controllers
from tools.chaos.run import Result, play
from tools.chaos.schedule import Kind, schedule
from tools.chaos.world import enter, unmount

RESULT = PROJECT / "build" / "chaos.json"
KEPT = PROJECT / "build" / "chaos"
EVERY_S = 20.0
_KEEP = ("*.log", "[ab]/*.log", "sipp/*.csv", "centre/var/*.sqlite*", "asterisk*/run/log/*")
LAYOUTS: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Breakable]]] = {
    "one": one_machine,
    "two": two_controllers,
}


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.chaos", description=__doc__)
    number = os.environ.get
    parser.add_argument("--seconds", type=float, default=float(number("CHAOS_S", "1800")))
    parser.add_argument("--seed", type=int, default=int(number("CHAOS_SEED", "1")))
    parser.add_argument("--rate", type=float, default=float(number("CHAOS_RATE", "10")))
    parser.add_argument("--every", type=float, default=float(number("CHAOS_EVERY_S", str(EVERY_S))))
    parser.add_argument("--centre", choices=LAYOUTS, default=number("CHAOS_CENTRE", "two"))
    parser.add_argument("--only", help="kind:target, with commas: break these alone")
    return parser.parse_args(arguments)


async def chaos(options: argparse.Namespace, folder: Path, console: Console) -> Result:
    """One run from its first process to its judgement."""
    result = Result(options.seed, options.seconds, options.rate, options.every, options.centre)
    async with LAYOUTS[options.centre](folder) as centre:
        possible = centre.possible()
        if options.only:
            possible = chosen(options.only, possible)
        troubles = schedule(options.seed, options.seconds, options.every, possible)
        return await play(centre, troubles, result, folder, console)


def chosen(only: str, possible: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """What ``kind:target,kind:target`` names; raises :class:`NotFound` with what there is."""
    found = {f"{kind.value}:{target}": (kind, target) for kind, target in possible}
    unknown = [each for each in only.split(",") if each not in found]
    if unknown:
        raise NotFound(f"--only: {', '.join(unknown)} cannot break; what can: {', '.join(found)}")
    return [found[each] for each in only.split(",")]


def main(arguments: Sequence[str]) -> int:
    """Run, say what came of it, write it down; 1 when anything is not as it must be."""
    options = _options(arguments)
    enter("tools.chaos", list(arguments))
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="mdg-chaos-"))
    try:
        result = asyncio.run(chaos(options, folder, console))
        good = report.show(result, console)
        RESULT.parent.mkdir(parents=True, exist_ok=True)
        written = {"good": good, "result": result}
        RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(written)))
        console.print(f"{RESULT}", highlight=False, soft_wrap=True)
        return 0 if good else 1
    finally:
        _keep(folder)
        unmount()
        shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Path) -> None:
    """What a person wants to look at afterwards: logs, both sides' truth, the ledger."""
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    for pattern in _KEEP:
        for file in folder.glob(pattern):
            if file.is_file():
                name = "-".join(file.relative_to(folder).parts)
                shutil.copy(file, KEPT / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
