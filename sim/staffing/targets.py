"""What a staffing has to reach: a share of callers, of one kind or of all, in every interval."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from acd.config.faults import nearest
from acd.errors import Refused
from sim.inputs.quantities import share
from sim.inputs.scenario import Scenario
from sim.scenario_file.study_file import StudyFile


class Reached(StrEnum):
    """Which share; the names are those of docs/measures.md."""

    SL_OFFERED = "sl_offered"
    SL_INCL_BLOCKED = "sl_incl_blocked"
    ANSWER_RATE = "answer_rate_a"


@dataclass(frozen=True, slots=True)
class Target:
    """At least this share, of the calls of class ``skill`` (None: of all calls together).

    ``threshold_s`` of the service level; None: each class's own.
    """

    reached: Reached
    at_least: float
    skill: str | None = None
    threshold_s: float | None = None

    @property
    def key(self) -> str:
        """As a person writes it, without the bound."""
        threshold = "" if self.threshold_s is None else f"_{self.threshold_s:g}s"
        return f"{self.skill + ':' if self.skill else ''}{self.reached}{threshold}"


_SHORT = {"answer_rate": Reached.ANSWER_RATE, "sl": Reached.SL_OFFERED}
_WRITTEN = re.compile(
    r"(?:(?P<skill>[^:<>=]+):)?\s*(?P<reached>[a-z_]+?)(?:_(?P<s>[0-9]+(?:\.[0-9]+)?)s)?"
    r"\s*(?:>=|≥)\s*(?P<share>[^<>=]+)"
)


def parse_target(text: str, scenario: Scenario) -> Target:
    """A target as it is written; a share of 100 % is refused, since no number reaches it surely.

    >>> from sim.inputs.distributions import exponential
    >>> from sim.inputs.scenario import CallClass
    >>> calls = CallClass("tax", (0.1,), exponential(180), (None,))
    >>> city = Scenario("city", 3600, (calls,), ())
    >>> parse_target("sl_offered_20s>=80%", city).at_least
    0.8
    >>> parse_target("tax:answer_rate>=0.9", city).key
    'tax:answer_rate_a'
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise Refused(
            f'the target "{text[:60]}" is not understood: write sl_offered_20s>=80%, '
            "answer_rate>=0.9 or, of one kind of call, tax:sl_offered>=80%",
            ja=f"目標「{text[:60]}」の意味がわかりません。sl_offered_20s>=80%、answer_rate>=0.9、"
            "または用件ごとに tax:sl_offered>=80% のように書いてください。",
        )
    names = [each.name for each in scenario.classes]
    skill = found["skill"].strip() if found["skill"] else None
    if skill is not None and skill not in names:
        raise _unknown(skill, names, "kind of call", "用件")
    reached = _SHORT.get(found["reached"], found["reached"])
    if reached not in list(Reached):
        raise _unknown(reached, list(Reached), "share", "指標")
    at_least = share(found["share"])
    if not 0 < at_least < 1:
        raise Refused(
            f'the target "{text[:60]}" must be more than 0% and less than 100%',
            ja=f"目標「{text[:60]}」は0%より大きく、100%より小さくしてください。",
        )
    threshold_s = float(found["s"]) if found["s"] else None
    return Target(Reached(reached), at_least, skill, threshold_s)


def parse_costs(text: str | None, scenario: Scenario) -> tuple[float, ...]:
    """What an operator of each group costs, ``A=1,B=1,AB=1.1``; not named: 1."""
    costs = dict.fromkeys((group.name for group in scenario.groups), 1.0)
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in costs:
            raise _unknown(name, list(costs), "group", "グループ")
        try:
            costs[name] = float(number)
        except ValueError:
            costs[name] = 0.0
        if not 1e-6 <= costs[name] <= 1e9:
            raise Refused(
                f'the cost of "{name}" must be a number above 0, not "{number[:20]}"',
                ja=f"「{name}」の費用は0より大きい数にしてください(「{number[:20]}」)。",
            )
    return tuple(costs.values())


def usual(study: StudyFile) -> list[Target]:
    """The targets of a scenario file, asked of every interval: the service level of each kind of
    call, the answer rate of all; none where the file has none."""
    found = []
    level, rate = study.targets.service_level, study.targets.answer_rate
    if level is not None and 0 < level < 1:
        # Where calls can be turned away, too few lines must not look like a good service.
        narrow = (study.scenario.lines, study.scenario.waiting_places) != (None, None)
        reached = Reached.SL_INCL_BLOCKED if narrow else Reached.SL_OFFERED
        found = [Target(reached, level, of.name) for of in study.scenario.classes]
    if rate is not None and 0 < rate < 1:
        found.append(Target(Reached.ANSWER_RATE, rate))
    return found


def _unknown(name: str, known: Sequence[str], what: str, what_ja: str) -> Refused:
    there = ", ".join(known)
    return Refused(
        f'there is no {what} "{name[:40]}"{nearest(name, known)} (there are {there})',
        ja=f"{what_ja}「{name[:40]}」はありません。あるのは{there}です。",
    )
