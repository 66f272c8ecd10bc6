"""What a forecast says in sentences."""

from __future__ import annotations

from sim.calibrate.told import kind_said
from sim.forecast.backtest import BAND, TESTS_MIN, TRAIN_MIN, Score
from sim.forecast.coming import Coming, Forecast
from sim.forecast.models import BASELINE

#: The models as people call them.
NAMES = {
    "median": ("曜日・時間帯ごとの中央値", "the median by weekday and interval"),
    "shrunk": ("曜日平均と全体の形の組み合わせ", "the weekday's mean drawn to the usual profile"),
    "level": ("最近の水準 × いつもの形", "the recent level × the usual profile"),
    "recent": ("新しい週を重く見た平均", "a mean in which newer weeks weigh more"),
}


def name_of(model: str, *, ja: bool) -> str:
    """What a model is called."""
    return NAMES[model][0 if ja else 1]


def sentences(found: Forecast, *, ja: bool) -> list[str]:
    """The most important first."""
    said = [_busiest(found, ja), _model(found, ja), _band(found, ja)]
    said += [_unseen(day, ja) for day in found.days]
    return [each for each in said if each]


def _busiest(found: Forecast, ja: bool) -> str:
    total = sum(day.total for day in found.days)
    most = max(found.days, key=lambda day: day.total)
    if not most.total:
        return ("この期間には電話のある日がありません。" if ja else
                "There is no day with calls in this time.")  # fmt: skip
    at = int(most.calls.argmax())
    minutes = (found.grid.opens_s + at * found.grid.period_s) // 60
    clock = f"{minutes // 60}:{minutes % 60:02d}"
    band = f"{most.total_low:,.0f}–{most.total_high:,.0f}"
    if ja:
        return (
            f"{found.days[0].date}から{found.days[-1].date}までに約{total:,.0f}件の見込みです。"
            f"最も多いのは{most.date}({kind_said(most.kind, ja=ja)})の{most.total:,.0f}件"
            f"(10日のうち9日は{band}件)、最も混むのは{clock}からの{most.calls[at]:,.0f}件です。"
        )
    return (
        f"About {total:,.0f} calls are to be expected from {found.days[0].date} to "
        f"{found.days[-1].date}. The busiest day is {most.date} ({kind_said(most.kind, ja=ja)}) "
        f"with {most.total:,.0f} (nine days of ten: {band}), its busiest interval {clock} with "
        f"{most.calls[at]:,.0f}."
    )


def _model(found: Forecast, ja: bool) -> str:
    test = found.test
    if not test.scores:
        return (
            f"受付日が{found.known}日分しかないため、方法は比べられません({TRAIN_MIN + TESTS_MIN}日"
            "から比べます)。曜日・時間帯ごとの中央値を使います。" if ja else
            f"With {found.known} open days models cannot be compared (from "
            f"{TRAIN_MIN + TESTS_MIN} on): the median by weekday and interval is used."
        )  # fmt: skip
    by_name = {each.name: each for each in test.scores}
    base = by_name[BASELINE]
    rest = [each for each in test.scores if each.name != BASELINE]
    best = max(rest, key=lambda each: each.gain.value or 0.0)
    if test.chosen == BASELINE:
        return _kept(best, base, test.days, ja)
    won = by_name[test.chosen]
    gain = _gain(won)
    if ja:
        return (
            f"過去{test.days}日で試すと、「{name_of(won.name, ja=ja)}」の誤差は"
            f"{100 * won.error:.1f}%で、中央値の{100 * base.error:.1f}%より1日あたり{gain}件"
            "少ないため、これを使います。"
        )
    return (
        f"On {test.days} past days {name_of(won.name, ja=ja)} was {100 * won.error:.1f} % off an "
        f"interval, the median {100 * base.error:.1f} %: {gain} calls a day less, so it is used."
    )


def _kept(best: Score, base: Score, days: int, ja: bool) -> str:
    gain = _gain(best)
    if ja:
        return (
            f"過去{days}日で試すと、中央値の誤差は{100 * base.error:.1f}%です。最もよい他の方法"
            f"「{name_of(best.name, ja=ja)}」({100 * best.error:.1f}%)との差は1日あたり{gain}件で、"
            "偶然の範囲を超えないため、中央値を使います。"
        )
    return (
        f"On {days} past days the median was {100 * base.error:.1f} % off an interval. The best "
        f"other model, {name_of(best.name, ja=ja)} ({100 * best.error:.1f} %), errs {gain} calls a "
        "day less: not beyond chance, so the median is used."
    )


def _gain(score: Score) -> str:
    half = "" if score.gain.half is None else f" ± {score.gain.half:.1f}"
    return f"{score.gain.value or 0.0:.1f}{half}"


def _band(found: Forecast, ja: bool) -> str:
    if found.test.covered is None:
        return (
            "幅は、日ごとに10%ほど変わるという一般的な値によるものです。" if ja else
            "The bands assume the usual spread of 10 % between days."
        )  # fmt: skip
    share, wanted = 100 * found.test.covered, 100 * BAND
    if ja:
        return f"幅は{wanted:.0f}%が入るように決めました(過去の日では{share:.0f}%が入りました)。"
    return f"The bands are meant to hold {wanted:.0f} % (of the past intervals {share:.0f} %)."


def _unseen(day: Coming, ja: bool) -> str:
    if day.seen or not day.total:
        return ""
    kind = kind_said(day.kind, ja=ja)
    if ja:
        return f"{day.date}は記録に{kind}がないため、全体の日から見込みました。"
    return f"{day.date}: the records have no {kind}; it is taken for a day like all."
