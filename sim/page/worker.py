"""The program of such a process: ``python -m sim.page.worker``. It reads questions line by line.

``{"ask": "choices"}``, ``{"ask": "answer", "assumed": ..., "lang": ...}``, ``{"ask": "check",
"text": ..., "name": ...}`` (``check_roster``: of a roster), ``{"ask": "scenario", "assumed": ...,
"lang": ...}`` and ``{"ask": "study", "assumed": ..., "wanted": ...}``.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from acd.errors import ConfigError, MadoguchiError
from acd.japanese import in_japanese
from acd.ports_studies import Assumed, Wanted

if TYPE_CHECKING:
    from sim.page.ledger import Ledger

#: More than any bounded study needs; a defect must not take the controller's memory or cores.
MEMORY_BYTES = 3 * 1024**3
CPU_S = 1_800


def main(ledger: Ledger | None = None) -> None:
    """Answer until nobody asks any more; ``ledger``: the centre's calls, if they may be studied."""
    _step_back()
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        try:
            answer = _answer(msgspec.json.decode(line), lambda said: _say(out, said), ledger)
        except MadoguchiError as error:
            answer = {"error": _error(error)}
        _say(out, answer)


def _error(error: MadoguchiError) -> dict[str, Any]:
    faults = error.faults if isinstance(error, ConfigError) else ()
    lines = [f"{each.path}: {in_japanese(each.message) or each.message}" for each in faults]
    return {
        "code": error.code,
        "en": error.message,
        "ja": error.ja or "\n".join(lines) or error.message,
        "faults": [(each.path, each.message) for each in faults],
    }


def _say(out: Any, said: dict[str, Any]) -> None:
    out.write(msgspec.json.encode(said) + b"\n")
    out.flush()


def _answer(
    asked: dict[str, Any], say: Callable[[dict[str, Any]], None], ledger: Ledger | None
) -> dict[str, Any]:
    if asked["ask"] == "choices":
        from sim.page.examples import choices

        return choices() | {"records": ledger is not None}
    if asked["ask"] == "check":
        from sim.page.own import own_values

        return own_values(asked["text"], asked["name"])
    if asked["ask"] == "check_roster":
        from sim.page.rosters import roster_values

        return roster_values(asked["text"], asked["name"])
    assumed = msgspec.convert(asked["assumed"], Assumed)
    if asked["ask"] == "scenario":
        from sim.page.as_file import as_file

        return as_file(assumed, asked["lang"])
    if asked["ask"] == "answer":
        from sim.page.exact import exact_paper

        paper: dict[str, Any] = msgspec.to_builtins(exact_paper(assumed, asked["lang"]))
        return paper
    from sim.page.simulated import simulated

    wanted = msgspec.convert(asked["wanted"], Wanted)
    return simulated(assumed, wanted, lambda share: say({"progress": round(share, 4)}), ledger)


def _step_back() -> None:
    """Whatever the controller wants to do comes first."""
    with contextlib.suppress(OSError):
        os.nice(19)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    # A study on all cores would be felt by callers, however low its priority.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"


if __name__ == "__main__":
    main()
