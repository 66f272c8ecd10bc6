"""The answer of a study in sentences: what so many seats give, which hour binds, what one seat more
or less does, what the targets need, and which figure would mislead if it stood alone."""

from __future__ import annotations

from collections.abc import Sequence

from sim.inputs.scenario import Scenario
from sim.report.assumed import EXACT
from sim.report.convert import hour_of, value_of
from sim.report.plots import worst_of
from sim.report.values import Goals, SeatsPoint, Sway, Value
from sim.report.words import percent, seconds
from sim.results import HourResult, StudyResult

#: Two service levels that differ by so much tell different stories.
_APART = 0.02


def answer(
    study: StudyResult, goals: Goals, points: Sequence[SeatsPoint], sways: Sequence[Sway], lang: str
) -> tuple[str, ...]:
    """Sentences, the most important first."""
    said = [_main(study, goals, lang), _worst(study, goals, lang)]
    said += [
        _least(points, goals, lang),
        _marginal(points, goals, lang),
        _absent(study, sways, goals, lang),
    ]
    said.append(_lines(study, lang))
    return tuple(each for each in said if each)


def _main(study: StudyResult, goals: Goals, lang: str) -> str:
    seats = most_seats(study.scenario)
    rate, level = study.figure("answer_rate_a"), study.figure("sl_offered")
    excl = study.figure("sl_excl_early_abandons")
    within = seconds(goals.threshold_s, lang)
    rate_said, level_said, excl_said = (
        percent(value_of(each), lang) for each in (rate, level, excl)
    )
    met = _met(rate.mean, goals.answer_rate) and _met(level.mean, goals.sl_offered)
    if lang == "ja":
        end = "目標を満たします" if met else "目標に届きません"
        return (
            f"{seats}席なら、応答率は{rate_said}、{within}以内の応答は全着信の{level_said}"
            f"(早く切れた電話を除くと{excl_said})です。{end}{_goals_said(goals, lang)}。"
        )
    end = "meets" if met else "misses"
    return (
        f"{seats} {'seat' if seats == 1 else 'seats'}: answer rate {rate_said}, within {within} "
        f"{level_said} of all calls ({excl_said} without early abandons). "
        f"This {end} the targets{_goals_said(goals, lang)}."
    )


def _goals_said(goals: Goals, lang: str) -> str:
    parts = []
    if goals.answer_rate is not None:
        name = "応答率" if lang == "ja" else "answer rate"
        parts.append(f"{name} {100 * goals.answer_rate:g} %")
    if goals.sl_offered is not None:
        within = seconds(goals.threshold_s, lang)
        name = f"{within}以内" if lang == "ja" else f"within {within}"
        parts.append(f"{name} {100 * goals.sl_offered:g} %")
    both = ("、" if lang == "ja" else ", ").join(parts)
    return f"({both})" if lang == "ja" and both else f" ({both})" if both else ""


def _worst(study: StudyResult, goals: Goals, lang: str) -> str:
    counted = counted_hours(study)
    hour = worst_hour(study)
    if hour is None or len(counted) < 2 or study.scenario.warm_up_s:
        return ""
    rate = percent(value_of(hour.figures.get("answer_rate_a")), lang)
    level = percent(value_of(hour.figures.get("sl_offered")), lang)
    missed = sum(
        not _met(value_of(each.figures.get("sl_offered")).mean, goals.sl_offered)
        for each in counted
    )
    if lang == "ja":
        within = seconds(goals.threshold_s, lang)
        said = f"最も低いのは{hour.name}からで、応答率{rate}、{within}以内{level}です。"
        if missed:
            said += f"{len(counted)}の時間帯のうち{missed}つで、つながりやすさが目標を下回ります。"
        return said
    said = (
        f"The worst hour begins at {hour.name}: answer rate {rate}, "
        f"within {seconds(goals.threshold_s, lang)} {level}."
    )
    if missed:
        said += f" In {missed} of {len(counted)} hours the service level is below the target."
    return said


