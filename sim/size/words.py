"""What a size answer says, in Japanese or English: sentences first."""

from __future__ import annotations

from sim.size.seats import Figures, Goals, Interval


def percent(share: float) -> str:
    """A share with one decimal; never 100.0 % or 0.0 % for what is not quite so.

    >>> percent(0.9567), percent(0.99996), percent(1.0)
    ('95.7 %', '99.9 %', '100.0 %')
    """
    shown = 100 * share
    if 0 < 1 - share < 0.0005 and share < 1 - 1e-9:
        shown = 99.9
    return f"{shown:.1f} %"


def seconds(value: float) -> str:
    """Whole seconds from ten on.

    >>> seconds(4.38), seconds(42.3)
    ('4.4', '42')
    """
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def answer(found: Figures, of: Interval, goals: Goals | None, ja: bool) -> str:
    """What the seats give, and whether they meet the goals."""
    t = f"{of.threshold_s:g}"
    if ja:
        head = (
            f"{found.seats}席: 応答率 {percent(found.answer_rate)}、"
            f"{t}秒以内につながる割合 {percent(found.sl_offered)}"
            f"({t}秒以内に切られた電話を除くと {percent(found.sl_excl_early_abandons)})。"
            f"つながった方の平均待ち時間 {seconds(found.asa_s)}秒、"
            f"オペレーターの稼働率 {percent(found.occupancy)}。"
        )
    else:
        head = (
            f"{_seats(found.seats)}: answer rate {percent(found.answer_rate)}, within {t} s "
            f"{percent(found.sl_offered)} ({percent(found.sl_excl_early_abandons)} without those "
            f"who gave up within {t} s); the answered wait {seconds(found.asa_s)} s on average, "
            f"operators are busy {percent(found.occupancy)} of their time."
        )
    if found.p_block > 5e-5:
        head += (
            f"回線がふさがってつながらない電話は {percent(found.p_block)}。"
            if ja
            else f" {percent(found.p_block)} of the calls find no line."
        )
    if found.attempts_per_s > of.arrival_per_s * 1.0005:
        calls = 3600 * found.attempts_per_s
        head += (
            f"かけ直しを含めると1時間に{calls:.0f}件。"
            if ja
            else f" With those who call again there are {calls:.0f} calls an hour."
        )
    return head + (_verdict(found, goals, ja) if goals else "")


def other(found: Figures, of: Interval, goals: Goals | None, why: str, ja: bool) -> str:
    """The same for another number of seats, in short; ``why`` stands first."""
    t = f"{of.threshold_s:g}"
    if ja:
        text = (
            f"{why}{found.seats}席では応答率 {percent(found.answer_rate)}、"
            f"{t}秒以内 {percent(found.sl_offered)}。"
        )
    else:
        text = (
            f"{why}{_seats(found.seats)} would give {percent(found.answer_rate)}, "
            f"within {t} s {percent(found.sl_offered)}."
        )
    return text + (_verdict(found, goals, ja) if goals else "")


def busy(found: Figures, ja: bool) -> str:
    """A warning where operators have no rest; empty otherwise."""
    if found.occupancy < 0.9:
        return ""
    if ja:
        return (
            "稼働率が90 %を超えると、オペレーターは電話の合間に息をつけません。長くは続きません。"
        )
    return "Above 90 % operators have no breath between calls: that cannot last."


def method(of: Interval, ja: bool) -> str:
    """How the numbers came about, in one sentence."""
    if ja:
        return (
            f"件数が一定の1つの時間帯についての公式による値(呼量 {of.erlangs:.2f} アーラン)で、"
            "計算の誤差はありません。1日の波や曜日の差は plan run で確かめてください。"
        )
    return (
        f"By formula, for one interval of steady calls ({of.erlangs:.2f} erlang): there is no "
        "sampling error. How a day's waves change it: plan run."
    )


def roster(seats: int, away: float, rostered: int, ja: bool) -> str:
    """Seats to be rostered when a share of the staff is away."""
    if ja:
        return f"{percent(away)}が休暇・研修・休憩で不在なら、{rostered}人の配置が要ります。"
    return f"With {percent(away)} of the staff away, {rostered} must be rostered for {seats} seats."


def _verdict(found: Figures, goals: Goals, ja: bool) -> str:
    if found.meets(goals):
        return "目標を満たします。" if ja else " The target is met."
    return "目標に届きません。" if ja else " The target is missed."


def _seats(number: int) -> str:
    return f"{number} seat{'s' * (number != 1)}"
