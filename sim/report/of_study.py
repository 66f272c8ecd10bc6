"""The report of a study: everything on the page, made from results alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from metrics.measure import MEASURES
from metrics.report_model import Name
from sim.report import assumed, plots, told
from sim.report.convert import goals_of, hour_of, lines_of, seats_points, value_of
from sim.report.paper import Card, Drawn, Paper, Sheet, drawn
from sim.report.values import Goals, Hour, SeatsPoint, Sway, Value
from sim.report.words import DASH, percent, seconds, word
from sim.results import StudyResult

#: What the page explains, with the measures' own formulas.
_EXPLAINED = ("answer_rate_a", "sl_offered", "sl_excl_early_abandons", "asa", "occupancy")
_LETTERS = Name(
    "A 応答した電話、B つながる前に切れた電話、O 窓口に入った電話のすべて。A_T、B_T は、そのうち"
    "待ち時間がT以内のもの",
    "A: answered, B: given up, O: all that queued; A_T, B_T: those of them that waited at most T",
)
_NOTES = {
    "seats": Name(
        "丸は全着信のうち、四角は早く切れた電話を除いた率、三角は応答率です。色の帯が選んだ席数です。",
        "Dots: of all calls; squares: without early abandons; triangles: answer rate. The shaded "
        "column is the number chosen.",
    ),
    "day": Name(
        "線は着信数、柱は応答数です。灰色の幅には、10日のうち9日が入ります。",
        "The line is what is offered, the bars what is answered; nine days of ten lie in the grey.",
    ),
    "worst": Name(
        "一日の率が目標を満たしていても、混む時間帯は下回ることがあります。",
        "A day's figure can meet its target while its busiest hour does not.",
    ),
    "sensitivity": Name(
        "前提を1つずつ変えたときの、つながりやすさです。上にあるものほど、確かめる値打ちがあります。",
        "The service level when one assumption at a time is changed. The higher up, the more it is "
        "worth to be checked.",
    ),
    "lines": Name(
        "最も混む時間帯に、同時に使われている回線の数です。待っている電話も回線を使います。",
        "Channels in use at once in the busiest hour. Callers who wait hold a channel too.",
    ),
}


@dataclass(frozen=True, slots=True)
class Around:
    """The same study with other seats, and with one assumption changed at a time."""

    seats: tuple[tuple[int, StudyResult], ...] = ()
    sways: tuple[Sway, ...] = field(default=())


def study_paper(
    study: StudyResult,
    around: Around,
    lang: str,
    title: str = "",
    subject: str = "",
    *,
    beside: StudyResult | None = None,
) -> Paper:
    """The report in one language; its plots have the same axes as those of a study ``beside``."""
    goals = goals_of(study)
    points = seats_points(around.seats, told.most_seats(study.scenario))
    hours = _hours(study)
    return Paper(
        lang=lang,
        title=title or Name("席と回線の試算", "Seats and lines").of(lang),
        subject=subject or study.scenario.name,
        answer=told.answer(study, goals, points, around.sways, lang),
        warnings=told.warnings(study, goals, lang),
        cards=_cards(study, goals, lang),
        plots=_plots(study, goals, points, around.sways, lang, beside or study),
        sheets=_sheets(study, goals, points, hours, lang),
        assumptions=(*_changes(study, lang), *assumed.assumptions(study.scenario, lang)),
        method=assumed.method(study, lang),
        definitions=definitions(goals, lang),
        origin=assumed.origin(study.stamp, lang),
    )


def _hours(study: StudyResult) -> list[Hour]:
    """The stretches of the day; of a steady state that goes on for hours they tell nothing."""
    return [] if study.scenario.warm_up_s else [hour_of(each) for each in told.counted_hours(study)]


def _changes(study: StudyResult, lang: str) -> tuple[tuple[str, str], ...]:
    if not study.changes:
        return ()
    return (("変えたところ" if lang == "ja" else "Changed", "; ".join(study.changes)),)


def _cards(study: StudyResult, goals: Goals, lang: str) -> tuple[Card, ...]:
    target = word("target", lang)
    within = seconds(goals.threshold_s, lang)

    def goal(value: float | None) -> str:
        return f"{target} {100 * value:g} %" if value is not None else ""

    def figure(key: str) -> Value:
        return value_of(study.figure(key))

    cards = [
        Card(word("answer_rate", lang), percent(figure("answer_rate_a"), lang),
             goal(goals.answer_rate)),
        Card(word("sl_offered", lang).format(t=within), percent(figure("sl_offered"), lang),
             goal(goals.sl_offered)),
        Card(word("sl_excl", lang).format(t=within),
             percent(figure("sl_excl_early_abandons"), lang)),
        Card(word("asa", lang), _time(figure("asa_s"), lang), word("asa_note", lang)),
    ]  # fmt: skip
    return tuple(cards)


def _time(value: Value, lang: str) -> str:
    if value.mean is None:
        return DASH
    unit = "秒" if lang == "ja" else " s"
    half = f" ± {max(0.1, value.half):.1f}" if value.half else ""
    return f"{value.mean:.1f}{unit}{half}"


def _plots(
    study: StudyResult,
    goals: Goals,
    points: Sequence[SeatsPoint],
    sways: Sequence[Sway],
    lang: str,
    beside: StudyResult,
) -> tuple[Drawn, ...]:
    found = []
    hours, others = _hours(study), _hours(beside)

    def add(key: str, draw: Callable[[float], str]) -> None:
        found.append(drawn(word(f"plot_{key}", lang), draw, _NOTES[key].of(lang)))

    if len(points) > 1:
        add("seats", lambda width: plots.seats(points, goals, lang, width))
    if len(hours) > 1:
        add("day", lambda width: plots.day(hours, lang, width, beside=others))
        add("worst", lambda width: plots.worst_hour(hours, goals, lang, width, beside=others))
    if sways:
        base = value_of(study.figure("sl_offered"))
        add("sensitivity", lambda width: plots.sensitivity(sways, base, goals, lang, width))
    use = lines_of(study)
    if use is not None:
        add("lines", lambda width: plots.lines(use, lang, width, beside=lines_of(beside)))
    return tuple(found)


def _sheets(
    study: StudyResult,
    goals: Goals,
    points: Sequence[SeatsPoint],
    hours: Sequence[Hour],
    lang: str,
) -> tuple[Sheet, ...]:
    within = seconds(goals.threshold_s, lang)
    rates = (
        word("answer_rate", lang),
        word("sl_offered", lang).format(t=within),
        word("sl_excl", lang).format(t=within),
    )
    found = []
    rows: tuple[tuple[str, ...], ...]
    if len(points) > 1:
        rows = tuple(
            (
                str(point.seats),
                percent(point.answer_rate, lang),
                percent(point.sl_offered, lang),
                percent(point.sl_excl_early_abandons, lang),
            )
            for point in points
        )
        strong = next((at for at, point in enumerate(points) if point.chosen), -1)
        found.append(Sheet(word("plot_seats", lang), (word("seats", lang), *rates), rows, strong))
    if len(hours) > 1:
        rows = tuple(
            (
                hour.name,
                f"{hour.seats:g}",
                f"{hour.offered:,.1f}",
                percent(hour.answer_rate, lang),
                percent(hour.sl_offered, lang),
                percent(value_of(each.figures.get("sl_excl_early_abandons")), lang),
                _time(value_of(each.figures.get("asa_s")), lang),
            )
            for hour, each in zip(hours, told.counted_hours(study), strict=True)
        )
        head = (word("from", lang), word("seats", lang), word("offered", lang), *rates,
                word("asa", lang))  # fmt: skip
        worst = plots.worst_of(hours)
        strong = -1 if worst is None else worst
        found.append(Sheet(word("by_hour", lang), head, rows, strong, word("worst_row", lang)))
    return tuple(found)


def definitions(goals: Goals, lang: str) -> tuple[tuple[str, str], ...]:
    """What the figures mean: the measures' own names and formulas."""
    found = []
    for key in _EXPLAINED:
        one = MEASURES[key]
        name = one.ja if lang == "ja" else one.en
        formula = one.formula_ja if lang == "ja" else one.formula_en
        if one.timed:
            name += f" T={goals.threshold_s:g} s"
        found.append((name, formula))
    found.append(("A, B, O, T", _LETTERS.of(lang)))
    return tuple(found)
