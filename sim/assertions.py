"""Claims that a study must bear out, for use in CI: ``sl_offered_20s>=0.8``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt

from acd.config.faults import nearest
from acd.errors import MadoguchiError, Refused
from metrics.targets import WORST_HOUR
from sim.experiment.keys import ALIASES, Kept, kept
from sim.inputs.quantities import duration_s, share
from sim.inputs.scenario import Scenario
from sim.results import Estimate, StudyResult

_CLAIM = re.compile(r"\s*(?P<key>[\w.-]{1,120}?)\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>\S+)\s*")
_SIGNS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt}


class ClaimFailed(MadoguchiError):
    """A claim does not hold."""

    code = "claim_failed"


@dataclass(frozen=True, slots=True)
class Claim:
    """``text`` as it was written; ``scope`` a class or group, or empty; ``worst``: of the worst
    hour. ``figure`` is None for those that every study has in other ways."""

    text: str
    scope: str
    name: str
    figure: Kept | None
    worst: bool
    sign: str
    limit: float

    @property
    def key(self) -> str:
        """The figure's key in the results."""
        name = self.figure.name if self.figure else self.name
        return f"{self.scope}.{name}" if self.scope else name

    def value(self, result: StudyResult) -> Estimate:
        """The figure that is meant."""
        if not self.worst:
            return result.figure(self.key)
        known = [hour.figures.get(self.key, Estimate(None)) for hour in result.hours]
        return min(
            (each for each in known if each.mean is not None),
            key=lambda each: (each.mean or 0.0) * (1 if self.sign.startswith(">") else -1),
            default=Estimate(None),
        )

    def holds(self, result: StudyResult) -> bool:
        """Whether the figure (its mean) is on the side that is claimed; one that does not exist is
        not."""
        value = self.value(result).mean
        return value is not None and _SIGNS[self.sign](value, self.limit)

    def said(self, result: StudyResult, where: str = "") -> MadoguchiError:
        """Why it does not hold; ``where`` comes first."""
        return _broken(f"{where}{self.text}", self.value(result))


def stated(text: str) -> tuple[str, str, float]:
    """A claim's key, sign and limit.

    >>> stated("sl_offered_20s >= 80%")
    ('sl_offered_20s', '>=', 0.8)

    Raises:
        Refused: it is not of the form.
    """
    found = _CLAIM.fullmatch(text[:300])
    if found is None:
        raise Refused(
            f"{text[:80]!r} is no claim: write sl_offered_20s>=0.8",
            ja=f"「{text[:80]}」の意味がわかりません。sl_offered_20s>=0.8 のように書いてください。",
        )
    return found["key"], found["sign"], _limit(found["limit"])


def unborne(texts: Sequence[str], figures: Mapping[str, Estimate]) -> list[MadoguchiError]:
    """Claims about figures that go by these names: those that do not hold, each with why.

    Raises:
        Refused: a claim is not of the form, or names no figure that there is.
    """
    broken: list[MadoguchiError] = []
    for text in texts:
        key, sign, limit = stated(text)
        if key not in figures:
            raise Refused(
                f"there is no figure {key[:80]!r} here{nearest(key, figures)} "
                f"({', '.join(list(figures)[:40])})",
                ja=f"「{key[:80]}」という値はありません({'、'.join(list(figures)[:40])})。",
            )
        value = figures[key].mean
        if value is None or not _SIGNS[sign](value, limit):
            broken.append(_broken(text, figures[key]))
    return broken


def _broken(text: str, value: Estimate) -> MadoguchiError:
    """What is said of a claim that does not hold."""
    half = f" ± {value.half:.3g}" if value.half else ""
    found = "no figure" if value.mean is None else f"{value.mean:.4g}{half}"
    found_ja = "値なし" if value.mean is None else found
    return ClaimFailed(f"{text} does not hold: {found}", ja=f"{text} は成り立ちません: {found_ja}")


def claim(text: str, scenario: Scenario) -> Claim:
    """A claim, understood against what the scenario has.

    Raises:
        Refused: it is not of the form, or names nothing that there is.
    """
    key, sign, limit = stated(text)
    worst = key.startswith(WORST_HOUR)
    scope, name = _scope(key.removeprefix(WORST_HOUR), scenario)
    figure = kept(name)
    if worst and figure is None and name != "occupancy":
        raise Refused(f"{name} is not known by the hour", ja=f"{name} は時間帯ごとには出せません。")
    return Claim(
        text.strip(), scope, ALIASES.get(name, name), figure, worst, sign, limit
    )  # fmt: skip


def claims(texts: Sequence[str], scenario: Scenario) -> tuple[Claim, ...]:
    """All of them."""
    return tuple(claim(text, scenario) for text in texts)


def failed(asked: Sequence[Claim], result: StudyResult, where: str = "") -> list[MadoguchiError]:
    """Those that do not hold, each with why."""
    return [each.said(result, where) for each in asked if not each.holds(result)]


def _scope(key: str, scenario: Scenario) -> tuple[str, str]:
    """``CLASS.figure`` or ``GROUP.occupancy`` taken apart."""
    scope, dot, name = key.rpartition(".")
    if not dot:
        return "", key
    classes = [each.name for each in scenario.classes]
    groups = [each.name for each in scenario.groups]
    known = groups if name == "occupancy" else classes
    if scope not in known or name.startswith("lines_"):
        raise Refused(
            f"{key[:80]!r}: there is no {scope[:40]!r} with this figure ({', '.join(known)})",
            ja=f"「{key[:80]}」にあたる値はありません({'、'.join(known)})。",
        )
    return scope, name


def _limit(text: str) -> float:
    """A number, a share (80%) or a time (20s)."""
    if text.endswith("%"):
        return share(text)
    try:
        value = float(text)
    except ValueError:
        return duration_s(text)
    if not abs(value) < 1e12:
        raise Refused(f"{text[:40]!r} is no limit", ja=f"「{text[:40]}」は限度にできません。")
    return value
