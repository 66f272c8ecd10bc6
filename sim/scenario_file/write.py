"""A scenario as a file: what is read back is equal to what was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.inputs.distributions import Distribution, Kind
from sim.inputs.scenario import CallClass, Habits, Scenario
from sim.results import Targets
from sim.scenario_file.study_file import StudyFile


def written(study: StudyFile) -> str:
    """The TOML text of a study; numbers in full, so that none of them changes."""
    return "\n".join([*_head(study.scenario), *_tables(study)]) + "\n"


def _head(of: Scenario) -> Iterator[str]:
    yield f"name = {_quoted(of.name)}"
    yield f"opens_at = {_quoted(_clock(of.opens_s))}"
    yield f"period = {_duration(of.period_s)}"
    yield f"day = {_duration(of.day_s)}"
    yield f"rule = {_quoted(of.rule)}"
    if of.order:
        yield f"order = {_list(_quoted(each) for each in of.order)}"
    yield f"priority_step = {_duration(of.priority_step_s)}"
    for key in ("lines", "waiting_places", "busyness"):
        value = getattr(of, key)
        if value is not None:
            yield f"{key} = {value!r}"
    yield f"warm_up = {_duration(of.warm_up_s)}"
    yield f"redial = {_quoted(repr(of.redial))}"
    if of.redial_after is not None:
        yield f"redial_after = {_length(of.redial_after)}"


def _tables(study: StudyFile) -> Iterator[str]:
    for each in study.scenario.classes:
        yield f"\n[calls.{each.name}]"
        yield from _calls(each)
    for group in study.scenario.groups:
        yield f"\n[groups.{group.name}]"
        yield f"seats = {list(group.agents)}"
        yield f"skills = {_list(_quoted(skill) for skill in group.skills)}"
    if study.scenario.habits is not None:
        yield from _habits(study.scenario.habits)
    yield from _targets(study.targets)
    yield "\n[people]"
    yield f"absence = {_quoted(repr(study.absence))}"
    if study.breaks is not None:
        yield f"break_every = {_duration(study.breaks.every_s)}"
        yield f"break_length = {_duration(study.breaks.length_s)}"


def _habits(of: Habits) -> Iterator[str]:
    if of.menu is not None:
        yield "\n[menu]"
        yield f"length = {_length(of.menu)}"
        yield f"leaves = {_quoted(repr(of.leaves))}"
    yield "\n[ringing]"
    if of.ring is not None:
        yield f"length = {_length(of.ring)}"
    yield f"unanswered = {_quoted(repr(of.unanswered))}"
    yield f"timeout = {_duration(of.ring_timeout_s)}"
    yield f"away = {_duration(of.away_s)}"


def _targets(of: Targets) -> Iterator[str]:
    yield "\n[targets]"
    for key in ("answer_rate", "service_level", "worst_hour", "blocked"):
        value = getattr(of, key)
        yield f"{key} = {_quoted('none' if value is None else repr(value))}"


def _calls(of: CallClass) -> Iterator[str]:
    yield f"arrivals = {_list(_quoted(f'{rate!r}/s') for rate in of.arrivals_per_s)}"
    yield f"talk = {_length(of.talk)}"
    if of.wrap_up is not None:
        yield f"wrap_up = {_length(of.wrap_up)}"
    patience = ('"never"' if each is None else _length(each) for each in of.patience)
    yield f"patience = {_list(patience)}"
    yield f"priority = {of.priority}"
    if of.prefers:
        yield f"prefers = {_list(_list(_quoted(group) for group in tier) for tier in of.prefers)}"
    if of.overflow:
        steps = (
            f"{{ after = {_duration(after)}, to = {_quoted(to)} }}" for after, to in of.overflow
        )
        yield f"overflow = {_list(steps)}"
    yield f"threshold = {_duration(of.threshold_s)}"


def _length(of: Distribution) -> str:
    if of.kind is Kind.EXPONENTIAL:
        return _duration(of.mean_s)
    parts = [f"kind = {_quoted(of.kind)}"]
    if of.kind is Kind.HYPEREXPONENTIAL:
        parts.append(f"weights = {list(of.weights)}")
        parts.append(f"means = {_durations(of.means_s)}")
    elif of.kind is Kind.EMPIRICAL:
        parts.append(f"mean = {_duration(of.mean_s)}")
        parts.append(f"times = {_durations(of.times_s)}")
        parts.append(f"survival = {_list(_quoted(repr(each)) for each in of.survival_at)}")
    else:
        parts.append(f"mean = {_duration(of.mean_s)}")
        parts += [
            f"{key} = {value!r}"
            for key, value in (("shape", of.shape), ("scv", of.scv))
            if value != 1.0
        ]
    return f"{{ {', '.join(parts)} }}"


def _durations(values: Sequence[float]) -> str:
    return _list(_duration(each) for each in values)


def _duration(seconds: float) -> str:
    return _quoted(f"{seconds!r}s")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{rest:09.6f}" if rest else "")


def _list(parts: Iterator[str]) -> str:
    return f"[{', '.join(parts)}]"


def _quoted(text: str) -> str:
    """A TOML string; names hold one line of printable characters."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
