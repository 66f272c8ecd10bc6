"""A result that was kept with ``--json``, read back: checked and bounded as any file is."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import msgspec

from acd.errors import MadoguchiError, Refused
from sim.experiment.days import Engine
from sim.exports import SCHEMA
from sim.results import Estimate, HourResult, LinesResult, Stamp, StudyResult, Targets
from sim.scenario_file.find import study_of
from sim.scenario_file.read import scenario_hash
from sim.scenario_file.study_file import StudyFile
from sim.what_if import CHANGES, WhatIf

SIZE_MAX = 50_000_000


class _Figure(msgspec.Struct):
    mean: float | None
    half_width_95: float | None


class _Hour(msgspec.Struct, rename={"begins": "from"}):
    begins: str
    length_s: float
    seats: float
    offered_90: tuple[float, float]
    figures: dict[str, _Figure]


class _Lines(msgspec.Struct):
    have: int | None
    busiest_hour: str
    share_of_time_busiest: list[float]
    share_of_time_day: list[float]


class _Kept(msgspec.Struct):
    schema: int
    scenario: str
    changes: list[str]
    stamp: Stamp
    precise: bool
    threshold_s: float | None
    targets: Targets
    figures: dict[str, _Figure]
    worst_hour: dict[str, str]
    hours: list[_Hour]
    lines: _Lines
    levels_apart: _Figure | None = None


def read_kept(path: Path, scenario: str | None = None) -> tuple[StudyFile, StudyResult]:
    """The result, and the scenario that it was made of: the one named, or the example of its name.

    Raises:
        Refused: it is none, or the scenario is not the one that it was made of.
    """
    try:
        data = path.read_bytes()
        if len(data) > SIZE_MAX:
            raise ValueError(f"more than {SIZE_MAX} bytes")
        kept = msgspec.json.decode(data, type=_Kept)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise _none(path, str(error)) from None
    if kept.schema != SCHEMA:
        raise _none(path, f"schema {kept.schema}")
    study = _scenario(kept, scenario)
    return study, _result(kept, study)


def _none(path: Path, why: str) -> Refused:
    return Refused(
        f"{path} is not a result that `madoguchi plan run --json` wrote: {why[:200]}",
        code="no_result",
        ja=f"{path} は `madoguchi plan run --json` の結果ではありません: {why[:200]}",
    )


def _scenario(kept: _Kept, named: str | None) -> StudyFile:
    """The study with the kept changes; its hash tells whether it is the right one."""
    try:
        study = _changed(kept.changes).applied(study_of(named or kept.scenario))
    except MadoguchiError as error:
        raise _unknown(kept.scenario) from error
    if scenario_hash(study) != kept.stamp.scenario_hash:
        raise _unknown(kept.scenario)
    return study


def _unknown(name: str) -> Refused:
    return Refused(
        f"the scenario {name[:200]!r} of this result is not there, or is another one now: name the "
        "file that it was made of with --scenario",
        code="other_scenario",
        ja=f"この結果のもとのシナリオ「{name[:200]}」がないか、変わっています。"
        "--scenario でもとのファイルを指定してください。",
    )


def _changed(words: list[str]) -> WhatIf:
    what_if = WhatIf()
    for each in words[:20]:
        name, _, text = each[:200].partition(" ")
        name = name.removeprefix("--")
        if name in CHANGES:
            what_if = replace(what_if, **{name: shlex.split(text)[0] if text else ""})
    return what_if


def _result(kept: _Kept, study: StudyFile) -> StudyResult:
    names = [hour.begins for hour in kept.hours]
    busiest = names.index(kept.lines.busiest_hour) if kept.lines.busiest_hour in names else 0
    begins_s, hours = 0.0, []
    for hour in kept.hours:
        hours.append(
            HourResult(
                hour.begins, begins_s, hour.length_s, hour.seats, *hour.offered_90,
                _estimates(hour.figures),
            )
        )  # fmt: skip
        begins_s += hour.length_s
    return StudyResult(
        scenario=study.one_by_one if kept.stamp.engine == Engine.TWIN else study.at_seats,
        targets=kept.targets,
        stamp=kept.stamp,
        figures=_estimates(kept.figures),
        hours=tuple(hours),
        worst={key: names.index(name) for key, name in kept.worst_hour.items() if name in names},
        lines=LinesResult(
            busiest,
            tuple(kept.lines.share_of_time_busiest),
            tuple(kept.lines.share_of_time_day),
            kept.lines.have,
        ),
        threshold_s=kept.threshold_s,
        absence=study.absence,
        changes=tuple(kept.changes),
        precise=kept.precise,
        levels_apart=_estimate(kept.levels_apart) if kept.levels_apart else Estimate(None),
    )


def _estimates(figures: dict[str, _Figure]) -> dict[str, Estimate]:
    return {key: _estimate(each) for key, each in figures.items()}


def _estimate(of: _Figure) -> Estimate:
    return Estimate(of.mean, of.half_width_95)