def _least(points: Sequence[SeatsPoint], goals: Goals, lang: str) -> str:
    """The fewest seats that meet all targets, if they are among those that were tried."""
    if len(points) < 2:
        return ""
    good = [point.seats for point in points if meets(point, goals)]
    tried = f"{points[0].seats}–{points[-1].seats}"
    if not good:
        return (
            f"試した席数({tried}席)では、目標をすべては満たせません。"
            if lang == "ja"
            else f"None of the numbers tried ({tried} seats) meets all targets."
        )
    least = min(good)
    if least == points[0].seats:
        return (
            f"目標は{least}席でも満たせます(それより少ない席数は試していません)。"
            if lang == "ja"
            else f"Even {least} seats meet all targets (fewer were not tried)."
        )
    return (
        f"目標をすべて満たす最も少ない席数は{least}席です。"
        if lang == "ja"
        else f"{least} seats are the fewest that meet all targets."
    )


def _marginal(points: Sequence[SeatsPoint], goals: Goals, lang: str) -> str:
    at = next((place for place, point in enumerate(points) if point.chosen), None)
    if at is None or at == 0 or at == len(points) - 1:
        return ""
    less, here, more = points[at - 1 : at + 2]
    below, level, above = (point.sl_offered.mean for point in (less, here, more))
    if below is None or level is None or above is None:
        return ""
    lost, won = (
        _points(each.change if each.change.mean is not None else Value(other - level), lang)
        for each, other in ((less, below), (more, above))
    )
    fewer, further = here.seats - less.seats, more.seats - here.seats
    within = seconds(goals.threshold_s, lang)
    low, high = percent(less.sl_offered, lang), percent(more.sl_offered, lang)
    if lang == "ja":
        return (
            f"{fewer}席減らすと{within}以内の応答は{low}({lost})、"
            f"{further}席増やすと{high}({won})になります。"
        )
    seat = "seat" if fewer == 1 else "seats"
    return (
        f"With {fewer} {seat} less {low} are answered within {within} ({lost}), "
        f"with {further} more {high} ({won})."
    )


def _points(change: Value, lang: str) -> str:
    """By how many points a share changes, and how sure that is.

    >>> _points(Value(-0.0532, 0.0021), "en"), _points(Value(0.031), "ja")
    ('5.3 ± 0.2 points less', '3.1ポイント増')
    """
    less = (change.mean or 0.0) < 0
    if lang == "ja":
        return f"{_size(change)}ポイント{'減' if less else '増'}"
    return f"{_size(change)} points {'less' if less else 'more'}"


def _size(of: Value) -> str:
    """A difference of shares without its sign, in points.

    >>> _size(Value(-0.0532, 0.0021))
    '5.3 ± 0.2'
    """
    said = f"{abs(100 * (of.mean or 0.0)):.1f}"
    return said + (f" ± {max(0.1, 100 * of.half):.1f}" if of.half else "")


def _absent(study: StudyResult, sways: Sequence[Sway], goals: Goals, lang: str) -> str:
    found = next((sway for sway in sways if sway.name.en == "people missing"), None)
    here = study.figure("sl_offered").mean
    if found is None or found.low is None or found.low[1].mean is None or here is None:
        return ""
    level = percent(found.low[1], lang)
    within = seconds(goals.threshold_s, lang)
    people = found.low[0]
    lost = found.change if found.change.mean is not None else Value(found.low[1].mean - here)
    if lang == "ja":
        return (
            f"あと{people}欠けると、{within}以内の応答は{level}({_points(lost, lang)})になります。"
        )
    return (
        f"With {people} more missing, {level} are answered within {within} ({_points(lost, lang)})."
    )


