"""A fitted scenario as a file that people read, change and run: each number with how sure it is."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from sim.calibrate.fit import ASSUMED_PATIENCE_S, ASSUMED_TALK_S, Fit, QueueFit
from sim.calibrate.values import Fitted
from sim.inputs.distributions import Distribution, Kind
from sim.inputs.scenario import CallClass, Group, Scenario

#: Digits of a number in the file: more than its half-width ever justifies.
_DIGITS = 6


def scenario_toml(scenario: Scenario, fit: Fit | None = None, head: Sequence[str] = ()) -> str:
    """The file's text. ``head``: lines of comment at its beginning; ``fit`` adds the half-widths.

    Only what a fit can hold is written: one patience for the whole day, no preferences.
    """
    lines = [f"# {_comment(each)}" for each in head]
    lines += ["", f"name = {_text(scenario.name)}", f"opens_at = {_clock(scenario.opens_s)}"]
    lines.append(f"period = {_seconds(scenario.period_s)}")
    if scenario.busyness is not None:
        half = _sure(fit.spread.extra).replace("#", "# 1 / busyness:") if fit else ""
        lines.append(f"busyness = {float(_number(scenario.busyness))}{half}")
    if any(each.priority for each in scenario.classes):
        lines.append(f"priority_step = {_seconds(scenario.priority_step_s)}")
    if scenario.redial:
        lines.append(f'redial = "{_number(scenario.redial * 100)}%"')
        if scenario.redial_after is not None:
            lines.append(f"redial_after = {_length(scenario.redial_after)}")
    for number, each in enumerate(scenario.classes):
        lines += _calls(each, fit.queues[number] if fit else None)
    for group in scenario.groups:
        lines += _group(group)
    return "\n".join(lines).lstrip("\n") + "\n"


def _calls(of: CallClass, found: QueueFit | None) -> list[str]:
    rates = ", ".join(f'"{_number(each * 3600)}/h"' for each in of.arrivals_per_s)
    lines = ["", f"[calls.{of.name}]", f"arrivals = [{rates}]"]
    patience = of.patience[0]
    notes = dict.fromkeys(("talk", "wrap_up", "patience"), "")
    if found is not None:
        notes["talk"] = _sure(found.talk.mean, "s")
        notes["wrap_up"] = _sure(found.wrap_up.mean, "s")
        notes["patience"] = _sure(found.patience.mean, "s")
        if patience is not None and patience.kind is Kind.WEIBULL and found.patience.weibull_mean:
            notes["patience"] = _sure(found.patience.weibull_mean, "s")
        if found.talk_assumed:
            notes["talk"] = f" # ASSUMED ({ASSUMED_TALK_S:g} s): not in the records"
        if found.patience_assumed:
            notes["patience"] = f" # ASSUMED ({ASSUMED_PATIENCE_S:g} s): nobody gave up"
    lines.append(f"talk = {_length(of.talk)}{notes['talk']}")
    if of.wrap_up is not None:
        lines.append(f"wrap_up = {_length(of.wrap_up)}{notes['wrap_up']}")
    said = '"never"' if patience is None else _length(patience)
    lines.append(f"patience = {said}{notes['patience']}")
    if of.priority:
        lines.append(f"priority = {of.priority}")
    lines.append(f"threshold = {_seconds(of.threshold_s)}")
    if of.overflow:
        steps = (f"{{ after = {_seconds(after)}, to = {_text(to)} }}" for after, to in of.overflow)
        lines.append(f"overflow = [{', '.join(steps)}]")
    return lines


def _group(of: Group) -> list[str]:
    skills = ", ".join(_text(each) for each in of.skills)
    seats = f"[{', '.join(map(str, of.agents))}]"
    if len(set(of.agents)) == 1:
        seats = str(of.agents[0])
    return ["", f"[groups.{of.name}]", f"seats = {seats}", f"skills = [{skills}]"]


def _length(of: Distribution) -> str:
    mean = _seconds(of.mean_s)
    match of.kind:
        case Kind.EXPONENTIAL:
            return mean
        case Kind.LOGNORMAL:
            return f'{{ kind = "lognormal", mean = {mean}, scv = {float(_number(of.scv))} }}'
        case Kind.WEIBULL | Kind.GAMMA:
            shape = float(_number(of.shape))
            return f'{{ kind = "{of.kind}", mean = {mean}, shape = {shape} }}'
        case Kind.EMPIRICAL:
            times = ", ".join(_seconds(each) for each in _rising(of.times_s))
            survival = ", ".join(f'"{_number(each)}"' for each in of.survival_at)
            return f'{{ kind = "empirical", times = [{times}], survival = [{survival}] }}'
        case Kind.HYPEREXPONENTIAL:
            weights = ", ".join(repr(float(each)) for each in of.weights)
            means = ", ".join(_seconds(each) for each in of.means_s)
            return f'{{ kind = "hyperexponential", weights = [{weights}], means = [{means}] }}'
    return f'{{ kind = "deterministic", mean = {mean} }}'


def _rising(times_s: Sequence[float]) -> list[float]:
    """Times that still rise after they were rounded to the millisecond."""
    found: list[float] = []
    for each in times_s:
        rounded = round(each, 3)
        found.append(rounded if not found or rounded > found[-1] else round(found[-1] + 0.001, 3))
    return found


def _sure(of: Fitted, unit: str = "") -> str:
    if of.value is None:
        return ""
    half = "" if of.half is None else f" ± {of.half:.3g}"
    return f" # {of.value:.4g}{half} {unit}".rstrip() + f", n = {of.n:,}"


def _number(value: float) -> str:
    """Plain digits without exponent, so that a person can read and change them."""
    if not math.isfinite(value) or value == 0:
        return "0"
    digits = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(digits, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _seconds(value_s: float) -> str:
    return f'"{_number(value_s)}s"'


def _clock(value_s: float) -> str:
    minutes = int(value_s // 60)
    return f'"{minutes // 60:02d}:{minutes % 60:02d}"'


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _comment(line: str) -> str:
    return "".join(each if each.isprintable() else " " for each in line)
