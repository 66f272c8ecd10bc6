"""Which of the field's known traps a scenario or its figures come near to, and only those."""

from __future__ import annotations

from collections.abc import Callable

from sim.explain.reasons import busiest_load
from sim.report.assumed import EXACT
from sim.report.told import counted_hours, worst_hour
from sim.results import StudyResult


def traps(result: StudyResult, lang: str) -> list[str]:
    """Sentences; nothing that does not apply."""
    checks: tuple[Callable[[StudyResult], tuple[str, str] | None], ...] = (
        _rate_alone, _two_levels, _worst_hour, _overload, _lag, _lines, _aht, _sure, _redial,
    )  # fmt: skip
    found = [check(result) for check in checks]
    return [each[0] if lang == "ja" else each[1] for each in found if each is not None]


def _rate_alone(result: StudyResult) -> tuple[str, str] | None:
    rate, level = result.figure("answer_rate_a").mean, result.figure("sl_offered").mean
    if rate is None or level is None or rate - level < 0.05:
        return None
    return (
        f"応答率({100 * rate:.1f} %)だけでは、待たせたことが見えません。すぐつながったのは"
        f"{100 * level:.1f} %です。必ず並べて示してください。",
        f"The answer rate ({100 * rate:.1f} %) hides the waiting: {100 * level:.1f} % got through "
        "in time. Show both.",
    )


def _two_levels(result: StudyResult) -> tuple[str, str] | None:
    offered = result.figure("sl_offered").mean
    excl = result.figure("sl_excl_early_abandons").mean
    if offered is None or excl is None or excl - offered < 0.005:
        return None
    return (
        f"早く切れた電話を除く数え方では{100 * excl:.1f} %、全着信のうちでは{100 * offered:.1f} %"
        "です。ほかの都市や製品の数字と比べる前に、どちらの数え方かを確かめてください。",
        f"Without early abandons the service level is {100 * excl:.1f} %, of all calls "
        f"{100 * offered:.1f} %. Ask which one before comparing with other figures.",
    )


def _worst_hour(result: StudyResult) -> tuple[str, str] | None:
    worst = worst_hour(result)
    day = result.figure("answer_rate_a").mean
    if worst is None or day is None or len(counted_hours(result)) < 2:
        return None
    low = worst.figures["answer_rate_a"].mean
    if low is None or day - low < 0.01:
        return None
    return (
        f"一日では{100 * day:.1f} %でも、{worst.name}からの時間帯は{100 * low:.1f} %です。"
        "時間帯の率の平均は、一日の率ではありません。",
        f"The day's answer rate is {100 * day:.1f} %, from {worst.name} on it is "
        f"{100 * low:.1f} %. The mean of the hours' rates is not the day's rate.",
    )


def _overload(result: StudyResult) -> tuple[str, str] | None:
    erlangs, agents = busiest_load(result.scenario)
    if erlangs < agents:
        return None
    return (
        "最も混む時間は、席の数より仕事が多くなります。結果は待てる時間の前提に強く左右されます。",
        "In the busiest hour there is more work than people: the result hangs on the assumed "
        "patience.",
    )


def _lag(result: StudyResult) -> tuple[str, str] | None:
    rates = [sum(each.arrivals_per_s[at] for each in result.scenario.classes)
             for at in range(result.scenario.periods)]  # fmt: skip
    if result.stamp.engine != EXACT or len(rates) < 2 or max(rates) < 1.5 * (min(rates) or 1e-9):
        return None
    return (
        "公式は1時間ずつ別々に計算します。混んだ時間の列が次の時間に残ることは、"
        "`madoguchi plan run` のシミュレーションで確かめてください。",
        "The formula takes each hour by itself. What a busy hour leaves to the next is seen with "
        "`madoguchi plan run`.",
    )


def _lines(result: StudyResult) -> tuple[str, str] | None:
    if result.scenario.lines is not None:
        return None
    return (
        "回線は足りる前提です。待っている電話も回線を使い、転送中の電話は2回線を使います。"
        "`madoguchi plan lines` で本数を確かめてください。",
        "Lines are assumed to be enough. Callers who wait hold one, transferred calls two: see "
        "`madoguchi plan lines`.",
    )


def _aht(result: StudyResult) -> tuple[str, str] | None:
    if any(each.wrap_up is not None for each in result.scenario.classes):
        return None
    return (
        "後処理の時間が別に書かれていません。通話時間に後処理が含まれているかを確かめてください"
        "(料金の記録の通話時間には含まれません)。",
        "No wrap-up is given: make sure that it is within the talk time (billing records leave it "
        "out).",
    )


def _sure(result: StudyResult) -> tuple[str, str] | None:
    if result.stamp.engine != EXACT and result.stamp.days < 20:
        return (
            f"{result.stamp.days}日分では「±」も確かではありません。日数を増やしてください。",
            f"With {result.stamp.days} days even the ± is not sure: simulate more.",
        )
    return None


def _redial(result: StudyResult) -> tuple[str, str] | None:
    if result.scenario.redial:
        return None
    rate = result.figure("answer_rate_a").mean
    if rate is None or rate > 0.95:
        return None
    return (
        "つながらなかった人のかけ直しは含まれていません。記録の着信数には、かけ直しがすでに"
        "含まれているかもしれません。",
        "Nobody calls again here. Recorded calls may already count those who did as new ones.",
    )
