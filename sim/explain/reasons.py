"""Why so many seats: the hour that binds, what one seat adds, what one pool saves, what patience
does. All by formula, so that the answer is there at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sim.inputs.scenario import Scenario
from sim.report.convert import goals_of, seats_points, value_of
from sim.report.exact import exact_study
from sim.report.told import counted_hours, meets, most_seats, worst_hour
from sim.report.values import Goals, SeatsPoint
from sim.report.variants import seats_shifted
from sim.report.words import percent, seconds
from sim.results import StudyResult
from sim.scaling import more_patient
from sim.scenario_file.study_file import StudyFile

#: So many seats to either side are tried.
_SPAN = 3


def reasons(study: StudyFile, lang: str) -> list[str]:
    """Sentences, in the order in which they follow from each other."""
    result = exact_study(study)
    goals = goals_of(result)
    said = [_resting(study, lang), _peak(result, lang), _load(result, lang)]
    points = _points(study)
    said.append(_steps(points, goals, lang))
    said.append(_pooling(study, result, goals, lang))
    said.append(_patience(study, result, goals, lang))
    return [each for each in said if each]


def _resting(study: StudyFile, lang: str) -> str:
    """Whom the formula leaves out."""
    planned, there = most_seats(study.scenario), most_seats(study.at_seats)
    if planned == there:
        return ""
    if lang == "ja":
        return f"予定の{planned}人のうち席にいるのは{there}人です(ほかの人は休憩中)。"
    return f"{there} of the {planned} planned are at their seats; the others have a break."


def _points(study: StudyFile) -> list[SeatsPoint]:
    scenario = study.at_seats
    most = most_seats(scenario)
    shifts = range(-min(_SPAN, most - 1), _SPAN + 1)
    made = [
        (most + by, exact_study(StudyFile(seats_shifted(scenario, by), study.targets), lines=False))
        for by in shifts
    ]
    return seats_points(made, most)


def _peak(result: StudyResult, lang: str) -> str:
    """The hour with most work, and the hour with the worst figures: not always the same."""
    hours = counted_hours(result)
    worst = worst_hour(result)
    if len(hours) < 2 or worst is None:
        return ""
    busiest = max(hours, key=lambda hour: value_of(hour.figures["offered"]).mean or 0.0)
    calls = value_of(busiest.figures["offered"]).mean or 0.0
    level = percent(value_of(worst.figures["sl_offered"]), lang)
    rate = percent(value_of(worst.figures["answer_rate_a"]), lang)
    if lang == "ja":
        said = f"席数を決めるのは{worst.name}からの時間帯です(応答率{rate}、時間内の応答{level})。"
        if busiest.name == worst.name:
            return said + f"着信が最も多い時間帯でもあります({calls:.0f}件)。"
        return (
            said + f"着信が最も多いのは{busiest.name}からですが({calls:.0f}件)、席の数が違います。"
        )
    said = (
        f"The stretch from {worst.name} binds (answer rate {rate}, within the threshold {level})."
    )
    if busiest.name == worst.name:
        return said + f" It is also the one with most calls ({calls:.0f})."
    return (
        said
        + f" Most calls come from {busiest.name} on ({calls:.0f}), with another number of seats."
    )


def _load(result: StudyResult, lang: str) -> str:
    """Erlangs against seats in the binding hour."""
    erlangs, seats = busiest_load(result.scenario)
    if not erlangs:
        return ""
    spare = seats - erlangs
    root = spare / math.sqrt(erlangs)
    if lang == "ja":
        if spare <= 0:
            return (
                f"その時間の仕事量は{erlangs:.1f}人分で、{seats}席では処理しきれません。"
                "あきらめる人がいるから回っている状態です。"
            )
        return (
            f"最も混む時間の仕事量は{erlangs:.1f}人分です。{seats}席との差{spare:.1f}席は、"
            f"電話が重なるときの余裕です(仕事量の平方根の{root:.1f}倍)。"
        )
    if spare <= 0:
        return (
            f"The work of that hour is {erlangs:.1f} erlangs: more than {seats} people can do. "
            "It only runs because callers give up."
        )
    return (
        f"The work of the busiest hour is {erlangs:.1f} erlangs, that is {erlangs:.1f} people who "
        f"never pause. The other {spare:.1f} of {seats} seats are for calls that come together "
        f"({root:.1f} times the square root of the work)."
    )


def busiest_load(scenario: Scenario) -> tuple[float, int]:
    """Erlangs and operators of the period with most work for each operator."""
    loads = []
    for period in range(scenario.periods):
        erlangs = math.fsum(
            each.arrivals_per_s[period]
            * (each.talk.mean_s + (each.wrap_up.mean_s if each.wrap_up else 0.0))
            for each in scenario.classes
        )
        agents = sum(group.agents[period] for group in scenario.groups)
        loads.append((erlangs / max(agents, 1), erlangs, agents))
    _, erlangs, agents = max(loads)
    return erlangs, agents


def _steps(points: Sequence[SeatsPoint], goals: Goals, lang: str) -> str:
    """What each seat adds: less and less."""
    at = next(place for place, point in enumerate(points) if point.chosen)
    if at == 0 or at == len(points) - 1:
        return ""
    levels = [point.sl_offered.mean or 0.0 for point in points[at - 1 : at + 2]]
    less, more = 100 * (levels[1] - levels[0]), 100 * (levels[2] - levels[1])
    within = seconds(goals.threshold_s, lang)
    good = [point.seats for point in points if meets(point, goals)]
    seats = points[at].seats
    if lang == "ja":
        said = (
            f"{seats}席目の1席で、{within}以内の応答は{less:.1f}ポイント上がります。"
            f"もう1席増やしても{more:.1f}ポイントです。"
        )
        if good and min(good) != seats:
            said += (
                f"目標だけなら{min(good)}席で足ります。"
                if min(good) < seats
                else (f"目標を満たすには{min(good)}席要ります。")
            )
        return said
    said = (
        f"Seat number {seats} adds {less:.1f} points to what is answered within {within}; "
        f"one more would add {more:.1f}."
    )
    if good and min(good) != seats:
        enough = "would be enough" if min(good) < seats else "are needed"
        said += f" For the targets alone {min(good)} seats {enough}."
    return said


def _pooling(study: StudyFile, result: StudyResult, goals: Goals, lang: str) -> str:
    """The same people in two separate halves: what is lost."""
    scenario = study.at_seats
    if most_seats(scenario) < 4:
        return ""
    halves = replace(
        scenario,
        classes=tuple(
            replace(each, arrivals_per_s=tuple(rate / 2 for rate in each.arrivals_per_s))
            for each in scenario.classes
        ),
        groups=tuple(
            replace(group, agents=tuple(number // 2 for number in group.agents))
            for group in scenario.groups
        ),
    )
    whole = result.figure("sl_offered").mean
    split = exact_study(StudyFile(halves, study.targets), lines=False).figure("sl_offered").mean
    if whole is None or split is None:
        return ""
    within = seconds(goals.threshold_s, lang)
    if lang == "ja":
        return (
            f"同じ人数を2つの別々の窓口に分けると、{within}以内の応答は{100 * whole:.1f} %から"
            f"{100 * split:.1f} %に下がります。まとめて受けることが席を節約しています。"
        )
    return (
        f"The same people in two separate halves would answer {100 * split:.1f} % within {within} "
        f"instead of {100 * whole:.1f} %: one pool is what saves seats."
    )


def _patience(study: StudyFile, result: StudyResult, goals: Goals, lang: str) -> str:
    """What rests on an assumption that nobody can measure well."""
    scenario = study.at_seats
    if any(kind is None for each in scenario.classes for kind in each.patience):
        return (
            "だれもあきらめない前提です。実際より待ち時間が長く、応答率が高く出ます。"
            if lang == "ja"
            else "Nobody gives up here: waits come out longer, and the answer rate higher, than in "
            "reality."
        )
    half = exact_study(StudyFile(more_patient(scenario, 0.5), study.targets), lines=False)
    double = exact_study(StudyFile(more_patient(scenario, 2.0), study.targets), lines=False)
    rates = [value_of(each.figure("answer_rate_a")) for each in (half, result, double)]
    shown = [percent(each, lang) for each in rates]
    if lang == "ja":
        return (
            f"待てる時間が半分なら応答率は{shown[0]}、2倍なら{shown[2]}です(前提では{shown[1]})。"
            "早くあきらめる人が多いほど列は短くなり、つながった人の待ち時間は良く見えます。"
        )
    return (
        f"With half the patience the answer rate is {shown[0]}, with twice as much {shown[2]} "
        f"({shown[1]} as assumed). The sooner callers give up, the shorter the queue: the waits of "
        "those who got through then look good."
    )
