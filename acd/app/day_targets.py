"""The day so far against what was agreed: the contract's figures, each beside its target.

Which variant of a figure counts, and both columns of targets, are the contract's
(:class:`metrics.contract.Contract`); the figures are those of the wall (:mod:`acd.app.figures`), so
an alarm and the wall never say different things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from acd.app.figures import LiveFigures
from acd.config.alarm_settings import AlarmKind, Column, Rule
from metrics.contract import Contract
from metrics.dimensions import Dim
from metrics.measures import Figure
from metrics.targets import Target
from metrics.today import Today

#: Which figure of the contract each kind is about.
_KEYS: Mapping[AlarmKind, Callable[[Contract], str]] = {
    AlarmKind.TARGET_ANSWER_RATE: lambda contract: contract.answer_rate,
    AlarmKind.TARGET_SERVICE_LEVEL: lambda contract: contract.service_level,
    AlarmKind.TARGET_ABANDONMENT: lambda contract: contract.abandonment,
}


class Against(Struct, frozen=True):
    """A figure (by its full key, with both of its numbers) beside one of its targets. All are
    shares; ``at_least`` says which side of the target is good."""

    key: str
    value: float
    part: int
    whole: int
    target: float
    at_least: bool

    @property
    def short_by(self) -> float:
        """How far the figure is on the wrong side of its target; below 0 on the right one.

        >>> round(Against("answer_rate_a", 0.875, 70, 80, 0.90, True).short_by, 6)
        0.025
        """
        return self.target - self.value if self.at_least else self.value - self.target

    @property
    def room(self) -> float:
        """What lies between the target and the best there is."""
        return 1 - self.target if self.at_least else self.target


class DayTargets:
    """Called by the alarms at each look: what a rule is about, by subject (a queue; "" is the
    whole centre). What has no target is not there; what cannot be judged yet is None."""

    def __init__(self, figures: LiveFigures) -> None:
        self._figures = figures

    def __call__(self, rule: Rule) -> dict[str, Against | None]:
        """The readings of a rule. One that names no queue is about the whole centre, and about
        queues whose own waiting time (T) has a target of its own."""
        today = self._figures.today
        if today is None:
            return {}
        if rule.kind is AlarmKind.TARGET_AVAILABILITY:
            return self._availability(rule)
        key = _KEYS[rule.kind](today.contract)
        if key not in today.keys:
            return {}
        found: dict[str, Against | None] = {}
        for subject in _subjects(rule, today, key):
            dim = Dim.QUEUE if subject else Dim.ALL
            now = today.figure(key, self._figures.day, dim, subject)
            target = today.contract.targets.get(now.key)
            if target is not None:
                found[subject] = _against(now, target, rule.against, rule.at_least)
        return found

    def _availability(self, rule: Rule) -> dict[str, Against | None]:
        shown = self._figures.availability()
        if shown is None or shown.target is None:
            return {}
        least_ms = round(rule.at_least_service_s * 1000)
        return {"": _against(shown.figure, shown.target, rule.against, least_ms)}


def standings(figures: LiveFigures) -> dict[tuple[str, str], tuple[Figure, Target | None]]:
    """The contract's figures today and their targets, by a plain name (``answer_rate``) and
    subject: the whole centre (``""``), and queues that have a target of their own. Those that are
    not known are not there."""
    found: dict[tuple[str, str], tuple[Figure, Target | None]] = {}
    today, shown = figures.today, figures.availability()
    if today is not None:
        for kind, key_of in _KEYS.items():
            key = key_of(today.contract)
            if key not in today.keys:
                continue
            for subject in _with_targets(today, key):
                now = today.figure(key, figures.day, Dim.QUEUE if subject else Dim.ALL, subject)
                found[_plain(kind), subject] = now, today.contract.targets.get(now.key)
    if shown is not None:
        found[_plain(AlarmKind.TARGET_AVAILABILITY), ""] = shown.figure, shown.target
    return found


def _plain(kind: AlarmKind) -> str:
    return kind.value.removeprefix("target_")


def _subjects(rule: Rule, today: Today, key: str) -> Iterator[str]:
    if rule.queues:
        yield from (queue for queue in rule.queues if queue in today.queues)
    else:
        yield from _with_targets(today, key)


def _with_targets(today: Today, key: str) -> Iterator[str]:
    """The whole centre, and queues whose own waiting time (T) has a target of its own."""
    yield ""
    yield from (queue for queue in today.queues if today.own_target(key, queue) is not None)


def _against(now: Figure, target: Target, column: Column, at_least: int) -> Against | None:
    """None where there is no figure, or too little to speak of: ``whole`` is below ``at_least``
    (calls; of availability milliseconds)."""
    if now.value is None or now.part is None or now.whole is None or now.whole < at_least:
        return None
    wanted = target.contract if column is Column.CONTRACT else target.promise
    return Against(now.key, now.value, now.part, now.whole, wanted, target.at_least)
