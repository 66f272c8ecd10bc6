"""Least-cost staffing on pyworkforce's kind of example, and its own answer simulated beside ours.

10 erlangs of one kind of call (100 calls of 180 s in half an hour) and 10.67 of another (80 of
240 s), callers who wait 120 s in the mean, 80 % within 20 s; an operator for one kind costs 1, one
for both 1.1. pyworkforce asks each kind of call to be covered by itself, so that whoever can do
both is counted twice.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.scenario_file.find import study_of
from sim.staffing.look import Figure
from sim.staffing.sample import Sample
from sim.staffing.search import Found, find
from sim.staffing.targets import Reached, Target

COSTS = (1.0, 1.0, 1.1)
#: What pyworkforce answers for the 14 positions that its Erlang C wants of each kind: all flexible.
PUBLISHED_VERSION = "0.5.4"
PUBLISHED: tuple[int, ...] = (0, 0, 14)
_POSITIONS, _DAYS, _SEED = 14, 312, 1
#: To find a Python and the package for pyworkforce, and to ask it.
_LIVE_S = 90.0


@dataclass(frozen=True, slots=True)
class Beside:
    """A staffing simulated: share given up, share within 20 s of all calls."""

    staffing: tuple[int, ...]
    gave_up: Figure
    level: Figure

    @property
    def cost(self) -> float:
        """At 1, 1 and 1.1."""
        return float(np.dot(self.staffing, COSTS))


def figures(console: Console | None = None) -> dict[str, float]:
    """``staff_s`` and ``staff_cost``; the comparison is printed."""
    console = console or Console()
    scenario = study_of("two-skills").scenario
    targets = [Target(Reached.SL_OFFERED, 0.8, name) for name in ("A", "B")]
    large = _compiled()
    warm = Sample(scenario, targets, 2, _SEED, large=large)
    warm.look(np.array([[8], [8], [7]]))  # compiled code is loaded once, and kept on disk
    began = time.perf_counter()
    found = find(Sample(scenario, targets, _DAYS, _SEED, large=large), COSTS)
    took_s = time.perf_counter() - began
    _say(console, found, took_s)
    everybody = [Target(Reached.ANSWER_RATE, 0.8), Target(Reached.SL_OFFERED, 0.8)]
    other = Sample(scenario, everybody, _DAYS, _SEED + 1, large=large)
    name = f"pyworkforce {PUBLISHED_VERSION} (published)"
    theirs = PUBLISHED
    live = _live()
    if live is not None:
        name, theirs = live
    for who, staffing in (("madoguchi", found.staffing[:, 0]), (name, np.array(theirs))):
        each = _beside(other, tuple(map(int, staffing)))
        console.print(
            f"{who:32} {each.staffing} cost {each.cost:5.1f}  gave up "
            f"{100 * each.gave_up.value:5.1f} ± {100 * each.gave_up.half_width:.1f} %  within 20 s "
            f"{100 * each.level.value:5.1f} ± {100 * each.level.half_width:.1f} %",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    return {"staff_s": took_s, "staff_cost": round(found.cost, 6)}


def command_s() -> float:
    """The whole command with its check on other days, in a process of its own."""
    began = time.perf_counter()
    code = "from acd.cli import main; main()"
    arguments = ["plan", "staff", "two-skills", "--cost", "A=1,B=1,AB=1.1", "--json",
                 "--target", "A:sl_offered>=80%", "--target", "B:sl_offered>=80%"]  # fmt: skip
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, timeout=120,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    return time.perf_counter() - began


def _compiled() -> bool:
    return importlib.util.find_spec("numba") is not None


def _say(console: Console, found: Found, took_s: float) -> None:
    bound = "none" if found.bound is None else f"{found.bound:.1f}"
    console.print(
        f"plan staff: cost {found.cost:.1f}, bound {bound}, linear bound "
        f"{found.linear_bound:.1f}, {found.simulations} staffings simulated in {took_s:.2f} s",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def _beside(sample: Sample, staffing: tuple[int, ...]) -> Beside:
    look = sample.look(np.array(staffing)[:, None])
    answered, level = look.figure(0), look.figure(1)
    return Beside(staffing, Figure(1 - answered.value, answered.half_width), level)


#: Asks pyworkforce; run by a Python of its own, since it wants a newer one than this project.
_ASK = """
import json
from pyworkforce.staffing import MultiSkillStaffing
given = json.loads(input())
profiles = [{"name": n, "skills": list(n), "cost": c} for n, c in given["costs"]]
found = MultiSkillStaffing(
    skills=["A", "B"], profiles=profiles, required_positions=dict.fromkeys("AB", given["positions"])
).solve()
print(json.dumps({each["profile"]: each["agents"] for each in found["agents_per_profile"]}))
"""


def _newer_python() -> str:
    """One that pyenv keeps, or else whatever uv finds: of several, pyenv shows uv only the one in
    use."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob("3.1[2-4].*/bin/python"))
    return str(kept[-1]) if kept else ">=3.12"


def _live() -> tuple[str, tuple[int, ...]] | None:
    """pyworkforce's own answer, where uv finds a Python for it and the package; else None."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        return None
    groups = ("A", "B", "AB")
    given = {"costs": list(zip(groups, COSTS, strict=True)), "positions": _POSITIONS}
    command = [uv, "run", "--quiet", "--isolated", "--no-project", "--no-python-downloads",
               "--python", _newer_python(), "--with", f"pyworkforce=={PUBLISHED_VERSION}",
               "python", "-c", _ASK]  # fmt: skip
    try:
        done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True,
                              check=True, timeout=_LIVE_S)  # fmt: skip
        numbers = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    name = f"pyworkforce {PUBLISHED_VERSION} (live)"
    return name, tuple(int(numbers[group]) for group in groups)


if __name__ == "__main__":
    figures()
    print(f"the whole command: {command_s():.1f} s")