def _lines(study: StudyResult, lang: str) -> str:
    if not study.lines.busiest:
        return ""
    p99, p999 = study.lines.enough(0.99), study.lines.enough(0.999)
    # Nobody is in the menu of a formula.
    habits = None if study.stamp.engine == EXACT else study.scenario.habits
    menu_played = habits is not None and habits.menu is not None
    if lang == "ja":
        more = "転送(1件に2回線)" if menu_played else "自動案内と転送(1件に2回線)"
        return (
            f"回線(同時通話数)は、最も混む時間帯でも99 %の時間は{p99}、99.9 %の時間は{p999}で"
            f"足ります。{more}の分は、これに加えてください。"
        )
    more = "Add two" if menu_played else "Add those of the menu, and two"
    return (
        f"Channels: {p99} are enough for 99 % of the busiest hour, {p999} for 99.9 %. "
        f"{more} for each transferred call."
    )


def warnings(study: StudyResult, goals: Goals, lang: str) -> tuple[str, ...]:
    """What a reader must not overlook in these very figures."""
    ja = lang == "ja"
    rate, level = study.figure("answer_rate_a").mean, study.figure("sl_offered").mean
    excl = study.figure("sl_excl_early_abandons").mean
    found = []
    if study.stamp.engine == EXACT and study.scenario.habits is not None:
        found.append(
            "自動案内と呼び出しの時間は、この公式の計算に入っていません。シミュレーションでは、"
            "製品のエンジンそのものが再現します。"
            if ja
            else "The menu and the ringing are not in this formula; in a simulated study the "
            "product's own engine plays them."
        )
    if _met(rate, goals.answer_rate) and not _met(level, goals.sl_offered):
        found.append(
            "応答率だけを見ると足りているように見えますが、つながるまでに待たせています。"
            if ja
            else "The answer rate alone looks good, but callers wait for it: see the service level."
        )
    if level is not None and excl is not None and excl - level > _APART:
        known = value_of(study.levels_apart)
        apart = _size(known if known.mean is not None else Value(excl - level))
        found.append(
            f"つながりやすさの2つの数え方は{apart}ポイント違います。"
            "どちらの数字か、必ず書き添えてください。"
            if ja
            else f"The two service levels differ by {apart} points: say which one is meant."
        )
    worst = worst_hour(study)
    if worst is not None and not study.scenario.warm_up_s and study.targets.worst_hour is not None:
        low = value_of(worst.figures.get("answer_rate_a")).mean
        if low is not None and low < study.targets.worst_hour and _met(rate, goals.answer_rate):
            found.append(
                "一日の応答率は目標を満たしますが、最も低い時間帯は許される下限を下回ります。"
                if ja
                else "The day's answer rate meets its target, but the worst hour falls below "
                "what is allowed for an hour."
            )
    if not study.precise:
        found.append(
            "求めた精度には届いていません。日数を増やしてください。"
            if ja
            else "The precision asked for was not reached: simulate more days."
        )
    return tuple(found)


def counted_hours(study: StudyResult) -> list[HourResult]:
    """The hours that had calls."""
    return [
        hour for hour in study.hours if value_of(hour.figures.get("answer_rate_a")).mean is not None
    ]


def worst_hour(study: StudyResult) -> HourResult | None:
    """The hour with the lowest answer rate; of equals the one with the lowest service level."""
    hours = counted_hours(study)
    place = worst_of([hour_of(hour) for hour in hours])
    return None if place is None else hours[place]


def most_seats(scenario: Scenario) -> int:
    """Operators in the fullest stretch of the day, all groups together."""
    periods = range(scenario.periods)
    return max(sum(group.agents[at] for group in scenario.groups) for at in periods)


def meets(point: SeatsPoint, goals: Goals) -> bool:
    """Whether a number of seats reaches all targets, that of the worst hour included."""
    worst = point.worst_hour.mean
    return (
        _met(point.answer_rate.mean, goals.answer_rate)
        and _met(point.sl_offered.mean, goals.sl_offered)
        and (worst is None or _met(worst, goals.worst_hour))
    )


def _met(value: float | None, goal: float | None) -> bool:
    return goal is None or (value is not None and value >= goal)
